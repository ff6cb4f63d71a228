//! Emulated radios of several processes in one ether.

#[path = "../emulated/air.rs"]
#[allow(dead_code, reason = "shared with tests within a process")]
mod air;
mod children;
#[path = "../common/dice.rs"]
mod dice;
mod equality;
mod fuzz;
mod gone;
mod levels;
mod overload;
mod peer;
#[path = "../emulated/rounds.rs"]
mod rounds;
mod slow;
mod socket;
mod sums;
mod wall;

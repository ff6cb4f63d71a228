//! Programs whose radio is a pair of ZeroMQ sockets, in one ether. Their side is written by hand from 23/ZMTP.

mod air;
mod away;
mod bad_use;
mod bridge;
#[path = "../common/dice.rs"]
mod dice;
mod fuzz;
mod peer;

//! Emulated radios: what they send and hear, in one process.

mod air;
mod bad_use;
mod determinism;
mod equality;
mod own_clock;
mod rounds;
mod timing;

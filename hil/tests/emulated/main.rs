//! Emulated radios: what they send and hear, in one process.

mod air;
mod bad_use;
mod cuts;
mod determinism;
mod device_timing;
mod devices;
mod equality;
mod own_clock;
mod rates;
mod rounds;
mod timing;

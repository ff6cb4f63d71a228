//! Emulated radios: what they send and hear, in one process.

mod air;
mod answering;
mod bad_use;
mod cuts;
mod determinism;
mod device_timing;
mod devices;
mod equality;
mod hardware;
mod own_clock;
mod personas;
mod rates;
mod real_time;
mod rounds;
mod timing;

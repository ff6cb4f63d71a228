//! Synchronisation of devices by a preamble: what they hear of the server's beacon, what is left of their clocks' errors, and
//! the part of it that the receiver removes because all devices share it.
//!
//! ```text
//! round:  beacon | guard | preamble of all devices (common = true) | soundings and payload
//! ```
//!
//! `config` says what the preamble is and where it lies; `beacon` is a device's receiver; `clocks` what a round's devices
//! send by; `common` the receiver's part. All of it acts at waveform fidelity; the other rungs count the airtime.

pub mod beacon;
pub mod clocks;
pub mod common;
pub mod config;

pub use beacon::BeaconReceiver;
pub use clocks::{ClockTally, RoundClocks, corrected};
pub use common::{CommonPart, CommonReceiver};
pub use config::{SyncConfig, SyncSequence};

//! airloop emulates over-the-air computation: many devices transmit at once, the air adds, the receiver reads off the sum.
//!
//! One experiment runs at several fidelities; see `ARCHITECTURE.md` for the way of the data and `docs/notation.md` for
//! definitions.

pub mod beamforming;
pub mod channel_sounder;
pub mod config;
pub mod effective_sinr;
pub mod error_budget;
pub mod experiment;
pub mod lab;
pub mod ladder;
pub mod link;
pub mod link_table;
pub mod live;
pub mod medium;
pub mod misaligned;
pub mod ofdm;
pub mod payload;
pub mod plan;
pub mod privacy;
pub mod quantisation;
pub mod report;
pub mod run;
pub mod scheme;
pub mod sounding;
pub mod sparse;
pub mod split;
pub mod sweep;
pub mod synchronisation;
pub mod tensor;
pub mod theory;
pub mod trace;
pub mod verify;

pub use airloop_baseband as baseband;
pub use airloop_channels as channels;
pub use airloop_coding as coding;
pub use airloop_hil as hil;
pub use live::{Air, Link};

//! Channels that were recorded or computed elsewhere: impulse responses as arrays, replayed.
//!
//! The way of the data: [`ImpulseResponses`] are the arrays, checked; a [`Recording`] is what they are on one grid of delays at a
//! sample rate, scaled; a [`Replay`] says which part of it a trial takes; [`Fading::recorded`](crate::Fading::recorded) draws
//! the links of a trial, whose taps are series of samples in time, interpolated.

mod error;
mod grid;
mod interpolation;
mod powers;
mod recording;
mod replay;
mod responses;
mod series;
mod statistics;

pub use error::RecordingError;
pub use grid::{GridConfig, Normalisation, Timing};
pub use interpolation::{CONTENT_SHARE, EDGE_ERROR_DB, INNER_ERROR_DB};
pub use recording::Recording;
pub use replay::{Replay, Start, TrialSpan};
pub use responses::{Extent, ImpulseResponses};

pub(crate) use series::Series;

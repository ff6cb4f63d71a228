//! What a receiver learns of the channel of each layer from the pilots of a slot.
//!
//! `pilots` divides received pilots by what was sent (least squares); `frequency_filter` and `time_filter` interpolate,
//! linearly or
//! as `wiener` designs them from the channel's `statistics`; `estimator` puts these together; `residuals` tells noise and
//! interference from what pilots leave over. An estimate made from the truth is [`ChannelEstimate::fill_perfect`].

mod estimate;
mod estimator;
mod frequency_filter;
mod pilots;
pub(super) mod planes;
mod residuals;
mod responses;
mod statistics;
mod time_filter;
mod wiener;

pub use estimate::ChannelEstimate;
pub use estimator::{ChannelEstimator, Interpolation};
pub use residuals::PilotResiduals;
pub use responses::Responses;
pub use statistics::{DelayStatistics, DopplerStatistics};
pub use wiener::WienerConfig;

use thiserror::Error;

/// What is wrong with a channel estimator, and what would be right.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EstimationError {
    /// A number outside its range.
    #[error("{key} is {value}; {expected} is expected")]
    OutOfRange {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// More layers than a receiver can tell apart.
    #[error("{layers} layers need at least as many receive antennas, but there are {receive}")]
    TooFewAntennas {
        /// Layers of the link.
        layers: usize,
        /// Receive antennas.
        receive: usize,
    },
}

/// Refuses a number that is not finite, or below its least value, or not above zero where the least is `None`.
pub(super) fn check_number(
    key: &'static str,
    value: f64,
    least: Option<f64>,
    expected: &'static str,
) -> Result<(), EstimationError> {
    let right = value.is_finite() && least.map_or(value > 0.0, |least| value >= least);
    if right { Ok(()) } else { Err(EstimationError::OutOfRange { key, value, expected }) }
}

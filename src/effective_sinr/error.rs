//! Why there is no effective SINR.

use airloop_channels::ChannelError;
use airloop_coding::CodingError;

/// Why a map cannot be fitted, held against channels, written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EffectiveSinrError {
    /// A block that the standard does not have.
    #[error(transparent)]
    Coding(#[from] CodingError),
    /// A profile that cannot be made.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A number that is out of range.
    #[error("effective_sinr.{key} = {value} is out of range: {expected}")]
    OutOfRange {
        /// Which one.
        key: &'static str,
        /// What it is.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// A rate that is reached at no SNR near the one expected.
    #[error("no block error rate of {target_bler} within 60 dB of {start_db:.1} dB")]
    NoThreshold {
        /// The rate.
        target_bler: f64,
        /// Where it was looked for, in decibels.
        start_db: f64,
    },
    /// A table with a gap, which has no place in a list by index.
    #[error(
        "mcs {missing} of table {table} has no beta, but mcs {last} has: a list of all from 0 on is expected"
    )]
    Gap {
        /// The table.
        table: u8,
        /// The first scheme without one.
        missing: u8,
        /// The last scheme with one.
        last: u8,
    },
    /// A text that is no table of parameters.
    #[error("{place}: {found}; {expected}")]
    BetaTable {
        /// Where in the text.
        place: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<EffectiveSinrError> for crate::run::RunError {
    fn from(error: EffectiveSinrError) -> Self {
        match error {
            EffectiveSinrError::Interrupted => Self::Interrupted,
            other => Self::EffectiveSinr(Box::new(other)),
        }
    }
}

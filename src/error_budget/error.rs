//! Why there is no budget.

use crate::run::RunError;

/// Why the error of an experiment cannot be split.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// Theory draws nothing.
    #[error(
        "--fidelity theory: a budget switches causes off on the same draws, and theory draws nothing; symbol or waveform is \
         expected (the closed forms stand beside the measured parts)"
    )]
    Theory,
    /// An error without a mean.
    #[error(
        "the error of {scheme} has no mean over this channel, and its median does not split: medians of parts do not sum to the \
         median of the whole; a scheme that bounds the power of deep fades is expected, for example scheme.kind = \
         \"truncated-inversion\""
    )]
    NoMean {
        /// Name of the scheme.
        scheme: String,
    },
    /// A target that no error has.
    #[error("--target-db {target_db}: a target from {least} to {most} dB is expected")]
    Target {
        /// As given.
        target_db: f64,
        /// Least target.
        least: f64,
        /// Largest target.
        most: f64,
    },
    /// A run that failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<airloop_channels::ChannelError> for BudgetError {
    fn from(error: airloop_channels::ChannelError) -> Self {
        Self::Run(error.into())
    }
}

//! The error that is split: a mean over trials.

use super::BudgetError;
use crate::experiment::Experiment;
use crate::report::Errors;

/// An error whose mean over trials exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetMetric {
    /// [`Errors::nmse`].
    Nmse,
    /// [`Errors::mse_per_device`].
    MsePerDevice,
    /// [`Errors::vote_error_rate`].
    VoteErrorRate,
}

impl BudgetMetric {
    /// Returns the error of an experiment that splits: its leading one, or the error per device where the NMSE has no mean.
    ///
    /// # Errors
    /// When neither has a mean: medians do not add.
    pub fn of(experiment: &Experiment) -> Result<Self, BudgetError> {
        if experiment.payload.is_majority() {
            return Ok(Self::VoteErrorRate);
        }
        match (experiment.nmse_mean_exists(), experiment.mean_exists()) {
            (true, _) => Ok(Self::Nmse),
            (_, true) => Ok(Self::MsePerDevice),
            _ => Err(BudgetError::NoMean { scheme: experiment.scheme.name.clone() }),
        }
    }

    /// Returns its name in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nmse => "nmse",
            Self::MsePerDevice => "mse_per_device",
            Self::VoteErrorRate => "vote_error_rate",
        }
    }

    /// Returns its value in one trial; not a number where there is none.
    pub fn value(self, errors: &Errors) -> f64 {
        let value = match self {
            Self::Nmse => errors.nmse,
            Self::MsePerDevice => errors.mse_per_device,
            Self::VoteErrorRate => errors.vote_error_rate,
        };
        value.unwrap_or(f64::NAN)
    }
}

//! What an experiment's target asks of clocks, pilots and powers: each figure with its formula and its part of the error.
//!
//! The target's error, less what noise and silent devices leave, is cut into equal parts, one for each cause of
//! `theory::floors`; each figure is the largest at which its cause keeps to its part. Small errors of independent causes add, so
//! that all together meet the target. What errors weigh in the NMSE of a payload, `weights` takes from its Gram matrix; what a
//! synchronising preamble leaves of clocks, `beacon` takes from its Cramer-Rao bounds.

pub mod advice;
pub mod allowed;
pub mod beacon;
mod budget;
pub mod given;
pub mod input;
pub mod noise;
mod quantity;
pub mod weights;
mod writer;

pub use advice::{Advice, Verdict};
pub use beacon::Beacon;
pub use given::Given;
pub use input::{Asked, PlanInput};
pub use quantity::quantity;
pub use weights::Weights;

use serde::Serialize;

/// What cannot be planned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A number outside its range.
    #[error("{name} = {value}: {expected}")]
    OutOfRange {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// No target given, and none that follows from the noise.
    #[error(
        "target_nmse_db is missing: noise and silent devices alone leave {noise_db:.1} dB, and twice that is no useful \
         target; give one, or raise the SNR or the number of devices"
    )]
    NoTarget {
        /// What noise and silent devices leave.
        noise_db: f64,
    },
    /// An experiment that plans do not speak of.
    #[error("{key} = \"{value}\" cannot be planned: {why}")]
    Unplannable {
        /// Its key.
        key: &'static str,
        /// The key's value.
        value: &'static str,
        /// Why, and what would be right.
        why: &'static str,
    },
    /// Theory that could not be asked.
    #[error(transparent)]
    Theory(#[from] crate::run::RunError),
}

/// One figure of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanLine {
    /// What it is.
    pub quantity: String,
    /// Its largest (for rates and counts: least) allowed value; infinite, which JSON writes as null, without limit.
    pub value: f64,
    /// Unit of the value; empty for a pure number.
    pub unit: &'static str,
    /// The formula behind it.
    pub formula: String,
    /// The part of the error that its cause takes at this value; none for figures that follow from another.
    pub share_db: Option<f64>,
    /// Where the numbers in the formula come from.
    pub source: String,
    /// What there is, if it was given.
    pub given: Option<f64>,
}

impl PlanLine {
    /// Returns whether what there is keeps to what is allowed; none if nothing was given.
    pub fn met(&self) -> Option<bool> {
        self.given.map(|given| given <= self.value)
    }
}

/// What a target asks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The target.
    pub target_nmse_db: f64,
    /// What noise and silent devices alone leave.
    pub noise_nmse_db: f64,
    /// The figures; only the noise if the target is out of its reach.
    pub lines: Vec<PlanLine>,
    /// What to do.
    pub advice: Advice,
}

/// Plans.
///
/// # Errors
/// When a number is out of range, or no target was given and none follows.
pub fn plan(input: &PlanInput) -> Result<Plan, PlanError> {
    input.check()?;
    budget::plan(input)
}

#[cfg(test)]
mod experiment_tests;
#[cfg(test)]
mod tests;

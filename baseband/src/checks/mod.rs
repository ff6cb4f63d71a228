//! Statistical checks that state what they can see.
//!
//! Each check says with what probability it fails although all is right (`alpha`) and the smallest error it must see
//! (`detects`). It fails in two ways: the sample *disagrees*, or it is *insufficient*, too small to have seen an error of
//! size `detects` with the probability [`POWER`]. So no check passes for want of samples.
//! A NaN anywhere, in the sample or in the specification, fails.

mod distribution;
mod mean;
mod rate;

pub use distribution::check_distribution;
pub use mean::{check_mean, check_paired};
pub use rate::check_rate;

use std::fmt;
use thiserror::Error;

/// The probability with which a check sees an error of size `detects`.
pub const POWER: f64 = 0.999;

/// What a check promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckSpec {
    /// The probability that the check fails although all is right, such as 1e-6.
    pub alpha: f64,
    /// The smallest absolute error that the check must see, in the unit of what is checked.
    pub detects: f64,
}

/// What a check compared, whether it passed or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckPass {
    /// The statistic of the sample.
    pub observed: f64,
    /// What it should be.
    pub expected: f64,
    /// The largest absolute difference that passes.
    pub bound: f64,
    /// The specified probability of failing although all is right.
    pub alpha: f64,
    /// The specified smallest error to be seen.
    pub detects: f64,
    /// How many samples.
    pub samples: u64,
}

/// Why a check failed.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CheckFailure {
    /// The sample contradicts the expectation.
    #[error("disagrees: {0}")]
    Disagrees(CheckPass),
    /// The sample agrees, but is too small to see the error that the check must see.
    #[error("insufficient, sees no error below {smallest_seen:.3e}: {compared}")]
    Insufficient {
        /// The smallest error that this sample would have shown; infinite for none.
        smallest_seen: f64,
        /// What was compared.
        compared: CheckPass,
    },
}

impl fmt::Display for CheckPass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { observed, expected, bound, alpha, detects, samples } = self;
        write!(
            formatter,
            "observed {observed:.6e}, expected {expected:.6e}, bound {bound:.3e}, \
             alpha {alpha:.1e}, detects {detects:.3e}, samples {samples}"
        )
    }
}

impl CheckPass {
    /// Passes if the observation is within the bound and the sample could see an error of `detects`.
    fn judge(self, smallest_seen: f64) -> Result<Self, CheckFailure> {
        let agrees = (self.observed - self.expected).abs() <= self.bound;
        let sees = smallest_seen <= self.detects;
        match (agrees, sees) {
            (false, _) => Err(CheckFailure::Disagrees(self)),
            (true, false) => Err(CheckFailure::Insufficient { smallest_seen, compared: self }),
            (true, true) => Ok(self),
        }
    }

    /// Fails for want of samples to compare at all.
    fn nothing_to_judge(expected: f64, spec: CheckSpec, samples: u64) -> Result<Self, CheckFailure> {
        let CheckSpec { alpha, detects } = spec;
        let compared = Self { observed: f64::NAN, expected, bound: f64::INFINITY, alpha, detects, samples };
        Err(CheckFailure::Insufficient { smallest_seen: f64::INFINITY, compared })
    }
}

/// Returns the smallest absolute error that is `db` decibels of a power, the downward one.
///
/// ```text
/// detects = |expected| (1 - 10^(-db/10))
/// ```
pub fn detects_db(expected: f64, db: f64) -> f64 {
    expected.abs() * (1.0 - 10f64.powf(-db / 10.0))
}

/// Returns the absolute error that is a `share` of the expected value, 0.05 for 5 %.
///
/// ```text
/// detects = |expected| share
/// ```
pub fn detects_share(expected: f64, share: f64) -> f64 {
    expected.abs() * share
}

/// Returns where in `low..=high` the condition `holds`, false below and true above, turns true, to rounding.
fn threshold(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asserts that a check failed by disagreement.
    #[track_caller]
    pub fn assert_disagrees(outcome: Result<CheckPass, CheckFailure>) {
        assert!(matches!(outcome, Err(CheckFailure::Disagrees(_))), "{outcome:?}");
    }

    /// Asserts that a check failed for want of samples.
    #[track_caller]
    pub fn assert_insufficient(outcome: Result<CheckPass, CheckFailure>) {
        assert!(matches!(outcome, Err(CheckFailure::Insufficient { .. })), "{outcome:?}");
    }

    /// Returns `count` pseudo-random numbers in (0, 1): Lehmer's generator of multiplier 48271 and modulus 2^31 - 1.
    pub fn uniforms(count: usize) -> Vec<f64> {
        let mut state = 20_240_917u64;
        let mut next = || {
            state = state * 48_271 % 2_147_483_647;
            state as f64 / 2_147_483_647.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn detectable_errors() {
        assert!((detects_db(2.0, 3.0) - 2.0 * (1.0 - 0.501_187_233_627_272_3)).abs() < 1e-15);
        assert!((detects_db(-1.0, 0.1) - 0.022_762_778_9).abs() < 1e-9);
        assert_eq!(detects_share(-4.0, 0.25), 1.0);
    }

    #[test]
    fn messages_tell_everything() {
        let compared =
            CheckPass { observed: 1.5, expected: 1.0, bound: 0.25, alpha: 1e-6, detects: 0.5, samples: 64 };
        let told = "observed 1.500000e0, expected 1.000000e0, bound 2.500e-1, alpha 1.0e-6, detects 5.000e-1, samples 64";
        assert_eq!(CheckFailure::Disagrees(compared).to_string(), format!("disagrees: {told}"));
        assert_eq!(
            CheckFailure::Insufficient { smallest_seen: 0.75, compared }.to_string(),
            format!("insufficient, sees no error below 7.500e-1: {told}")
        );
    }
}

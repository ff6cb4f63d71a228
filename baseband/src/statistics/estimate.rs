//! A measured or computed value with its doubt.

use crate::special::student_t_quantile;
use serde::{Deserialize, Serialize};

/// The level of an estimate that was written without one.
const USUAL_LEVEL: f64 = 0.95;

/// A mean with its confidence interval over trials, and three quantiles of the trials themselves.
///
/// What does not exist or cannot be told is `None` (`null` in JSON), never NaN. The level is not written; reading sets 0.95.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The mean over trials.
    pub mean: Option<f64>,
    /// The lower end of the mean's confidence interval.
    pub low: Option<f64>,
    /// The upper end of the mean's confidence interval.
    pub high: Option<f64>,
    /// The median of the trials.
    pub median: Option<f64>,
    /// The 90 % quantile of the trials.
    pub q90: Option<f64>,
    /// The 95 % quantile of the trials.
    #[serde(default)]
    pub q95: Option<f64>,
    /// How many trials; 0 for a value known exactly.
    pub count: u64,
    /// The confidence level of the interval.
    #[serde(skip, default = "usual_level")]
    pub level: f64,
}

fn usual_level() -> f64 {
    USUAL_LEVEL
}

impl Estimate {
    /// Returns a value known without sampling: the interval is the value, and there are no trials to have quantiles.
    pub fn exact(value: f64) -> Self {
        let value = Some(value).filter(|value| value.is_finite());
        Self { mean: value, low: value, high: value, count: 0, ..Self::none(USUAL_LEVEL) }
    }

    /// Returns an estimate of nothing.
    pub(super) fn none(level: f64) -> Self {
        Self { mean: None, low: None, high: None, median: None, q90: None, q95: None, count: 0, level }
    }

    /// Returns the standard error of the mean, worked back from the interval; 0 for an exact value, `None` without interval.
    ///
    /// ```text
    /// standard error = (high - low) / (2 t),   t = student_t_quantile((1 + level)/2, count - 1)
    /// ```
    pub fn standard_error(&self) -> Option<f64> {
        let width = self.high? - self.low?;
        match self.count {
            0 => Some(0.0),
            1 => None,
            count => Some(0.5 * width / student_t_quantile(0.5 + 0.5 * self.level, (count - 1) as f64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Accumulator;

    #[test]
    fn an_exact_value_has_no_doubt() {
        let estimate = Estimate::exact(2.5);
        assert_eq!((estimate.mean, estimate.low, estimate.high), (Some(2.5), Some(2.5), Some(2.5)));
        assert_eq!((estimate.median, estimate.q90, estimate.q95, estimate.count), (None, None, None, 0));
        assert_eq!(estimate.standard_error(), Some(0.0));
        assert_eq!(Estimate::exact(f64::INFINITY).mean, None);
    }

    #[test]
    fn the_standard_error_comes_back() {
        for level in [0.5, 0.95, 0.999] {
            let mut accumulator = Accumulator::new(level);
            [1.0, 2.0, 4.0, 8.0].into_iter().for_each(|value| accumulator.push(value));
            let expected = (9.583_333_333_333_334_f64 / 4.0).sqrt();
            assert!((accumulator.estimate().standard_error().unwrap() / expected - 1.0).abs() < 1e-13);
            assert_eq!(accumulator.estimate_without_mean().standard_error(), None);
        }
    }
}

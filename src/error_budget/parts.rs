//! Parts of an error: means over trials with their intervals.

use airloop_baseband::special::student_t_quantile;
use airloop_baseband::statistics::Moments;

/// A mean over trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The mean.
    pub mean: f64,
    /// Lower end of its interval; `None` below two trials.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Part {
    /// Returns half the width of the interval.
    pub fn half_width(&self) -> Option<f64> {
        Some(0.5 * (self.high? - self.low?))
    }

    /// Returns whether 0 lies within the interval.
    pub fn holds_zero(&self) -> bool {
        matches!((self.low, self.high), (Some(low), Some(high)) if low <= 0.0 && high >= 0.0)
    }
}

/// Returns the mean of trials with its interval.
///
/// ```text
/// mean -+ student_t_quantile((1 + level)/2, n - 1) sqrt(variance / n)
/// ```
pub fn mean_of(values: &[f64], level: f64) -> Part {
    let moments = Moments::of(values.iter().copied());
    let half = (moments.count > 1)
        .then(|| student_t_quantile(0.5 + 0.5 * level, (moments.count - 1) as f64) * moments.standard_error())
        .filter(|half| half.is_finite());
    Part { mean: moments.mean, low: half.map(|h| moments.mean - h), high: half.map(|h| moments.mean + h) }
}

/// Returns the mean difference of two runs, trial by trial on the same draws.
pub fn difference(a: &[f64], b: &[f64], level: f64) -> Part {
    mean_of(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>(), level)
}

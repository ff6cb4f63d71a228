//! The ratio of two sums over trials, such as bits delivered over time spent.

use super::Estimate;
use crate::special::student_t_quantile;

/// Sums of two quantities a trial, whose ratio is wanted; memory does not grow with trials.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ratio {
    count: u64,
    above: f64,
    below: f64,
    above_squared: f64,
    below_squared: f64,
    product: f64,
}

impl Ratio {
    /// Adds a trial.
    pub fn push(&mut self, above: f64, below: f64) {
        self.count += 1;
        self.above += above;
        self.below += below;
        self.above_squared += above * above;
        self.below_squared += below * below;
        self.product += above * below;
    }

    /// Returns the ratio of the sums with its interval, by linearisation.
    ///
    /// ```text
    /// R = sum a / sum b,   variance of R = sum (a - R b)^2 / (n (n - 1) mean(b)^2)
    /// ```
    ///
    /// Valid for many trials, or where `b` varies little (Cochran, "Sampling techniques", 3rd ed., section 6.4); one trial has no
    /// interval, and where `b` sums to 0 there is no ratio.
    pub fn estimate(&self, level: f64) -> Estimate {
        let mut estimate = Estimate { count: self.count, ..Estimate::none(level) };
        if self.below <= 0.0 {
            return estimate;
        }
        let (n, ratio) = (self.count as f64, self.above / self.below);
        estimate.mean = Some(ratio);
        if self.count > 1 {
            let squares =
                self.above_squared - 2.0 * ratio * self.product + ratio * ratio * self.below_squared;
            let mean_below = self.below / n;
            let error = (squares.max(0.0) / (n * (n - 1.0))).sqrt() / mean_below;
            let half = student_t_quantile(0.5 + 0.5 * level, n - 1.0) * error;
            (estimate.low, estimate.high) = (Some(ratio - half), Some(ratio + half));
        }
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeds;
    use crate::seeds::Purpose;

    #[test]
    fn a_constant_divisor_gives_the_interval_of_the_mean() {
        let (mut ratio, mut plain) = (Ratio::default(), crate::Accumulator::new(0.9));
        for x in [1.0, 4.0, 2.0, 7.0] {
            ratio.push(x, 2.0);
            plain.push(x / 2.0);
        }
        let (a, b) = (ratio.estimate(0.9), plain.estimate());
        for (a, b) in [(a.mean, b.mean), (a.low, b.low), (a.high, b.high)] {
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-12);
        }
        assert_eq!(Ratio::default().estimate(0.9).mean, None);
    }

    /// Geometric numbers of attempts: the interval of successes over attempts covers the probability as often as it says, and
    /// one of half the width does not.
    #[test]
    fn intervals_cover_the_ratio() {
        let stream = Seeds::new(3).stream(Purpose::Payload, 0, 0);
        let (mut covered, mut half_covered, mut index, runs) = (0, 0, 0u64, 4000);
        for _ in 0..runs {
            let mut ratio = Ratio::default();
            for _ in 0..200 {
                let mut attempts = 0.0;
                loop {
                    attempts += 1.0;
                    index += 1;
                    if stream.uniform(index) < 0.4 {
                        break;
                    }
                }
                ratio.push(1.0, attempts);
            }
            let e = ratio.estimate(0.9);
            let (mean, low, high) = (e.mean.unwrap(), e.low.unwrap(), e.high.unwrap());
            covered += u64::from(low <= 0.4 && 0.4 <= high);
            half_covered += u64::from((mean - 0.4).abs() < 0.25 * (high - low));
        }
        let spec = crate::checks::CheckSpec { alpha: 1e-6, detects: 0.05 };
        crate::checks::check_rate(covered, runs, 0.9, spec).unwrap();
        crate::checks::check_rate(half_covered, runs, 0.9, spec).unwrap_err();
    }
}

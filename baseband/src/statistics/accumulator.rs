//! The accumulator of one metric over trials.

use super::{Estimate, Moments, histogram::Histogram, moments::RunningMoments};
use crate::special::student_t_quantile;

/// Gathers one metric over trials: moments for the mean and its interval, a histogram for the quantiles.
///
/// The same sequence of `push` and `merge` gives the same bits; memory does not grow with the count.
///
/// Values that are not finite stay visible. An infinite one counts as a trial and takes its rank, so quantiles away from
/// it stand, but there is no mean. A NaN says that a trial has no value: it counts as a trial, and since neither a mean nor
/// a rank over the other trials would answer for all of them, every statistic is `None`, and `nan_count` says why.
#[derive(Clone, Debug, PartialEq)]
pub struct Accumulator {
    level: f64,
    moments: RunningMoments,
    histogram: Histogram,
    minus_infinities: u64,
    plus_infinities: u64,
    nans: u64,
}

impl Accumulator {
    /// Returns an empty accumulator whose interval will have the confidence `level`, a probability such as 0.95.
    pub fn new(level: f64) -> Self {
        Self {
            level,
            moments: RunningMoments::default(),
            histogram: Histogram::default(),
            minus_infinities: 0,
            plus_infinities: 0,
            nans: 0,
        }
    }

    /// Adds one trial's value.
    pub fn push(&mut self, value: f64) {
        if value.is_nan() {
            self.nans += 1;
        } else if value == f64::INFINITY {
            self.plus_infinities += 1;
        } else if value == f64::NEG_INFINITY {
            self.minus_infinities += 1;
        } else {
            self.moments.push(value);
            self.histogram.push(value);
        }
    }

    /// Adds all trials of another accumulator, after those already here; the level stays.
    pub fn merge(&mut self, other: &Self) {
        self.moments.merge(&other.moments);
        self.histogram.merge(&other.histogram);
        self.minus_infinities += other.minus_infinities;
        self.plus_infinities += other.plus_infinities;
        self.nans += other.nans;
    }

    /// Returns how many values were pushed, of every kind.
    pub fn count(&self) -> u64 {
        self.histogram.count() + self.infinite_count() + self.nans
    }

    /// Returns how many of them were infinite.
    pub fn infinite_count(&self) -> u64 {
        self.minus_infinities + self.plus_infinities
    }

    /// Returns how many of them were NaN.
    pub fn nan_count(&self) -> u64 {
        self.nans
    }

    /// Returns the moments; `None` for no values, or where some are not finite.
    pub fn moments(&self) -> Option<Moments> {
        (self.count() > 0 && self.infinite_count() + self.nans == 0).then(|| self.moments.moments())
    }

    /// Returns the mean; `None` for no values, or where some are not finite.
    pub fn mean(&self) -> Option<f64> {
        finite(self.moments()?.mean)
    }

    /// Returns the unbiased variance; `None` for fewer than two values, or where some are not finite.
    pub fn variance(&self) -> Option<f64> {
        finite(self.moments()?.variance)
    }

    /// Returns the `p` quantile, interpolated between the two order statistics around rank `p (n - 1)`, each within 0.05 %.
    ///
    /// `None` for no values, `p` outside [0, 1], any NaN, or where one of the two is infinite.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if self.nans > 0 || self.count() == 0 || !(0.0..=1.0).contains(&p) {
            return None;
        }
        let rank = p * (self.count() - 1) as f64;
        let below = self.order_statistic(rank as u64)?;
        let share = rank.fract();
        if share == 0.0 {
            return Some(below);
        }
        let above = self.order_statistic(rank as u64 + 1)?;
        Some(below * (1.0 - share) + above * share)
    }

    /// Returns the finite value of rank `rank` among all.
    fn order_statistic(&self, rank: u64) -> Option<f64> {
        self.histogram.order_statistic(rank.checked_sub(self.minus_infinities)?)
    }

    /// Returns the mean with its interval over trials, and the quantiles.
    ///
    /// ```text
    /// low, high = mean -+ student_t_quantile((1 + level)/2, count - 1) sqrt(variance / count)
    /// ```
    ///
    /// The interval holds for a mean of independent trials that is near normal: heavy tails need more trials than
    /// it tells. `low` and `high` are `None` below two trials.
    pub fn estimate(&self) -> Estimate {
        let half_width = self.moments().filter(|moments| moments.count > 1).map(|moments| {
            student_t_quantile(0.5 + 0.5 * self.level, (moments.count - 1) as f64) * moments.standard_error()
        });
        let end = |sign: f64| finite(self.mean()? + sign * half_width?);
        Estimate { mean: self.mean(), low: end(-1.0), high: end(1.0), ..self.estimate_without_mean() }
    }

    /// Returns the quantiles alone, for a metric whose mean does not exist; its quantiles stand.
    pub fn estimate_without_mean(&self) -> Estimate {
        Estimate {
            mean: None,
            low: None,
            high: None,
            median: self.quantile(0.5),
            q90: self.quantile(0.9),
            q95: self.quantile(0.95),
            count: self.count(),
            level: self.level,
        }
    }
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accumulate(values: impl IntoIterator<Item = f64>) -> Accumulator {
        let mut accumulator = Accumulator::new(0.95);
        values.into_iter().for_each(|value| accumulator.push(value));
        accumulator
    }

    /// Values over many decades, of either sign, without a random generator.
    fn spread(count: u32) -> impl Iterator<Item = f64> + Clone {
        (1..=count).map(|k| (f64::from(k) * 0.618).sin() * 10f64.powf((f64::from(k) * 1.414).cos() * 4.0))
    }

    #[test]
    fn interval_by_hand() {
        // Mean 3, variance 2.5, standard error sqrt(0.5), t(0.975, 4) = 2.776445105197793 (by mpmath).
        let estimate = accumulate([1.0, 2.0, 3.0, 4.0, 5.0]).estimate();
        let half_width = 2.776_445_105_197_793 * 0.5f64.sqrt();
        assert_eq!((estimate.mean, estimate.count, estimate.level), (Some(3.0), 5, 0.95));
        assert!((estimate.low.unwrap() - (3.0 - half_width)).abs() < 1e-13);
        assert!((estimate.high.unwrap() - (3.0 + half_width)).abs() < 1e-13);
        assert!((estimate.median.unwrap() / 3.0 - 1.0).abs() < 5e-4);
        assert!((estimate.q90.unwrap() / 4.6 - 1.0).abs() < 5e-4);
        assert!((estimate.q95.unwrap() / 4.8 - 1.0).abs() < 5e-4);
    }

    #[test]
    fn quantiles_agree_with_the_sorted_values() {
        for scale in [1.0, 1e-200, 1e200] {
            let mut sorted: Vec<f64> = spread(5001).map(|value| (value * scale).abs()).collect();
            let accumulator = accumulate(sorted.iter().copied());
            sorted.sort_by(f64::total_cmp);
            for p in [0.0, 0.001, 0.1, 0.25, 0.5, 0.77, 0.9, 0.9999, 1.0] {
                let rank: f64 = p * 5000.0;
                let next = sorted[(rank as usize + 1).min(5000)];
                let exact = sorted[rank as usize] * (1.0 - rank.fract()) + next * rank.fract();
                let value = accumulator.quantile(p).unwrap();
                assert!((value / exact - 1.0).abs() < 5e-4, "p = {p}: {value:e}, exact {exact:e}");
            }
        }
    }

    /// Exponential values: -ln(1 - p), each within five of its standard errors, sqrt(p (1 - p) / n) over the density there; the other
    /// quantile is not.
    #[test]
    fn quantiles_of_a_known_distribution() {
        let stream = crate::Seeds::new(7).stream(crate::seeds::Purpose::Payload, 0, 0);
        let count = 100_000;
        let estimate = accumulate((0..count).map(|i| -stream.uniform(i).ln())).estimate();
        for (p, found, other) in [(0.9, estimate.q90, estimate.q95), (0.95, estimate.q95, estimate.q90)] {
            let standard_error = (p / (1.0 - p) / count as f64).sqrt();
            let off = |found: Option<f64>| (found.unwrap() + (1.0 - p).ln()).abs();
            assert!(
                off(found) < 5.0 * standard_error && off(other) > 10.0 * standard_error,
                "{p}: {estimate:?}"
            );
        }
    }

    #[test]
    fn extremes_and_constants_are_exact() {
        let accumulator = accumulate(spread(100));
        let least = spread(100).fold(f64::INFINITY, f64::min);
        assert!((accumulator.quantile(0.0).unwrap() / least - 1.0).abs() < 5e-4);
        let constant = accumulate([0.3; 7]).estimate();
        assert_eq!((constant.median, constant.q90, constant.q95), (Some(0.3), Some(0.3), Some(0.3)));
        assert_eq!(accumulate([0.0; 3]).quantile(0.5), Some(0.0));
        assert_eq!(accumulate([-2.0, 0.0, 5.0]).quantile(0.5), Some(0.0));
    }

    #[test]
    fn merging_repeats_bit_for_bit_and_agrees_with_pushing() {
        let merged = || {
            let mut whole = Accumulator::new(0.95);
            for part in 0..10 {
                whole.merge(&accumulate(spread(1000).skip(100 * part).take(100)));
            }
            whole
        };
        let whole = accumulate(spread(1000));
        assert_eq!(merged(), merged());
        assert_eq!(merged().histogram, whole.histogram);
        assert!((merged().mean().unwrap() / whole.mean().unwrap() - 1.0).abs() < 1e-12);
        assert!((merged().variance().unwrap() / whole.variance().unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_values() {
        let none = accumulate([]).estimate();
        assert_eq!((none.mean, none.low, none.median, none.count), (None, None, None, 0));
        let one = accumulate([2.0]).estimate();
        assert_eq!(
            (one.mean, one.low, one.high, one.median, one.count),
            (Some(2.0), None, None, Some(2.0), 1)
        );
    }

    #[test]
    fn infinite_values_take_the_mean_but_leave_quantiles() {
        let accumulator = accumulate([1.0, 2.0, 3.0, f64::INFINITY, f64::NEG_INFINITY]);
        let estimate = accumulator.estimate();
        assert_eq!((estimate.mean, estimate.low, estimate.high, estimate.count), (None, None, None, 5));
        assert!((estimate.median.unwrap() / 2.0 - 1.0).abs() < 5e-4);
        assert_eq!((estimate.q90, accumulator.quantile(0.0), accumulator.infinite_count()), (None, None, 2));
    }

    #[test]
    fn a_nan_takes_everything_and_is_counted() {
        let accumulator = accumulate([1.0, f64::NAN, 3.0]);
        let estimate = accumulator.estimate();
        assert_eq!((estimate.mean, estimate.median, estimate.q90, estimate.count), (None, None, None, 3));
        assert_eq!((accumulator.nan_count(), accumulator.mean(), accumulator.variance()), (1, None, None));
    }

    #[test]
    fn overflowing_squares_leave_the_mean() {
        let estimate = accumulate([1e200, 3e200]).estimate();
        assert_eq!((estimate.mean, estimate.low, estimate.high), (Some(2e200), None, None));
    }
}

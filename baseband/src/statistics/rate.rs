//! The rate of events with its exact interval.

use super::Estimate;
use crate::special::regularised_beta;

/// Steps of a bisection: more than the digits of a double.
const STEPS: usize = 100;

impl Estimate {
    /// Returns the rate of independent events with its exact interval (Clopper and Pearson, Biometrika 26, 1934).
    ///
    /// ```text
    /// low:  P(X >= events | low) = (1 - level)/2,   high: P(X <= events | high) = (1 - level)/2,   X binomial
    /// ```
    ///
    /// Valid for any counts; without trials there is no mean. It holds its level or more for a fixed number of trials, and closely
    /// where trials end at a count of events.
    pub fn of_rate(events: u64, trials: u64, level: f64) -> Self {
        let none = Self { count: trials, ..Self::none(level) };
        if trials == 0 || events > trials {
            return none;
        }
        let (x, n, tail) = (events as f64, trials as f64, 0.5 * (1.0 - level));
        let low = if events == 0 { 0.0 } else { solve(|p| regularised_beta(x, n - x + 1.0, p) - tail) };
        let high = if events == trials {
            1.0
        } else {
            solve(|p| regularised_beta(x + 1.0, n - x, p) - (1.0 - tail))
        };
        Self { mean: Some(x / n), low: Some(low), high: Some(high), ..none }
    }
}

/// Returns where an increasing function of a probability crosses 0.
fn solve(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Published intervals of 95 %: no events in 10 trials reach up to 1 - 0.025^(1/10); 10 of 100 lie in 0.0490 to 0.1762
    /// (Brown, Cai, DasGupta, Statistical Science 16(2), 2001, of the exact interval).
    #[test]
    fn known_intervals_come_out() {
        let none = Estimate::of_rate(0, 10, 0.95);
        assert_eq!((none.mean, none.low), (Some(0.0), Some(0.0)));
        assert!((none.high.unwrap() - (1.0 - 0.025f64.powf(0.1))).abs() < 1e-12);
        let some = Estimate::of_rate(10, 100, 0.95);
        assert!((some.low.unwrap() - 0.0490).abs() < 5e-5, "{some:?}");
        assert!((some.high.unwrap() - 0.1762).abs() < 5e-5, "{some:?}");
        let all = Estimate::of_rate(7, 7, 0.9);
        assert_eq!(all.high, Some(1.0));
        assert!((all.low.unwrap() - 0.05f64.powf(1.0 / 7.0)).abs() < 1e-12);
        assert_eq!(Estimate::of_rate(0, 0, 0.95).mean, None);
    }

    /// Over all outcomes of 40 trials, the interval holds the truth with at least its level, and one of half the width does not.
    #[test]
    fn intervals_hold_their_level() {
        for p in [0.03, 0.2, 0.5] {
            let (mut held, mut half_held, mut weight) = (0.0, 0.0, (1.0f64 - p).powi(40));
            for events in 0..=40u64 {
                let e = Estimate::of_rate(events, 40, 0.9);
                let (mean, low, high) = (e.mean.unwrap(), e.low.unwrap(), e.high.unwrap());
                held += if (low..=high).contains(&p) { weight } else { 0.0 };
                let half = mean - 0.5 * (mean - low)..=mean + 0.5 * (high - mean);
                half_held += if half.contains(&p) { weight } else { 0.0 };
                weight *= (40 - events) as f64 / (events + 1) as f64 * p / (1.0 - p);
            }
            assert!(held >= 0.9 && half_held < 0.9, "{p}: {held} {half_held}");
        }
    }
}

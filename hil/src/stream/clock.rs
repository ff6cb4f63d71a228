//! Times of a device and indices of its samples.

use airloop_baseband::SampleIndex;

/// A clock of samples that shows 0 when the device's time is 0.
///
/// Index `i` is the time `i / rate`. Over 2^48 samples both directions are right to 0.02 samples or a nanosecond, whichever is more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleClock {
    rate_hz: f64,
}

impl SampleClock {
    /// Makes the clock of a sample rate, in hertz, which is positive.
    pub fn new(rate_hz: f64) -> Self {
        Self { rate_hz }
    }

    /// Returns the sample rate, in hertz.
    pub fn rate_hz(&self) -> f64 {
        self.rate_hz
    }

    /// Returns the time of an index in nanoseconds, rounded to the nearest; the last that there is for one beyond.
    pub fn ns(&self, index: SampleIndex) -> i64 {
        // Whole seconds apart from the rest: the product of an index and 10^9 has no room in a double.
        let seconds = (index as f64 / self.rate_hz).floor();
        let rest = (-seconds).mul_add(self.rate_hz, index as f64);
        let whole = (seconds as i64).saturating_mul(1_000_000_000);
        whole.saturating_add((rest * 1e9 / self.rate_hz).round() as i64)
    }

    /// Returns the index nearest to a time in nanoseconds; 0 before it.
    pub fn index(&self, ns: i64) -> SampleIndex {
        self.samples(ns).round() as SampleIndex
    }

    /// Returns the first index that is not before a time in nanoseconds, give or take the nanosecond's own rounding.
    pub fn index_from(&self, ns: i64) -> SampleIndex {
        (self.samples(ns) - 1.5e-9 * self.rate_hz).ceil() as SampleIndex
    }

    /// Returns a span of time in samples.
    pub fn samples(&self, ns: i64) -> f64 {
        let (seconds, rest) = (ns.div_euclid(1_000_000_000), ns.rem_euclid(1_000_000_000));
        (seconds as f64).mul_add(self.rate_hz, rest as f64 * 1e-9 * self.rate_hz)
    }
}

#[cfg(test)]
mod tests {
    use super::SampleClock;

    #[test]
    fn indices_and_times_are_those_of_whole_numbers() {
        for rate in [1_000_000u64, 1_920_000, 30_720_000, 61_440_000, 48_000] {
            let clock = SampleClock::new(rate as f64);
            for index in [0, 1, 17, 1_000_003, 30_720_001, 3_000_000_000_001, (1 << 48) + 5] {
                // floor(i * 1e9 / rate + 1/2) in integers.
                let ns = (u128::from(index) * 2_000_000_000 + u128::from(rate)) / (2 * u128::from(rate));
                let ours = clock.ns(index);
                assert!((i128::from(ours) - ns as i128).abs() <= i128::from(index >= 1 << 40), "{index}");
                assert_eq!(clock.index(ours), index, "{rate}");
                assert_eq!(clock.index_from(ours), index, "{rate}");
            }
        }
        let clock = SampleClock::new(1e6);
        assert_eq!(clock.ns(u64::MAX), i64::MAX);
        assert_eq!((clock.index(-5000), clock.index_from(-5000)), (0, 0));
        assert_eq!((clock.index(1499), clock.index(1501), clock.index_from(1400)), (1, 2, 2));
    }

    #[test]
    fn a_rate_that_is_no_whole_number() {
        let clock = SampleClock::new(1e9 / 3.0);
        assert_eq!(clock.ns(1_000_000_000_000), 3_000_000_000_000);
        assert_eq!(clock.index(3_000_000_000_000), 1_000_000_000_000);
    }
}

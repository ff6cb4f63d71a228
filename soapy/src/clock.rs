//! A device's time in nanoseconds beside indices of its samples.

use airloop_baseband::SampleIndex;

/// Nanoseconds of a second in units of rates, which are whole microhertz.
const SCALE: i128 = 1_000_000_000_000_000;

/// The time that a device shows.
///
/// ```text
/// time = index / rate + offset,   index = (time - offset) * rate
/// ```
///
/// Both are rounded to the nearest, so that below 500 MHz an index comes back from its time, whatever the offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceClock {
    rate_uhz: i128,
    offset_ns: i128,
}

impl DeviceClock {
    /// Makes a clock that shows its offset at index 0.
    pub fn new(rate_hz: f64, offset_ns: i128) -> Self {
        Self { rate_uhz: ((rate_hz * 1e6).round() as i128).max(1), offset_ns }
    }

    /// Returns the time of a sample, in nanoseconds.
    pub fn ns(&self, index: SampleIndex) -> i64 {
        (self.since_first(index) + self.offset_ns).clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    fn since_first(&self, index: SampleIndex) -> i128 {
        (i128::from(index) * SCALE + self.rate_uhz / 2) / self.rate_uhz
    }

    /// Returns the sample of a time in nanoseconds, `None` before the first.
    pub fn index(&self, ns: i64) -> Option<SampleIndex> {
        let ticks = (i128::from(ns) - self.offset_ns) * self.rate_uhz;
        SampleIndex::try_from((ticks + SCALE / 2).div_euclid(SCALE)).ok()
    }

    /// Returns the offset with which a sample has a time.
    pub fn offset_ns(&self, index: SampleIndex, ns: i64) -> i128 {
        i128::from(ns) - self.since_first(index)
    }

    /// Returns the last sample at or before an index that lies on a whole second since the first: a pulse per second.
    pub fn pulse(&self, index: SampleIndex) -> SampleIndex {
        let second = i128::from(index) * 1_000_000 / self.rate_uhz;
        self.at_second(second)
    }

    /// Returns the first sample on a whole second after an index.
    pub fn next_pulse(&self, index: SampleIndex) -> SampleIndex {
        let second = i128::from(index) * 1_000_000 / self.rate_uhz;
        self.at_second(second + 1)
    }

    fn at_second(&self, second: i128) -> SampleIndex {
        // Up, so that the sample does not lie before its second.
        ((second * self.rate_uhz + 999_999) / 1_000_000) as SampleIndex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES_HZ: [f64; 6] = [1.0, 1e6, 1.92e6, 30.72e6, 1e6 / 3.0, 245.76e6];

    #[test]
    fn indices_come_back_from_their_times() {
        for rate_hz in RATES_HZ {
            for (index, ns) in [(0, 0), (0, -7), (12_345, 1_700_000_000_123_456_789), (1 << 50, 3)] {
                let clock = DeviceClock::new(rate_hz, 0);
                let clock = DeviceClock::new(rate_hz, clock.offset_ns(index, ns));
                assert_eq!(clock.ns(index), ns, "{rate_hz}");
                for index in [0, 1, 2, 999, 1_000_000, 30_719_999, (1 << 40) + 7] {
                    let time = clock.ns(index);
                    if time > i64::MIN && time < i64::MAX {
                        assert_eq!(clock.index(time), Some(index), "{rate_hz}");
                    }
                }
            }
        }
    }

    #[test]
    fn times_off_by_their_rounding_are_the_nearest_sample() {
        // SoapySDR's own conversion rounds, programs that divide cut: both mean the same sample.
        let clock = DeviceClock::new(30.72e6, 0);
        for index in [1, 3, 511, 1920, 30_720_001, 86_400 * 30_720_000] {
            let ns = index as f64 * 1e9 / 30.72e6;
            for time in [ns.floor(), ns.ceil(), ns.round()] {
                assert_eq!(clock.index(time as i64), Some(index));
            }
        }
        assert_eq!(clock.index(-17), None);
        assert_eq!(clock.index(-16), Some(0));
    }

    #[test]
    fn pulses_lie_on_whole_seconds() {
        let clock = DeviceClock::new(1e6 / 3.0, 0);
        assert_eq!((clock.pulse(0), clock.next_pulse(0)), (0, 333_334));
        assert_eq!(clock.pulse(333_334), 333_334);
        assert_eq!(clock.pulse(333_333), 0);
        let whole = DeviceClock::new(1e6, 0);
        assert_eq!((whole.pulse(2_999_999), whole.next_pulse(3_000_000)), (2_000_000, 4_000_000));
    }
}

//! Where samples of a stream belong, by the device's times.

use super::clock::SampleClock;
use airloop_baseband::SampleIndex;

/// Follows a stream of samples that was started once.
///
/// A read that begins later, by the device's time, than where the one before it ended was preceded by a gap; both are held together to half
/// a sample. Times are compared from one stamped read to the next, so that neither a stream that began between two samples nor a sample
/// rate that the driver rounds makes a gap. Without times nothing shows a gap, and indices count what was read.
#[derive(Clone, Debug)]
pub struct Follower {
    clock: SampleClock,
    next: Option<SampleIndex>,
    /// Time and index of the read that was stamped last.
    stamped: Option<(i64, SampleIndex)>,
}

/// Where a read belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Index of its first sample.
    pub start: SampleIndex,
    /// Samples lost before it.
    pub gap: u64,
}

/// A read whose time lies before the end of the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backwards {
    /// By how many samples.
    pub samples: u64,
}

impl Follower {
    /// Makes the follower of a stream that has not begun.
    pub fn new(clock: SampleClock) -> Self {
        Self { clock, next: None, stamped: None }
    }

    /// Places so many samples, whose first has this device time in nanoseconds where that is known.
    ///
    /// # Errors
    /// When time went back: the device was set anew.
    pub fn place(&mut self, count: usize, ns: Option<i64>) -> Result<Placed, Backwards> {
        let first = ns.map_or(0, |ns| self.clock.index(ns));
        let expected = self.next.unwrap_or(first);
        let slip = match (ns, self.stamped) {
            (Some(ns), Some((before_ns, before))) => {
                (self.clock.samples(ns - before_ns) - (expected - before) as f64).round()
            }
            _ => 0.0,
        };
        if slip < 0.0 {
            return Err(Backwards { samples: -slip as u64 });
        }
        let start = expected + slip as u64;
        self.next = Some(start + count as u64);
        if let Some(ns) = ns {
            self.stamped = Some((ns, start));
        }
        Ok(Placed { start, gap: slip as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::{Backwards, Follower, Placed, SampleClock};

    fn follow(rate_hz: f64) -> Follower {
        Follower::new(SampleClock::new(rate_hz))
    }

    #[test]
    fn losses_show_in_times_alone_down_to_one_sample() {
        let (rate, mut follower) = (30_720_000u64, follow(30.72e6));
        let (mut at, mut lost) = (12_345u64, 0);
        for (read, loss) in [(363, 0), (363, 0), (363, 1), (100, 0), (363, 40_000), (1, 0), (363, 2)] {
            at += loss;
            lost += loss;
            // As UHD does: whole nanoseconds, rounded down.
            let ns = (at as u128 * 1_000_000_000 / u128::from(rate)) as i64;
            assert_eq!(follower.place(read, Some(ns)), Ok(Placed { start: at, gap: loss }));
            at += read as u64;
        }
        assert_eq!(lost, 40_003);
    }

    #[test]
    fn a_stream_that_began_between_samples_has_no_gaps() {
        // Half a sample off: the nearest index alone would go to and fro.
        let mut follower = follow(3e6);
        let mut start = None;
        for read in 0..1000u64 {
            let ns = ((read as f64 * 100.0 + 0.5) * 1e9 / 3e6).round() as i64;
            let placed = follower.place(100, Some(ns)).unwrap();
            assert_eq!(placed.gap, 0);
            assert_eq!(placed.start, *start.get_or_insert(placed.start) + read * 100);
        }
    }

    #[test]
    fn a_rate_that_the_driver_rounds_makes_no_gap() {
        // The device really runs at 1 000 003 samples a second.
        let mut follower = follow(1e6);
        for read in 0..10_000u64 {
            let ns = (read as f64 * 10_000.0 * 1e9 / 1_000_003.0) as i64;
            assert_eq!(follower.place(10_000, Some(ns)), Ok(Placed { start: read * 10_000, gap: 0 }));
        }
    }

    #[test]
    fn reads_without_times_count_and_times_that_go_back_are_no_place() {
        let mut follower = follow(1e6);
        assert_eq!(follower.place(10, None), Ok(Placed { start: 0, gap: 0 }));
        assert_eq!(follower.place(10, None), Ok(Placed { start: 10, gap: 0 }));
        let mut follower = follow(1e6);
        follower.place(10, Some(5_000)).unwrap();
        // A fragment without a time, then one with: 20 samples since the last stamp, 3 more by the clock.
        assert_eq!(follower.place(10, None), Ok(Placed { start: 15, gap: 0 }));
        assert_eq!(follower.place(10, Some(28_000)), Ok(Placed { start: 28, gap: 3 }));
        assert_eq!(follower.place(10, Some(0)), Err(Backwards { samples: 38 }));
    }
}

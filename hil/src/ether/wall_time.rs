//! The wall's clock as an ether sees it.

use airloop_baseband::SampleIndex;
use std::time::Duration;

/// Where the wall's clock is, and how far behind it time has been.
#[derive(Clone, Debug)]
pub struct WallTime {
    /// Sample rate of the air, in hertz.
    pub sample_rate_hz: f64,
    /// Index at which it was last seen.
    pub due: SampleIndex,
    /// What it showed when time began.
    began: Option<Duration>,
    most_behind_s: f64,
}

impl WallTime {
    /// Makes a clock that has not begun.
    pub fn new(sample_rate_hz: f64) -> Self {
        Self { sample_rate_hz, due: 0, began: None, most_behind_s: 0.0 }
    }

    /// Looks at the clock, which begins with the first look, when time is at an index; returns whether it has gone on.
    pub fn look(&mut self, now: SampleIndex, elapsed: Duration) -> bool {
        let began = *self.began.get_or_insert(elapsed);
        // Clocks tell whole nanoseconds: half of one is no sample less.
        let since_s = elapsed.saturating_sub(began).as_secs_f64() + 0.5e-9;
        let due = (since_s * self.sample_rate_hz) as u64;
        let goes_on = due > self.due;
        self.due = self.due.max(due);
        self.most_behind_s = self.most_behind_s.max(self.behind_s(now, self.due));
        goes_on
    }

    fn behind_s(&self, now: SampleIndex, due: SampleIndex) -> f64 {
        due.saturating_sub(now) as f64 / self.sample_rate_hz
    }

    /// Returns by how many seconds time at an index is behind now, and has been at most.
    pub fn behind(&self, now: SampleIndex, elapsed: Duration) -> (f64, f64) {
        let mut seen = self.clone();
        if self.began.is_some() {
            seen.look(now, elapsed);
        }
        (seen.behind_s(now, seen.due), seen.most_behind_s)
    }

    /// Says why time at an index must end, if it is further behind than it may be.
    pub fn verdict(&self, now: SampleIndex, most_behind_s: f64) -> Option<String> {
        let behind_s = self.behind_s(now, self.due);
        let words = || {
            format!(
                "time is {behind_s:.3} s behind the wall's clock, more than the {most_behind_s} s allowed: this machine does not carry \
                 the air at {} samples/s; a lower sample rate, fewer taps or radios, less other work, or lockstep would be right",
                self.sample_rate_hz
            )
        };
        (behind_s > most_behind_s).then(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_begins_with_the_first_look() {
        let mut wall = WallTime::new(1000.0);
        assert_eq!(wall.behind(0, Duration::from_secs(50)), (0.0, 0.0));
        assert!(!wall.look(0, Duration::from_secs(100)) && wall.due == 0);
        assert!(wall.look(0, Duration::from_millis(100_250)) && wall.due == 250);
        assert_eq!(wall.behind(100, Duration::from_millis(100_300)), (0.2, 0.25));
        // A clock that is set back changes nothing.
        assert!(!wall.look(200, Duration::ZERO) && wall.due == 250);
    }

    #[test]
    fn the_end_says_how_far_behind_and_at_which_rate() {
        let mut wall = WallTime::new(1000.0);
        wall.look(0, Duration::ZERO);
        wall.look(0, Duration::from_millis(1500));
        assert_eq!((wall.verdict(500, 1.0), wall.verdict(0, 1.5)), (None, None));
        let words = wall.verdict(499, 1.0).unwrap();
        assert!(words.contains("1.001 s behind") && words.contains("1000 samples/s"), "{words}");
    }
}

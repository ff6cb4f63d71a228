//! Which part of a recording a trial takes.

use super::error::RecordingError;
use super::recording::Recording;
use super::series::Series;
use crate::taps::Taps;
use airloop_baseband::{Purpose, Seeds};
use std::ops::Range;
use std::sync::Arc;

/// Where the trials of a recording start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// At an instant and in a drop by the seed, each as likely as any other from which the recording holds a whole trial; all
    /// devices at the same.
    Random,
    /// One trial after the other: through a drop as far as it holds whole trials, then through the next.
    Sequential,
    /// At this time of the recording, in seconds; trial `n` in drop `n`.
    At(f64),
}

/// What one trial needs of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrialSpan {
    /// Seconds before its start.
    pub before_s: f64,
    /// Seconds after its start.
    pub after_s: f64,
    /// Indices by which draws of one trial differ from those of the next, over channels that move.
    pub stride: u64,
}

/// Says how a recording is replayed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replay {
    /// Where trials start.
    pub start: Start,
    /// Whether the recording goes on from its first instant after its last, and from its first drop after its last.
    pub wrap: bool,
    /// Pace: 1 as recorded, 0 frozen at the start.
    pub speed: f64,
    /// What one trial needs.
    pub span: TrialSpan,
}

/// Counts of a replay, in the recording's instants.
struct Slots {
    /// First instant from which a trial can start.
    first: usize,
    /// Instants from which one can.
    starts: usize,
    /// Instants that a trial takes.
    width: usize,
    /// Trials one after the other in a drop.
    each: usize,
}

impl Replay {
    /// Returns a replay at the pace of the recording, from a start, of trials of one index each that need no time.
    pub fn from_start(start: Start) -> Self {
        let span = TrialSpan { before_s: 0.0, after_s: 0.0, stride: 1 };
        Self { start, wrap: false, speed: 1.0, span }
    }

    fn is_moving(&self, recording: &Recording) -> bool {
        self.speed > 0.0 && recording.is_moving()
    }

    /// Returns the recording's time before and after its start that a trial needs, in seconds.
    fn needs_s(&self, recording: &Recording) -> (f64, f64) {
        let pace = if self.is_moving(recording) { self.speed } else { 0.0 };
        (self.span.before_s * pace, self.span.after_s * pace)
    }

    fn slots(&self, recording: &Recording) -> Slots {
        let times = recording.extent.times;
        if !self.is_moving(recording) {
            return Slots { first: 0, starts: times, width: 1, each: times };
        }
        // A time of whole steps is not missed for its rounding.
        const ROUNDING: f64 = 1e-6;
        let (before, after) = self.needs_s(recording);
        let (before, after) = (before / recording.step_s, after / recording.step_s);
        let first = (before - ROUNDING).ceil();
        let starts = ((times - 1) as f64 - after + ROUNDING).floor() - first + 1.0;
        let starts = if starts > 0.0 { starts as usize } else { 0 };
        let width = (before + after - ROUNDING).ceil().max(1.0) as usize;
        Slots { first: first as usize, starts, width, each: starts.div_ceil(width) }
    }

    /// Checks that so many trials find what they need.
    ///
    /// # Errors
    /// When a trial is longer than the recording, starts outside of it or ends after it, or trials one after the other are more
    /// than it holds; a recording that goes round only needs a start within it.
    pub fn check(&self, recording: &Recording, trials: u64) -> Result<(), RecordingError> {
        let holds_s = recording.duration_s();
        let (before_s, after_s) = self.needs_s(recording);
        let needs_s = before_s + after_s;
        if let Start::At(start_s) = self.start {
            let (from_s, to_s) = (start_s - before_s, start_s + after_s);
            let rounding_s = 1e-6 * recording.step_s;
            let outside = from_s < -rounding_s || to_s > holds_s + rounding_s;
            if !(0.0..=holds_s).contains(&start_s) || outside && !self.wrap {
                return Err(RecordingError::StartOutside { start_s, from_s, to_s, holds_s });
            }
        }
        if self.wrap {
            return Ok(());
        }
        let (slots, drops) = (self.slots(recording), recording.extent.drops as u64);
        let holds = match self.start {
            Start::Random | Start::Sequential if slots.starts == 0 => {
                return Err(RecordingError::TooShort { holds_s, needs_s });
            }
            // A single response is there for all trials.
            Start::Random => return Ok(()),
            Start::Sequential if drops == 1 && recording.extent.times == 1 => return Ok(()),
            Start::At(_) if drops == 1 => return Ok(()),
            Start::Sequential => drops * slots.each as u64,
            Start::At(_) => drops,
        };
        if trials > holds { Err(RecordingError::TooFewTrials { holds, trials, needs_s }) } else { Ok(()) }
    }

    /// Returns the drop and the instant at which the draws of an index start.
    fn place(&self, recording: &Recording, seeds: &Seeds, index: u64) -> (usize, f64) {
        let (drops, times) = (recording.extent.drops as u64, recording.extent.times);
        let slots = self.slots(recording);
        let trial = if self.is_moving(recording) { index / self.span.stride.max(1) } else { index };
        match self.start {
            Start::At(start_s) => {
                let start = if recording.step_s > 0.0 { start_s / recording.step_s } else { 0.0 };
                ((trial % drops) as usize, start)
            }
            Start::Random => {
                let stream = seeds.stream(Purpose::Fading, index, 0);
                let below =
                    |i: u64, count: usize| ((stream.uniform(i) * count as f64) as usize).min(count - 1);
                let (first, starts) =
                    if self.wrap || slots.starts == 0 { (0, times) } else { (slots.first, slots.starts) };
                (below(1, drops as usize), (first + below(0, starts)) as f64)
            }
            Start::Sequential if slots.each == 0 => (0, (trial * slots.width as u64 % times as u64) as f64),
            Start::Sequential => {
                let each = slots.each as u64;
                let start = slots.first + (trial % each) as usize * slots.width;
                ((trial / each % drops) as usize, start as f64)
            }
        }
    }

    /// Draws a range of links, all from the same drop and instant.
    pub(crate) fn draw(
        &self,
        recording: &Arc<Recording>,
        (seeds, index): (&Seeds, u64),
        links: Range<usize>,
    ) -> Vec<Taps> {
        let (drop, start) = self.place(recording, seeds, index);
        let pace = if recording.step_s > 0.0 { self.speed / recording.step_s } else { 0.0 };
        let taps = |link| {
            let series = Series::new(Arc::clone(recording), (drop, link), (start, pace), self.wrap);
            Taps::recorded(Arc::clone(recording.delays_s()), series, recording.max_doppler_hz() * self.speed)
        };
        links.map(taps).collect()
    }
}

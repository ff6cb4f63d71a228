//! The share of time in which a radio sends.

use super::error::PermitError;
use airloop_baseband::SampleIndex;
use std::collections::VecDeque;

/// Time over which the share is taken, in seconds.
pub const DUTY_WINDOW_S: f64 = 10.0;

/// Counts what a radio sent within the last [`DUTY_WINDOW_S`] seconds, in the order of indices.
///
/// Over windows of that length that slide, most is sent in one that ends with a burst: it is enough to look there. Time before index 0
/// counts as silent.
#[derive(Clone, Debug)]
pub struct Duty {
    window_samples: u64,
    most_samples: f64,
    /// First and just past the last sample of bursts that may reach into the window.
    bursts: VecDeque<(SampleIndex, SampleIndex)>,
}

impl Duty {
    /// Makes the count of a radio that may send this share at this sample rate, in hertz.
    pub fn new(most_duty: f64, sample_rate_hz: f64) -> Self {
        let window = (DUTY_WINDOW_S * sample_rate_hz).floor().max(1.0);
        Self { window_samples: window as u64, most_samples: most_duty * window, bursts: VecDeque::new() }
    }

    /// Checks a burst that begins after all that were noted.
    ///
    /// # Errors
    /// [`PermitError::Duty`] when the share would be too large.
    pub fn check(&self, start: SampleIndex, end: SampleIndex) -> Result<(), PermitError> {
        let from = end.saturating_sub(self.window_samples);
        let within = |(start, end): (SampleIndex, SampleIndex)| end.saturating_sub(start.max(from));
        let earlier: u64 = self.bursts.iter().copied().map(within).sum();
        // A burst longer than the window is all of it.
        let sent = (earlier + within((start, end))) as f64;
        if sent <= self.most_samples {
            return Ok(());
        }
        let window = self.window_samples as f64;
        Err(PermitError::Duty { share: sent / window, most_duty: self.most_samples / window })
    }

    /// Notes a burst that is sent.
    pub fn note(&mut self, start: SampleIndex, end: SampleIndex) {
        let from = end.saturating_sub(self.window_samples);
        while self.bursts.front().is_some_and(|(_, end)| *end <= from) {
            self.bursts.pop_front();
        }
        match self.bursts.back_mut() {
            Some((_, before)) if *before == start => *before = end,
            _ => self.bursts.push_back((start, end)),
        }
    }
}

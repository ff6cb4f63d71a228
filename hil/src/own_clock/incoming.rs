//! Samples that are heard by a radio's own clock.

use airloop_baseband::{Capture, Complex32, SampleIndex, Window};
use airloop_channels::FrontEnd;

/// What one channel has heard by the air's clock and still needs for what it hears next by its own.
#[derive(Clone, Debug)]
pub struct Incoming {
    front_end: FrontEnd,
    /// By the air's clock.
    kept: Capture,
    /// Up to where it has heard, by the radio's clock.
    end: SampleIndex,
}

impl Incoming {
    /// Makes a channel that has heard nothing, of the front end that undoes the radio's as a transmitter.
    pub fn new(front_end: FrontEnd) -> Self {
        Self { front_end, kept: Capture::default(), end: 0 }
    }

    /// Returns where the last window ended, by the radio's clock.
    pub fn end(&self) -> SampleIndex {
        self.end
    }

    /// Returns the window of the air that must be heard for a window of the radio's clock, beyond what is kept.
    pub fn needed(&mut self, window: Window) -> Window {
        let inputs = self.front_end.inputs(window.start as i64..window.end() as i64);
        let (start, end) = (inputs.start.max(0) as SampleIndex, inputs.end.max(0) as SampleIndex);
        let kept_end = self.kept.start + self.kept.samples.len() as u64;
        if start >= kept_end {
            self.kept = Capture { start, ..Capture::default() };
        } else if start > self.kept.start {
            self.kept.samples.drain(..(start - self.kept.start) as usize);
            self.kept.start = start;
        }
        let start = self.kept.start + self.kept.samples.len() as u64;
        Window { start, length_samples: end.saturating_sub(start) as usize }
    }

    /// Makes a window of the radio's clock of what was kept and what was needed besides.
    pub fn hear(&mut self, window: Window, heard: &Capture) -> Capture {
        self.kept.samples.extend_from_slice(&heard.samples);
        self.end = window.end();
        let mut samples = vec![Complex32::default(); window.length_samples];
        self.front_end.apply(self.kept.start, &self.kept.samples, window.start as i64, &mut samples);
        Capture { start: window.start, samples, overflow: heard.overflow, clipped_share: heard.clipped_share }
    }
}

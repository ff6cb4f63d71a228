//! Samples with an absolute place in time.

use num_complex::Complex32;

/// A place in time, counted in samples since the medium's start; never seconds, never "from now".
pub type SampleIndex = u64;

/// Samples to send, the first of them at the absolute index `start`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Burst {
    /// Absolute index of the first sample.
    pub start: SampleIndex,
    /// The samples; mean power as the sender's scaling says.
    pub samples: Vec<Complex32>,
}

impl Burst {
    /// Returns the index just past the last sample.
    pub fn end(&self) -> SampleIndex {
        self.start + self.samples.len() as u64
    }
}

/// What one receive port heard in a window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capture {
    /// Absolute index of the first sample.
    pub start: SampleIndex,
    /// The samples, one for each index of the window.
    pub samples: Vec<Complex32>,
    /// Whether samples were lost on the way (never on an emulated air).
    pub overflow: bool,
    /// Share of samples at full scale, 0 to 1.
    pub clipped_share: f32,
}

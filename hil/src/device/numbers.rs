//! What leaves a transmitter, or is heard, of numbers: chains that act on each sample where it is.

use airloop_baseband::Complex32;
use airloop_channels::impairment::Transmitter;

const ONE: Complex32 = Complex32::new(1.0, 0.0);

/// A transmitter's chain and its gain.
pub struct Numbers {
    transmitter: Transmitter,
    shaped: Vec<Complex32>,
}

impl Numbers {
    /// Makes the chain of a transmitter.
    pub fn new(transmitter: Transmitter) -> Self {
        Self { transmitter, shaped: Vec::new() }
    }

    /// Returns whether numbers leave as they came.
    pub fn stay(&self, factor: Complex32) -> bool {
        factor == ONE && self.transmitter.is_identity()
    }

    /// Returns what leaves of numbers.
    pub fn shape(&mut self, samples: &[Complex32], factor: Complex32) -> &[Complex32] {
        self.shaped.clear();
        self.shaped.extend_from_slice(samples);
        self.transmitter.apply(&mut self.shaped);
        scale(&mut self.shaped, factor);
        &self.shaped
    }
}

/// Multiplies samples.
pub fn scale(samples: &mut [Complex32], factor: Complex32) {
    match factor {
        ONE => {}
        Complex32 { re, im: 0.0 } => samples.iter_mut().for_each(|x| *x *= re),
        factor => samples.iter_mut().for_each(|x| *x *= factor),
    }
}

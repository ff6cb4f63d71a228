//! Where a resampler's outputs lie among its inputs.

use crate::samples::SampleIndex;

/// Largest relative difference of two sample clocks, 1000 ppm.
pub const MAX_RATE_OFFSET: f64 = 1e-3;

/// Largest offset at the origin, in samples, either way.
pub const MAX_OFFSET_SAMPLES: f64 = 1_073_741_824.0;

/// A shift closer than this to a whole sample is taken as whole.
const WHOLE: f64 = 1e-9;

/// Positions among the inputs, in samples, as a straight line over the outputs' absolute indices.
///
/// ```text
/// t_n = n + offset_samples + rate_offset (n - origin)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Positions {
    offset_samples: f64,
    rate_offset: f64,
    origin: SampleIndex,
}

impl Positions {
    /// Makes positions; `None` beyond [`MAX_OFFSET_SAMPLES`] or [`MAX_RATE_OFFSET`].
    pub fn new(offset_samples: f64, rate_offset: f64, origin: SampleIndex) -> Option<Self> {
        let valid = offset_samples.abs() <= MAX_OFFSET_SAMPLES && rate_offset.abs() <= MAX_RATE_OFFSET;
        valid.then_some(Self { offset_samples, rate_offset, origin })
    }

    /// Returns the offset at the origin, in samples; positive reads later inputs, which advances the signal.
    pub fn offset_samples(&self) -> f64 {
        self.offset_samples
    }

    /// Returns the relative rate of the inputs' clock against the outputs', less 1.
    pub fn rate_offset(&self) -> f64 {
        self.rate_offset
    }

    /// Returns the absolute index at which the offset holds.
    pub fn origin(&self) -> SampleIndex {
        self.origin
    }

    /// Returns the position of an output as a whole number and a fraction in 0 to 1.
    pub fn at(&self, output: i64) -> (i64, f64) {
        // The difference to the output's index is small, so that its fraction is exact to 1e-6 after 2^40 samples.
        let ahead = self.offset_samples + self.rate_offset * (output - self.origin as i64) as f64;
        let whole = ahead.floor();
        (output + whole as i64, ahead - whole)
    }

    /// Returns the positions of this line's inputs among its outputs.
    ///
    /// ```text
    /// offset' = -offset / (1 + rate),   rate' = -rate / (1 + rate)
    /// ```
    #[must_use]
    pub fn inverse(&self) -> Self {
        let rate = 1.0 + self.rate_offset;
        Self {
            offset_samples: -self.offset_samples / rate,
            rate_offset: -self.rate_offset / rate,
            origin: self.origin,
        }
    }

    /// Returns whether all fractions are the same.
    pub fn is_constant(&self) -> bool {
        self.rate_offset == 0.0
    }

    /// Returns the shift that leads from outputs to inputs, when it is the same whole number of samples for all of them.
    pub fn whole_shift(&self) -> Option<i64> {
        let whole = self.offset_samples.round();
        (self.is_constant() && (self.offset_samples - whole).abs() < WHOLE).then_some(whole as i64)
    }

    /// Returns the interval at which coefficients are computed: a power of two, in samples.
    pub(super) fn update_samples(&self) -> i64 {
        let mut update = 1;
        while update < super::TILE as i64
            && 2.0 * update as f64 * self.rate_offset.abs() <= super::UPDATE_DRIFT
        {
            update *= 2;
        }
        update
    }
}

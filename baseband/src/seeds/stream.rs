//! One stream: random access to scalar draws, and bulk fills from any index.

use super::{halves, permutation};
use crate::gaussian::{self, Origin, scalar};
use crate::philox::philox4x32_10;
use num_complex::{Complex32, Complex64};
use std::f64::consts::SQRT_2;

/// Kinds of draws; each has counters of its own. Part of the stream layout.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Kind {
    Word = 0,
    Uniform = 1,
    Gaussian = 2,
    ComplexGaussian = 3,
    Child = 4,
    Permutation = 5,
    BulkComplexGaussian = 6,
    BulkGaussian = 7,
    BulkUniform = 8,
}

/// The bits of the upper counter that are left to the stream; the kind takes the four above.
const UPPER_MASK: u32 = 0x0FFF_FFFF;
const KIND_SHIFT: u32 = 28;

/// A stream of random numbers, each a pure function of the stream and an index.
///
/// It holds no position: it is free to copy, and draws may come in any order, from any thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    upper: [u32; 2],
}

impl Stream {
    pub(super) fn from_words(words: [u32; 4]) -> Self {
        Self { key: [words[0], words[1]], upper: [words[2], words[3]] }
    }

    fn origin(&self, kind: Kind) -> Origin {
        let high = self.upper[1] & UPPER_MASK | (kind as u32) << KIND_SHIFT;
        Origin { key: self.key, upper: [self.upper[0], high] }
    }

    fn words(&self, kind: Kind, index: u64) -> [u32; 4] {
        let Origin { key, upper } = self.origin(kind);
        let [low, high] = halves(index);
        philox4x32_10(key, [low, high, upper[0], upper[1]])
    }

    /// Returns an independent stream for a part of this one's matter, say one path of a link.
    pub fn substream(&self, index: u64) -> Stream {
        Self::from_words(self.words(Kind::Child, index))
    }

    /// Returns 64 uniform bits.
    pub fn word(&self, index: u64) -> u64 {
        join(self.words(Kind::Word, index)).0
    }

    /// Returns a uniform number of the open interval (0, 1): an odd multiple of 2^-53, exactly.
    pub fn uniform(&self, index: u64) -> f64 {
        let top = join(self.words(Kind::Uniform, index)).0 >> 12;
        (top as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Returns a real Gaussian of zero mean and unit variance; at most 9.5 in magnitude.
    pub fn gaussian(&self, index: u64) -> f64 {
        let (radius, phase) = join(self.words(Kind::Gaussian, index));
        scalar::complex_gaussian(radius, phase).re * SQRT_2
    }

    /// Returns a circular complex Gaussian, `E |z|^2 = 1`.
    pub fn complex_gaussian(&self, index: u64) -> Complex64 {
        let (radius, phase) = join(self.words(Kind::ComplexGaussian, index));
        scalar::complex_gaussian(radius, phase)
    }

    /// Fills `out` with circular complex Gaussians of mean power `variance`, from index `start` on.
    ///
    /// ```text
    /// out[n] = z(start + n),  E |z|^2 = variance
    /// ```
    ///
    /// The values do not depend on how a range is cut into calls. A start between multiples of
    /// 4096 costs time: the call passes over the values from the multiple below, at a fifth of
    /// the cost of drawing them. Validity: `variance` >= 0.
    pub fn fill_complex_gaussian(&self, start: u64, variance: f32, out: &mut [Complex32]) {
        gaussian::fill_complex(self.origin(Kind::BulkComplexGaussian), start, variance, out);
    }

    /// Adds to `out` what [`fill_complex_gaussian`](Self::fill_complex_gaussian) would fill in.
    pub fn add_complex_gaussian(&self, start: u64, variance: f32, out: &mut [Complex32]) {
        gaussian::add_complex(self.origin(Kind::BulkComplexGaussian), start, variance, out);
    }

    /// Fills `out` with real Gaussians of zero mean and unit variance, from index `start` on.
    pub fn fill_gaussian(&self, start: u64, out: &mut [f32]) {
        gaussian::fill_real(self.origin(Kind::BulkGaussian), start, out);
    }

    /// Fills `out` with uniforms of the open interval (0, 1), from index `start` on.
    ///
    /// They are the odd multiples of 2^-24, each equally likely.
    pub fn fill_uniform(&self, start: u64, out: &mut [f32]) {
        gaussian::fill_uniform(self.origin(Kind::BulkUniform), start, out);
    }

    /// Returns the numbers below `n` in a uniformly random order.
    ///
    /// # Panics
    ///
    /// Panics if `n` is above 2^32.
    pub fn permutation(&self, n: usize) -> Vec<u32> {
        permutation::shuffled(n, |block| self.words(Kind::Permutation, block))
    }
}

/// Joins four words into two 64-bit numbers.
fn join(words: [u32; 4]) -> (u64, u64) {
    let pair = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    (pair(words[0], words[1]), pair(words[2], words[3]))
}

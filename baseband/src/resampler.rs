//! Band-limited resampling: at positions that drift slowly against the samples (fractional delays, sample clocks), and between
//! sample rates of a fixed ratio.

mod converter;
mod kernel;
mod positions;
#[cfg(test)]
mod tests;

pub use converter::{Converter, ConverterError};
pub use positions::{MAX_OFFSET_SAMPLES, MAX_RATE_OFFSET, Positions};

use crate::samples::SampleIndex;
use kernel::{Kernel, MAX_LENGTH};
use multiversion::multiversion;
use num_complex::Complex32;
use std::ops::Range;

/// Computes a band-limited signal between its samples.
///
/// ```text
/// y[n] = sum_m x[m] k(t_n - m),   k(u) = sinc(u) I0(beta sqrt(1 - (2 u / L)^2)) / I0(beta),   |u| < L/2
/// ```
///
/// `t_n` are [`Positions`], `L` the even length. The kernel is Kaiser's window on a sinc that is 1 at 0 and 0 at all
/// other whole numbers, so whole positions return samples. `beta` belongs to a transition between the occupied band and
/// its first image; the length is the shortest whose [`Resampler::worst_error_db`] reaches the accuracy asked for, 128 at
/// most. Source: Kaiser and Schafer, "On the use of the I0-sinh window for spectrum analysis", IEEE Trans. ASSP 28(1), 1980.
///
/// Coefficients are taken at absolute multiples of an update interval over which the drift is at most 1/256 of a sample,
/// and vary linearly between; beyond 122 ppm they are taken for every output. An output depends on absolute indices and on
/// its `L` inputs alone.
#[derive(Clone, Debug)]
pub struct Resampler {
    kernel: Kernel,
}

/// Drift within an update interval, in samples; the table reaches that far beyond a sample.
const UPDATE_DRIFT: f64 = 1.0 / 256.0;

/// Outputs whose inputs are laid out at once, at absolute multiples; also the longest update interval, in samples.
const TILE: usize = 256;

/// Outputs computed at once: the shortest update interval of coefficients that vary linearly.
const CHUNK: usize = 32;

/// Taps summed side by side where every output has its own coefficients.
const LANES: usize = 16;

/// Floats of a tile's inputs: real and imaginary parts by turns.
const ROW: usize = 2 * (TILE + MAX_LENGTH + LANES);

/// A stretch of inputs, the first of them at an absolute index; zero elsewhere.
#[derive(Clone, Copy)]
struct Input<'a> {
    start: i64,
    samples: &'a [Complex32],
}

impl Resampler {
    /// Designs the kernel for a signal in `|f| <= occupied_share / 2` of the sample rate.
    ///
    /// Accuracies down to -90 dB and shares up to 0.94 are reached; [`Resampler::worst_error_db`] tells.
    pub fn new(occupied_share: f64, accuracy_db: f64) -> Self {
        Self { kernel: Kernel::new(occupied_share.clamp(0.01, 1.0), accuracy_db) }
    }

    /// Returns the number of inputs behind an output between samples.
    pub fn length(&self) -> usize {
        self.kernel.length()
    }

    /// Returns the bound of the error over the occupied band, in decibels of the signal: kernel, table and update interval.
    pub fn worst_error_db(&self) -> f64 {
        self.kernel.worst_error_db()
    }

    /// Returns the outputs that a range of inputs reaches.
    pub fn outputs(&self, positions: &Positions, inputs: Range<i64>) -> Range<i64> {
        if inputs.is_empty() {
            return inputs;
        }
        if let Some(shift) = positions.whole_shift() {
            return inputs.start - shift..inputs.end - shift;
        }
        let (inverse, half) = (positions.inverse(), self.length() as i64 / 2);
        inverse.at(inputs.start - half).0..inverse.at(inputs.end - 1 + half).0 + 2
    }

    /// Returns the inputs that a range of outputs needs.
    pub fn inputs(&self, positions: &Positions, outputs: Range<i64>) -> Range<i64> {
        if outputs.is_empty() {
            return outputs;
        }
        if let Some(shift) = positions.whole_shift() {
            return outputs.start + shift..outputs.end + shift;
        }
        let half = self.length() as i64 / 2;
        positions.at(outputs.start).0 - half..positions.at(outputs.end - 1).0 + half + 2
    }

    /// Computes the outputs that begin at the absolute index `first`, from inputs that begin at `start` and are zero
    /// elsewhere.
    pub fn apply(
        &self,
        positions: &Positions,
        start: SampleIndex,
        samples: &[Complex32],
        first: i64,
        out: &mut [Complex32],
    ) {
        let input = Input { start: start as i64, samples };
        if let Some(shift) = positions.whole_shift() {
            let (zeros, part) = input.overlap(first + shift, out.len());
            out.fill(Complex32::default());
            out[zeros..zeros + part.len()].copy_from_slice(part);
        } else if positions.is_constant() {
            resample_fixed(&self.kernel, positions, input, first, out);
        } else if positions.update_samples() >= CHUNK as i64 {
            resample_moving(&self.kernel, positions, input, first, out);
        } else {
            resample_fast(&self.kernel, positions, input, first, out);
        }
    }
}

impl Input<'_> {
    /// Returns the samples within `count` from the absolute index `first` on, and how many are missing before them.
    #[inline(always)]
    fn overlap(&self, first: i64, count: usize) -> (usize, &[Complex32]) {
        let limit = |n: i64| n.clamp(0, count as i64);
        let (begin, end) = (limit(self.start - first), limit(self.start - first + self.samples.len() as i64));
        let offset = (first - self.start).max(0) as usize;
        let part = self.samples.get(offset..offset + (end - begin) as usize);
        (begin as usize, part.unwrap_or_default())
    }

    /// Lays the samples from the absolute index `first` on out as pairs of floats.
    #[inline(always)]
    fn load(&self, first: i64, row: &mut [f32; ROW]) {
        let (zeros, samples) = self.overlap(first, ROW / 2);
        row[..2 * zeros].fill(0.0);
        row[2 * (zeros + samples.len())..].fill(0.0);
        for (pair, z) in row[2 * zeros..].as_chunks_mut::<2>().0.iter_mut().zip(samples) {
            *pair = [z.re, z.im];
        }
    }
}

/// The inputs of a tile of outputs.
struct Tile {
    row: [f32; ROW],
    /// Output of the tile that is first, and the input laid out first.
    first: i64,
    input: i64,
    length: i64,
}

impl Tile {
    fn new(kernel: &Kernel) -> Self {
        Self { row: [0.0; ROW], first: 0, input: 0, length: kernel.length() as i64 }
    }

    /// Loads the inputs of the tile that holds an output; returns the end of the tile.
    ///
    /// Positions drift by less than a sample within a tile, so one input more on either side is enough.
    #[inline(always)]
    fn load(&mut self, positions: &Positions, input: Input<'_>, output: i64) -> i64 {
        self.first = output.div_euclid(TILE as i64) * TILE as i64;
        self.input = positions.at(self.first).0 - self.length / 2;
        input.load(self.input, &mut self.row);
        self.first + TILE as i64
    }

    /// Returns the inputs from the first one of an output at a whole position on.
    #[inline(always)]
    fn inputs(&self, whole: i64) -> &[f32] {
        &self.row[2 * (whole - self.length / 2 + 1 - self.input) as usize..]
    }
}

/// Coefficients of consecutive outputs: `value + i slope`, `i` outputs after the first.
struct Coefficients {
    value: [f32; MAX_LENGTH],
    slope: [f32; MAX_LENGTH],
}

impl Coefficients {
    const ZERO: Self = Self { value: [0.0; MAX_LENGTH], slope: [0.0; MAX_LENGTH] };
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn resample_fixed(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    linear::<false>(kernel, positions, input, first, out);
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn resample_moving(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    linear::<true>(kernel, positions, input, first, out);
}

/// Resamples with coefficients that are constant or vary linearly within each update interval.
#[inline(always)]
fn linear<const MOVING: bool>(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    let update = positions.update_samples();
    let (mut coefficients, mut end_values) = (Coefficients::ZERO, [0.0; MAX_LENGTH]);
    kernel.coefficients(positions.at(first).1, &mut coefficients.value);
    let (mut tile, mut whole_chunk) = (Tile::new(kernel), [Complex32::default(); CHUNK]);
    let (mut n, end) = (first, first + out.len() as i64);
    while n < end {
        let tile_end = tile.load(positions, input, n).min(end);
        while n < tile_end {
            let block = n.div_euclid(update) * update;
            let (whole, fraction) = positions.at(block);
            if MOVING {
                kernel.coefficients(fraction, &mut coefficients.value);
                let drift = positions.rate_offset() * update as f64;
                kernel.coefficients(fraction + drift, &mut end_values);
                for ((slope, a), b) in coefficients.slope.iter_mut().zip(&coefficients.value).zip(&end_values)
                {
                    *slope = (b - a) * (1.0 / update as f32);
                }
            }
            let block_end = (block + update).min(tile_end);
            while n < block_end {
                let since = (n - block) / CHUNK as i64 * CHUNK as i64;
                let inputs = tile.inputs(whole + since);
                let skipped = (n - block - since) as usize;
                let next = (block + since + CHUNK as i64).min(block_end);
                let out = &mut out[(n - first) as usize..(next - first) as usize];
                if let (0, Some(out)) = (skipped, out.first_chunk_mut()) {
                    chunk::<MOVING>(&coefficients, kernel.length(), inputs, since as f32, out);
                } else {
                    chunk::<MOVING>(&coefficients, kernel.length(), inputs, since as f32, &mut whole_chunk);
                    out.copy_from_slice(&whole_chunk[skipped..][..out.len()]);
                }
                n = next;
            }
        }
    }
}

/// Resamples with coefficients of every single output, for positions that drift too fast for chunks.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn resample_fast(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    let padded = kernel.length().next_multiple_of(LANES);
    let (mut coefficients, mut tile) = ([0.0f32; MAX_LENGTH], Tile::new(kernel));
    let mut tile_end = first;
    for (n, out) in (first..).zip(out) {
        if n == tile_end {
            tile_end = tile.load(positions, input, n);
        }
        let (whole, fraction) = positions.at(n);
        kernel.coefficients(fraction, &mut coefficients);
        let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
        let inputs = tile.inputs(whole).as_chunks::<{ 2 * LANES }>().0;
        for (c, x) in coefficients[..padded].as_chunks::<LANES>().0.iter().zip(inputs) {
            for l in 0..LANES {
                re[l] += c[l] * x[2 * l];
                im[l] += c[l] * x[2 * l + 1];
            }
        }
        *out = Complex32::new(re.iter().sum(), im.iter().sum());
    }
}

/// Sums inputs times coefficients for a chunk of outputs, the first of them `since` after the coefficients' instant.
#[inline(always)]
fn chunk<const MOVING: bool>(
    coefficients: &Coefficients,
    length: usize,
    inputs: &[f32],
    since: f32,
    out: &mut [Complex32; CHUNK],
) {
    let (mut sum, mut ramp) = ([0.0f32; 2 * CHUNK], [0.0f32; 2 * CHUNK]);
    let taps = coefficients.value[..length].iter().zip(&coefficients.slope);
    for ((value, slope), x) in taps.zip(inputs.windows(2 * CHUNK).step_by(2)) {
        for (sum, x) in sum.iter_mut().zip(x) {
            *sum += value * x;
        }
        if MOVING {
            for (ramp, x) in ramp.iter_mut().zip(x) {
                *ramp += slope * x;
            }
        }
    }
    for (i, out) in out.iter_mut().enumerate() {
        let (re, im) = (sum[2 * i], sum[2 * i + 1]);
        *out = if MOVING {
            let since = since + i as f32;
            Complex32::new(re + since * ramp[2 * i], im + since * ramp[2 * i + 1])
        } else {
            Complex32::new(re, im)
        };
    }
}

//! Band-limited resampling at positions that drift slowly against the samples: fractional delays and sample clocks.

mod kernel;
mod positions;
#[cfg(test)]
mod tests;

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

/// Longest update interval, in samples.
const MAX_UPDATE: i64 = 256;

/// Outputs computed at once: real and imaginary parts in vectors whose sums are kept in registers.
const CHUNK: usize = 32;
const LANES: usize = 16;
const VECTORS: usize = 2 * CHUNK / LANES;

/// A stretch of inputs, the first of them at an absolute index; zero elsewhere.
#[derive(Clone, Copy)]
struct Input<'a> {
    start: i64,
    samples: &'a [Complex32],
}

impl Resampler {
    /// Designs the kernel for a signal in `|f| <= occupied_share / 2` of the sample rate.
    ///
    /// Accuracies down to -90 dB and shares up to 0.95 are reached; [`Resampler::worst_error_db`] tells.
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
            input.copy(first + shift, out);
        } else if positions.is_constant() {
            resample_fixed(&self.kernel, positions, input, first, out);
        } else if positions.update_samples() < CHUNK as i64 {
            resample_fast(&self.kernel, positions, input, first, out);
        } else {
            resample_moving(&self.kernel, positions, input, first, out);
        }
    }
}

impl Input<'_> {
    /// Returns where `count` samples from the absolute index `first` on lie, when all of them are there.
    #[inline(always)]
    fn inside(&self, first: i64, count: usize) -> Option<&[Complex32]> {
        let offset = usize::try_from(first - self.start).ok()?;
        self.samples.get(offset..offset + count)
    }

    /// Copies the samples from the absolute index `first` on.
    fn copy(&self, first: i64, out: &mut [Complex32]) {
        let zeros = usize::try_from(self.start - first).unwrap_or(0).min(out.len());
        let skipped = usize::try_from(first - self.start).unwrap_or(0).min(self.samples.len());
        let count = (out.len() - zeros).min(self.samples.len() - skipped);
        out[..zeros].fill(Complex32::default());
        out[zeros..zeros + count].copy_from_slice(&self.samples[skipped..skipped + count]);
        out[zeros + count..].fill(Complex32::default());
    }

    /// Lays `row.len() / 2` samples out as pairs of floats.
    #[inline(always)]
    fn load(&self, first: i64, row: &mut [f32]) {
        let count = row.len() / 2;
        if let Some(samples) = self.inside(first, count) {
            for (pair, z) in row.chunks_exact_mut(2).zip(samples) {
                (pair[0], pair[1]) = (z.re, z.im);
            }
        } else {
            for (i, pair) in row.chunks_exact_mut(2).enumerate() {
                let z = self.inside(first + i as i64, 1).map_or(Complex32::default(), |z| z[0]);
                (pair[0], pair[1]) = (z.re, z.im);
            }
        }
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
    let (whole, fraction) = positions.at(first);
    let mut coefficients = Coefficients::ZERO;
    kernel.coefficients(fraction, &mut coefficients.value);
    let before = whole - kernel.length() as i64 / 2 + 1;
    for (c, out) in out.chunks_mut(CHUNK).enumerate() {
        let sums = chunk::<false>(&coefficients, kernel.length(), input, before + (c * CHUNK) as i64, 0.0);
        write(&sums, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn resample_moving(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    let update = positions.update_samples();
    let step = CHUNK as i64;
    let (mut coefficients, mut end_values) = (Coefficients::ZERO, [0.0; MAX_LENGTH]);
    let (mut n, end) = (first, first + out.len() as i64);
    while n < end {
        let block = n.div_euclid(update) * update;
        let (whole, fraction) = positions.at(block);
        kernel.coefficients(fraction, &mut coefficients.value);
        let drift = positions.rate_offset() * update as f64;
        kernel.coefficients(fraction + drift, &mut end_values);
        let rate = 1.0 / update as f32;
        for ((slope, a), b) in coefficients.slope.iter_mut().zip(&coefficients.value).zip(&end_values) {
            *slope = (b - a) * rate;
        }
        let before = whole - kernel.length() as i64 / 2 + 1;
        let block_end = (block + update).min(end);
        while n < block_end {
            let since = (n - block) / step * step;
            let sums = chunk::<true>(&coefficients, kernel.length(), input, before + since, since as f32);
            let skipped = (n - block - since) as usize;
            let next = (block + since + step).min(block_end);
            write(&sums[2 * skipped..], &mut out[(n - first) as usize..(next - first) as usize]);
            n = next;
        }
    }
}

/// Takes the coefficients of every single output, for positions that drift too fast for chunks.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn resample_fast(
    kernel: &Kernel,
    positions: &Positions,
    input: Input<'_>,
    first: i64,
    out: &mut [Complex32],
) {
    let padded = kernel.length().next_multiple_of(LANES);
    let (mut coefficients, mut row) = ([0.0f32; MAX_LENGTH], [0.0f32; 2 * MAX_LENGTH]);
    for (n, out) in (first..).zip(out) {
        let (whole, fraction) = positions.at(n);
        kernel.coefficients(fraction, &mut coefficients);
        input.load(whole - kernel.length() as i64 / 2 + 1, &mut row[..2 * kernel.length()]);
        let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
        let inputs = row[..2 * padded].as_chunks::<{ 2 * LANES }>().0;
        for (c, x) in coefficients.as_chunks::<LANES>().0.iter().zip(inputs) {
            for l in 0..LANES {
                re[l] += c[l] * x[2 * l];
                im[l] += c[l] * x[2 * l + 1];
            }
        }
        *out = Complex32::new(re.iter().sum(), im.iter().sum());
    }
}

/// Sums inputs times coefficients for a chunk of outputs; `before` is the index of the first output's first input.
#[inline(always)]
fn chunk<const MOVING: bool>(
    coefficients: &Coefficients,
    length: usize,
    input: Input<'_>,
    before: i64,
    since: f32,
) -> [f32; 2 * CHUNK] {
    let mut row = [0.0f32; 2 * (CHUNK + MAX_LENGTH)];
    input.load(before, &mut row[..2 * (CHUNK + length - 1)]);
    let (mut sum, mut ramp) = ([[0.0f32; LANES]; VECTORS], [[0.0f32; LANES]; VECTORS]);
    for (j, (value, slope)) in coefficients.value[..length].iter().zip(&coefficients.slope).enumerate() {
        let x: &[f32; 2 * CHUNK] = row[2 * j..2 * (j + CHUNK)].try_into().expect("padded");
        for v in 0..VECTORS {
            for l in 0..LANES {
                sum[v][l] += value * x[v * LANES + l];
                if MOVING {
                    ramp[v][l] += slope * x[v * LANES + l];
                }
            }
        }
    }
    let mut out = [0.0f32; 2 * CHUNK];
    for (v, out) in out.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        for l in 0..LANES {
            out[l] = sum[v][l];
            if MOVING {
                out[l] += (since + (v * LANES + l).div_euclid(2) as f32) * ramp[v][l];
            }
        }
    }
    out
}

/// Writes pairs of floats as samples.
#[inline(always)]
fn write(pairs: &[f32], out: &mut [Complex32]) {
    for (out, pair) in out.iter_mut().zip(pairs.as_chunks::<2>().0) {
        *out = Complex32::new(pair[0], pair[1]);
    }
}

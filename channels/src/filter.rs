//! Taps as filter samples: path gains spread over fractional-delay kernels, applied with gains that move in time.

use crate::fractional_delay::FractionalDelay;
use crate::taps::{Taps, TimeGrid};
use airloop_baseband::{Burst, Complex32, SampleIndex};
use multiversion::multiversion;

/// The filter that a set of path delays makes at one sample rate; shared by all links with these delays.
///
/// ```text
/// c_d(n) = sum_p a_p(n) k_p[d],   y[n] = sum_d c_d(n) x[n - d],   first_tap <= d <= last_tap
/// ```
///
/// The gains are computed at absolute multiples of an update interval and vary linearly between, the interval chosen so
/// that `(2 pi f_D T)^2 / 8`, the bound of the interpolation error, stays below 1e-5 (-100 dB).
#[derive(Clone, Debug)]
pub struct FilterBank {
    sample_rate_hz: f64,
    first_tap: i64,
    taps: usize,
    kernels: Vec<(usize, Vec<f32>)>,
}

/// Working memory of [`FilterBank::apply`], kept between calls.
#[derive(Clone, Debug, Default)]
pub struct FilterScratch {
    signal: Vec<f32>,
    quadrature: Vec<f32>,
    gains: Vec<Complex32>,
    now: Vec<Complex32>,
    next: Vec<Complex32>,
}

/// Bound of the linear interpolation error, relative to the gain.
const INTERPOLATION_ERROR: f64 = 1e-5;

/// Bounds of the update interval, in samples.
const UPDATE_RANGE: (u64, u64) = (1, 4096);

/// Floats worked on at once (complex samples are two).
const CHUNK: usize = 64;

impl FilterBank {
    /// Makes the filter of path delays in seconds at a sample rate in hertz.
    pub fn new(delays_s: &[f64], sample_rate_hz: f64, design: &FractionalDelay) -> Self {
        let kernels: Vec<(i64, Vec<f64>)> =
            delays_s.iter().map(|d| design.kernel(d * sample_rate_hz)).collect();
        let first_tap = kernels.iter().map(|(first, _)| *first).min().unwrap_or(0).min(0);
        let last_tap = kernels.iter().map(|(first, k)| first + k.len() as i64 - 1).max().unwrap_or(0);
        let single = |(first, k): (i64, Vec<f64>)| {
            ((first - first_tap) as usize, k.into_iter().map(|v| v as f32).collect())
        };
        Self {
            sample_rate_hz,
            first_tap,
            taps: (last_tap - first_tap + 1) as usize,
            kernels: kernels.into_iter().map(single).collect(),
        }
    }

    /// Returns how many samples the filter answers ahead of its input.
    pub fn precursor_samples(&self) -> usize {
        (-self.first_tap) as usize
    }

    /// Returns how many samples the filter rings on after its input.
    pub fn tail_samples(&self) -> usize {
        (self.taps as i64 + self.first_tap - 1).max(0) as usize
    }

    /// Returns the update interval for a maximum Doppler shift: a power of two, in samples; `None` when static.
    pub fn update_samples(&self, max_doppler_hz: f64) -> Option<u64> {
        if max_doppler_hz == 0.0 {
            return None;
        }
        let longest = (8.0 * INTERPOLATION_ERROR).sqrt() / (std::f64::consts::TAU * max_doppler_hz);
        let mut update = UPDATE_RANGE.0;
        while update < UPDATE_RANGE.1 && 2.0 * update as f64 <= longest * self.sample_rate_hz {
            update *= 2;
        }
        Some(update)
    }

    fn combine(&self, gains: &[Complex32], out: &mut Vec<Complex32>) {
        out.clear();
        out.resize(self.taps, Complex32::default());
        for (gain, (first, kernel)) in gains.iter().zip(&self.kernels) {
            for (out, k) in out[*first..].iter_mut().zip(kernel) {
                *out += gain * k;
            }
        }
    }

    /// Adds the filtered burst to `out`, whose first sample has the absolute index `burst.start - precursor`.
    ///
    /// `origin` is the sample index of time 0 of the taps. `out` holds `burst + precursor + tail` samples.
    ///
    /// # Panics
    /// When `out` has another length.
    pub fn apply(
        &self,
        taps: &Taps,
        burst: &Burst,
        origin: SampleIndex,
        scratch: &mut FilterScratch,
        out: &mut [Complex32],
    ) {
        assert_eq!(out.len(), burst.samples.len() + self.taps - 1, "burst plus the length of the filter");
        self.load(burst, scratch);
        let first = burst.start as i64 + self.first_tap;
        let time_s = |n: i64| (n - origin as i64) as f64 / self.sample_rate_hz;
        let Some(update) = self.update_samples(taps.max_doppler_hz()) else {
            self.gains_at(taps, TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut scratch.gains);
            self.combine(&scratch.gains, &mut scratch.now);
            filter_static(&scratch.now, &scratch.signal, &scratch.quadrature, 0, out);
            return;
        };
        let update = update as i64;
        let blocks = first.div_euclid(update)..=(first + out.len() as i64 - 1).div_euclid(update);
        let count = blocks.clone().count() + 1;
        let grid = TimeGrid {
            start_s: time_s(blocks.start() * update),
            step_s: update as f64 / self.sample_rate_hz,
            count,
        };
        self.gains_at(taps, grid, &mut scratch.gains);
        let paths = taps.paths();
        self.combine(&scratch.gains[..paths], &mut scratch.now);
        for (i, block) in blocks.enumerate() {
            self.combine(&scratch.gains[(i + 1) * paths..(i + 2) * paths], &mut scratch.next);
            for (next, now) in scratch.next.iter_mut().zip(&scratch.now) {
                *next = (*next - now) / update as f32;
            }
            let begin = (block * update - first).max(0) as usize;
            let end = (((block + 1) * update - first) as usize).min(out.len());
            let ramp = (first + begin as i64 - block * update) as f32;
            let filter = Moving { now: &scratch.now, slope: &scratch.next, ramp };
            filter_moving(filter, &scratch.signal, &scratch.quadrature, begin, &mut out[begin..end]);
            self.combine(&scratch.gains[(i + 1) * paths..(i + 2) * paths], &mut scratch.now);
        }
    }

    fn gains_at(&self, taps: &Taps, grid: TimeGrid, gains: &mut Vec<Complex32>) {
        gains.clear();
        gains.resize(grid.count * taps.paths(), Complex32::default());
        taps.gains(grid, gains);
    }

    /// Lays the burst out as floats, and times `j`, with zeros around for the filter and for whole chunks.
    fn load(&self, burst: &Burst, scratch: &mut FilterScratch) {
        let edge = 2 * (self.taps - 1);
        let length = edge + 2 * burst.samples.len() + edge + CHUNK;
        for buffer in [&mut scratch.signal, &mut scratch.quadrature] {
            buffer.clear();
            buffer.resize(length, 0.0);
        }
        for (i, x) in burst.samples.iter().enumerate() {
            let at = edge + 2 * i;
            (scratch.signal[at], scratch.signal[at + 1]) = (x.re, x.im);
            (scratch.quadrature[at], scratch.quadrature[at + 1]) = (-x.im, x.re);
        }
    }
}

/// Filter taps now, their change a sample, and the samples since `now` at the first output.
#[derive(Clone, Copy)]
struct Moving<'a> {
    now: &'a [Complex32],
    slope: &'a [Complex32],
    ramp: f32,
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn filter_static(taps: &[Complex32], signal: &[f32], quadrature: &[f32], begin: usize, out: &mut [Complex32]) {
    let last = taps.len() - 1;
    for (c, out) in out.chunks_mut(CHUNK / 2).enumerate() {
        let mut sum = [0.0f32; CHUNK];
        for (d, tap) in taps.iter().enumerate() {
            if *tap == Complex32::default() {
                continue;
            }
            let at = 2 * (begin + last - d) + c * CHUNK;
            let x: &[f32; CHUNK] = signal[at..at + CHUNK].try_into().expect("padded");
            let jx: &[f32; CHUNK] = quadrature[at..at + CHUNK].try_into().expect("padded");
            for i in 0..CHUNK {
                sum[i] += tap.re * x[i] + tap.im * jx[i];
            }
        }
        for (i, out) in out.iter_mut().enumerate() {
            *out += Complex32::new(sum[2 * i], sum[2 * i + 1]);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn filter_moving(filter: Moving<'_>, signal: &[f32], quadrature: &[f32], begin: usize, out: &mut [Complex32]) {
    let last = filter.now.len() - 1;
    for (c, out) in out.chunks_mut(CHUNK / 2).enumerate() {
        let mut sum = [0.0f32; CHUNK];
        let mut slope_sum = [0.0f32; CHUNK];
        for (d, (tap, slope)) in filter.now.iter().zip(filter.slope).enumerate() {
            let at = 2 * (begin + last - d) + c * CHUNK;
            let x: &[f32; CHUNK] = signal[at..at + CHUNK].try_into().expect("padded");
            let jx: &[f32; CHUNK] = quadrature[at..at + CHUNK].try_into().expect("padded");
            for i in 0..CHUNK {
                sum[i] += tap.re * x[i] + tap.im * jx[i];
                slope_sum[i] += slope.re * x[i] + slope.im * jx[i];
            }
        }
        for (i, out) in out.iter_mut().enumerate() {
            let ramp = filter.ramp + (c * CHUNK / 2 + i) as f32;
            *out += Complex32::new(
                sum[2 * i] + ramp * slope_sum[2 * i],
                sum[2 * i + 1] + ramp * slope_sum[2 * i + 1],
            );
        }
    }
}

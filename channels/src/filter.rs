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
    /// For each tap the paths that reach it, with their kernels' coefficients there.
    taps: Vec<Vec<(usize, f32)>>,
}

/// Working memory of [`FilterBank::apply`], kept between calls.
#[derive(Clone, Debug, Default)]
pub struct FilterScratch {
    signal: Split,
    gains: Vec<Complex32>,
    paths: Split,
    taps: Vec<f32>,
}

/// Complex values as two rows of floats.
#[derive(Clone, Debug, Default)]
struct Split {
    re: Vec<f32>,
    im: Vec<f32>,
}

/// Bound of the linear interpolation error, relative to the gain.
const INTERPOLATION_ERROR: f64 = 1e-5;

/// Bounds of the update interval, in samples.
const UPDATE_RANGE: (u64, u64) = (1, 4096);

/// Samples in a vector, and vectors whose sums are kept in registers.
const LANES: usize = 16;
const VECTORS: usize = 4;

impl FilterBank {
    /// Makes the filter of path delays in seconds at a sample rate in hertz.
    pub fn new(delays_s: &[f64], sample_rate_hz: f64, design: &FractionalDelay) -> Self {
        let kernels: Vec<(i64, Vec<f64>)> =
            delays_s.iter().map(|d| design.kernel(d * sample_rate_hz)).collect();
        let first_tap = kernels.iter().map(|(first, _)| *first).min().unwrap_or(0).min(0);
        let last_tap = kernels.iter().map(|(first, k)| first + k.len() as i64 - 1).max().unwrap_or(0);
        let mut taps = vec![Vec::new(); (last_tap - first_tap + 1) as usize];
        for (path, (first, kernel)) in kernels.iter().enumerate() {
            for (tap, k) in taps[(first - first_tap) as usize..].iter_mut().zip(kernel) {
                tap.push((path, *k as f32));
            }
        }
        Self { sample_rate_hz, first_tap, taps }
    }

    /// Returns how many samples the filter answers ahead of its input.
    pub fn precursor_samples(&self) -> usize {
        (-self.first_tap) as usize
    }

    /// Returns how many samples the filter rings on after its input.
    pub fn tail_samples(&self) -> usize {
        (self.taps.len() as i64 + self.first_tap - 1).max(0) as usize
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
        assert_eq!(
            out.len(),
            burst.samples.len() + self.taps.len() - 1,
            "burst plus the length of the filter"
        );
        scratch.signal.load(&burst.samples, self.taps.len() - 1);
        let first = burst.start as i64 + self.first_tap;
        let Some(update) = self.update_samples(taps.max_doppler_hz()) else {
            let now = TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 };
            let nodes = self.taps_at(taps, now, scratch);
            filter_static(nodes, &scratch.taps, &scratch.signal, out);
            return;
        };
        let update = update as i64;
        let blocks = first.div_euclid(update)..=(first + out.len() as i64 - 1).div_euclid(update);
        let grid = TimeGrid {
            start_s: (blocks.start() * update - origin as i64) as f64 / self.sample_rate_hz,
            step_s: update as f64 / self.sample_rate_hz,
            count: blocks.clone().count() + 1,
        };
        let nodes = self.taps_at(taps, grid, scratch);
        slopes(nodes, 1.0 / update as f32, &mut scratch.taps);
        for (node, block) in blocks.enumerate() {
            let begin = (block * update - first).max(0) as usize;
            let end = (((block + 1) * update - first) as usize).min(out.len());
            let ramp = (first + begin as i64 - block * update) as f32;
            let place = Place { nodes, node, ramp, begin };
            filter_moving(place, &scratch.taps, &scratch.signal, &mut out[begin..end]);
        }
    }

    /// Computes the filter's taps at every instant into `scratch.taps`, and returns the padded number of instants.
    ///
    /// ```text
    /// taps[(4 d + part) nodes + node],   part: 0 real, 1 imaginary, 2 and 3 their slopes (left as they were)
    /// ```
    fn taps_at(&self, taps: &Taps, grid: TimeGrid, scratch: &mut FilterScratch) -> usize {
        scratch.gains.resize(grid.count * taps.paths(), Complex32::default());
        taps.gains(grid, &mut scratch.gains);
        let nodes = grid.count.next_multiple_of(LANES);
        scratch.paths.transpose(&scratch.gains, taps.paths(), nodes);
        scratch.taps.resize(4 * self.taps.len() * nodes, 0.0);
        combine(&self.taps, nodes, &scratch.paths, &mut scratch.taps);
        nodes
    }
}

impl Split {
    /// Lays samples out with zeros around: `edge` before, and enough after for the filter and for whole vectors.
    fn load(&mut self, samples: &[Complex32], edge: usize) {
        let end = edge + samples.len();
        for (row, part) in [(&mut self.re, 0), (&mut self.im, 1)] {
            row.resize(end + edge + VECTORS * LANES, 0.0);
            row[..edge].fill(0.0);
            row[end..].fill(0.0);
            for (to, x) in row[edge..end].iter_mut().zip(samples) {
                *to = if part == 0 { x.re } else { x.im };
            }
        }
    }

    /// Lays `[instant, path]` out as `[path, instant]`, rows of `nodes`.
    fn transpose(&mut self, gains: &[Complex32], paths: usize, nodes: usize) {
        self.re.resize(paths * nodes, 0.0);
        self.im.resize(paths * nodes, 0.0);
        for (node, row) in gains.chunks_exact(paths).enumerate() {
            for (path, gain) in row.iter().enumerate() {
                (self.re[path * nodes + node], self.im[path * nodes + node]) = (gain.re, gain.im);
            }
        }
    }
}

/// Sums the kernels times their paths' gains, for all instants.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn combine(kernels: &[Vec<(usize, f32)>], nodes: usize, paths: &Split, out: &mut [f32]) {
    for (kernel, out) in kernels.iter().zip(out.chunks_exact_mut(4 * nodes)) {
        let (out_re, out_im) = out[..2 * nodes].split_at_mut(nodes);
        let chunks = out_re.as_chunks_mut::<LANES>().0.iter_mut().zip(out_im.as_chunks_mut::<LANES>().0);
        for (chunk, (out_re, out_im)) in chunks.enumerate() {
            let (mut re, mut im) = ([0.0f32; LANES], [0.0f32; LANES]);
            for (path, k) in kernel {
                let at = path * nodes + chunk * LANES;
                let (path_re, path_im) = (&paths.re[at..at + LANES], &paths.im[at..at + LANES]);
                for l in 0..LANES {
                    re[l] += path_re[l] * k;
                    im[l] += path_im[l] * k;
                }
            }
            (*out_re, *out_im) = (re, im);
        }
    }
}

/// Fills in each tap's change a sample from one instant to the next.
fn slopes(nodes: usize, rate: f32, taps: &mut [f32]) {
    for row in taps.chunks_exact_mut(4 * nodes) {
        let (values, slopes) = row.split_at_mut(2 * nodes);
        for (values, slopes) in values.chunks_exact(nodes).zip(slopes.chunks_exact_mut(nodes)) {
            for (slope, pair) in slopes.iter_mut().zip(values.windows(2)) {
                *slope = (pair[1] - pair[0]) * rate;
            }
        }
    }
}

/// Where a stretch of output lies: its taps' instant, the samples since then, and its first sample in the burst.
#[derive(Clone, Copy)]
struct Place {
    nodes: usize,
    node: usize,
    ramp: f32,
    begin: usize,
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn filter_static(nodes: usize, taps: &[f32], signal: &Split, out: &mut [Complex32]) {
    let last = taps.len() / (4 * nodes) - 1;
    for (c, out) in out.chunks_mut(VECTORS * LANES).enumerate() {
        let mut sum = [([0.0f32; LANES], [0.0f32; LANES]); VECTORS];
        for (d, tap) in taps.chunks_exact(4 * nodes).enumerate() {
            let (re, im) = (tap[0], tap[nodes]);
            if re == 0.0 && im == 0.0 {
                continue;
            }
            let at = c * VECTORS * LANES + last - d;
            for (v, sum) in sum.iter_mut().enumerate() {
                add_product(signal, at + v * LANES, ([re; LANES], [im; LANES]), sum);
            }
        }
        add(&sum, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn filter_moving(place: Place, taps: &[f32], signal: &Split, out: &mut [Complex32]) {
    let Place { nodes, node, ramp, begin } = place;
    let whole = out.len() / (VECTORS * LANES) * VECTORS * LANES;
    let (head, tail) = out.split_at_mut(whole);
    for (c, out) in head.chunks_exact_mut(VECTORS * LANES).enumerate() {
        let done = c * VECTORS * LANES;
        moving::<VECTORS>((nodes, node), (begin + done, ramp + done as f32), taps, signal, out);
    }
    for (c, out) in tail.chunks_mut(LANES).enumerate() {
        let done = whole + c * LANES;
        moving::<1>((nodes, node), (begin + done, ramp + done as f32), taps, signal, out);
    }
}

/// Filters up to `V` vectors with taps that change linearly: `c_d(n) = tap_d + n slope_d`.
#[inline(always)]
fn moving<const V: usize>(
    (nodes, node): (usize, usize),
    (begin, ramp): (usize, f32),
    taps: &[f32],
    signal: &Split,
    out: &mut [Complex32],
) {
    let last = taps.len() / (4 * nodes) - 1;
    let mut since = [[0.0f32; LANES]; V];
    for (v, since) in since.iter_mut().enumerate() {
        for (l, since) in since.iter_mut().enumerate() {
            *since = ramp + (v * LANES + l) as f32;
        }
    }
    let mut sum = [([0.0f32; LANES], [0.0f32; LANES]); V];
    for (d, tap) in taps.chunks_exact(4 * nodes).enumerate() {
        let (re, im) = (tap[node], tap[nodes + node]);
        let (slope_re, slope_im) = (tap[2 * nodes + node], tap[3 * nodes + node]);
        let at = begin + last - d;
        for (v, sum) in sum.iter_mut().enumerate() {
            let (mut now_re, mut now_im) = ([0.0f32; LANES], [0.0f32; LANES]);
            for l in 0..LANES {
                now_re[l] = re + since[v][l] * slope_re;
                now_im[l] = im + since[v][l] * slope_im;
            }
            add_product(signal, at + v * LANES, (now_re, now_im), sum);
        }
    }
    add(&sum, out);
}

/// Adds taps times samples to a sum: `sum[l] += tap[l] x[at + l]`.
#[inline(always)]
fn add_product(
    signal: &Split,
    at: usize,
    (re, im): ([f32; LANES], [f32; LANES]),
    sum: &mut ([f32; LANES], [f32; LANES]),
) {
    let x: &[f32; LANES] = signal.re[at..at + LANES].try_into().expect("padded");
    let y: &[f32; LANES] = signal.im[at..at + LANES].try_into().expect("padded");
    for l in 0..LANES {
        sum.0[l] += re[l] * x[l] - im[l] * y[l];
        sum.1[l] += re[l] * y[l] + im[l] * x[l];
    }
}

/// Adds vectors of sums to the output, which may end within them.
#[inline(always)]
fn add(sum: &[([f32; LANES], [f32; LANES])], out: &mut [Complex32]) {
    for (sum, out) in sum.iter().zip(out.chunks_mut(LANES)) {
        if let Some(out) = out.first_chunk_mut::<LANES>() {
            for ((out, re), im) in out.iter_mut().zip(sum.0).zip(sum.1) {
                out.re += re;
                out.im += im;
            }
        } else {
            for (l, out) in out.iter_mut().enumerate() {
                *out += Complex32::new(sum.0[l], sum.1[l]);
            }
        }
    }
}

//! Taps as filter samples: path gains spread over fractional-delay kernels, applied with gains that move in time.

mod kernels;

use crate::fractional_delay::FractionalDelay;
use crate::taps::{Taps, TimeGrid};
use airloop_baseband::{Burst, Complex32, SampleIndex};
use kernels::{GROUP, LANES, Place, combine, filter_moving, filter_static, slopes};
use std::ops::Range;

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
    /// Taps from the first to the last, those that no path reaches among them.
    length: usize,
    /// Taps that paths reach, in order.
    taps: Vec<FilterTap>,
}

/// A tap of a filter: where it lies after the first, and the paths that reach it with their kernels' coefficients there.
#[derive(Clone, Debug)]
struct FilterTap {
    place: usize,
    paths: Vec<(usize, f32)>,
}

/// Working memory of [`FilterBank::apply`], kept between calls.
#[derive(Clone, Debug, Default)]
pub struct FilterScratch {
    signal: Split,
    starts_s: Vec<f64>,
    gains: Vec<Complex32>,
    paths: Split,
    taps: Vec<f32>,
    /// For each tap, where its input for the first output lies in `signal`.
    places: Vec<usize>,
}

/// Complex values as two rows of floats.
#[derive(Clone, Debug, Default)]
struct Split {
    re: Vec<f32>,
    im: Vec<f32>,
}

/// Bound of the linear interpolation error, relative to the gain.
const INTERPOLATION_ERROR: f64 = 1e-5;

/// Instants from one evaluation of phasors to the next.
const ANCHOR: i64 = 16;

/// Bounds of the update interval, in samples.
const UPDATE_RANGE: (u64, u64) = (1, 4096);

impl FilterBank {
    /// Makes the filter of path delays in seconds at a sample rate in hertz.
    pub fn new(delays_s: &[f64], sample_rate_hz: f64, design: &FractionalDelay) -> Self {
        let kernels: Vec<(i64, Vec<f64>)> =
            delays_s.iter().map(|d| design.kernel(d * sample_rate_hz)).collect();
        let first_tap = kernels.iter().map(|(first, _)| *first).min().unwrap_or(0).min(0);
        let last_tap = kernels.iter().map(|(first, k)| first + k.len() as i64 - 1).max().unwrap_or(0);
        let length = (last_tap - first_tap + 1) as usize;
        let mut reached = vec![Vec::new(); length];
        for (path, (first, kernel)) in kernels.iter().enumerate() {
            for (tap, k) in reached[(first - first_tap) as usize..].iter_mut().zip(kernel) {
                tap.push((path, *k as f32));
            }
        }
        let taps = reached.into_iter().enumerate().map(|(place, paths)| FilterTap { place, paths });
        let taps = taps.filter(|tap| !tap.paths.is_empty()).collect();
        Self { sample_rate_hz, first_tap, length, taps }
    }

    /// Returns how many samples the filter answers ahead of its input.
    pub fn precursor_samples(&self) -> usize {
        (-self.first_tap) as usize
    }

    /// Returns how many samples the filter rings on after its input.
    pub fn tail_samples(&self) -> usize {
        (self.length as i64 + self.first_tap - 1).max(0) as usize
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
        assert_eq!(out.len(), burst.samples.len() + self.length - 1, "burst plus the length of the filter");
        scratch.signal.load(&burst.samples, self.length - 1);
        let first = burst.start as i64 + self.first_tap;
        let Some(update) = self.update_samples(taps.max_doppler_hz()) else {
            scratch.gains.resize(taps.paths(), Complex32::default());
            taps.gains(TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 }, &mut scratch.gains);
            let nodes = self.taps_of(0..taps.paths(), taps.paths(), scratch);
            filter_static(&scratch.places, (nodes, &scratch.taps), &scratch.signal, out);
            return;
        };
        let update = update as i64;
        let blocks = first.div_euclid(update)..=(first + out.len() as i64 - 1).div_euclid(update);
        let instants = *blocks.start()..blocks.end() + 2;
        let nodes = self.moving_taps(taps, (instants, update), origin, scratch);
        slopes(nodes, 1.0 / update as f32, &mut scratch.taps);
        for (node, block) in blocks.enumerate() {
            let begin = (block * update - first).max(0) as usize;
            let end = (((block + 1) * update - first) as usize).min(out.len());
            let ramp = first + begin as i64 - block * update;
            let place =
                Place { nodes, node, ramp: ramp as usize, begin, whole_groups: update >= GROUP as i64 };
            filter_moving(place, (&scratch.places, &scratch.taps), &scratch.signal, &mut out[begin..end]);
        }
    }

    /// Computes the filter's taps at multiples of the update interval, and returns the padded number of instants.
    ///
    /// Phasors turn by products from one instant to the next, which round: they begin anew at absolute multiples of [`ANCHOR`]
    /// instants, so that a tap is the same whatever burst it is asked for.
    fn moving_taps(
        &self,
        taps: &Taps,
        (instants, update): (Range<i64>, i64),
        origin: SampleIndex,
        scratch: &mut FilterScratch,
    ) -> usize {
        let groups = instants.start.div_euclid(ANCHOR)..=(instants.end - 1).div_euclid(ANCHOR);
        let (first, paths) = (groups.start() * ANCHOR, taps.paths());
        let start_s = |group| (group * ANCHOR * update - origin as i64) as f64 / self.sample_rate_hz;
        scratch.starts_s.clear();
        scratch.starts_s.extend(groups.map(start_s));
        let (step_s, count) = (update as f64 / self.sample_rate_hz, ANCHOR as usize);
        scratch.gains.resize(scratch.starts_s.len() * count * paths, Complex32::default());
        taps.gains_of_grids(&scratch.starts_s, (step_s, count), &mut scratch.gains);
        let place = |instant: i64| (instant - first) as usize * paths;
        self.taps_of(place(instants.start)..place(instants.end), paths, scratch)
    }

    /// Makes the filter's taps of a range of `scratch.gains` in `scratch.taps`, and returns the padded number of instants.
    ///
    /// ```text
    /// taps[(4 d + part) nodes + node],   part: 0 real, 1 imaginary, 2 and 3 their slopes (left as they were)
    /// ```
    fn taps_of(&self, range: Range<usize>, paths: usize, scratch: &mut FilterScratch) -> usize {
        let nodes = (range.len() / paths).next_multiple_of(LANES);
        scratch.paths.transpose(&scratch.gains[range], paths, nodes);
        scratch.taps.resize(4 * self.taps.len() * nodes, 0.0);
        let kernels = self.taps.iter().map(|tap| tap.paths.as_slice());
        combine(kernels, nodes, &scratch.paths, &mut scratch.taps);
        scratch.places.clear();
        scratch.places.extend(self.taps.iter().map(|tap| GROUP + self.length - 1 - tap.place));
        nodes
    }
}

impl Split {
    /// Lays samples out with zeros around: `edge` and a group before, and as much after.
    fn load(&mut self, samples: &[Complex32], edge: usize) {
        let begin = GROUP + edge;
        let end = begin + samples.len();
        for row in [&mut self.re, &mut self.im] {
            row.resize(end + begin, 0.0);
            row[..begin].fill(0.0);
            row[end..].fill(0.0);
        }
        let parts = self.re[begin..end].iter_mut().zip(&mut self.im[begin..end]);
        for ((re, im), x) in parts.zip(samples) {
            (*re, *im) = (x.re, x.im);
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

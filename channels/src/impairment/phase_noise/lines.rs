//! Phase noise with a spectral mask: lines of random frequency and amplitude.

use super::mask::{Band, PhaseMask};
use crate::rotor::unit_phasor;
use airloop_baseband::{Complex64, Stream};
use multiversion::multiversion;

/// Samples between instants at which slow lines are computed, at multiples from the origin.
const BLOCK: usize = 64;

/// Lines slower than this, in turns a sample, vary linearly between these instants, with an error below -80 dB of themselves.
const SLOW: f64 = 1.0 / 16_384.0;

/// Lines whose phasors are computed at once.
const CHUNK: usize = 16;

/// The lines of one draw.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    slow: Bank,
    fast: Bank,
    /// `exp(j 2 pi turns i)` of each fast line within a block: real parts, then imaginary parts.
    steps: Vec<[[f32; BLOCK]; 2]>,
    /// Phase at the origin, which is taken off.
    start: f64,
}

/// Frequencies in turns a sample and complex amplitudes, filled up with lines of no power to a multiple of [`CHUNK`].
#[derive(Clone, Debug, Default)]
struct Bank {
    turns: Vec<[f64; CHUNK]>,
    re: Vec<[f64; CHUNK]>,
    im: Vec<[f64; CHUNK]>,
}

impl Bank {
    fn new(lines: &[(f64, Complex64)]) -> Self {
        let row = |part: fn(&(f64, Complex64)) -> f64| {
            let chunk = |lines: &[(f64, Complex64)]| std::array::from_fn(|i| lines.get(i).map_or(0.0, part));
            lines.chunks(CHUNK).map(chunk).collect()
        };
        Self { turns: row(|line| line.0), re: row(|line| line.1.re), im: row(|line| line.1.im) }
    }

    /// Returns the rotated amplitudes of a chunk at an index.
    #[inline(always)]
    fn at(&self, chunk: usize, index: f64) -> ([f64; CHUNK], [f64; CHUNK]) {
        let (turns, re, im) = (&self.turns[chunk], &self.re[chunk], &self.im[chunk]);
        let (mut turned_re, mut turned_im) = ([0.0; CHUNK], [0.0; CHUNK]);
        for i in 0..CHUNK {
            let (cos, sin) = unit_phasor(turns[i] * index);
            turned_re[i] = re[i] * cos - im[i] * sin;
            turned_im[i] = re[i] * sin + im[i] * cos;
        }
        (turned_re, turned_im)
    }
}

impl Lines {
    /// Draws the lines of a mask.
    pub(super) fn draw(mask: &PhaseMask, sample_rate_hz: f64, stream: Stream) -> Self {
        let line = |(index, band): (usize, &Band)| {
            let turns = band.quantile_hz(stream.uniform(index as u64)) / sample_rate_hz;
            // The real part of a unit-power complex Gaussian has half the power.
            (turns, stream.complex_gaussian(index as u64) * (2.0 * band.power()).sqrt())
        };
        let bands = mask.bands(sample_rate_hz);
        let lines = bands.iter().enumerate().map(line);
        let (slow, fast): (Vec<_>, Vec<_>) = lines.partition(|line| line.0 < SLOW);
        let steps = fast.iter().map(|line| steps(line.0)).collect();
        let mut lines = Self { slow: Bank::new(&slow), fast: Bank::new(&fast), steps, start: 0.0 };
        let mut start = [0.0];
        lines.add(0, &mut start);
        lines.start = start[0];
        lines
    }

    /// Adds the phases from index `first` after the origin on.
    pub(super) fn add(&self, first: i64, out: &mut [f64]) {
        add(self, first, out);
    }
}

fn steps(turns: f64) -> [[f32; BLOCK]; 2] {
    let mut steps = [[0.0; BLOCK]; 2];
    let (cos, sin) = unit_phasor(turns);
    let (mut re, mut im) = (1.0, 0.0);
    let [real, imaginary] = &mut steps;
    for (x, y) in real.iter_mut().zip(imaginary) {
        (*x, *y) = (re as f32, im as f32);
        (re, im) = (re * cos - im * sin, re * sin + im * cos);
    }
    steps
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn add(lines: &Lines, first: i64, out: &mut [f64]) {
    let (mut n, mut rest) = (first, out);
    let skipped = n.rem_euclid(BLOCK as i64);
    let mut low = slow(lines, (n - skipped) as f64);
    while !rest.is_empty() {
        let skipped = n.rem_euclid(BLOCK as i64) as usize;
        let (block, next) = rest.split_at_mut((BLOCK - skipped).min(rest.len()));
        let begin = (n - skipped as i64) as f64;
        let phases = fast(lines, begin);
        let high = slow(lines, begin + BLOCK as f64);
        let slope = (high - low) / BLOCK as f64;
        for (i, (out, phase)) in block.iter_mut().zip(&phases[skipped..]).enumerate() {
            *out += low + slope * (skipped + i) as f64 + f64::from(*phase);
        }
        n += block.len() as i64;
        (low, rest) = (high, next);
    }
}

/// Sums the slow lines at an index, less the phase at the origin.
#[inline(always)]
fn slow(lines: &Lines, index: f64) -> f64 {
    let mut sums = [0.0; CHUNK];
    for chunk in 0..lines.slow.turns.len() {
        let (re, _) = lines.slow.at(chunk, index);
        for i in 0..CHUNK {
            sums[i] += re[i];
        }
    }
    sums.iter().sum::<f64>() - lines.start
}

/// Sums the fast lines over the block that begins at an index.
#[inline(always)]
fn fast(lines: &Lines, begin: f64) -> [f32; BLOCK] {
    let mut sums = [0.0f32; BLOCK];
    for (chunk, steps) in lines.steps.chunks(CHUNK).enumerate() {
        let (re, im) = lines.fast.at(chunk, begin);
        for ((re, im), [cos, sin]) in re.iter().zip(&im).zip(steps) {
            let (re, im) = (*re as f32, *im as f32);
            for i in 0..BLOCK {
                sums[i] += re * cos[i] - im * sin[i];
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::super::mask::tests::mask;
    use super::*;
    use airloop_baseband::checks::{CheckSpec, check_mean};
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Purpose, Seeds};
    use std::f64::consts::TAU;

    const RATE_HZ: f64 = 1e6;

    fn lines(trial: u64) -> Lines {
        Lines::draw(&mask(), RATE_HZ, Seeds::new(3).stream(Purpose::Impairment, trial, 0))
    }

    #[test]
    fn phases_have_the_structure_function_and_the_spectrum_of_the_mask() {
        const COUNT: usize = 4096;
        // Increments at instants far apart tell more of a draw than one does; the first is at the origin.
        const INSTANTS: i64 = 16;
        let (lags, bin) = ([1i64, 30, 1000, 4000], 41);
        let spec = |expected: f64| CheckSpec { alpha: 1e-6, detects: 0.1 * expected };
        let (mut squares, mut spectrum) = (vec![Vec::new(); lags.len()], Vec::new());
        // A Hann window around 10 kHz, and its noise bandwidth.
        let hann = |i: usize| 1.0 - (TAU * i as f64 / COUNT as f64).cos();
        let window: f64 = (0..COUNT).map(|i| hann(i).powi(2)).sum();
        let turn = |i: usize| Complex64::cis(-TAU * (bin * i % COUNT) as f64 / COUNT as f64);
        let probe: Vec<Complex64> = (0..COUNT).map(|i| turn(i) * hann(i)).collect();
        for trial in 0..2600 {
            let lines = lines(trial);
            let at = |n: i64| {
                let mut value = [0.0];
                lines.add(n, &mut value);
                value[0]
            };
            assert!(at(0).abs() < 1e-9);
            let begins: Vec<i64> = (0..INSTANTS).map(|i| 75_011 * i).collect();
            let begun: Vec<f64> = begins.iter().map(|begin| at(*begin)).collect();
            for (squares, lag) in squares.iter_mut().zip(lags) {
                let square = |(n, begun): (&i64, &f64)| (at(n + lag) - begun).powi(2);
                squares.push(begins.iter().zip(&begun).map(square).sum::<f64>() / INSTANTS as f64);
            }
            if trial < 1300 {
                let mut values = vec![0.0; COUNT];
                lines.add(0, &mut values);
                let sum: Complex64 = probe.iter().zip(&values).map(|(probe, phase)| probe * phase).sum();
                spectrum.push(sum.norm_sqr() / (window * RATE_HZ));
            }
        }
        for (squares, lag) in squares.into_iter().zip(lags) {
            let expected = mask().variance(lag as f64 / RATE_HZ, RATE_HZ);
            let moments = Moments::of(squares);
            check_mean(&moments, expected, spec(expected)).unwrap();
            assert!(check_mean(&moments, 1.1 * expected, spec(expected)).is_err(), "a control passes");
        }
        // A real process: its two-sided spectrum is L, averaged over the window's few bins.
        let offset_hz = bin as f64 / COUNT as f64 * RATE_HZ;
        let expected = (mask().level(offset_hz * 0.975) + mask().level(offset_hz * 1.025)) * 0.5;
        let wide = CheckSpec { alpha: 1e-6, detects: 0.35 * expected };
        check_mean(&Moments::of(spectrum.iter().copied()), expected, wide).unwrap();
        assert!(check_mean(&Moments::of(spectrum), 2.0 * expected, wide).is_err(), "a control passes");
    }

    #[test]
    fn values_do_not_depend_on_the_stretch_they_were_asked_in() {
        let lines = lines(0);
        let mut whole = vec![0.0; 3000];
        lines.add(-500, &mut whole);
        for (first, count) in [(-500i64, 1), (-65, 130), (0, 1), (63, 2), (777, 1000)] {
            let mut part = vec![0.0; count];
            lines.add(first, &mut part);
            let begin = (first + 500) as usize;
            assert!(part == whole[begin..begin + count], "{first} {count}");
        }
        // Against direct sums of all lines.
        let direct = |n: i64| {
            let turned = |bank: &Bank| {
                let chunk = |chunk: usize| bank.at(chunk, n as f64).0.iter().sum::<f64>();
                let start: f64 = bank.re.iter().flatten().sum();
                (0..bank.re.len()).map(chunk).sum::<f64>() - start
            };
            turned(&lines.slow) + turned(&lines.fast)
        };
        for n in [1i64, 37, 2000] {
            let error = (direct(n) - whole[(n + 500) as usize]).abs();
            assert!(error < 1e-5, "{n}: {error}");
        }
        assert!((direct(2000) - direct(1000)).abs() > 1e-4, "a control passes");
    }
}

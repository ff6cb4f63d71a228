//! Phase noise with a spectral mask: lines of random frequency and amplitude.

use crate::error::ChannelError;
use crate::rotor::unit_phasor;
use airloop_baseband::Stream;
use multiversion::multiversion;
use std::f64::consts::TAU;

/// Bands an octave, with a line each.
const BANDS_PER_OCTAVE: f64 = 16.0;

/// Bands from 0 to the first point.
const FIRST_BANDS: usize = 4;

/// Samples between instants at which slow lines are computed, at multiples from the origin.
const BLOCK: usize = 64;

/// Lines slower than this, in turns a sample, vary linearly between these instants, with an error below -80 dB of themselves.
const SLOW: f64 = 1.0 / 16_384.0;

/// A point of a mask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskPoint {
    /// Offset from the carrier, in hertz.
    pub offset_hz: f64,
    /// Single-sideband phase noise `L`, in decibels of the carrier in 1 Hz.
    pub dbc_hz: f64,
}

/// The one-sided spectrum of a phase, `S_phi(f) = 2 L(f)`, by points of `L`.
///
/// ```text
/// between points   L is a straight line in decibels over log f
/// below the first  L stays, down to 0
/// above the last   L stays, up to half the sample rate, beyond which there is nothing
/// variance         integral of 2 L(f) df over 0 to half the sample rate
/// ```
///
/// Sixteen bands an octave, and four below the first point, each have one line: its frequency is drawn with the density of the
/// mask within the band and its complex amplitude is Gaussian with the band's power, so that the phase is exactly Gaussian at
/// every instant and its spectrum is, over draws, exactly the mask. One draw's spectrum is lines.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseMask {
    points: Vec<MaskPoint>,
}

/// A band of a mask within which `L` is a power of the frequency.
#[derive(Clone, Copy, Debug)]
struct Band {
    low_hz: f64,
    high_hz: f64,
    /// `L` at the lower end, and its power of the frequency.
    level: f64,
    slope: f64,
}

impl PhaseMask {
    /// Makes a mask of points.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for offsets that do not rise from above 0, and levels beyond -300 to 0 dBc/Hz;
    /// [`ChannelError::EmptyMask`] without points.
    pub fn new(points: Vec<MaskPoint>) -> Result<Self, ChannelError> {
        let beyond = |name, value, expected| Err(ChannelError::OutOfRange { name, value, expected });
        if points.is_empty() {
            return Err(ChannelError::EmptyMask);
        }
        let mut last_hz = 0.0;
        for MaskPoint { offset_hz, dbc_hz } in &points {
            let rises = *offset_hz > last_hz && offset_hz.is_finite();
            if !rises {
                return beyond(
                    "offset_hz of a phase noise mask",
                    *offset_hz,
                    "above 0 and rising from point to point",
                );
            }
            if !(-300.0..=0.0).contains(dbc_hz) {
                return beyond("dbc_hz of a phase noise mask", *dbc_hz, "-300 to 0 dBc/Hz");
            }
            last_hz = *offset_hz;
        }
        Ok(Self { points })
    }

    /// Returns the points.
    pub fn points(&self) -> &[MaskPoint] {
        &self.points
    }

    /// Returns the mask of a carrier that is derived from an oscillator with this mask by multiplication of its frequency:
    /// `20 log10(carrier_hz / reference_hz)` higher.
    ///
    /// # Errors
    /// As [`PhaseMask::new`].
    pub fn multiplied(&self, reference_hz: f64, carrier_hz: f64) -> Result<Self, ChannelError> {
        let higher_db = 20.0 * (carrier_hz / reference_hz).log10();
        let point = |p: &MaskPoint| MaskPoint { dbc_hz: p.dbc_hz + higher_db, ..*p };
        Self::new(self.points.iter().map(point).collect())
    }

    /// Returns `L` at an offset, in 1/Hz.
    pub fn level(&self, offset_hz: f64) -> f64 {
        let after = self.points.partition_point(|p| p.offset_hz <= offset_hz);
        let linear = |db: f64| 10f64.powf(0.1 * db);
        match (after.checked_sub(1).map(|i| self.points[i]), self.points.get(after)) {
            (Some(a), Some(b)) => {
                let share = (offset_hz / a.offset_hz).ln() / (b.offset_hz / a.offset_hz).ln();
                linear(a.dbc_hz + share * (b.dbc_hz - a.dbc_hz))
            }
            (Some(p), None) => linear(p.dbc_hz),
            (None, Some(p)) => linear(p.dbc_hz),
            (None, None) => 0.0,
        }
    }

    /// Returns the variance of the phase at a sample rate, in rad^2.
    pub fn power(&self, sample_rate_hz: f64) -> f64 {
        self.bands(sample_rate_hz).iter().map(Band::power).sum()
    }

    /// Returns the structure function `E(phi(t) - phi(0))^2 = integral of 4 L(f) (1 - cos(2 pi f t)) df`, in rad^2.
    pub fn variance(&self, time_s: f64, sample_rate_hz: f64) -> f64 {
        self.bands(sample_rate_hz).iter().map(|band| band.variance(time_s)).sum()
    }

    fn bands(&self, sample_rate_hz: f64) -> Vec<Band> {
        let most_hz = 0.5 * sample_rate_hz;
        let first_hz = self.points[0].offset_hz.min(most_hz);
        let level = self.level(0.0);
        let edge = |i: usize| first_hz * i as f64 / FIRST_BANDS as f64;
        let mut bands: Vec<Band> = (0..FIRST_BANDS)
            .map(|i| Band { low_hz: edge(i), high_hz: edge(i + 1), level, slope: 0.0 })
            .collect();
        for (index, point) in self.points.iter().enumerate() {
            let next = self.points.get(index + 1);
            let (low_hz, high_hz) = (point.offset_hz, next.map_or(most_hz, |p| p.offset_hz.min(most_hz)));
            if low_hz >= high_hz {
                break;
            }
            let slope = next.map_or(0.0, |p| {
                (p.dbc_hz - point.dbc_hz) / (10.0 * (p.offset_hz / point.offset_hz).log10())
            });
            let count = (BANDS_PER_OCTAVE * (high_hz / low_hz).log2()).ceil().max(1.0);
            let edge = |i: f64| low_hz * (high_hz / low_hz).powf(i / count);
            bands.extend((0..count as usize).map(|i| {
                let (low_hz, high_hz) = (edge(i as f64), edge(i as f64 + 1.0));
                Band { low_hz, high_hz, level: self.level(low_hz), slope }
            }));
        }
        bands
    }
}

impl Band {
    /// Returns the integral of `2 L(f) df`.
    fn power(&self) -> f64 {
        let Self { low_hz, high_hz, level, slope } = *self;
        if slope == 0.0 {
            return 2.0 * level * (high_hz - low_hz);
        }
        let ratio = high_hz / low_hz;
        let exponent = slope + 1.0;
        let integral =
            if exponent.abs() < 1e-9 { ratio.ln() } else { (ratio.powf(exponent) - 1.0) / exponent };
        2.0 * level * low_hz * integral
    }

    /// Returns the frequency below which a share of the power lies.
    fn quantile_hz(&self, share: f64) -> f64 {
        let Self { low_hz, high_hz, slope, .. } = *self;
        if slope == 0.0 {
            return low_hz + share * (high_hz - low_hz);
        }
        let (ratio, exponent) = (high_hz / low_hz, slope + 1.0);
        if exponent.abs() < 1e-9 {
            low_hz * ratio.powf(share)
        } else {
            low_hz * (1.0 + share * (ratio.powf(exponent) - 1.0)).powf(1.0 / exponent)
        }
    }

    /// Returns its part of the structure function, with a flat spectrum within the band.
    fn variance(&self, time_s: f64) -> f64 {
        let (a, b) = (TAU * self.low_hz * time_s, TAU * self.high_hz * time_s);
        let middle = 0.5 * (a + b);
        let cosine = if b - a < 1e-3 { middle.cos() } else { (b.sin() - a.sin()) / (b - a) };
        // 1 - cos without cancellation where both ends turn little.
        let missing = if b < 1e-2 { 2.0 * (0.5 * middle).sin().powi(2) } else { 1.0 - cosine };
        2.0 * self.power() * missing
    }
}

/// The lines of one draw.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// Turns a sample, complex amplitude, by line: slow ones, then fast ones.
    slow: Vec<Line>,
    fast: Vec<Line>,
    /// `exp(j 2 pi turns i)` of each fast line within a block: real parts, then imaginary parts.
    steps: Vec<[f32; 2 * BLOCK]>,
    /// Phase at the origin, which is taken off.
    start: f64,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    turns: f64,
    re: f64,
    im: f64,
}

impl Line {
    /// Returns the rotated amplitude at an index.
    #[inline(always)]
    fn at(&self, index: f64) -> (f64, f64) {
        let (cos, sin) = unit_phasor(self.turns * index);
        (self.re * cos - self.im * sin, self.re * sin + self.im * cos)
    }
}

impl Lines {
    /// Draws the lines of a mask.
    pub(super) fn draw(mask: &PhaseMask, sample_rate_hz: f64, stream: Stream) -> Self {
        let line = |(index, band): (usize, &Band)| {
            let turns = band.quantile_hz(stream.uniform(index as u64)) / sample_rate_hz;
            // The real part of a unit-power complex Gaussian has half the power.
            let amplitude = stream.complex_gaussian(index as u64) * (2.0 * band.power()).sqrt();
            Line { turns, re: amplitude.re, im: amplitude.im }
        };
        let bands = mask.bands(sample_rate_hz);
        let lines = bands.iter().enumerate().map(line);
        let (slow, fast): (Vec<Line>, Vec<Line>) = lines.partition(|line| line.turns < SLOW);
        let steps = fast.iter().map(|line| steps(line.turns)).collect();
        let mut lines = Self { slow, fast, steps, start: 0.0 };
        let mut start = [0.0];
        lines.add(0, &mut start);
        lines.start = start[0];
        lines
    }

    /// Adds the phases from index `first` after the origin on.
    pub(super) fn add(&self, first: i64, out: &mut [f64]) {
        let (mut n, mut rest) = (first, out);
        while !rest.is_empty() {
            let skipped = n.rem_euclid(BLOCK as i64) as usize;
            let (block, next) = rest.split_at_mut((BLOCK - skipped).min(rest.len()));
            let mut phases = [0.0f32; BLOCK];
            let begin = (n - skipped as i64) as f64;
            fast(&self.fast, &self.steps, begin, &mut phases);
            let slow = |index: f64| self.slow.iter().map(|line| line.at(index).0).sum::<f64>() - self.start;
            let (low, high) = (slow(begin), slow(begin + BLOCK as f64));
            let slope = (high - low) / BLOCK as f64;
            for (i, (out, phase)) in block.iter_mut().zip(&phases[skipped..]).enumerate() {
                *out += low + slope * (skipped + i) as f64 + f64::from(*phase);
            }
            n += block.len() as i64;
            rest = next;
        }
    }
}

fn steps(turns: f64) -> [f32; 2 * BLOCK] {
    let mut steps = [0.0; 2 * BLOCK];
    let (cos, sin) = unit_phasor(turns);
    let (mut re, mut im) = (1.0, 0.0);
    for i in 0..BLOCK {
        (steps[i], steps[BLOCK + i]) = (re as f32, im as f32);
        (re, im) = (re * cos - im * sin, re * sin + im * cos);
    }
    steps
}

/// Sums the fast lines over a block.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn fast(lines: &[Line], steps: &[[f32; 2 * BLOCK]], begin: f64, out: &mut [f32; BLOCK]) {
    let mut sums = [0.0f32; BLOCK];
    for (line, steps) in lines.iter().zip(steps) {
        let (re, im) = line.at(begin);
        let (re, im) = (re as f32, im as f32);
        let (cos, sin) = steps.split_at(BLOCK);
        for ((sum, cos), sin) in sums.iter_mut().zip(cos).zip(sin) {
            *sum += re * cos - im * sin;
        }
    }
    *out = sums;
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckSpec, check_mean};
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Complex64, Purpose, Seeds};

    const RATE_HZ: f64 = 1e6;

    fn mask() -> PhaseMask {
        let point = |(offset_hz, dbc_hz)| MaskPoint { offset_hz, dbc_hz };
        PhaseMask::new([(100.0, -60.0), (1e4, -80.0), (1e5, -110.0)].map(point).to_vec()).unwrap()
    }

    fn lines(trial: u64) -> Lines {
        Lines::draw(&mask(), RATE_HZ, Seeds::new(3).stream(Purpose::Impairment, trial, 0))
    }

    #[test]
    fn levels_and_power_are_those_of_the_points() {
        let mask = mask();
        for (offset_hz, dbc_hz) in [(1.0, -60.0), (100.0, -60.0), (1e3, -70.0), (1e4, -80.0), (3e5, -110.0)] {
            assert!((10.0 * mask.level(offset_hz).log10() - dbc_hz).abs() < 1e-9, "{offset_hz}");
        }
        // Slopes of 1/f and 1/f^3 between the points, by hand.
        let one = 1e-6 * 100.0 * 100f64.ln();
        let three = 1e-8 * 1e4 * 0.5 * (1.0 - 1e-2);
        let by_hand = 2.0 * (1e-6 * 100.0 + one + three + 1e-11 * 4e5);
        assert!((mask.power(RATE_HZ) / by_hand - 1.0).abs() < 1e-9, "{}", mask.power(RATE_HZ));
        assert!((mask.variance(1e3, RATE_HZ) / (2.0 * by_hand) - 1.0).abs() < 0.01);
    }

    #[test]
    fn phases_have_the_structure_function_and_the_spectrum_of_the_mask() {
        const COUNT: usize = 4096;
        let (lags, bin) = ([1usize, 30, 1000, 4000], 41);
        let spec = |expected: f64| CheckSpec { alpha: 1e-6, detects: 0.25 * expected };
        let (mut squares, mut spectrum) = (vec![Vec::new(); lags.len()], Vec::new());
        // A Hann window around 10 kHz, and its noise bandwidth.
        let hann = |i: usize| 1.0 - (TAU * i as f64 / COUNT as f64).cos();
        let window: f64 = (0..COUNT).map(|i| hann(i).powi(2)).sum();
        let turn = |i: usize| Complex64::cis(-TAU * (bin * i % COUNT) as f64 / COUNT as f64);
        let probe: Vec<Complex64> = (0..COUNT).map(|i| turn(i) * hann(i)).collect();
        for trial in 0..2600 {
            let lines = lines(trial);
            let mut values = vec![0.0; if trial < 1300 { COUNT + 1 } else { 1 }];
            lines.add(0, &mut values);
            assert!(values[0].abs() < 1e-9);
            for (squares, lag) in squares.iter_mut().zip(lags) {
                let mut value = [0.0];
                lines.add(lag as i64, &mut value);
                squares.push(value[0].powi(2));
            }
            if values.len() > 1 {
                let sum: Complex64 = probe.iter().zip(&values).map(|(probe, phase)| probe * phase).sum();
                spectrum.push(sum.norm_sqr() / (window * RATE_HZ));
            }
        }
        for (squares, lag) in squares.into_iter().zip(lags) {
            let expected = mask().variance(lag as f64 / RATE_HZ, RATE_HZ);
            let moments = Moments::of(squares);
            check_mean(&moments, expected, spec(expected)).unwrap();
            assert!(check_mean(&moments, 1.4 * expected, spec(expected)).is_err(), "a control passes");
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
            let all = lines.slow.iter().chain(&lines.fast);
            all.map(|line| line.at(n as f64).0 - line.re).sum::<f64>()
        };
        for n in [1i64, 37, 2000] {
            let error = (direct(n) - whole[(n + 500) as usize]).abs();
            assert!(error < 1e-5, "{n}: {error}");
        }
        assert!((direct(2000) - direct(1000)).abs() > 1e-4, "a control passes");
    }

    #[test]
    fn wrong_masks_are_refused() {
        let mask = |points: &[(f64, f64)]| {
            PhaseMask::new(
                points
                    .iter()
                    .map(|(offset_hz, dbc_hz)| MaskPoint { offset_hz: *offset_hz, dbc_hz: *dbc_hz })
                    .collect(),
            )
        };
        assert!(
            mask(&[]).is_err()
                && mask(&[(0.0, -80.0)]).is_err()
                && mask(&[(10.0, -80.0), (5.0, -90.0)]).is_err()
        );
        assert!(mask(&[(10.0, 3.0)]).is_err() && mask(&[(10.0, f64::NAN)]).is_err());
        assert!(mask(&[(10.0, -80.0)]).is_ok());
    }
}

//! The likelihood of delay and carrier offset, climbed from a coarse estimate.

use super::Preamble;
use super::bounds::{Information, signed_bin};
use num_complex::{Complex32, Complex64};
use rustfft::{Fft, FftPlanner};
use std::f64::consts::TAU;
use std::sync::Arc;

/// Samples before and after the coarse window that count: the tails of a delayed preamble reach there, but so does what
/// else is on the air.
const GUARD: usize = 32;
/// Steps after which the climb ends in any case.
const MOST_STEPS: usize = 20;
/// A step shorter than this, in samples and in cycles over the preamble, ends the climb.
const LAST_STEP: f64 = 1e-5;

/// Where a climb stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    /// Delay past the coarse start, in samples.
    pub delay_samples: f64,
    /// Carrier offset, in cycles a sample.
    pub frequency: f64,
    /// Complex amplitude at the first sample of the preamble.
    pub amplitude: Complex64,
    /// Share of the window's energy that the fit explains.
    pub statistic: f64,
}

/// Maximum likelihood by scoring: each step is the gradient times the inverse information.
///
/// ```text
/// maximise |S|^2,   S = sum over n of x[n] exp(-j 2 pi f n) conj(s(n - tau))
/// step = J^-1 g,    g_a = Re(conj(S) dS/da) E_s / |S|^2,   J_ab = Re <u_a, u_b>
/// ```
pub(super) struct Refinement {
    size: usize,
    inverse: Arc<dyn Fft<f64>>,
    spectrum: Vec<Complex64>,
    information: Information,
    length: usize,
}

/// The correlation and its derivatives.
struct Correlation {
    value: Complex64,
    by_delay: Complex64,
    by_frequency: Complex64,
}

/// Buffers of one climb.
struct Buffers {
    window: Vec<Complex64>,
    shifted: Vec<Complex64>,
    slope: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl Refinement {
    pub(super) fn new(preamble: &Preamble) -> Self {
        let samples = preamble.samples();
        let size = (samples.len() + 2 * GUARD).next_power_of_two();
        let mut planner = FftPlanner::new();
        let mut spectrum: Vec<Complex64> = samples.iter().map(widened).collect();
        spectrum.resize(size, Complex64::ZERO);
        planner.plan_fft_forward(size).process(&mut spectrum);
        spectrum.iter_mut().for_each(|bin| *bin /= size as f64);
        Self {
            size,
            inverse: planner.plan_fft_inverse(size),
            spectrum,
            information: Information::of(preamble),
            length: samples.len(),
        }
    }

    /// Climbs from a whole-sample start and a frequency; `None` if the window is silent or not finite.
    pub(super) fn climb(
        &self,
        samples: &[Complex32],
        start: usize,
        frequency: f64,
        frequency_known: bool,
    ) -> Option<Fit> {
        let size = self.size;
        let mut buffers = Buffers {
            window: (0..self.length + 2 * GUARD)
                .map(|n| (start + n).checked_sub(GUARD).and_then(|n| samples.get(n)))
                .map(|sample| sample.map_or(Complex64::ZERO, widened))
                .collect(),
            shifted: vec![Complex64::ZERO; size],
            slope: vec![Complex64::ZERO; size],
            scratch: vec![Complex64::ZERO; self.inverse.get_inplace_scratch_len()],
        };
        let (mut delay, mut frequency) = (0.0, frequency);
        let mut value = Complex64::ZERO;
        for _ in 0..MOST_STEPS {
            let at = self.correlate(&mut buffers, delay, frequency);
            value = at.value;
            let (delay_step, frequency_step) = self.step(&at, frequency_known);
            if !(delay_step.is_finite() && frequency_step.is_finite()) {
                return None;
            }
            delay = (delay + delay_step.clamp(-0.5, 0.5)).clamp(-4.0, 4.0);
            let most = 0.25 / self.length as f64;
            frequency += frequency_step.clamp(-most, most);
            if delay_step.abs() < LAST_STEP && frequency_step.abs() * (self.length as f64) < LAST_STEP {
                break;
            }
        }
        let energy = self.information.energy;
        let inside = &buffers.window[GUARD..GUARD + self.length];
        let received: f64 = inside.iter().map(Complex64::norm_sqr).sum();
        Some(Fit {
            delay_samples: delay,
            frequency,
            amplitude: value / energy * Complex64::cis(TAU * frequency * (GUARD as f64 + delay)),
            statistic: (value.norm_sqr() / (energy * received)).min(1.0),
        })
    }

    /// Returns the step of scoring in delay and frequency.
    fn step(&self, at: &Correlation, frequency_known: bool) -> (f64, f64) {
        let Information { energy, timing, cfo, cross } = self.information;
        let scale = energy / at.value.norm_sqr();
        let by_delay = (at.value.conj() * at.by_delay).re * scale;
        let by_frequency = (at.value.conj() * at.by_frequency).re * scale;
        if frequency_known {
            return (by_delay / timing, 0.0);
        }
        let determinant = timing * cfo - cross * cross;
        let delay = (cfo * by_delay - cross * by_frequency) / determinant;
        (delay, (timing * by_frequency - cross * by_delay) / determinant)
    }

    /// Correlates the window with the preamble delayed by a fraction and shifted in frequency.
    fn correlate(&self, buffers: &mut Buffers, delay: f64, frequency: f64) -> Correlation {
        let Buffers { window, shifted, slope, scratch } = buffers;
        let size = self.size;
        let turn = Complex64::cis(-TAU * (GUARD as f64 + delay) / size as f64);
        let mut rotor = Complex64::ONE;
        for k in 0..=size / 2 {
            // Bins k and -k turn by conjugate phases; the middle bin has no sign and stays as it is.
            let mirror = (size - k) % size;
            for (bin, rotor) in [(k, rotor), (mirror, rotor.conj())] {
                let rotor = if 2 * bin == size { Complex64::ONE } else { rotor };
                shifted[bin] = self.spectrum[bin] * rotor;
                slope[bin] = shifted[bin] * Complex64::new(0.0, -TAU * signed_bin(bin, size) / size as f64);
            }
            rotor *= turn;
        }
        self.inverse.process_with_scratch(shifted, scratch);
        self.inverse.process_with_scratch(slope, scratch);
        let turn = Complex64::cis(-TAU * frequency);
        let mut rotor = Complex64::ONE;
        let mut sums = [Complex64::ZERO; 3];
        for (n, ((sample, shifted), slope)) in window.iter().zip(&*shifted).zip(&*slope).enumerate() {
            let turned = sample * rotor;
            let product = turned * shifted.conj();
            sums[0] += product;
            sums[1] += turned * slope.conj();
            sums[2] += product * n as f64;
            rotor *= turn;
        }
        let [value, by_delay, moment] = sums;
        Correlation { value, by_delay, by_frequency: moment * Complex64::new(0.0, -TAU) }
    }
}

fn widened(sample: &Complex32) -> Complex64 {
    Complex64::new(sample.re.into(), sample.im.into())
}

//! Cramer-Rao bounds of timing and carrier offset.
//!
//! All hold for white circular Gaussian noise, a flat channel and an unknown complex amplitude; `snr` is the mean power of
//! the received preamble over the noise power, per sample, linear. No unbiased estimator has a smaller variance.
//!
//! ```text
//! x[n] = A s(n - tau) exp(j 2 pi f n) + w[n],  u_a = derivative of the signal by a / A,  less its projection on the signal
//! information: J_ab = 2 snr Re <u_a, u_b>;     bound: [J^-1]_aa, or 1/J_aa if the other parameter is known
//! ```

use super::Preamble;
use num_complex::Complex64;
use rustfft::FftPlanner;
use std::f64::consts::{PI, TAU};

/// Returns the bound on the variance of a delay, in s^2, with the carrier offset known.
///
/// ```text
/// var >= 1 / (8 pi^2 (E/N0) B_rms^2)
/// ```
///
/// `energy_over_noise` is `L snr`, linear; `rms_bandwidth_hz` is centred: the unknown phase takes away what the mean
/// frequency tells. Kay, Fundamentals of Statistical Signal Processing I (1993) section 3.11, for the complex envelope.
pub fn timing_variance_s2(energy_over_noise: f64, rms_bandwidth_hz: f64) -> f64 {
    1.0 / (8.0 * PI * PI * energy_over_noise * rms_bandwidth_hz * rms_bandwidth_hz)
}

/// Returns the bound on the variance of a carrier offset, in Hz^2, from known samples of constant modulus, timing known.
///
/// ```text
/// var >= 6 fs^2 / ((2 pi)^2 snr L (L^2 - 1))
/// ```
///
/// Rife & Boorstyn, IEEE Trans. Inf. Theory 20 (1974) 591-598, for unknown amplitude and phase.
pub fn cfo_variance_hz2(snr: f64, samples: usize, sample_rate_hz: f64) -> f64 {
    let length = samples as f64;
    6.0 * (sample_rate_hz / TAU).powi(2) / (snr * length * (length * length - 1.0))
}

/// Returns the bound on the variance of a carrier offset, in Hz^2, from equal periods of unknown content.
///
/// ```text
/// var >= 6 fs^2 / ((2 pi)^2 snr P^3 R (R^2 - 1)) = 3 fs^2 / (2 pi^2 snr L^3 (1 - 1/R^2)),   L = R P
/// ```
///
/// Each of the `P = period_samples` places of a period is a tone of `R = repetitions` samples at the rate `fs/P` with an
/// unknown amplitude of its own; the information of the tones adds up. It holds over any channel that the periods share.
/// Morelli & Mengali, IEEE Commun. Lett. 3 (1999) 75-77.
pub fn repetition_cfo_variance_hz2(
    snr: f64,
    period_samples: usize,
    repetitions: usize,
    sample_rate_hz: f64,
) -> f64 {
    let (period, count) = (period_samples as f64, repetitions as f64);
    6.0 * (sample_rate_hz / TAU).powi(2) / (snr * period.powi(3) * count * (count * count - 1.0))
}

/// The bounds of one preamble, from its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynchronisationBounds {
    information: Information,
    sample_rate_hz: f64,
}

impl SynchronisationBounds {
    /// Computes the information that a preamble carries.
    pub fn new(preamble: &Preamble, sample_rate_hz: f64) -> Self {
        Self { information: Information::of(preamble), sample_rate_hz }
    }

    /// Returns the bound on the variance of the delay, in s^2, with the carrier offset known.
    pub fn timing_variance_s2(&self, snr: f64) -> f64 {
        0.5 / (snr * self.information.timing) / self.sample_rate_hz.powi(2)
    }

    /// Returns the bound on the variance of the carrier offset, in Hz^2, with the delay known.
    pub fn cfo_variance_hz2(&self, snr: f64) -> f64 {
        0.5 / (snr * self.information.cfo) * self.sample_rate_hz.powi(2)
    }

    /// Returns the bound on the variance of the delay, in s^2, with the carrier offset unknown as well.
    pub fn joint_timing_variance_s2(&self, snr: f64) -> f64 {
        self.timing_variance_s2(snr) / (1.0 - self.coupling())
    }

    /// Returns the bound on the variance of the carrier offset, in Hz^2, with the delay unknown as well.
    pub fn joint_cfo_variance_hz2(&self, snr: f64) -> f64 {
        self.cfo_variance_hz2(snr) / (1.0 - self.coupling())
    }

    /// Returns how far delay and carrier offset are mistaken for each other, 0 for not at all to 1 for always.
    ///
    /// ```text
    /// coupling = J_tf^2 / (J_tt J_ff)
    /// ```
    ///
    /// A single chirp, such as one Zadoff-Chu period of a small root, is close to 1; repetitions bring it down.
    pub fn coupling(&self) -> f64 {
        let Information { timing, cfo, cross, .. } = self.information;
        cross * cross / (timing * cfo)
    }
}

/// Inner products of the derivatives of a preamble by delay (samples) and frequency (cycles a sample).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Information {
    /// Energy of the preamble.
    pub energy: f64,
    /// `<u_tau, u_tau>`.
    pub timing: f64,
    /// `<u_f, u_f>`.
    pub cfo: f64,
    /// `Re <u_tau, u_f>`.
    pub cross: f64,
}

impl Information {
    pub(super) fn of(preamble: &Preamble) -> Self {
        let samples = preamble.samples();
        let size = (2 * samples.len()).next_power_of_two();
        let mut planner = FftPlanner::new();
        let mut signal = vec![Complex64::ZERO; size];
        for (wide, sample) in signal.iter_mut().zip(samples) {
            *wide = Complex64::new(sample.re.into(), sample.im.into());
        }
        let mut by_delay = signal.clone();
        planner.plan_fft_forward(size).process(&mut by_delay);
        for (k, bin) in by_delay.iter_mut().enumerate() {
            *bin *= Complex64::new(0.0, -TAU * signed_bin(k, size) / (size * size) as f64);
        }
        planner.plan_fft_inverse(size).process(&mut by_delay);
        let centre = 0.5 * (samples.len() - 1) as f64;
        let by_frequency: Vec<Complex64> = signal
            .iter()
            .enumerate()
            .map(|(n, s)| s * Complex64::new(0.0, TAU * (n as f64 - centre)))
            .collect();
        let energy = inner(&signal, &signal).re;
        let (delay_on_signal, frequency_on_signal) =
            (inner(&signal, &by_delay), inner(&signal, &by_frequency));
        Self {
            energy,
            timing: inner(&by_delay, &by_delay).re - delay_on_signal.norm_sqr() / energy,
            cfo: inner(&by_frequency, &by_frequency).re - frequency_on_signal.norm_sqr() / energy,
            cross: (inner(&by_delay, &by_frequency) - delay_on_signal.conj() * frequency_on_signal / energy)
                .re,
        }
    }

    /// Returns the centred root-mean-square bandwidth, in cycles a sample.
    pub(super) fn rms_bandwidth(&self) -> f64 {
        (self.timing / self.energy).sqrt() / TAU
    }
}

/// Returns the frequency of bin `k` in bins, negative in the upper half and zero for the bin that has no sign.
pub(super) fn signed_bin(k: usize, size: usize) -> f64 {
    match (2 * k).cmp(&size) {
        std::cmp::Ordering::Less => k as f64,
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => k as f64 - size as f64,
    }
}

/// Returns the sum of `conj(a) b`.
fn inner(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(a, b)| a.conj() * b).sum()
}

//! Carrier offset from equal periods of unknown content.

use num_complex::{Complex32, Complex64};
use std::f64::consts::TAU;

/// Estimates the carrier offset, in Hz, from periods that arrive equal but for the offset.
///
/// ```text
/// psi(m) = sum over n of conj(x[n]) x[n + m P],   m = 1 .. H,   H = floor(R/2)
/// phi(1) = arg psi(1),   phi(m) = phi(1) + arg(psi(m) conj(psi(m - 1)) conj(psi(1)))
/// cfo = fs/(2 pi P) sum over m of w(m) phi(m)
/// w(m) = 3 ((R - m)(R - m + 1) - H (R - H)) / (H (4 H^2 - 6 R H + 3 R^2 - 1))
/// ```
///
/// `samples` begin with the first of `R = repetitions` periods of `P = period_samples`. Needs no knowledge of preamble or
/// channel, so multipath does not disturb it once the prefix has passed. Offsets within `+-fs/(2 P)` are told apart, others
/// alias. At high SNR it reaches [`repetition_cfo_variance_hz2`](super::bounds::repetition_cfo_variance_hz2). `None` for
/// fewer than two repetitions, too few samples or samples without energy. Morelli & Mengali, IEEE Commun. Lett. 3 (1999)
/// 75-77, with increments taken relative to the first, so that near the end of the range only that one can wrap.
pub fn repetition_cfo(
    samples: &[Complex32],
    period_samples: usize,
    repetitions: usize,
    sample_rate_hz: f64,
) -> Option<f64> {
    let samples = samples.get(..period_samples.checked_mul(repetitions)?)?;
    if repetitions < 2 || period_samples == 0 {
        return None;
    }
    let (count, lags) = (repetitions as f64, (repetitions / 2) as f64);
    let norm = lags * (4.0 * lags * lags - 6.0 * count * lags + 3.0 * count * count - 1.0);
    let first = autocorrelation(samples, period_samples);
    let (mut before, mut radians) = (first, 0.0);
    for lag in 1..=repetitions / 2 {
        let now = if lag == 1 { first } else { autocorrelation(samples, lag * period_samples) };
        if !(now.norm_sqr() > 0.0 && now.norm_sqr().is_finite()) {
            return None;
        }
        let m = lag as f64;
        let weight = 3.0 * ((count - m) * (count - m + 1.0) - lags * (count - lags)) / norm;
        if lag > 1 {
            radians += weight * (now * before.conj() * first.conj()).arg();
        }
        before = now;
    }
    Some((first.arg() + radians) / TAU * sample_rate_hz / period_samples as f64)
}

/// Returns the sum of `conj(x[n]) x[n + lag]`.
fn autocorrelation(samples: &[Complex32], lag: usize) -> Complex64 {
    let product = |(early, late): (&Complex32, &Complex32)| {
        let product = early.conj() * late;
        Complex64::new(product.re.into(), product.im.into())
    };
    samples.iter().zip(&samples[lag..]).map(product).sum()
}

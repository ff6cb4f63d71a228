//! Floors of channel knowledge: what inverting an imperfect estimate costs.
//!
//! A channel of unit mean power has the line of sight `K/(K+1)` and the scattered power `p = 1/(K+1)`, `K` the Rician factor
//! (`k_factor`, linear; 0 is Rayleigh). With an estimate of least mean square error `h = h_hat + e`, and `e` of power `q` is
//! independent of `h_hat`.

use super::Floor;
use airloop_baseband::special::bessel_j0;
use airloop_channels::Marginal;
use std::f64::consts::TAU;

/// From this Rician factor on a gain counts as constant: `E[1/g]` is off by less than its reciprocal.
const NEARLY_CONSTANT: f64 = 1e8;

/// Returns the floor of truncated inversion of an estimate whose error has the power `error`.
///
/// ```text
/// c = h / h_hat = 1 + e / h_hat:   E|e/h_hat|^2 = q/(1-q) E[1/g; g >= threshold/(1-q)],   Rayleigh: q/(1-q) E1(threshold/(1-q))
/// ```
///
/// `g` is the gain of the estimate over its mean `1 - q`, Rician with the factor `K' = K/(K+1) / (p - q)`. Devices are silent
/// where `|h_hat|^2 < threshold`; what they do not send is no part of this floor. Valid for `error` from 0 to `p` and a
/// positive `threshold` (0 over a constant channel). Its mean is zero, so it averages out over identical data as `1/K`.
pub fn inverted_estimate(error: f64, threshold: f64, k_factor: f64) -> Floor {
    let rest = 1.0 - error;
    let mean_square = match error {
        0.0 => 0.0,
        _ => error / rest * estimated(error, k_factor).truncated_inverse(threshold / rest),
    };
    Floor { mean_square, squared_mean: 0.0 }
}

/// Returns the distribution of the estimate's gain over its mean.
pub fn estimated(error: f64, k_factor: f64) -> Marginal {
    if k_factor.is_infinite() {
        return Marginal::rician(f64::INFINITY);
    }
    let left = 1.0 - error * (k_factor + 1.0);
    let factor = if k_factor == 0.0 { 0.0 } else { k_factor / left.max(0.0) };
    Marginal::rician(if factor < NEARLY_CONSTANT { factor } else { f64::INFINITY })
}

/// Returns the error power of an estimate from pilots, each at the SNR `snr` (linear).
///
/// ```text
/// q = p / (1 + p pilots snr),   Rayleigh: 1 / (1 + pilots snr)
/// ```
///
/// Exact for one flat channel that does not change over its pilots, line of sight and power known.
pub fn pilot_error(pilots: f64, snr: f64, k_factor: f64) -> f64 {
    1.0 / (k_factor + 1.0 + pilots * snr)
}

/// Returns how many pilots of the SNR `snr` give the error power `error`: the inverse of [`pilot_error`], at least 0.
pub fn pilots_needed(error: f64, snr: f64, k_factor: f64) -> f64 {
    ((1.0 / error - k_factor - 1.0) / snr).max(0.0)
}

/// Returns the error power of perfect knowledge that is `age_s` old, predicted as well as one sample allows.
///
/// ```text
/// q = p (1 - J0(2 pi f_D age)^2)
/// ```
///
/// `max_doppler_hz` is `f_D`; isotropic scattering (Clarke), the line of sight followed exactly.
pub fn ageing_error(max_doppler_hz: f64, age_s: f64, k_factor: f64) -> f64 {
    let x = TAU * max_doppler_hz * age_s;
    let correlation = bessel_j0(x);
    let lost = if x < 0.5 { lost_correlation(x) } else { 1.0 - correlation };
    lost * (1.0 + correlation) / (k_factor + 1.0)
}

/// Sums `1 - J0(x) = -sum over n >= 1 of (-x^2/4)^n / n!^2`, without cancellation for small `x`.
fn lost_correlation(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for n in 1..=8 {
        term *= -0.25 * x * x / f64::from(n * n);
        sum -= term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckSpec, check_mean};
    use airloop_baseband::special::exponential_integral_e1;
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Complex64, Purpose, Seeds};

    #[test]
    fn rayleigh_and_rician_references() {
        for (q, g) in [(1e-3, 0.05), (0.1, 0.005), (0.3, 0.5)] {
            let floor = inverted_estimate(q, g, 0.0).independent();
            let expected = q / (1.0 - q) * exponential_integral_e1(g / (1.0 - q));
            assert!((floor / expected - 1.0).abs() < 1e-12);
        }
        // K = 4, q = 0.05, threshold 0.1: the density integrated by mpmath.
        let floor = inverted_estimate(0.05, 0.1, 4.0).independent();
        assert!((floor / 0.073_639_657_241_224_1 - 1.0).abs() < 1e-9, "{floor}");
        assert_eq!(inverted_estimate(0.0, 0.1, 0.0).independent(), 0.0);
        // All that scatters is unknown: the line of sight is inverted, which costs 1/K; and nearly all of it costs nearly that.
        assert!((inverted_estimate(0.2, 0.1, 4.0).independent() - 0.25).abs() < 1e-12);
        for left in [1e-3, 1e-5, 1e-6, 3e-8, 1e-10] {
            let floor = inverted_estimate(0.2 * (1.0 - left), 0.1, 4.0).independent();
            assert!((floor - 0.25).abs() < left + 1e-8, "{left}: {floor}");
        }
    }

    #[test]
    fn ageing_follows_the_bessel_function() {
        for (x, expected) in [
            (1e-3, 4.999_999_062_500_087e-7),
            (0.05, 0.001_249_414_198_115_138_6),
            (2.0, 0.949_872_919_015_530_4),
        ] {
            let value = ageing_error(100.0, x / (TAU * 100.0), 0.0);
            assert!((value / expected - 1.0).abs() < 1e-12, "{value} {expected}");
            assert!((ageing_error(100.0, x / (TAU * 100.0), 4.0) / (0.2 * expected) - 1.0).abs() < 1e-12);
        }
        assert_eq!(ageing_error(0.0, 1.0, 0.0), 0.0);
    }

    #[test]
    fn pilots_are_their_own_inverse() {
        for (q, k) in [(1e-3, 0.0), (0.1, 0.0), (0.1, 4.0)] {
            assert!((pilot_error(pilots_needed(q, 7.0, k), 7.0, k) / q - 1.0).abs() < 1e-12);
        }
        // Knowing the line of sight alone is enough.
        assert_eq!(pilots_needed(0.25, 7.0, 4.0), 0.0);
    }

    /// Inverts estimates from pilots, or from a channel of long ago, and returns the error over the true channel.
    fn simulated(k_factor: f64, threshold: f64, pilots: f64, snr: f64) -> Moments {
        let scattered: f64 = 1.0 / (k_factor + 1.0);
        let sight = (1.0 - scattered).sqrt();
        Moments::of((0..100_000).map(|trial| {
            let stream = |link| Seeds::new(21).stream(Purpose::Fading, trial, link).complex_gaussian(0);
            let h = Complex64::from(sight) + stream(0) * scattered.sqrt();
            let seen = h + stream(1) / (pilots * snr).sqrt();
            let trust = scattered / (scattered + 1.0 / (pilots * snr));
            let estimate = Complex64::from(sight) + (seen - sight) * trust;
            if estimate.norm_sqr() < threshold { 0.0 } else { (h / estimate - 1.0).norm_sqr() }
        }))
    }

    #[test]
    fn inverted_pilots_cost_what_the_formula_says() {
        for k_factor in [0.0, 3.0] {
            let (pilots, snr, threshold) = (2.0, 10.0, 0.1);
            let q = pilot_error(pilots, snr, k_factor);
            let expected = inverted_estimate(q, threshold, k_factor).independent();
            let observed = simulated(k_factor, threshold, pilots, snr);
            let spec = CheckSpec { alpha: 1e-6, detects: 0.1 * expected };
            check_mean(&observed, expected, spec).unwrap();
            let other = inverted_estimate(1.2 * q, threshold, k_factor).independent();
            check_mean(&observed, other, spec).unwrap_err();
        }
    }
}

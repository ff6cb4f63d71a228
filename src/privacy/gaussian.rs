//! Exact accounting of the Gaussian mechanism: Balle & Wang, "Improving the Gaussian Mechanism for Differential Privacy",
//! ICML 2018, theorem 8.

use airloop_baseband::special::{integrate, integrate_to_infinity, q_function};
use std::f64::consts::TAU;

/// Relative tolerance of the integrals.
const TOLERANCE: f64 = 1e-13;

/// Returns the least delta at which a Gaussian mechanism is (epsilon, delta)-differentially private.
///
/// ```text
/// delta = Phi(mu/2 - epsilon/mu) - exp(epsilon) Phi(-mu/2 - epsilon/mu)
/// ```
///
/// `mu` is the sensitivity over the standard deviation of the noise, both per real dimension. Valid for `epsilon` and `mu`
/// from 0, else NaN; relative accuracy 1e-12 unless it underflows, for which there is [`ln_delta`].
pub fn delta(epsilon: f64, mu: f64) -> f64 {
    ln_delta(epsilon, mu).exp()
}

/// Returns the natural logarithm of [`delta`], finite where delta itself underflows.
///
/// ```text
/// delta = phi(t) integral from 0 to infinity of exp(-t s - s^2/2) (1 - exp(-mu s)) ds,   t = epsilon/mu - mu/2
/// ```
///
/// The two terms of the definition are equal to many digits when delta is small; here they are one integral of a positive
/// function, by `Phi(-x) = phi(x) integral of exp(-x s - s^2/2) ds` and `exp(epsilon) phi(t + mu) = phi(t)`.
pub fn ln_delta(epsilon: f64, mu: f64) -> f64 {
    if !(epsilon >= 0.0 && mu >= 0.0) {
        return f64::NAN;
    }
    if mu == 0.0 || epsilon.is_infinite() {
        return f64::NEG_INFINITY;
    }
    if mu.is_infinite() {
        return 0.0;
    }
    let t = epsilon / mu - 0.5 * mu;
    if t.is_infinite() {
        return if t > 0.0 { f64::NEG_INFINITY } else { 0.0 };
    }
    if t < -1.0 {
        // Here the first term is over 0.84 and the second under 0.16.
        return (q_function(t) - ln_density(t).exp() * mills(t + mu)).ln();
    }
    let width = width(t);
    let falls = |v: f64| (-t * width * v - 0.5 * (width * v).powi(2)).exp() * -(-mu * width * v).exp_m1();
    // Past this point the last factor is 1.
    let knee = (30.0 / (mu * width)).min(1.0);
    let area = integrate(falls, 0.0, knee, TOLERANCE) + integrate_to_infinity(falls, knee, TOLERANCE);
    ln_density(t) + width.ln() + area.ln()
}

/// Returns the least epsilon at which a Gaussian mechanism is (epsilon, delta)-differentially private.
///
/// ```text
/// epsilon >= 0 with delta(epsilon, mu) = delta, or 0 if delta(0, mu) <= delta
/// ```
///
/// Valid for `delta` strictly between 0 and 1 and `mu` from 0, else NaN; infinite for an infinite `mu`; relative accuracy
/// 1e-11. Newton's method on the logarithm, held inside a bracket whose upper end follows from `Q(t) <= exp(-t^2/2)`.
pub fn epsilon(delta: f64, mu: f64) -> f64 {
    if !(delta > 0.0 && delta < 1.0 && mu >= 0.0) {
        return f64::NAN;
    }
    if mu.is_infinite() {
        return f64::INFINITY;
    }
    let level = delta.ln();
    if ln_delta(0.0, mu) <= level {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 0.5 * mu * mu + mu * (-2.0 * level).sqrt());
    let mut epsilon = high;
    for _ in 0..200 {
        let at = ln_delta(epsilon, mu);
        if at > level {
            low = epsilon;
        } else {
            high = epsilon;
        }
        let t = epsilon / mu - 0.5 * mu;
        let slope = -(ln_density(t) - at).exp() * mills(t + mu);
        let newton = epsilon - (at - level) / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - epsilon).abs() <= 1e-15 * next || high - low <= 1e-15 * high {
            return next;
        }
        epsilon = next;
    }
    high
}

/// Returns the mu of several Gaussian mechanisms on the same data, one after the other.
///
/// ```text
/// mu_T = sqrt(sum over t of mu_t^2)
/// ```
///
/// Exact, also when a mechanism was chosen by what the earlier ones gave out. Dong, Roth, Su, "Gaussian Differential
/// Privacy", JRSS B 84 (2022), corollary 3.3.
pub fn composed(mu: impl IntoIterator<Item = f64>) -> f64 {
    mu.into_iter().fold(0.0, f64::hypot)
}

/// Returns `ln phi(x)` of the standard normal density.
fn ln_density(x: f64) -> f64 {
    -0.5 * (x * x + TAU.ln())
}

/// Returns the scale of `s` on which `exp(-x s - s^2/2)` falls.
fn width(x: f64) -> f64 {
    1.0 / x.max(1.0)
}

/// Returns Mills' ratio `Phi(-x) / phi(x)`, the integral of `exp(-x s - s^2/2)`; for `x` from -1.
fn mills(x: f64) -> f64 {
    let width = width(x);
    let falls = |v: f64| (-x * width * v - 0.5 * (width * v).powi(2)).exp();
    width * integrate_to_infinity(falls, 0.0, TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ln delta` by the definition, computed by mpmath to 200 digits and more.
    #[rustfmt::skip]
    const LN_DELTA: [(f64, f64, f64); 12] = [
        (0.0, 0.5, -1.622_459_064_037_205), (1.0, 0.25, -12.742_464_961_290_055),
        (1.993_091, 0.5, -11.512_922_091_443_476), (0.5, 1e-3, -125_020.005_922_133_86),
        (5.0, 0.1, -1_258.548_016_964_243_4), (100.0, 5.0, -158.417_925_673_341_07),
        (33.0, 5.0, -11.420_990_679_858_9), (0.1, 6.0, -0.002_841_917_221_727_016),
        (1e-6, 1e-6, -16.300_631_083_676_995), (1000.0, 4.0, -30_762.575_550_010_24),
        (800.0, 40.0, -0.713_283_227_218_318), (0.0, 1e-9, -21.642_204_370_151_084),
    ];

    #[test]
    fn delta_keeps_its_digits_down_the_tail() {
        for (epsilon, mu, expected) in LN_DELTA {
            let error = (ln_delta(epsilon, mu) - expected).abs();
            assert!(error < 1e-12 * expected.abs().max(1.0), "({epsilon}, {mu}): off by {error:e}");
        }
    }

    #[test]
    fn delta_is_the_textbook_difference_where_that_has_digits() {
        for (epsilon, mu) in [(0.2, 0.7), (1.0, 1.0), (2.0, 3.0), (0.0, 2.5), (4.0, 6.0), (9.0, 4.0)] {
            let (mu, epsilon): (f64, f64) = (mu, epsilon);
            let t = epsilon / mu - 0.5 * mu;
            let textbook = q_function(t) - epsilon.exp() * q_function(t + mu);
            assert!((delta(epsilon, mu) / textbook - 1.0).abs() < 1e-11, "({epsilon}, {mu})");
        }
    }

    #[test]
    fn epsilon_agrees_with_references() {
        // One, ten and a hundred rounds of mu = 0.5, then extremes; by bisection in mpmath.
        let table = [
            (1e-5, 0.5, 1.993_091_404_415_119_6),
            (1e-5, composed([0.5; 10]), 7.511_275_900_744_782),
            (1e-5, composed([0.5; 100]), 33.103_732_335_922_465),
            (1e-12, 0.01, 0.060_752_210_629_786_22),
            (1e-30, 2.0, 24.595_552_116_158_2),
            (0.3, 1.0, 0.276_617_398_896_849_5),
            (1e-9, 50.0, 1_548.946_024_938_918_8),
        ];
        for (delta, mu, expected) in table {
            let error = (epsilon(delta, mu) / expected - 1.0).abs();
            assert!(error < 1e-11, "({delta:e}, {mu}): off by {error:e}");
        }
    }

    #[test]
    fn limits_and_arguments_outside() {
        assert_eq!((epsilon(1e-5, 0.0), epsilon(0.5, 1.0), epsilon(1e-3, 1e-3)), (0.0, 0.0, 0.0));
        assert_eq!((epsilon(1e-5, f64::INFINITY), delta(1.0, 0.0)), (f64::INFINITY, 0.0));
        assert_eq!((delta(3.0, f64::INFINITY), delta(f64::INFINITY, 3.0)), (1.0, 0.0));
        for nan in [
            epsilon(0.0, 1.0),
            epsilon(1.0, 1.0),
            epsilon(1e-5, -1.0),
            delta(-1.0, 1.0),
            delta(1.0, f64::NAN),
        ] {
            assert!(nan.is_nan());
        }
        assert!(
            epsilon(1e-300, 1e-6) > 0.0 && epsilon(1e-5, 1e6).is_finite() && epsilon(1e-5, 1e-200) == 0.0
        );
    }

    #[test]
    fn composition_adds_squares() {
        assert!((composed([3.0, 4.0]) - 5.0).abs() < 1e-15);
        assert!((composed([0.5; 100]) - 5.0).abs() < 1e-13);
        assert_eq!(composed([]), 0.0);
    }
}

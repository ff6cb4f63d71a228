//! The tail-bound condition that wireless federated learning uses, for comparison with exact accounting.
//!
//! The privacy loss of a Gaussian mechanism is normal with mean `mu^2/2` and variance `mu^2`. It exceeds epsilon with
//! probability at most `erfc(c) < exp(-c^2) / (sqrt(pi) c)`, `c = (epsilon - mu^2/2) / (sqrt(2) mu)`; holding that bound to
//! delta is sufficient for (epsilon, delta)-differential privacy, and not necessary.
//! Source: Liu & Simeone, "Privacy for Free: Wireless Federated Learning via Uncoded Transmission With Adaptive Power
//! Control", IEEE JSAC 39(1), 2021.

use std::f64::consts::PI;

/// Returns the largest `mu^2/2`, summed over rounds, that the condition allows.
///
/// ```text
/// R = (sqrt(epsilon + c^2) - c)^2,   sqrt(pi) c exp(c^2) = 1/delta
/// ```
///
/// Valid for `epsilon` from 0 and `delta` strictly between 0 and 1, else NaN.
pub fn budget(epsilon: f64, delta: f64) -> f64 {
    let c = bound(delta);
    if epsilon >= 0.0 { (epsilon / ((epsilon + c * c).sqrt() + c)).powi(2) } else { f64::NAN }
}

/// Returns the epsilon that the condition grants, at least the exact one of [`super::gaussian::epsilon`].
///
/// ```text
/// epsilon = mu^2/2 + sqrt(2) mu c,   sqrt(pi) c exp(c^2) = 1/delta
/// ```
///
/// Valid for `delta` strictly between 0 and 1 and `mu` from 0, else NaN.
pub fn epsilon(delta: f64, mu: f64) -> f64 {
    if mu >= 0.0 { 0.5 * mu * mu + std::f64::consts::SQRT_2 * mu * bound(delta) } else { f64::NAN }
}

/// Solves `sqrt(pi) c exp(c^2) = 1/delta` for `c` by bisection of its logarithm.
fn bound(delta: f64) -> f64 {
    if !(delta > 0.0 && delta < 1.0) {
        return f64::NAN;
    }
    let level = -delta.ln();
    let (mut low, mut high) = (0.0, 1.0 + level.sqrt());
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if (PI.sqrt() * middle).ln() + middle * middle > level {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::gaussian;

    #[test]
    fn budget_agrees_with_its_reference() {
        // By mpmath.
        assert!((budget(1.0, 1e-5) - 0.024_287_577_231_026_6).abs() < 1e-14);
        assert!((bound(1e-5) - 3.130_399_326_793_01).abs() < 1e-13);
    }

    #[test]
    fn condition_is_sufficient_and_not_far_off() {
        for delta in [1e-12, 1e-5, 0.01] {
            for mu in [1e-3, 0.1, 0.5, 2.0, 10.0] {
                let (exact, granted) = (gaussian::epsilon(delta, mu), epsilon(delta, mu));
                assert!(granted > exact, "delta {delta:e}, mu {mu}: {granted} grants less than {exact}");
                assert!(gaussian::delta(granted, mu) < delta, "delta {delta:e}, mu {mu}");
            }
        }
        // A condition with a tenth less of c would promise what does not hold.
        let (delta, mu) = (1e-5, 2.0);
        let promised = 0.5 * mu * mu + std::f64::consts::SQRT_2 * mu * 0.9 * bound(delta);
        assert!(gaussian::delta(promised, mu) > delta);
    }

    #[test]
    fn budget_and_epsilon_are_inverses() {
        for (delta, granted) in [(1e-5, 1.0), (1e-9, 0.01), (0.1, 30.0)] {
            let mu = (2.0 * budget(granted, delta)).sqrt();
            assert!((epsilon(delta, mu) / granted - 1.0).abs() < 1e-13);
        }
        assert!(budget(-1.0, 0.1).is_nan() && budget(1.0, 1.0).is_nan() && epsilon(0.1, -1.0).is_nan());
    }
}

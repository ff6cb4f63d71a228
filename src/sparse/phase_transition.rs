//! How sparse a vector must be for message passing to find it.

use airloop_baseband::special::{minimise, q_function};
use std::f64::consts::PI;

/// No minimax threshold of a `delta` above 1e-80 is larger.
const HIGHEST_THRESHOLD: f64 = 20.0;
const TOLERANCE: f64 = 1e-9;

/// Returns the error that soft thresholding leaves of pure noise of power 1.
///
/// ```text
/// E[soft(Z; alpha)^2] = 2 ((1 + alpha^2) Phi(-alpha) - alpha phi(alpha))
/// ```
pub(super) fn noise_risk(alpha: f64) -> f64 {
    2.0 * ((1.0 + alpha * alpha) * q_function(alpha) - alpha * normal_density(alpha))
}

/// Returns the density of a Gaussian of zero mean and unit variance, `phi(x)`.
pub(super) fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// Returns the share of nonzero entries at which the error of soft thresholding, however large they are, is `delta`.
fn sparsity(delta: f64, alpha: f64) -> f64 {
    let risk = noise_risk(alpha);
    (1.0 - risk / delta) / (1.0 + alpha * alpha - risk)
}

/// Returns the threshold, in units of the effective noise, that finds the least sparse vectors.
///
/// ```text
/// alpha(delta) = argmax over z of the expression in sparsity_limit;   0 for delta >= 1
/// ```
///
/// `delta` is measurements per unknown, above 0, else the result is NaN. It suits vectors near the limit and entries of
/// any size; for a known law, [`StateEvolution::best_alpha`](super::StateEvolution::best_alpha) is lower in error.
/// Source: as [`sparsity_limit`].
pub fn minimax_threshold(delta: f64) -> f64 {
    if delta >= 1.0 {
        0.0
    } else if delta > 0.0 {
        minimise(|alpha| -sparsity(delta, alpha), 0.0, HIGHEST_THRESHOLD, TOLERANCE)
    } else {
        f64::NAN
    }
}

/// Returns the largest number of nonzero entries per measurement that is found without noise, in large systems.
///
/// ```text
/// rho(delta) = max over z of (1 - (2/delta) G(z)) / (1 + z^2 - 2 G(z)),   G(z) = (1 + z^2) Phi(-z) - z phi(z)
/// ```
///
/// It is the boundary of message passing by soft thresholds and of l1 minimisation, for entries of either sign. `delta` is
/// measurements per unknown, above 0, else the result is NaN; from 1 on, where a dense vector is found, it is `1/delta`.
/// Sources: D. Donoho, A. Maleki, A. Montanari, "Message-passing algorithms for compressed sensing", PNAS 106 (2009);
/// D. Donoho, J. Tanner, "Observed universality of phase transitions in high-dimensional geometry", Phil. Trans. R. Soc. A
/// 367 (2009).
pub fn sparsity_limit(delta: f64) -> f64 {
    if delta >= 1.0 { 1.0 / delta } else { sparsity(delta, minimax_threshold(delta)) }
}

/// Returns how many nonzero entries of a vector `rows` measurements of `columns` unknowns can find.
///
/// ```text
/// nonzeros = rho(rows/columns) rows
/// ```
///
/// A vector with more is not found, however small the noise: a reason to warn. Source: [`sparsity_limit`].
pub fn most_nonzeros(rows: usize, columns: usize) -> f64 {
    sparsity_limit(rows as f64 / columns as f64) * rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the boundary at the threshold `z` in the parametric form of the source: no maximum is sought.
    ///
    /// ```text
    /// delta = 2 phi(z) / (z + 2 (phi(z) - z Phi(-z))),   rho = 1 - z Phi(-z)/phi(z)
    /// ```
    fn parametric(z: f64) -> (f64, f64) {
        let (density, tail) = (normal_density(z), q_function(z));
        (2.0 * density / (z + 2.0 * (density - z * tail)), 1.0 - z * tail / density)
    }

    #[test]
    fn maximum_lies_on_the_parametric_curve() {
        for z in [0.02, 0.3, 0.6, 0.876_901, 1.0, 1.5, 2.0, 3.0, 4.0] {
            let (delta, rho) = parametric(z);
            assert!((sparsity_limit(delta) / rho - 1.0).abs() < 1e-12, "{z}: {}", sparsity_limit(delta));
            assert!((minimax_threshold(delta) - z).abs() < 1e-6, "{z}: {}", minimax_threshold(delta));
        }
    }

    /// The value at 1/2 is that of the parametric form, solved outside this project to 12 digits.
    #[test]
    fn limits_at_known_points() {
        assert!((sparsity_limit(0.5) - 0.385_689_666_181).abs() < 1e-11);
        assert!((minimax_threshold(0.5) - 0.876_900_985_553).abs() < 1e-6);
        assert!((most_nonzeros(5_000, 10_000) - 1_928.448).abs() < 1e-3);
        assert!((sparsity_limit(1.0 - 1e-9) - 1.0).abs() < 1e-3);
        assert_eq!([sparsity_limit(1.0), sparsity_limit(4.0), minimax_threshold(2.0)], [1.0, 0.25, 0.0]);
        assert!(sparsity_limit(0.0).is_nan() && minimax_threshold(-1.0).is_nan());
    }
}

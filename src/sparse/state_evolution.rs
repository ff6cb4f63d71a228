//! State evolution: the error of message passing in large systems, iteration by iteration.

use super::phase_transition::{noise_risk, normal_density};
use airloop_baseband::special::{minimise, q_function, regularised_gamma_p};

/// The law of a vector's entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prior<'a> {
    /// Zero, or with the probability `density` a real Gaussian of zero mean.
    BernoulliGaussian {
        /// Share of nonzero entries.
        density: f64,
        /// Variance of a nonzero entry.
        variance: f64,
    },
    /// Any of these values, each as likely.
    Values(&'a [f32]),
}

impl Prior<'_> {
    /// Returns the mean square of an entry.
    pub fn power(&self) -> f64 {
        match self {
            Self::BernoulliGaussian { density, variance } => density * variance,
            Self::Values(values) => mean(values, |value| value * value),
        }
    }

    /// Returns the error of an entry in noise of standard deviation `tau` after a soft threshold of `alpha tau`.
    ///
    /// ```text
    /// E[(soft(X + tau Z; alpha tau) - X)^2],   Z ~ N(0, 1),   soft(v; t) = sign(v) max(|v| - t, 0)
    /// X ~ N(0, v):  v P(3/2, u^2/2) + tau^2 (2 (1 + a^2) Phi(-u) - 2 u phi(u)),   u = a tau/sqrt(v + tau^2)
    /// X = tau m:    tau^2 (1 + a^2 + (m^2 - a^2 - 1) (Phi(a - m) - Phi(-a - m)) - (a - m) phi(a + m) - (a + m) phi(a - m))
    /// ```
    ///
    /// `a` is `alpha`, `P` the regularised incomplete gamma function. The second form costs two error functions for each nonzero value.
    pub fn soft_threshold_mse(&self, tau: f64, alpha: f64) -> f64 {
        match self {
            Self::BernoulliGaussian { density, variance } => {
                let total = variance + tau * tau;
                let threshold = if total > 0.0 { alpha * tau / total.sqrt() } else { alpha };
                let nonzero = variance * regularised_gamma_p(1.5, 0.5 * threshold * threshold)
                    + tau
                        * tau
                        * (2.0 * (1.0 + alpha * alpha) * q_function(threshold)
                            - 2.0 * threshold * normal_density(threshold));
                (1.0 - density) * tau * tau * noise_risk(alpha) + density * nonzero
            }
            Self::Values(values) => {
                let zero = noise_risk(alpha);
                let risk =
                    |value: f64| if value == 0.0 { zero } else { value_risk(value.abs() / tau, alpha) };
                if tau > 0.0 { tau * tau * mean(values, risk) } else { 0.0 }
            }
        }
    }
}

/// Returns the mean of a function of the values, 0 for none.
fn mean(values: &[f32], function: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|value| function(f64::from(*value))).sum::<f64>() / values.len().max(1) as f64
}

/// Returns the error of soft thresholding at `alpha` for the value `m` in noise of power 1.
fn value_risk(m: f64, alpha: f64) -> f64 {
    // Further out than noise reaches, the estimate is off by the threshold and the noise; `m^2` would overflow.
    if m > alpha + 40.0 {
        return 1.0 + alpha * alpha;
    }
    let erased = q_function(m - alpha) - q_function(alpha + m);
    1.0 + alpha * alpha + (m * m - alpha * alpha - 1.0) * erased
        - (alpha - m) * normal_density(alpha + m)
        - (alpha + m) * normal_density(alpha - m)
}

/// The recursion of the effective noise of message passing, for a law of entries, a shape and a noise.
///
/// ```text
/// tau_0^2 = noise_variance + E[X^2]/delta
/// tau_(t+1)^2 = noise_variance + E[(soft(X + tau_t Z; alpha tau_t) - X)^2]/delta
/// ```
///
/// Exact as rows and columns grow at a fixed ratio, for a matrix of independent entries of variance `1/rows`. Sources:
/// D. Donoho, A. Maleki, A. Montanari, "Message-passing algorithms for compressed sensing", PNAS 106 (2009); M. Bayati,
/// A. Montanari, "The dynamics of message passing on dense graphs", IEEE Trans. Inf. Theory 57 (2011).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateEvolution<'a> {
    /// Law of the entries.
    pub prior: Prior<'a>,
    /// Measurements per unknown, rows over columns, above 0.
    pub delta: f64,
    /// Noise variance of a (real) measurement.
    pub noise_variance: f64,
}

impl StateEvolution<'_> {
    /// Returns `tau^2` of the zero estimate.
    pub fn start(&self) -> f64 {
        self.noise_variance + self.prior.power() / self.delta
    }

    /// Returns the mean squared error of an entry after a threshold at the effective noise `tau_squared`.
    pub fn mse(&self, tau_squared: f64, alpha: f64) -> f64 {
        self.prior.soft_threshold_mse(tau_squared.sqrt(), alpha)
    }

    /// Returns `tau^2` of the iteration that follows `tau_squared`.
    pub fn next(&self, tau_squared: f64, alpha: f64) -> f64 {
        self.noise_variance + self.mse(tau_squared, alpha) / self.delta
    }

    /// Returns the `tau^2` that iterations from the zero estimate end at; nothing where they grow without bound.
    ///
    /// ```text
    /// tau^2 = noise_variance + mse(tau^2, alpha)/delta,   bounded if E[soft(Z; alpha)^2] < delta
    /// ```
    ///
    /// The right side is concave in `tau^2`, so that one root lies above the noise: it is bisected, to 1e-13 of itself.
    /// Without noise a vector that is found exactly gives less than 1e-15 of [`start`](Self::start).
    pub fn fixed_point(&self, alpha: f64) -> Option<f64> {
        let bounded = noise_risk(alpha) < self.delta;
        if !bounded {
            return None;
        }
        let grows = |tau_squared: f64| self.next(tau_squared, alpha) > tau_squared;
        let mut high = self.start();
        let mut low = self.noise_variance.max(1e-15 * high);
        while grows(high) {
            high *= 2.0;
        }
        while high > low * (1.0 + 1e-13) {
            let middle = (high * low).sqrt();
            if !(middle > low && middle < high) {
                break;
            }
            *(if grows(middle) { &mut low } else { &mut high }) = middle;
        }
        high.is_finite().then_some(high)
    }

    /// Returns the threshold, in units of the effective noise, with the least error in the end.
    ///
    /// ```text
    /// argmin over alpha of fixed_point(alpha)
    /// ```
    ///
    /// Searched between the least threshold that has a fixed point and 8 more, to 1e-6. Needs noise: without it, all
    /// thresholds that find the vector are equal. About 1300 steps of the recursion: a second for 2000 nonzero values.
    pub fn best_alpha(&self) -> f64 {
        const SPAN: f64 = 8.0;
        let least = least_threshold(self.delta);
        let error = |alpha| self.fixed_point(alpha).unwrap_or(f64::INFINITY);
        minimise(error, least, least + SPAN, 1e-6)
    }
}

/// Returns the least threshold at which message passing does not diverge, in units of the effective noise.
///
/// ```text
/// E[soft(Z; alpha)^2] = delta;   0 for delta >= 1
/// ```
///
/// Source: D. Donoho, A. Maleki, A. Montanari, "The noise-sensitivity phase transition in compressed sensing", IEEE Trans.
/// Inf. Theory 57 (2011).
pub fn least_threshold(delta: f64) -> f64 {
    if delta >= 1.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        *(if noise_risk(middle) > delta { &mut low } else { &mut high }) = middle;
    }
    high
}

#[cfg(test)]
mod tests {
    use super::super::{minimax_threshold, sparsity_limit};
    use super::*;
    use airloop_baseband::special::integrate;

    fn soft(value: f64, threshold: f64) -> f64 {
        (value.abs() - threshold).max(0.0).copysign(value)
    }

    /// Integrates the squared error over the noise, between the kinks of the threshold.
    fn integrated(x: f64, tau: f64, alpha: f64) -> f64 {
        let density = |z: f64| normal_density(z) * (soft(x + tau * z, alpha * tau) - x).powi(2);
        let kinks = [-x / tau - alpha, -x / tau + alpha].map(|z| z.clamp(-12.0, 12.0));
        [(-12.0, kinks[0]), kinks.into(), (kinks[1], 12.0)]
            .into_iter()
            .map(|(from, to)| integrate(density, from, to, 1e-12))
            .sum()
    }

    #[test]
    fn errors_equal_their_integrals() {
        for (tau, alpha) in [(1.0, 0.0), (0.3, 0.7), (2.0, 1.5), (1.0, 3.0)] {
            for x in [0.0, 0.1, -0.75, 2.0, 30.0] {
                let expected = integrated(x, tau, alpha);
                let value = Prior::Values(&[x as f32]).soft_threshold_mse(tau, alpha);
                // The prior holds single precision.
                assert!((value / expected - 1.0).abs() < 1e-6, "{x} {tau} {alpha}: {value} {expected}");
            }
            let (density, variance) = (0.2, 1.7);
            let weighted =
                |x: f64| normal_density(x / 1.7f64.sqrt()) / 1.7f64.sqrt() * integrated(x, tau, alpha);
            let nonzero = 2.0 * integrate(weighted, 0.0, 15.0, 1e-10);
            let expected = 0.8 * integrated(0.0, tau, alpha) + 0.2 * nonzero;
            let value = Prior::BernoulliGaussian { density, variance }.soft_threshold_mse(tau, alpha);
            assert!((value / expected - 1.0).abs() < 1e-9, "{tau} {alpha}: {value} {expected}");
        }
    }

    #[test]
    fn extremes_are_finite() {
        assert_eq!(Prior::Values(&[1e30]).soft_threshold_mse(1.0, 1.0), 2.0);
        assert_eq!(Prior::Values(&[1.0, 2.0]).soft_threshold_mse(0.0, 1.0), 0.0);
        assert_eq!(Prior::Values(&[]).power(), 0.0);
        assert_eq!(
            Prior::BernoulliGaussian { density: 0.1, variance: 0.0 }.soft_threshold_mse(0.0, 1.0),
            0.0
        );
    }

    /// Half as many measurements as unknowns, a tenth of them Gaussian of variance 1, and 20 dB between the power of a
    /// noiseless measurement, `density/delta`, and that of its noise.
    const CASE: StateEvolution<'static> = StateEvolution {
        prior: Prior::BernoulliGaussian { density: 0.1, variance: 1.0 },
        delta: 0.5,
        noise_variance: 0.1 / 0.5 * 0.01,
    };

    /// The best threshold and what it reaches, found by Monte Carlo and by iteration outside this project.
    #[test]
    fn best_threshold_of_a_known_case() {
        let best = CASE.best_alpha();
        assert!((best - 1.18).abs() < 0.005, "{best}");
        let tau_squared = CASE.fixed_point(1.18).expect("1.18 converges");
        assert!((tau_squared - 0.005_246_9).abs() < 5e-8, "{tau_squared}");
        assert!((CASE.mse(tau_squared, 1.18) - 0.001_623_4).abs() < 5e-8);
        let at_best = CASE.fixed_point(best).expect("the best converges");
        for other in [best - 0.01, best + 0.01, 1.0, 2.0] {
            assert!(CASE.fixed_point(other).expect("others converge") > at_best, "{other}");
        }
    }

    #[test]
    fn fixed_points_end_the_iteration() {
        for alpha in [0.7, 1.18, 2.5] {
            let mut tau_squared = CASE.start();
            for _ in 0..3_000 {
                tau_squared = CASE.next(tau_squared, alpha);
            }
            let end = CASE.fixed_point(alpha).expect("it converges");
            assert!((end / tau_squared - 1.0).abs() < 1e-11, "{alpha}: {end} {tau_squared}");
        }
        let least = least_threshold(0.5);
        assert!((noise_risk(least) - 0.5).abs() < 1e-14 && least_threshold(1.0) == 0.0);
        assert_eq!(CASE.fixed_point(least - 1e-6), None);
        assert_eq!(CASE.fixed_point(f64::NAN), None);
        assert!(CASE.fixed_point(least + 1e-3).is_some_and(|tau_squared| tau_squared > CASE.start()));
    }

    /// Without noise, the fixed point leaves zero where the minimax formula says so.
    #[test]
    fn boundary_is_where_errors_begin() {
        for delta in [0.1, 0.5, 0.9] {
            let end = |share: f64| {
                let density = share * delta * sparsity_limit(delta);
                let prior = Prior::BernoulliGaussian { density, variance: 1.0 };
                let evolution = StateEvolution { prior, delta, noise_variance: 0.0 };
                evolution.fixed_point(minimax_threshold(delta)).expect("it converges") / evolution.start()
            };
            assert!(end(0.995) < 1e-14, "{delta}: {}", end(0.995));
            assert!(end(1.005) > 1e-7, "{delta}: {}", end(1.005));
        }
    }
}

//! The distribution of the channel power gain `g = |h|^2` of one element, with unit mean.

use airloop_baseband::special::{
    bessel_i0_scaled, bessel_i1_scaled, exponential_integral_e1, integrate, marcum_q1,
};
use std::f64::consts::PI;

/// Distribution of `|h|^2` with unit mean, described by the Rician factor.
///
/// ```text
/// f(g) = (K + 1) exp(-K - (K + 1) g) I0(2 sqrt(K (K + 1) g)),   K = 0: exp(-g),   K infinite: g = 1
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marginal {
    k_factor: f64,
}

impl Marginal {
    /// Makes the distribution for a Rician factor (linear): 0 is Rayleigh, infinity a constant channel.
    pub fn rician(k_factor: f64) -> Self {
        Self { k_factor }
    }

    /// Returns the Rician factor, linear.
    pub fn k_factor(&self) -> f64 {
        self.k_factor
    }

    /// Returns whether the gain is constant.
    pub fn is_constant(&self) -> bool {
        self.k_factor.is_infinite()
    }

    /// Returns whether the channel is zero-mean complex Gaussian.
    pub fn is_rayleigh(&self) -> bool {
        self.k_factor == 0.0
    }

    /// Returns the share of the mean power that has constant modulus: `K / (K + 1)`.
    pub fn line_of_sight_share(&self) -> f64 {
        if self.is_constant() { 1.0 } else { self.k_factor / (self.k_factor + 1.0) }
    }

    /// Returns the density at `gain`; only for distributions that are not constant.
    pub fn density(&self, gain: f64) -> f64 {
        let k = self.k_factor;
        let root = (k.sqrt() - ((k + 1.0) * gain).sqrt()).powi(2);
        let argument = 2.0 * (k * (k + 1.0) * gain).sqrt();
        (k + 1.0) * (-root).exp() * bessel_i0_scaled(argument)
    }

    /// Returns `P(g >= threshold)`, the share of elements that stay active: `exp(-threshold)` for Rayleigh.
    pub fn active_share(&self, threshold: f64) -> f64 {
        if self.is_constant() {
            return f64::from(threshold <= 1.0);
        }
        if self.k_factor == 0.0 {
            return (-threshold).exp();
        }
        let a = (2.0 * self.k_factor).sqrt();
        marcum_q1(a, (2.0 * (self.k_factor + 1.0) * threshold).sqrt())
    }

    /// Returns `E[1/g; g >= threshold]`, the mean power that inversion spends: `E1(threshold)` for Rayleigh.
    ///
    /// Infinite for a fading channel at threshold 0.
    pub fn truncated_inverse(&self, threshold: f64) -> f64 {
        if self.is_constant() {
            return f64::from(threshold <= 1.0);
        }
        if threshold <= 0.0 {
            return f64::INFINITY;
        }
        if self.k_factor == 0.0 {
            return exponential_integral_e1(threshold);
        }
        // With x = ln g the integrand is the density itself: E[1/g; g >= t] = integral of f(e^x) dx from ln t.
        let spread = 1.0 / (self.k_factor + 1.0).sqrt();
        let top = (1.0 + 14.0 * spread + 60.0 / (self.k_factor + 1.0)).ln();
        let centre = (1.0 - 8.0 * spread).max(threshold).ln();
        let part =
            |a: f64, b: f64| if a < b { integrate(|x| self.density(x.exp()), a, b, 1e-12) } else { 0.0 };
        part(threshold.ln(), centre.min(top)) + part(centre.max(threshold.ln()), top)
    }

    /// Returns the mean amplitude `E sqrt(g)`: `sqrt(pi)/2` for Rayleigh.
    ///
    /// ```text
    /// sqrt(pi/(K + 1))/2 exp(-K/2) ((1 + K) I0(K/2) + K I1(K/2))
    /// ```
    pub fn mean_amplitude(&self) -> f64 {
        let k = self.k_factor;
        if self.is_constant() {
            return 1.0;
        }
        let bessel = (1.0 + k) * bessel_i0_scaled(k / 2.0) + k * bessel_i1_scaled(k / 2.0);
        (PI / (k + 1.0)).sqrt() / 2.0 * bessel
    }

    /// Returns the mean cosine of the channel's angle from its constant part: 0 for Rayleigh.
    ///
    /// ```text
    /// E[h^*/|h|] = sqrt(pi K)/2 exp(-K/2) (I0(K/2) + I1(K/2))
    /// ```
    pub fn mean_direction(&self) -> f64 {
        let k = self.k_factor;
        if self.is_constant() {
            return 1.0;
        }
        (PI * k).sqrt() / 2.0 * (bessel_i0_scaled(k / 2.0) + bessel_i1_scaled(k / 2.0))
    }

    /// Returns `E[f(a); a >= from]` of the amplitude `a = sqrt(g)`, for a function that is smooth but about `bends`.
    pub fn mean(&self, f: impl Fn(f64) -> f64, from: f64, bends: &[f64]) -> f64 {
        self.over_amplitudes(f, bessel_i0_scaled, (from, bends))
    }

    /// Returns `E[f(a) cos(theta); a >= from]`, `theta` the channel's angle from its constant part.
    ///
    /// ```text
    /// E[cos(theta) given a] = I1(x)/I0(x),   x = 2 sqrt(K (K + 1)) a
    /// ```
    pub fn mean_cosine(&self, f: impl Fn(f64) -> f64, from: f64, bends: &[f64]) -> f64 {
        self.over_amplitudes(f, bessel_i1_scaled, (from, bends))
    }

    /// Integrates over the logarithm of the amplitude `a`, whose density is `2 a f(a^2)`.
    fn over_amplitudes(
        &self,
        f: impl Fn(f64) -> f64,
        bessel: fn(f64) -> f64,
        (from, bends): (f64, &[f64]),
    ) -> f64 {
        if self.is_constant() {
            return if from <= 1.0 { f(1.0) } else { 0.0 };
        }
        let k = self.k_factor;
        let (centre, spread) = (self.line_of_sight_share().sqrt(), 1.0 / (k + 1.0).sqrt());
        // Seven standard deviations about the constant part hold all but 1e-20, and all that matters of a quotient.
        let low = from.max(centre - 7.0 * spread).max(1e-9 * spread);
        let high = centre + 7.0 * spread;
        let integrand = |x: f64| {
            let a = x.exp();
            let distance = (a - centre) / spread;
            2.0 * (k + 1.0)
                * a
                * a
                * (-distance * distance).exp()
                * bessel(2.0 * a * centre / (spread * spread))
                * f(a)
        };
        let inner = bends.iter().copied().chain([spread / 2.0, centre]);
        let mut edges: Vec<f64> = inner.filter(|a| *a > low && *a < high).collect();
        edges.extend([low, high]);
        edges.sort_by(f64::total_cmp);
        let part = |pair: &[f64]| integrate(integrand, pair[0].ln(), pair[1].ln(), 1e-10);
        if low < high { edges.windows(2).map(part).sum() } else { 0.0 }
    }

    /// Returns `P(g <= gain)`.
    pub fn cumulative(&self, gain: f64) -> f64 {
        if self.is_constant() { f64::from(gain >= 1.0) } else { 1.0 - self.active_share(gain) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rayleigh_and_nearly_rayleigh_agree() {
        let (exact, near) = (Marginal::rician(0.0), Marginal::rician(1e-9));
        for g in [0.005, 0.05, 0.5, 2.0] {
            assert!((exact.active_share(g) - near.active_share(g)).abs() < 1e-7);
            let (a, b) = (exact.truncated_inverse(g), near.truncated_inverse(g));
            assert!((a / b - 1.0).abs() < 1e-6, "{g}: {a} {b}");
        }
        assert!((exact.truncated_inverse(0.05) - 2.467_898_488_518_047).abs() < 1e-9);
    }

    #[test]
    fn rician_densities_have_unit_mass_and_mean() {
        for k in [0.3, 3.0, 21.4, 160.0] {
            let m = Marginal::rician(k);
            let top = 1.0 + 40.0 / (k + 1.0f64).sqrt() + 60.0 / (k + 1.0);
            let mass = integrate(|g| m.density(g), 0.0, top, 1e-12);
            let mean = integrate(|g| g * m.density(g), 0.0, top, 1e-12);
            assert!((mass - 1.0).abs() < 1e-9 && (mean - 1.0).abs() < 1e-9, "{k}: {mass} {mean}");
            let tail = integrate(|g| m.density(g), 0.4, top, 1e-12);
            assert!((m.active_share(0.4) - tail).abs() < 1e-9, "{k}");
            let inverse = integrate(|g| m.density(g) / g, 0.4, top, 1e-12);
            assert!((m.truncated_inverse(0.4) / inverse - 1.0).abs() < 1e-9, "{k}");
        }
    }

    #[test]
    fn mean_amplitudes_are_those_of_the_confluent_series() {
        // E sqrt(g) = sqrt(pi/(4 (K+1))) 1F1(-1/2; 1; -K), and 1F1(-1/2; 1; -K) = exp(-K) 1F1(3/2; 1; K).
        for k in [0.0, 1e-6, 0.3, 3.0, 21.4, 160.0] {
            let (mut term, mut sum) = (1.0, 1.0);
            for n in 0..2000 {
                let n = f64::from(n);
                term *= (1.5 + n) / ((n + 1.0) * (n + 1.0)) * k;
                sum += term;
            }
            let series = (PI / (4.0 * (k + 1.0))).sqrt() * (-k).exp() * sum;
            let value = Marginal::rician(k).mean_amplitude();
            assert!((value / series - 1.0).abs() < 1e-10, "{k}: {value} {series}");
        }
        assert_eq!(Marginal::rician(f64::INFINITY).mean_amplitude(), 1.0);
    }

    #[test]
    fn means_over_amplitudes_are_those_of_the_gain() {
        for k in [0.0, 0.3, 3.0, 160.0] {
            let m = Marginal::rician(k);
            for t in [0.01f64, 0.4, 1.3] {
                let share = m.mean(|_| 1.0, t.sqrt(), &[]);
                assert!((share - m.active_share(t)).abs() < 1e-10, "{k} {t}: {share}");
                let inverse = m.mean(|a| 1.0 / (a * a), t.sqrt(), &[]);
                assert!((inverse / m.truncated_inverse(t) - 1.0).abs() < 1e-9, "{k} {t}: {inverse}");
            }
            assert!((m.mean(|a| a, 0.0, &[]) / m.mean_amplitude() - 1.0).abs() < 1e-10);
            assert!((m.mean_cosine(|_| 1.0, 0.0, &[]) - m.mean_direction()).abs() < 1e-10);
            // The constant part itself is the mean: E[a cos(theta)] = sqrt(K/(K + 1)).
            let constant = m.mean_cosine(|a| a, 0.0, &[]);
            assert!((constant - m.line_of_sight_share().sqrt()).abs() < 1e-10, "{k}: {constant}");
        }
        assert_eq!(Marginal::rician(f64::INFINITY).mean_cosine(|a| 3.0 * a, 0.5, &[]), 3.0);
    }

    #[test]
    fn a_constant_channel_is_all_or_nothing() {
        let m = Marginal::rician(f64::INFINITY);
        assert_eq!((m.active_share(0.5), m.active_share(1.5)), (1.0, 0.0));
        assert_eq!((m.truncated_inverse(0.0), m.truncated_inverse(1.5)), (1.0, 0.0));
    }
}

//! From misalignment to error: how weights `e_k = a h_k b_k - 1` and noise turn into MSE and NMSE.
//!
//! ```text
//! error of the sum = sum_k e_k u_k + noise,   MSE = E[e^H G e] + v,   G the devices' Gram matrix per value
//! ```
//!
//! A complex weight turns part of a value into its partner's place on the other quadrature. What it turns of the target's own
//! pair has that pair's energy, so projections on the target are complex.

use crate::payload::{Gram, Payload, source::Distribution};
use crate::report::Errors;

/// Fewest values for which formulas of first order in 1/N are given.
pub const FIRST_ORDER: usize = 100;

/// Moments of one device's complex weight `e`, averaged over elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// Mean of `Re e`.
    pub mean: f64,
    /// Mean over elements of `Re E[e_i e_k^*]` of two devices: `|E e|^2` in each where devices are independent.
    pub common: f64,
    /// `E|e|^2`.
    pub mean_square: f64,
}

impl Weight {
    /// Returns the moments of the mean over passes in which weights are independent.
    #[must_use]
    pub fn over_passes(mut self, passes: f64) -> Self {
        let square = self.mean * self.mean;
        let averaged = |second: f64| square + (second - square) / passes;
        self.common = averaged(self.common);
        self.mean_square = averaged(self.mean_square);
        self
    }
}

/// Second-order statistics of the misalignment, averaged over elements (and trials, for an ensemble).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Misalignment {
    /// `E[e^H G e]`.
    pub quadratic: f64,
    /// `E|sum_k e_k c_k|^2` with `c = G 1`: what is proportional to the target.
    pub projected: f64,
    /// `E[sum_k Re(e_k) c_k]`.
    pub cross: f64,
    /// Noise power in the estimate of the sum, per value.
    pub noise: f64,
}

impl Misalignment {
    /// Makes the statistics of weights of which any two devices have the same moments.
    pub fn independent(gram: &Gram, weight: Weight, noise: f64) -> Self {
        let variance = weight.mean_square - weight.common;
        let c2: f64 = row_sums(gram).iter().map(|c| c * c).sum();
        Self {
            quadratic: variance * gram.trace() + weight.common * gram.total(),
            projected: variance * c2 + weight.common * gram.total() * gram.total(),
            cross: weight.mean * gram.total(),
            noise,
        }
    }

    /// Returns the statistics when only a random share `f` of the values is sent, scaled up to be unbiased.
    ///
    /// ```text
    /// sent values: weight (1 + e)/f - 1 and noise v/f^2;   the others: weight -1
    /// ```
    #[must_use]
    pub fn of_subset(self, total: f64, f: f64) -> Self {
        let (q, p, x, t) = (self.quadratic, self.projected, self.cross, total);
        let quadratic = (t + 2.0 * x + q) / (f * f) - 2.0 * (t + x) / f + t;
        let projected = (t * t + 2.0 * t * x + p) / (f * f) - 2.0 * t * (t + x) / f + t * t;
        Self {
            quadratic: f * quadratic + (1.0 - f) * t,
            projected: f * projected + (1.0 - f) * t * t,
            cross: f * ((t + x) / f - t) - (1.0 - f) * t,
            noise: self.noise / f,
        }
    }

    /// Returns the error per device and value, for devices of unit power on average: `(Q + v) / tr G`.
    pub fn mse_per_device(&self, gram: &Gram) -> f64 {
        (self.quadratic + self.noise) / gram.trace()
    }

    /// Returns the expected errors of a payload's sum.
    pub fn errors(&self, payload: &Payload) -> Errors {
        Errors {
            nmse: self.nmse(payload),
            mse_per_device: Some(self.mse_per_device(payload.gram())),
            ..Errors::default()
        }
    }

    /// Returns the expected NMSE, `None` where it does not exist, or is that of a function beyond sum and mean.
    ///
    /// A fixed payload has a fixed target. For a drawn payload the part of the error proportional to the target and the
    /// rest are taken apart, since the target's energy is random:
    ///
    /// ```text
    /// NMSE = E[beta^2] + (Q + v - E[beta^2] V) E[1/S],   S = sum_n s[n]^2,   V = 1^T G 1,   beta = sum e c / V
    /// Gaussian: E[1/S] = 1 / (V (N - 2)) for N > 2;   uniform: (1 + (kurtosis of s - 1)/N) / (V N), to first order, from N = 100
    /// ```
    pub fn nmse(&self, payload: &Payload) -> Option<f64> {
        if payload.mapping().is_some() {
            return None;
        }
        let unit2 = payload.unit() * payload.unit();
        let Some(synthetic) = payload.synthetic() else {
            let target = payload.target_power();
            return (target > 0.0).then(|| unit2 * (self.quadratic + self.noise) / target);
        };
        let (n, total) = (synthetic.length as f64, payload.gram().total());
        let shrink = match synthetic.distribution {
            Distribution::Sign(_) | Distribution::Lognormal => return None,
            Distribution::Gaussian if synthetic.length <= 2 => return None,
            Distribution::Gaussian => n / (n - 2.0),
            Distribution::Uniform if synthetic.length < FIRST_ORDER => return None,
            Distribution::Uniform => {
                1.0 + (mixed_sum_kurtosis(synthetic.devices, synthetic.correlation, 1.8) - 1.0) / n
            }
            Distribution::SparseGaussian { density } if n * density < FIRST_ORDER as f64 => return None,
            Distribution::SparseGaussian { density } => {
                1.0 + (mixed_sum_kurtosis(synthetic.devices, synthetic.correlation, 3.0 / density) - 1.0) / n
            }
        };
        let beta2 = self.projected / (total * total);
        Some(beta2 + (self.quadratic + self.noise - beta2 * total) / total * shrink)
    }
}

/// Returns `G 1`, with the off-diagonal products spread by one common correlation where only sums are known.
pub fn row_sums(gram: &Gram) -> Vec<f64> {
    let k = gram.devices();
    let mut unit = vec![0.0; k];
    let one = vec![1.0; k];
    let total = gram.quadratic(&one);
    // c_i from the polarisation identity: (1 + d_i)^T G (1 + d_i) = total + 2 c_i + G_ii.
    (0..k)
        .map(|i| {
            unit.copy_from_slice(&one);
            unit[i] = 2.0;
            (gram.quadratic(&unit) - total - gram.power(i)) / 2.0
        })
        .collect()
}

/// Returns the kurtosis of the sum of K values of kurtosis q (uniform: 1.8) of which each is the common one with
/// probability sqrt(r).
///
/// ```text
/// s = m c + sum of K - m others,  m binomial:  E s^4 = E[q m^4 + 6 m^2 (K-m) + 3 (K-m)^2 + (q-3) (K-m)]
/// ```
fn mixed_sum_kurtosis(devices: usize, correlation: f64, kurtosis: f64) -> f64 {
    let chance = correlation.sqrt();
    let (mut second, mut fourth) = (0.0, 0.0);
    for m in 0..=devices {
        let p = binomial(devices, m, chance);
        let (common, others) = (m as f64, (devices - m) as f64);
        second += p * (common * common + others);
        fourth += p
            * (kurtosis * common.powi(4)
                + 6.0 * common * common * others
                + 3.0 * others * others
                + (kurtosis - 3.0) * others);
    }
    fourth / (second * second)
}

/// Returns the probability of `m` successes in `n` tries of chance `p`.
pub(super) fn binomial(n: usize, m: usize, p: f64) -> f64 {
    if p == 0.0 || p == 1.0 {
        return f64::from(m == if p == 0.0 { 0 } else { n });
    }
    let ln = |x: usize| airloop_baseband::special::ln_gamma(x as f64 + 1.0);
    (ln(n) - ln(m) - ln(n - m) + m as f64 * p.ln() + (n - m) as f64 * (1.0 - p).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_sums_of_a_full_matrix() {
        let gram = Gram::new(vec![2.0, 1.0], 3.0 + 2.0 * 0.4, Some(vec![2.0, 0.4, 0.4, 1.0]));
        let c = row_sums(&gram);
        assert!((c[0] - 2.4).abs() < 1e-14 && (c[1] - 1.4).abs() < 1e-14);
    }

    #[test]
    fn kurtosis_of_one_value_and_of_many() {
        assert!((mixed_sum_kurtosis(1, 0.0, 1.8) - 1.8).abs() < 1e-12);
        assert!((mixed_sum_kurtosis(20, 0.0, 1.8) - (3.0 - 1.2 / 20.0)).abs() < 1e-12);
        assert!((mixed_sum_kurtosis(20, 1.0, 1.8) - 1.8).abs() < 1e-12);
    }
}

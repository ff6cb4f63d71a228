//! Errors of reciprocity: a device's known channels are all multiplied with one number, drawn once a device and trial.
//!
//! ```text
//! z = A exp(j phi),   ln A = s n,   s = ln(10)/20 reciprocity_error_db,   phi = reciprocity_error_rad n',   n, n' standard normal
//! ```

use airloop_baseband::special::q_function;

/// How far known channels are off by errors of reciprocity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mismatch {
    /// Standard deviation of `ln A`.
    spread: f64,
    /// `E cos phi = exp(-var phi / 2)`.
    coherence: f64,
}

impl Mismatch {
    /// No such errors.
    pub const NONE: Self = Self { spread: 0.0, coherence: 1.0 };

    /// Makes the distribution from the standard deviations of amplitude (decibels) and phase (radians).
    pub fn new(error_db: f64, error_rad: f64) -> Self {
        let spread = error_db * std::f64::consts::LN_10 / 20.0;
        Self { spread, coherence: (-error_rad * error_rad / 2.0).exp() }
    }

    /// Returns the standard deviation of `ln A`.
    pub fn spread(&self) -> f64 {
        self.spread
    }

    /// Returns `E cos phi`, by which means of what is turned shrink.
    pub fn coherence(&self) -> f64 {
        self.coherence
    }

    /// Returns `E[A^-n; A^2 >= threshold]`.
    ///
    /// ```text
    /// exp(n^2 s^2 / 2) Q(ln(threshold)/(2 s) + n s);   without a spread 1 where 1 >= threshold, else 0
    /// ```
    pub fn inverse_above(&self, n: f64, threshold: f64) -> f64 {
        if self.spread == 0.0 {
            return f64::from(threshold <= 1.0);
        }
        let tilt = n * self.spread;
        let from = if threshold > 0.0 { threshold.ln() / (2.0 * self.spread) } else { f64::NEG_INFINITY };
        (tilt * tilt / 2.0).exp() * q_function(from + tilt)
    }

    /// Returns the share of a known channel's worth that is left: `|E[h (z h_hat)^*]|^2/E|z h_hat|^2` over that without
    /// `z`; where phases do not count, without theirs.
    pub fn explained_share(&self, phases_count: bool) -> f64 {
        let turned = if phases_count { self.coherence } else { 1.0 };
        turned * turned * (-self.spread * self.spread).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_moments_are_those_of_dense_sums() {
        for (error_db, n, threshold) in [(10.0, 2.0, 0.3), (4.0, 1.0, 1.7), (0.5, 2.0, 0.9), (10.0, 1.0, 0.0)]
        {
            let mismatch = Mismatch::new(error_db, 0.0);
            // The standard normal from the threshold on, by the midpoint rule.
            let s = error_db / 20.0 * 10f64.ln();
            let from = if threshold > 0.0 { f64::ln(threshold) / (2.0 * s) } else { -14.0 };
            let step = 1e-4;
            let sum: f64 = (0..((14.0 - from) / step) as usize)
                .map(|i| from + (i as f64 + 0.5) * step)
                .map(|x| (-n * s * x - x * x / 2.0).exp())
                .sum();
            let dense = sum * step / std::f64::consts::TAU.sqrt();
            let value = mismatch.inverse_above(n, threshold);
            assert!((value / dense - 1.0).abs() < 1e-7, "{error_db} dB: {value} {dense}");
            assert!(
                (mismatch.inverse_above(n, threshold + 0.01) / dense - 1.0).abs() > 1e-6 || threshold == 0.0
            );
        }
        assert_eq!(Mismatch::NONE.inverse_above(2.0, 1.0), 1.0);
        assert_eq!(Mismatch::NONE.inverse_above(2.0, 1.1), 0.0);
    }
}

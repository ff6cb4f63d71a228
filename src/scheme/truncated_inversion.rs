//! Truncated channel inversion (broadband analog aggregation).
//!
//! ```text
//! b_k = sqrt(rho0) / h_k where |h_k|^2 >= g, else 0;   s_hat = c y / sqrt(rho0)
//! average power: rho0 = P / E[1/|h|^2; |h|^2 >= g];    peak power: rho0 = P g
//! ```
//!
//! Source: Zhu, Wang, Huang, "Broadband Analog Aggregation for Low-Latency Federated Edge Learning", IEEE TWC 19(1), 2020.

use super::alignment::Cap;
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;
use crate::sounding::KnownStatistics;
use airloop_baseband::special::minimise;

/// How the received sum is scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// By the square root of the aligned power alone.
    Plain,
    /// Also by one over the mean of what inversion leaves, `E[Re(h/h_hat); active]` (the active share, where knowledge
    /// is perfect or MMSE): unbiased.
    Unbiased,
    /// By the factor of least mean square error for independent payloads.
    Lmmse,
}

/// Which mean of the transmit power is held to the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerConstraint {
    /// Over fading: `E|b|^2 = P`.
    Average,
    /// In every state and element: `|b|^2 <= P`.
    Peak,
}

/// Truncated channel inversion with its receive scale.
#[derive(Clone, Debug, PartialEq)]
pub struct TruncatedInversion {
    /// Gains below this (relative to the mean) are not inverted.
    pub threshold: f64,
    /// How the received sum is scaled.
    pub scale: Scale,
    /// Which power is constrained.
    pub constraint: PowerConstraint,
    /// Statistics of the channels and of what is known of them: what average power control knows of the fading.
    pub known: KnownStatistics,
    /// How often each value is sent; its noise is averaged.
    pub passes: usize,
    /// Over how many independent fades a value is averaged: the passes if every element fades on its own, else 1.
    pub fades: usize,
}

impl TruncatedInversion {
    /// Returns the aligned power `rho0`, limited by the weakest device; infinite where nobody ever sends.
    pub fn aligned_power(&self, budget: &LinkBudget) -> f64 {
        match self.constraint {
            PowerConstraint::Average => budget.weakest() / self.known.truncated_inverse(self.threshold),
            PowerConstraint::Peak if self.known.is_constant() => budget.weakest(),
            PowerConstraint::Peak => budget.weakest() * self.threshold,
        }
    }

    /// Returns whether every fade is to be inverted, which no power suffices for.
    pub fn inverts_every_fade(&self) -> bool {
        let endless = match self.constraint {
            PowerConstraint::Average => self.known.fades(),
            PowerConstraint::Peak => !self.known.is_constant(),
        };
        self.threshold == 0.0 && endless
    }

    /// Returns the receive factor `c` beside `1 / sqrt(rho0)`.
    pub fn receive_factor(&self, budget: &LinkBudget) -> f64 {
        let mean = self.known.mean_ratio(self.threshold);
        match self.scale {
            Scale::Plain => 1.0,
            Scale::Unbiased => 1.0 / mean,
            Scale::Lmmse if mean == 0.0 => 0.0,
            Scale::Lmmse => mean / (self.mean_square_ratio(mean) + self.noise_a_device(budget)),
        }
    }

    /// Returns the mean square of what inversion leaves of a device, averaged over passes.
    ///
    /// ```text
    /// m = E[Re(h/h_hat); active],   m^2 + (E[|h/h_hat|^2; active] - m^2) / fades
    /// ```
    fn mean_square_ratio(&self, mean: f64) -> f64 {
        let square = mean * mean;
        square + (self.known.mean_square_ratio(self.threshold) - square) / self.fades as f64
    }

    /// Returns `s2 / (rho0 K passes)`: the noise per device in the plain estimate.
    fn noise_a_device(&self, budget: &LinkBudget) -> f64 {
        budget.noise_power / (self.aligned_power(budget) * (budget.devices() * self.passes) as f64)
    }

    /// Returns the error per device and value for independent unit-power payloads, which `threshold = "best"` minimises.
    fn independent_error(&self, budget: &LinkBudget) -> f64 {
        let mean = self.known.mean_ratio(self.threshold);
        let c = self.receive_factor(budget);
        if mean <= 0.0 {
            return 1.0;
        }
        1.0 - 2.0 * c * mean + c * c * (self.mean_square_ratio(mean) + self.noise_a_device(budget))
    }

    /// Sets the threshold of least error for independent payloads.
    ///
    /// ```text
    /// plain scale, average power, channels known: g = 1 / (K SNR passes) for every distribution of the gain
    /// ```
    ///
    /// Other combinations are found by minimising over the logarithm of the threshold.
    pub fn choose_best_threshold(&mut self, budget: &LinkBudget) {
        let snr = budget.weakest() / budget.noise_power;
        let plain = self.scale == Scale::Plain && self.constraint == PowerConstraint::Average;
        if plain && self.fades == 1 && self.known.is_exact() {
            self.threshold = 1.0 / ((budget.devices() * self.passes) as f64 * snr);
            return;
        }
        let mut trial = self.clone();
        let error = |log_threshold: f64| {
            trial.threshold = log_threshold.exp();
            trial.independent_error(budget)
        };
        self.threshold = minimise(error, 1e-9f64.ln(), 5f64.ln(), 1e-10).exp();
    }
}

impl PowerControl for TruncatedInversion {
    fn joint(&self) -> bool {
        false
    }

    fn agree(&mut self, _: &LinkBudget, _: &Knowledge<'_>, _: &mut Alignment) {}

    fn fixed(&self, budget: &LinkBudget) -> Option<Alignment> {
        let amplitude = self.aligned_power(budget).sqrt();
        Some(Alignment {
            threshold: self.threshold as f32,
            reach: vec![amplitude as f32],
            scale: vec![(self.receive_factor(budget) / amplitude) as f32],
            cap: Cap::None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(devices: usize, snr: f64) -> LinkBudget {
        LinkBudget { noise_power: 1.0 / snr, power: vec![1.0; devices], weight: vec![1.0; devices] }
    }

    #[test]
    fn best_thresholds() {
        let scheme = |scale, constraint| TruncatedInversion {
            threshold: 0.1,
            scale,
            constraint,
            known: KnownStatistics::perfect(0.0),
            passes: 1,
            fades: 1,
        };
        let b = budget(20, 10.0);
        let mut plain = scheme(Scale::Plain, PowerConstraint::Average);
        plain.choose_best_threshold(&b);
        assert_eq!(plain.threshold, 0.005);
        // Around a minimum the error rises on both sides, whatever the scale and constraint.
        for (scale, constraint) in [
            (Scale::Plain, PowerConstraint::Peak),
            (Scale::Unbiased, PowerConstraint::Average),
            (Scale::Lmmse, PowerConstraint::Average),
        ] {
            let mut best = scheme(scale, constraint);
            best.choose_best_threshold(&b);
            let least = best.independent_error(&b);
            for factor in [0.9, 1.1] {
                let other = TruncatedInversion { threshold: best.threshold * factor, ..best.clone() };
                assert!(other.independent_error(&b) > least, "{scale:?} {constraint:?}");
            }
        }
    }
}

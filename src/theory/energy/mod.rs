//! Aggregation by energy under random phases: what sums of energies are worth.
//!
//! ```text
//! y = sum_k sqrt(s_k) e^{j theta_k} + z,   s_k = rho level_k G_k,   S = sum_k s_k
//! E|y|^2 = S + s2,   Var|y|^2 = S^2 - sum_k s_k^2 + 2 S s2 + s2^2     given the gains G_k
//! ```
//!
//! `G = |h|^2` without scaling; `|h/h_hat|^2` where `|h_hat|^2 >= g`, else 0, under magnitude inversion. Source of the
//! affine form over channels of constant modulus: Goldenbaum, Stanczak, IEEE TCOM 61(9), 2013; the rest is derived here.

mod balanced;
mod conditional;
mod ensemble;

pub use conditional::{EnergyConditional, EnergySlot};
pub use ensemble::ensemble;

use super::Setting;

/// How values lie on energies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EnergyBins {
    /// `1 + u/range` on each of a number of elements.
    Affine {
        /// Elements of a value.
        elements: usize,
    },
    /// Balanced digits on pairs of bins.
    Balanced {
        /// Base of the digits, odd.
        base: u32,
        /// Digits of a value.
        digits: u32,
        /// Elements of each bin.
        copies: usize,
    },
}

/// A scheme that aggregates by energy, as its formulas need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyFormula {
    /// How values lie on energies.
    pub bins: EnergyBins,
    /// Values are clipped to plus or minus this.
    pub range: f64,
    /// Threshold of magnitude inversion; `None`: devices do nothing about their channels.
    pub threshold: Option<f64>,
    /// Antennas of the server.
    pub antennas: usize,
}

impl EnergyFormula {
    /// Returns the power at which a level of 1 arrives: the weakest device's budget, over what inversion spends.
    fn received_power(&self, setting: &Setting<'_>) -> f64 {
        let power = |k: usize| setting.power[k] * setting.payload.budget_power(k);
        let weakest = (0..setting.power.len()).map(power).fold(f64::INFINITY, f64::min);
        self.threshold.map_or(weakest, |threshold| weakest / setting.known.truncated_inverse(threshold))
    }

    /// Returns the mean of `G`, by which the server divides.
    fn mean_gain(&self, setting: &Setting<'_>) -> f64 {
        self.threshold.map_or(1.0, |threshold| setting.known.mean_square_ratio(threshold))
    }

    /// Returns what power is used of what is budgeted, when levels have the mean `level`.
    ///
    /// Inversion spends the budget of the weakest device on average.
    fn power_used(&self, setting: &Setting<'_>, level: f64) -> f64 {
        let power = |k: usize| setting.power[k] * setting.payload.budget_power(k);
        let weakest = (0..setting.power.len()).map(power).fold(f64::INFINITY, f64::min);
        let devices = setting.power.len();
        level * (0..devices).map(|k| weakest / power(k)).sum::<f64>() / devices as f64
    }
}

/// Returns the level of a digit of 1: levels have mean 1 when all digits are equally likely.
///
/// ```text
/// E|digit| = 2 (1 + ... + (base - 1)/2)/base,   a bin of two: level = 2/E|digit|
/// ```
fn level_of_one(base: u32) -> f64 {
    let mean = (1..=(base - 1) / 2).map(f64::from).sum::<f64>() * 2.0 / f64::from(base);
    2.0 / mean
}

/// Returns the balanced digits of a number, the least significant first.
fn balanced_digits(mut number: i64, base: u32, out: &mut [i64]) {
    for digit in out {
        let next = (number as f64 / f64::from(base)).round() as i64;
        *digit = number - i64::from(base) * next;
        number = next;
    }
}

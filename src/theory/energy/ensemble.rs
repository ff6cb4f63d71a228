//! Expectations over fading, phases, noise and uniform payload.
//!
//! The server's estimate is unbiased over fading, and its error given the payload is, per sum of levels `a_k`,
//!
//! ```text
//! alpha (sum_k a_k)^2 + beta sum_k a_k^2 + gamma sum_k a_k + delta,   v = s2/rho, m = E G, q = E G^2, n elements averaged
//! alpha = 1/n,  gamma = 2 v/(m n),  delta = v^2/(m^2 n)
//! beta = (q/m^2 - 2)/n         channels independent in every element, or constant
//! beta = -1/n                  one flat channel a round: its spread, q/m^2 - 1 times what a device meant, comes on top
//! ```

use super::super::ensemble::Ensemble;
use super::super::error::FIRST_ORDER;
use super::super::{Memory, Prediction, Setting};
use super::balanced::{self, DigitMoments};
use super::{EnergyBins, EnergyFormula};
use crate::payload::source::Distribution;
use crate::report::{Errors, Metrics};
use airloop_channels::Marginal;

/// Error of a sum of levels as a quadratic form of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients {
    /// Of the squared sum.
    pub alpha: f64,
    /// Of the sum of squares.
    pub beta: f64,
    /// Of the sum.
    pub gamma: f64,
    /// Without levels.
    pub delta: f64,
    /// Relative variance of a device's channel over the round, over the antennas.
    pub spread: f64,
}

/// Mean of the squared error of the sum of a value, and its covariance with the squared sum itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErrorMoments {
    /// Mean.
    pub mean: f64,
    /// Covariance.
    pub covariance: f64,
    /// Mean level.
    pub level: f64,
    /// Share of the elements that have a level above 0.
    pub active: f64,
}

/// Returns the ensemble values of independent uniform values inside the range, where a device's channel is independent in
/// every element, constant, or one flat draw a round.
pub fn ensemble(setting: &Setting<'_>, formula: EnergyFormula) -> Option<Ensemble> {
    let synthetic = setting.payload.synthetic()?;
    let inside = formula.range >= 3f64.sqrt() * (1.0 - 1e-9);
    let plain = synthetic.distribution == Distribution::Uniform
        && synthetic.correlation == 0.0
        && synthetic.amplitude(1) == 1.0
        && setting.known.is_exact();
    let apart = formula.antennas == 1 || (setting.marginal.is_rayleigh() && setting.independent_antennas);
    let flat = setting.memory == Memory::Static && setting.flat;
    if !(inside && plain && apart) {
        return None;
    }
    if !(flat || setting.memory == Memory::Independent || setting.marginal.is_constant()) {
        return None;
    }
    let copies = match formula.bins {
        EnergyBins::Affine { elements } => elements,
        EnergyBins::Balanced { copies, .. } => copies,
    };
    let shares = flat && !setting.marginal.is_constant();
    let of = |noise: f64| coefficients(setting, formula, (copies * formula.antennas) as f64, (noise, shares));
    let error = match formula.bins {
        EnergyBins::Affine { .. } => affine(setting, formula.range, of(1.0)),
        EnergyBins::Balanced { base, digits, .. } => {
            // Digits are all alike only when devices are.
            let equal = (0..setting.power.len()).all(|k| setting.payload.gram().power(k) == 1.0);
            let moments = equal.then(|| DigitMoments::of_uniform(base, digits, formula.range))?;
            let one = super::level_of_one(base);
            let error = balanced::error(&moments, setting.power.len() as f64, of(1.0 / one));
            ErrorMoments { level: one * error.level, ..error }
        }
    };
    let errors = errors(setting, error);
    let share = formula.threshold.map_or(1.0, |threshold| setting.known.active_share(threshold));
    let prediction = Prediction {
        errors,
        symbols: None,
        active_fraction: share * error.active,
        power_used_mean: formula.power_used(setting, error.level),
        receive_snr: formula.threshold.map(|_| formula.received_power(setting) / setting.noise_power),
        sent_share: 1.0,
    };
    Some(Ensemble { metrics: Metrics::exact(&errors), prediction })
}

/// Returns the coefficients when `n` elements are averaged, with the noise in levels multiplied by a factor.
fn coefficients(
    setting: &Setting<'_>,
    formula: EnergyFormula,
    n: f64,
    (noise, shares): (f64, bool),
) -> Coefficients {
    let m = formula.mean_gain(setting);
    let q = formula.threshold.map_or(mean_square_gain(setting.marginal), |_| m);
    let v = noise * setting.noise_power / formula.received_power(setting) / m;
    let spread = q / (m * m) - 1.0;
    Coefficients {
        alpha: 1.0 / n,
        beta: if shares { -1.0 } else { spread - 1.0 } / n,
        gamma: 2.0 * v / n,
        delta: v * v / n,
        spread: if shares { spread / formula.antennas as f64 } else { 0.0 },
    }
}

/// Returns `E g^2 = (2 + 4 K + K^2)/(1 + K)^2` of a Rician gain of factor K; 2 for Rayleigh, 1 for a constant channel.
fn mean_square_gain(marginal: Marginal) -> f64 {
    let k = marginal.k_factor();
    if marginal.is_constant() { 1.0 } else { (2.0 + 4.0 * k + k * k) / (1.0 + k).powi(2) }
}

/// Kurtosis of a uniform value.
const KURTOSIS: f64 = 1.8;

/// Affine levels `a_k = 1 + u_k/range` of independent values with mean squares `w_k` and fourth moments `1.8 w_k^2`.
///
/// ```text
/// range^2 E[...] = range^2 (alpha K^2 + beta' K + gamma K + delta) + (alpha + beta') sum_k w_k,   beta' = beta + spread
/// ```
fn affine(setting: &Setting<'_>, range: f64, c: Coefficients) -> ErrorMoments {
    let gram = setting.payload.gram();
    let (k, trace, square) = (gram.devices() as f64, gram.trace(), range * range);
    let fourth: f64 = (0..gram.devices()).map(|k| gram.power(k).powi(2)).sum();
    let beta = c.beta + c.spread;
    ErrorMoments {
        mean: square * (c.alpha * k * k + beta * k + c.gamma * k + c.delta) + (c.alpha + beta) * trace,
        covariance: c.alpha * sum_spread(setting) + beta * (KURTOSIS - 1.0) * fourth,
        level: 1.0,
        active: 1.0,
    }
}

/// Returns `Var (sum_k u_k)^2 = 2 V^2 + sum_k (kurtosis - 3) w_k^2` of independent values.
fn sum_spread(setting: &Setting<'_>) -> f64 {
    let gram = setting.payload.gram();
    let fourth: f64 = (0..gram.devices()).map(|k| gram.power(k).powi(2)).sum();
    2.0 * gram.trace().powi(2) + (KURTOSIS - 3.0) * fourth
}

/// Returns the errors of values; the NMSE to first order in 1/N.
///
/// ```text
/// X the mean error, Y the mean squared sum of N values:   E[X/Y] = E X/E Y (1 + Var Y/(E Y)^2) - Cov(X, Y)/(E Y)^2
/// ```
fn errors(setting: &Setting<'_>, error: ErrorMoments) -> Errors {
    let (n, power) = (setting.payload.length() as f64, setting.payload.gram().trace());
    let ratio = error.mean / power;
    let first_order = (ratio * sum_spread(setting) - error.covariance) / (power * power * n);
    Errors {
        nmse: (setting.payload.length() >= FIRST_ORDER).then_some(ratio + first_order),
        mse_per_device: Some(ratio),
        ..Errors::default()
    }
}

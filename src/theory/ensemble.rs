//! Expectations over fading, noise and synthetic payload.

use super::error::{FIRST_ORDER, Misalignment, Weight};
use super::{Formula, Memory, Prediction, ReceiveScale, Setting};
use super::{
    blind_combining, cotaf, digital, digital_aircomp, energy, functions, phase_only, receive_combining, votes,
};
use crate::report::Metrics;
use airloop_baseband::Estimate;

/// The ensemble values of a setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    /// The means and what goes with them.
    pub prediction: Prediction,
    /// Errors, with quantiles where only they exist.
    pub metrics: Metrics,
}

impl Ensemble {
    /// Returns a prediction whose errors are means.
    pub(super) fn of(prediction: Prediction) -> Self {
        Self { metrics: Metrics::exact(&prediction.errors), prediction }
    }
}

/// Returns the ensemble values, if there is a formula.
pub fn ensemble(setting: &Setting<'_>) -> Option<Ensemble> {
    if !setting.exact_marginal {
        return None;
    }
    if setting.payload.is_majority() {
        return votes::ensemble(setting);
    }
    if setting.payload.mapping().is_some() {
        return functions::ensemble(setting);
    }
    if setting.repetitions > 1 && setting.memory == Memory::Moving {
        return None;
    }
    if !setting.known.is_exact() && !setting.known.is_gaussian() {
        return None;
    }
    match setting.formula {
        Formula::TruncatedInversion { threshold, average_power, scale } => {
            Some(of_means(setting, truncated(setting, threshold, average_power, scale)))
        }
        Formula::FullInversion if setting.marginal.is_constant() && setting.known.is_exact() => {
            let weakest = setting.power.iter().copied().fold(f64::INFINITY, f64::min);
            Some(of_means(setting, aligned(setting, 0.0, weakest, 1.0)))
        }
        Formula::FullInversion if setting.known.is_exact() => full_inversion_quantiles(setting),
        Formula::PhaseOnly { unbiased } => Some(of_means(setting, phase_only::ensemble(setting, unbiased))),
        Formula::Cotaf { threshold } => Some(of_means(setting, cotaf::ensemble(setting, threshold))),
        Formula::BlindCombining { antennas } => {
            blind_combining::ensemble(setting, antennas).map(|means| of_means(setting, means))
        }
        Formula::ReceiveCombining { combiner, antennas } => {
            receive_combining::ensemble(setting, combiner, antennas).map(|means| of_means(setting, means))
        }
        Formula::DigitalBits(bits) => digital::ensemble_bits(setting, bits),
        Formula::DigitalSymbols(symbols) => digital::ensemble_symbols(setting, symbols),
        Formula::Energy(formula) => energy::ensemble(setting, formula),
        Formula::DigitalAircomp(formula) => digital_aircomp::ensemble(setting, formula?),
        Formula::FullInversion
        | Formula::OptimalPower
        | Formula::FullPower
        | Formula::UniformForcing { .. }
        | Formula::CodedDigital
        | Formula::Misaligned => None,
        Formula::SparseAnalog(_) => None,
        Formula::OneBitMajority { .. } | Formula::FskMajority { .. } => None,
    }
}

/// Wraps means into estimates without an interval.
pub(super) fn of_means(
    setting: &Setting<'_>,
    (errors, mut prediction): (Misalignment, Prediction),
) -> Ensemble {
    prediction.errors = errors.errors(setting.payload);
    Ensemble::of(prediction)
}

/// Truncated inversion.
///
/// ```text
/// e = c A h/h_hat - 1 with A = 1 when |h_hat|^2 >= threshold;   h = alpha h_hat + noise of variance q, both Gaussian
/// E[h/h_hat; A] = alpha zeta,   E[|h/h_hat|^2; A] = |alpha|^2 zeta + q I,   I = E[1/|h_hat|^2; A],   zeta = P(A)
/// v = c^2 s2 / rho0,   rho0 = P / I (average) or P threshold (peak)
/// ```
pub(super) fn truncated(
    setting: &Setting<'_>,
    threshold: f64,
    average_power: bool,
    scale: ReceiveScale,
) -> (Misalignment, Prediction) {
    let (rho, c) = inversion_constants(setting, threshold, average_power, scale);
    aligned(setting, threshold, rho, c)
}

/// Returns the aligned power and the receive factor of truncated inversion.
pub(super) fn inversion_constants(
    setting: &Setting<'_>,
    threshold: f64,
    average_power: bool,
    scale: ReceiveScale,
) -> (f64, f64) {
    let known = setting.known;
    let inverse = known.truncated_inverse(threshold);
    let weakest = setting.power.iter().copied().fold(f64::INFINITY, f64::min);
    let rho = match (average_power, known.is_constant()) {
        // Infinite where nobody ever sends: plainly scaled, nothing is received.
        (true, _) => weakest / inverse,
        (false, false) => weakest * threshold,
        (false, true) => weakest,
    };
    let noise_a_device = setting.noise_power / (rho * (setting.power.len() * setting.repetitions) as f64);
    let fades = if setting.memory == Memory::Independent { setting.repetitions as f64 } else { 1.0 };
    let mean = known.mean_ratio(threshold);
    let square = mean * mean + (known.mean_square_ratio(threshold) - mean * mean) / fades;
    let c = match scale {
        ReceiveScale::Plain => 1.0,
        ReceiveScale::Unbiased => 1.0 / mean,
        ReceiveScale::Lmmse if mean == 0.0 => 0.0,
        ReceiveScale::Lmmse => mean / (square + noise_a_device),
    };
    (rho, c)
}

/// Inversion of known channels above a threshold at aligned power `rho` with receive factor `c`.
pub(super) fn aligned(setting: &Setting<'_>, threshold: f64, rho: f64, c: f64) -> (Misalignment, Prediction) {
    let gram = setting.payload.gram();
    let (known, passes) = (setting.known, setting.repetitions as f64);
    let ratio = known.mean_ratio(threshold);
    let mean = c * ratio - 1.0;
    let about = |square: f64| c * c * square - 2.0 * c * ratio + 1.0;
    let mut weight = Weight {
        mean,
        common: about(known.square_of_mean_ratio(threshold)),
        mean_square: about(known.mean_square_ratio(threshold)),
    };
    if setting.memory == Memory::Independent {
        weight = weight.over_passes(passes);
    }
    let noise = c * c * setting.noise_power / (rho * passes) * setting.noise_growth();
    let sent = setting.sent_share;
    let mut errors = Misalignment::independent(gram, weight, noise);
    if sent < 1.0 {
        errors = errors.of_subset(gram.total(), sent);
    }
    let prediction = Prediction {
        active_fraction: known.active_share(threshold),
        power_used_mean: mean_power(setting, rho),
        receive_snr: Some(rho / setting.noise_power),
        sent_share: sent,
        ..Prediction::default()
    };
    (errors, prediction)
}

/// Mean over devices of `rho E[1/g; active] E|u_k|^2 / P_k`.
pub(super) fn mean_power(setting: &Setting<'_>, rho: f64) -> f64 {
    let inverse = match setting.formula {
        Formula::TruncatedInversion { threshold, .. } | Formula::OneBitMajority { threshold, .. } => {
            setting.known.truncated_inverse(threshold)
        }
        _ => 1.0,
    };
    let gram = setting.payload.gram();
    let of =
        |(k, power): (usize, &f64)| rho * inverse * gram.power(k) / (power * setting.payload.budget_power(k));
    let filled = super::conditional::filled(setting) * setting.mean_round_power();
    filled * setting.power.iter().enumerate().map(of).sum::<f64>() / setting.power.len() as f64
}

/// Full inversion over one flat Rayleigh gain a device: quantiles of an error whose mean does not exist.
///
/// ```text
/// v = s2 / min_k P_k g_k,   P(v <= t) = exp(-s2 sum_k (1/P_k) / t),   v_p = s2 sum_k (1/P_k) / ln(1/p)
/// ```
fn full_inversion_quantiles(setting: &Setting<'_>) -> Option<Ensemble> {
    let rayleigh = setting.marginal == airloop_channels::Marginal::rician(0.0);
    let constant = setting.memory == Memory::Static && setting.flat;
    // The energy of the noise itself is taken as its mean: from this length on.
    let long = setting.payload.length() >= FIRST_ORDER;
    if !rayleigh || !constant || !long || setting.sent_share < 1.0 || setting.round_powers.len() > 1 {
        return None;
    }
    let rate = setting.noise_power * setting.power.iter().map(|p| 1.0 / p).sum::<f64>();
    let at = |p: f64| {
        let noise = rate / (1.0 / p).ln() / setting.repetitions as f64;
        let errors = Misalignment { noise, ..Misalignment::default() };
        (errors.mse_per_device(setting.payload.gram()), errors.nmse(setting.payload))
    };
    let (median, q90, q95) = (at(0.5), at(0.9), at(0.95));
    let quantiles = |median: f64, q90: f64, q95: f64| Estimate {
        mean: None,
        low: None,
        high: None,
        median: Some(median),
        q90: Some(q90),
        q95: Some(q95),
        ..Estimate::exact(0.0)
    };
    Some(Ensemble {
        prediction: Prediction {
            active_fraction: 1.0,
            sent_share: 1.0,
            power_used_mean: f64::NAN,
            ..Default::default()
        },
        metrics: Metrics {
            nmse: median.1.zip(q90.1).zip(q95.1).map(|((m, q90), q95)| quantiles(m, q90, q95)),
            mse_per_device: Some(quantiles(median.0, q90.0, q95.0)),
            ..Metrics::default()
        },
    })
}

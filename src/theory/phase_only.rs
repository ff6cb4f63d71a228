//! Phase-only precoding: devices weighed by their own channels.
//!
//! ```text
//! e_k = c t_k - 1,   t = h conj(h_hat)/|h_hat|,   noise c^2 s2 / P,   P the weakest budget
//! unbiased: c = 1/E Re t;   plain: c = 1
//! channels known: E t = E|h|, E|t|^2 = 1;   jointly Gaussian: E t = E[h h_hat^*] / sqrt(E|h_hat|^2) sqrt(pi)/2
//! ```
//!
//! With known channels and the unbiased scale the error of the sum per value is `var|h|/(E|h|)^2 tr G + s2/(P (E|h|)^2)`:
//! for Rayleigh channels `4/pi - 1` a device of unit power, and on the mean of K identical values `(4/pi - 1)/K`.

use super::conditional::filled;
use super::error::{Misalignment, Weight};
use super::{Memory, Prediction, Setting};

/// Returns `c`, what the server multiplies with beside `1/sqrt(P)`.
pub(super) fn receive_factor(setting: &Setting<'_>, unbiased: bool) -> f64 {
    if unbiased { 1.0 / setting.known.mean_turned() } else { 1.0 }
}

/// Returns the ensemble's misalignment and what goes with it.
pub(super) fn ensemble(setting: &Setting<'_>, unbiased: bool) -> (Misalignment, Prediction) {
    let (known, gram, passes) = (setting.known, setting.payload.gram(), setting.repetitions as f64);
    let c = receive_factor(setting, unbiased);
    let turned = known.mean_turned();
    let about = |square: f64| c * c * square - 2.0 * c * turned + 1.0;
    let mut weight = Weight {
        mean: c * turned - 1.0,
        common: about(known.square_of_mean_turned()),
        mean_square: about(1.0),
    };
    if setting.memory == Memory::Independent {
        weight = weight.over_passes(passes);
    }
    let noise = c * c * setting.noise_power / (setting.weakest() * passes) * setting.noise_growth();
    let mut errors = Misalignment::independent(gram, weight, noise);
    if setting.sent_share < 1.0 {
        errors = errors.of_subset(gram.total(), setting.sent_share);
    }
    (errors, full_power(setting))
}

/// Returns what devices spend that all send at the amplitude of the weakest, whatever their channels.
pub(super) fn full_power(setting: &Setting<'_>) -> Prediction {
    let (payload, weakest) = (setting.payload, setting.weakest());
    let share =
        |(k, power): (usize, &f64)| weakest / power * payload.gram().power(k) / payload.budget_power(k);
    let mean = setting.power.iter().enumerate().map(share).sum::<f64>() / setting.power.len() as f64;
    Prediction {
        active_fraction: 1.0,
        power_used_mean: filled(setting) * setting.mean_round_power() * mean,
        sent_share: setting.sent_share,
        ..Prediction::default()
    }
}

//! Update-scaled precoding, averaged over the active devices of each element.
//!
//! With `n = |A|` active of K devices, each with probability `zeta = P(g >= threshold)`, and the mean `m` and mean square `q` of
//! what inversion leaves of an active device (1 and 1 where channels are known):
//!
//! ```text
//! e_k = K/n A_k h_k/h_hat_k - 1;   0 < n:  E e = m - 1,  E|e|^2 = K q/n - 2 m + 1,  E e_i e_j = K (n-1)/(n (K-1)) m^2 - 2 m + 1
//! n = 0: all are -1;   noise K^2 s2/rho E[1/n^2; n > 0],   rho = threshold min_k P_k / E|u_k|^2
//! ```
//!
//! Known channels, independent values: `E[K/n - 1; n > 0] + K s2/rho E[1/n^2; n > 0] + (1-zeta)^K` a device of unit power;
//! identical values: `s2/rho E[1/n^2; n > 0] + (1-zeta)^K` of the target. The noise follows the values from round to round,
//! so neither depends on the round.

use super::conditional::filled;
use super::error::{Misalignment, Weight, binomial};
use super::{Memory, Prediction, Setting};
use crate::sounding::KnownStatistics;

/// Returns the largest mean square of any device's values.
pub(super) fn level(setting: &Setting<'_>) -> f64 {
    (0..setting.power.len()).map(|k| setting.payload.gram().power(k)).fold(0.0, f64::max)
}

/// Returns `rho` for the values of a trial's first round.
pub(super) fn aligned_power(setting: &Setting<'_>, threshold: f64) -> f64 {
    let payload = setting.payload;
    let budget = |(k, p): (usize, &f64)| p * payload.budget_power(k) / payload.gram().power(k);
    let least = setting.power.iter().enumerate().map(budget).fold(f64::INFINITY, f64::min);
    if setting.known.is_constant() { least } else { least * threshold }
}

/// Returns the ensemble's misalignment and what goes with it.
pub(super) fn ensemble(setting: &Setting<'_>, threshold: f64) -> (Misalignment, Prediction) {
    let (known, gram, passes) = (setting.known, setting.payload.gram(), setting.repetitions as f64);
    let rho = aligned_power(setting, threshold);
    let devices = setting.power.len();
    let mut weight = Weight { mean: 0.0, common: 0.0, mean_square: 0.0 };
    let mut noise = 0.0;
    // Elements whose knowledge is equally good have one active share.
    for element in known.elements() {
        let alike = KnownStatistics::new(vec![*element], known.is_gaussian());
        let (own, inverse_square) = of_equal_elements(&alike, threshold, devices);
        weight.mean += element.weight * own.mean;
        weight.common += element.weight * own.common;
        weight.mean_square += element.weight * own.mean_square;
        noise += element.weight * inverse_square;
    }
    if setting.memory == Memory::Independent {
        weight = weight.over_passes(passes);
    }
    let noise = noise * (devices * devices) as f64 * setting.noise_power / (rho * passes);
    let mut errors = Misalignment::independent(gram, weight, noise);
    if setting.sent_share < 1.0 {
        errors = errors.of_subset(gram.total(), setting.sent_share);
    }
    let spent = |(k, power): (usize, &f64)| {
        rho * known.truncated_inverse(threshold) * gram.power(k) / (power * setting.payload.budget_power(k))
    };
    let prediction = Prediction {
        active_fraction: known.active_share(threshold),
        power_used_mean: filled(setting) * setting.power.iter().enumerate().map(spent).sum::<f64>()
            / devices as f64,
        receive_snr: Some(rho * level(setting) / setting.noise_power),
        sent_share: setting.sent_share,
        ..Prediction::default()
    };
    (errors, prediction)
}

/// Returns the moments of the weights where all elements have the same active share, and `E[1/n^2; n > 0]`.
///
/// Devices are exchangeable but not independent: `common` is the mean product of two devices' weights.
fn of_equal_elements(known: &KnownStatistics, threshold: f64, devices: usize) -> (Weight, f64) {
    let (zeta, k) = (known.active_share(threshold), devices as f64);
    let share = |value: f64| if zeta > 0.0 { value / zeta } else { 0.0 };
    let mean = share(known.mean_ratio(threshold));
    let common = share(share(known.square_of_mean_ratio(threshold)));
    let mean_square = share(known.mean_square_ratio(threshold));
    // Moments of a binomial number: P(n > 0), E[K/n; n > 0], E[1/n^2; n > 0].
    let (mut some, mut inverse, mut inverse_square) = (0.0, 0.0, 0.0);
    for active in 1..=devices {
        let (p, n) = (binomial(devices, active, zeta), active as f64);
        some += p;
        inverse += p * k / n;
        inverse_square += p / (n * n);
    }
    let nobody = (1.0 - zeta).powf(k);
    let about = |square: f64| square - 2.0 * mean * some + some + nobody;
    // K (n-1)/(n (K-1)) = (K - K/n)/(K-1), averaged over n.
    let pair = if devices > 1 { (k * some - inverse) / (k - 1.0) } else { some };
    let weight = Weight {
        mean: mean * some - some - nobody,
        common: about(pair * common),
        mean_square: about(inverse * mean_square),
    };
    (weight, inverse_square)
}

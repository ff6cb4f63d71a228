//! Blind combining over M receive antennas.
//!
//! ```text
//! e_k = 1/M sum_n conj(S_n) h_nk - 1,   S_n = sum_k h_nk,   noise s2/(P M^2) sum_n |S_n|^2,   P the weakest budget
//! ```
//!
//! Links that are independent, with zero mean, `E h^2 = 0` and `E|h|^4 = f` (2 for Rayleigh) give, for devices i and k,
//!
//! ```text
//! E e = 0,   E|e_k|^2 = (K + f - 2)/M,   E e_i e_k^* = 0 (i other than k),   noise K s2/(P M)
//! ```
//!
//! so independent values have the NMSE `(K + f - 2 + 1/SNR)/M` and identical ones `(K + f - 2)/(K M) + 1/(K M SNR)`: for
//! Rayleigh `(K + 1/SNR)/M` and `1/M + 1/(K M SNR)`.

use super::conditional::Element;
use super::error::{Misalignment, Weight};
use super::phase_only::full_power;
use super::{Memory, Prediction, Setting};
use crate::medium::Knowledge;
use airloop_baseband::{Complex32, Complex64};

/// Returns the ensemble's misalignment and what goes with it; `None` where links have a common mean or depend on each other.
pub(super) fn ensemble(setting: &Setting<'_>, antennas: usize) -> Option<(Misalignment, Prediction)> {
    let marginal = setting.marginal;
    // A line of sight turns with a random phase over taps, but has none where elements are drawn one by one.
    let zero_mean = marginal.is_rayleigh() || setting.memory != Memory::Independent;
    if marginal.is_constant() || !zero_mean || !setting.independent_antennas {
        return None;
    }
    let (gram, passes) = (setting.payload.gram(), setting.repetitions as f64);
    let (devices, m) = (setting.power.len() as f64, antennas as f64);
    // E|h|^4 of a constant part of power s and a Gaussian rest: 2 - s^2.
    let fourth = 2.0 - marginal.line_of_sight_share().powi(2);
    let mut weight = Weight { mean: 0.0, common: 0.0, mean_square: (devices + fourth - 2.0) / m };
    if setting.memory == Memory::Independent {
        weight = weight.over_passes(passes);
    }
    let noise = devices * setting.noise_power / (setting.weakest() * m * passes) * setting.noise_growth();
    let mut errors = Misalignment::independent(gram, weight, noise);
    if setting.sent_share < 1.0 {
        errors = errors.of_subset(gram.total(), setting.sent_share);
    }
    Some((errors, full_power(setting)))
}

/// Writes the weights of one element for its channels, antennas of a device side by side, and returns what it gives.
pub(super) fn weigh(
    setting: &Setting<'_>,
    antennas: usize,
    (channels, (symbol, subcarrier)): (&Knowledge<'_>, (usize, usize)),
    weights: &mut [Complex64],
) -> Element {
    let wide = |h: Complex32| Complex64::new(h.re.into(), h.im.into());
    let channel =
        |device: usize, n: usize| wide(channels.link(device * antennas + n).row(symbol)[subcarrier]);
    let (devices, m) = (weights.len(), antennas as f64);
    weights.fill(Complex64::from(-1.0));
    let mut energy = 0.0;
    for n in 0..antennas {
        let sum: Complex64 = (0..devices).map(|device| channel(device, n)).sum();
        energy += sum.norm_sqr();
        for (device, weight) in weights.iter_mut().enumerate() {
            *weight += sum.conj() * channel(device, n) / m;
        }
    }
    let (payload, weakest) = (setting.payload, setting.weakest());
    let share =
        |(k, power): (usize, &f64)| weakest / power * payload.gram().power(k) / payload.budget_power(k);
    Element {
        noise: setting.noise_power * energy / (weakest * m * m),
        active: 1.0,
        power: setting.power.iter().enumerate().map(share).sum::<f64>() / devices as f64,
        aligned: 0.0,
    }
}

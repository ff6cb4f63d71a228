//! Combining of receive antennas by a server that knows all channels.
//!
//! ```text
//! e_k = sqrt(P_k) w^H h_k - 1,   noise s2 |w|^2,   w the combiner's weights for what is known
//! ```
//!
//! Zero-forcing over N antennas with independent Rayleigh links has no misalignment, and since the inverse of a complex Wishart
//! matrix of K columns has the mean `I / (N - K)` (Tulino, Verdu, *Random Matrix Theory and Wireless Communications*, 2004, section
//! 2.1.6),
//!
//! ```text
//! E noise = s2 1^T D^-1/2 E[(H^H H)^-1] D^-1/2 1 = s2 / (N - K) sum_k 1/P_k,   N > K
//! ```

use super::conditional::Element;
use super::error::{Misalignment, Weight};
use super::phase_only::full_power;
use super::{Prediction, Setting};
use crate::beamforming::slot::wide;
use crate::beamforming::{Combiner, CombinerDesign, ElementChannels};
use crate::medium::Knowledge;
use airloop_baseband::Complex64;

/// Returns the ensemble's misalignment and what goes with it; `None` where there is no closed form.
pub(super) fn ensemble(
    setting: &Setting<'_>,
    combiner: Combiner,
    antennas: usize,
) -> Option<(Misalignment, Prediction)> {
    let devices = setting.power.len();
    let known = setting.perfect && setting.marginal.is_rayleigh() && setting.independent_antennas;
    if combiner != Combiner::ZeroForcing || !known || antennas <= devices {
        return None;
    }
    let inverse: f64 = setting.power.iter().map(|p| 1.0 / p).sum();
    let noise = setting.noise_power * inverse / ((antennas - devices) * setting.repetitions) as f64
        * setting.noise_growth();
    let gram = setting.payload.gram();
    let mut errors =
        Misalignment::independent(gram, Weight { mean: 0.0, common: 0.0, mean_square: 0.0 }, noise);
    if setting.sent_share < 1.0 {
        errors = errors.of_subset(gram.total(), setting.sent_share);
    }
    Some((errors, full_power_of_each(setting)))
}

/// Returns what devices spend that each send at their own full power.
fn full_power_of_each(setting: &Setting<'_>) -> Prediction {
    let payload = setting.payload;
    let devices = setting.power.len();
    let share = |k: usize| payload.gram().power(k) / payload.budget_power(k);
    let power_used_mean = (0..devices).map(share).sum::<f64>() / devices as f64;
    let of = full_power(setting);
    Prediction {
        power_used_mean: power_used_mean * super::conditional::filled(setting) * setting.mean_round_power(),
        ..of
    }
}

/// What the formula keeps from element to element.
#[derive(Clone, Debug, Default)]
pub(super) struct Combining {
    design: CombinerDesign,
    channels: ElementChannels,
    columns: Vec<Complex64>,
    combiner_weights: Vec<Complex64>,
}

impl Combining {
    /// Writes the weights of one element and returns what it gives.
    pub fn weigh(
        &mut self,
        setting: &Setting<'_>,
        (combiner, antennas): (Combiner, usize),
        (known, truth): (&Knowledge<'_>, &Knowledge<'_>),
        place: (usize, usize),
        weights: &mut [Complex64],
    ) -> Element {
        let channels = self.channels.gather(known, place);
        self.columns.clear();
        for (channel, power) in channels.chunks_exact(antennas).zip(setting.power) {
            self.columns.extend(channel.iter().map(|h| h * power.sqrt()));
        }
        self.combiner_weights.resize(antennas, Complex64::default());
        self.design.weights(combiner, &self.columns, setting.noise_power, &mut self.combiner_weights);
        for (device, (weight, power)) in weights.iter_mut().zip(setting.power).enumerate() {
            let through = |(r, w): (usize, &Complex64)| {
                w.conj() * wide(truth.link(device * antennas + r).row(place.0)[place.1])
            };
            let sum: Complex64 = self.combiner_weights.iter().enumerate().map(through).sum();
            *weight = sum * power.sqrt() - 1.0;
        }
        let payload = setting.payload;
        let share = |k: usize| payload.gram().power(k) / payload.budget_power(k);
        Element {
            noise: setting.noise_power * self.combiner_weights.iter().map(Complex64::norm_sqr).sum::<f64>(),
            active: 1.0,
            power: (0..weights.len()).map(share).sum::<f64>() / weights.len() as f64,
            aligned: 0.0,
        }
    }
}

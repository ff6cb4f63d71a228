//! Optimal power control of a static channel: the weakest devices at full power, the others inverted.
//!
//! ```text
//! c_k = sqrt(P_k) |h_k| ascending,   a* = max_l sum_{i<=l} w_i c_i / (s2 + sum_{i<=l} w_i c_i^2)
//! b_k = min(sqrt(P_k), 1 / (a* |h_k|)) conj(h_k)/|h_k|,   s_hat = a* y
//! ```
//!
//! Source: Cao, Zhu, Xu, Huang, "Optimized Power Control for Over-the-Air Computation in Fading Channels", IEEE TWC
//! 19(11), 2020; Liu, Zang, Li, Vucetic, "Over-the-Air Computation Systems: Optimization, Analysis and Scaling Laws",
//! IEEE TWC 19(8), 2020. Optimal for independent payloads of mean square
//! `w_k`: 1 unless `normalisation = "per-device"`.

use super::alignment::Cap;
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;

/// Least mean square error power control under a peak constraint in every channel state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptimalPower {
    received: Vec<f32>,
    column: Vec<f32>,
    pairs: Vec<(f32, f64)>,
}

/// Returns the receive scale `a*` for received amplitudes `c_k` at full power; sorts them.
pub fn best_scale(amplitudes: &mut [f32], noise_power: f64) -> f64 {
    amplitudes.sort_unstable_by(f32::total_cmp);
    let (mut sum, mut square, mut best) = (0.0f64, noise_power, 0.0f64);
    for c in amplitudes.iter() {
        let c = f64::from(*c);
        sum += c;
        square += c * c;
        best = best.max(sum / square);
    }
    best
}

/// Returns the receive scale `a*` for received amplitudes with weights; sorts them.
fn best_weighted_scale(pairs: &mut [(f32, f64)], noise_power: f64) -> f64 {
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut sum, mut square, mut best) = (0.0f64, noise_power, 0.0f64);
    for (c, weight) in pairs.iter() {
        let c = f64::from(*c);
        sum += weight * c;
        square += weight * c * c;
        best = best.max(sum / square);
    }
    best
}

impl PowerControl for OptimalPower {
    fn joint(&self) -> bool {
        true
    }

    fn agree(&mut self, budget: &LinkBudget, known: &Knowledge<'_>, alignment: &mut Alignment) {
        let (elements, devices) = (known.elements(), known.devices());
        self.received.resize(elements * devices, 0.0);
        for device in 0..devices {
            let amplitude = budget.power[device].sqrt() as f32;
            let mut at = device;
            let received = &mut self.received;
            known.link(device).for_each_row(|row| {
                for h in row {
                    received[at] = amplitude * h.norm();
                    at += devices;
                }
            });
        }
        let unit = budget.weight.iter().all(|w| *w == 1.0);
        alignment.cap = Cap::Own;
        alignment.reach.clear();
        alignment.scale.clear();
        for amplitudes in self.received.chunks_exact(devices) {
            let a = if unit {
                self.column.clear();
                self.column.extend_from_slice(amplitudes);
                best_scale(&mut self.column, budget.noise_power)
            } else {
                self.pairs.clear();
                self.pairs.extend(amplitudes.iter().copied().zip(budget.weight.iter().copied()));
                best_weighted_scale(&mut self.pairs, budget.noise_power)
            };
            alignment.scale.push(a as f32);
            alignment.reach.push((1.0 / a) as f32);
        }
    }

    fn fixed(&self, _: &LinkBudget) -> Option<Alignment> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_gains_give_the_reference_scale() {
        // Gains g_k = -ln(1 - (k - .5)/20) at 10 dB: a* = .7546328, three devices at full power, MSE_sum = 1.0819618.
        // The scale is for noise of power 1, so the devices have power 10.
        let mut c: Vec<f32> =
            (1..=20).map(|k| (-10.0 * (1.0 - (f64::from(k) - 0.5) / 20.0).ln()).sqrt() as f32).collect();
        let a = best_scale(&mut c, 1.0);
        assert!((a - 0.754_632_8).abs() < 1e-6, "{a}");
        assert_eq!(c.iter().filter(|c| f64::from(**c) * a < 1.0).count(), 3);
        let missing: f64 = c.iter().map(|c| (f64::from(*c) * a - 1.0).min(0.0).powi(2)).sum();
        assert!((missing + a * a - 1.081_961_8).abs() < 1e-6);
    }
}

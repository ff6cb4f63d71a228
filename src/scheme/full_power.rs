//! Full power: phases aligned, every device at its peak, best receive scale.
//!
//! ```text
//! b_k = sqrt(P_k) conj(h_k)/|h_k|,   c_k = sqrt(P_k) |h_k|,   s_hat = y sum_k w_k c_k / (s2 + sum_k w_k c_k^2)
//! ```
//!
//! with the mean squares `w_k` of the devices' values: 1 (unit-power payloads) unless `normalisation = "per-device"`.
//!
//! Source: the baseline of Cao, Zhu, Xu, Huang, "Optimized Power Control for Over-the-Air Computation in Fading
//! Channels", IEEE TWC 19(11), 2020.

use super::alignment::Cap;
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;

/// Full power at every device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullPower;

impl PowerControl for FullPower {
    fn joint(&self) -> bool {
        true
    }

    fn aligns(&self) -> bool {
        false
    }

    fn agree(&mut self, budget: &LinkBudget, known: &Knowledge<'_>, alignment: &mut Alignment) {
        let elements = known.elements();
        let mut sum = vec![0.0f32; elements];
        let mut square = vec![budget.noise_power as f32; elements];
        for device in 0..known.devices() {
            let (power, weight) = (budget.power[device] as f32, budget.weight[device] as f32);
            let mut rows = sum.chunks_mut(known.subcarriers()).zip(square.chunks_mut(known.subcarriers()));
            known.link(device).for_each_row(|row| {
                let Some((sum, square)) = rows.next() else { return };
                for ((sum, square), h) in sum.iter_mut().zip(square).zip(row) {
                    let gain = power * h.norm_sqr();
                    *sum += weight * gain.sqrt();
                    *square += weight * gain;
                }
            });
        }
        alignment.cap = Cap::Own;
        alignment.reach.clear();
        alignment.reach.push(f32::INFINITY);
        alignment.scale.clear();
        alignment.scale.extend(sum.iter().zip(&square).map(|(sum, square)| sum / square));
    }

    fn fixed(&self, _: &LinkBudget) -> Option<Alignment> {
        None
    }
}

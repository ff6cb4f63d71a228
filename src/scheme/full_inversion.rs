//! Full channel inversion (uniform forcing): every device arrives at the amplitude that the weakest can reach.
//!
//! ```text
//! b_k = sqrt(eta) / h_k,   eta = min_k P_k |h_k|^2,   s_hat = y / sqrt(eta)
//! ```
//!
//! Source: Goldenbaum, Stanczak, "Robust Analog Function Computation via Wireless Multiple-Access Channels", IEEE TCOM
//! 61(9), 2013. Over any fading that reaches zero the mean error does not exist; quantiles do.

use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;

/// Full channel inversion under a peak power constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullInversion;

impl PowerControl for FullInversion {
    fn joint(&self) -> bool {
        true
    }

    fn agree(&mut self, budget: &LinkBudget, known: &Knowledge<'_>, alignment: &mut Alignment) {
        let elements = known.elements();
        alignment.reach.clear();
        alignment.reach.resize(elements, f32::INFINITY);
        for device in 0..known.devices() {
            let power = budget.power[device] as f32;
            let mut least = alignment.reach.chunks_mut(known.subcarriers());
            known.link(device).for_each_row(|row| {
                for (eta, h) in least.next().into_iter().flatten().zip(row) {
                    *eta = eta.min(power * h.norm_sqr());
                }
            });
        }
        alignment.reach.iter_mut().for_each(|eta| *eta = eta.sqrt());
        alignment.scale.clear();
        alignment.scale.extend(alignment.reach.iter().map(|reach| 1.0 / reach));
    }

    fn fixed(&self, _: &LinkBudget) -> Option<Alignment> {
        None
    }
}

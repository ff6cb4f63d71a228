//! Update-scaled precoding over rounds: the devices' updates fill the power budget however small they have become.
//!
//! ```text
//! x_k = sqrt(p_t) D_k,   p_t = min_k P_k / E|D_k|^2, in every round anew (equal budgets: P over the largest mean square)
//! b_k = sqrt(p_t) h_min / h_k where |h_k|^2 >= h_min^2 = threshold, else 0;   s_hat = K/|A| y / (sqrt(p_t) h_min)
//! ```
//!
//! `D_k` are the device's values of the round and `A` the devices that send in an element. Where no channel fades,
//! `h_min = 1`. Power is a mean over the values of a round and a peak over fading: in every state `|b_k|^2 E|D_k|^2 <= P_k`.
//!
//! Two things are taken as known without airtime or error: each device's mean square, one number a device and round
//! (measured for stored payloads; for synthetic ones that of their distribution), and at the server the number of active
//! devices of each element.
//!
//! Source: Sery, Shlezinger, Cohen, Eldar, "Over-the-Air Federated Learning from Heterogeneous Data", IEEE TSP 69, 2021.

use super::alignment::Cap;
use super::{Alignment, LinkBudget, PowerControl};
use crate::medium::Knowledge;

/// Update-scaled precoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cotaf {
    /// Gains below this (relative to the mean) are not inverted.
    pub threshold: f64,
    /// Whether the known gain is the same in all elements and trials.
    pub constant: bool,
}

impl PowerControl for Cotaf {
    fn joint(&self) -> bool {
        false
    }

    fn normalises_rounds(&self) -> bool {
        true
    }

    fn averages_active(&self) -> bool {
        true
    }

    fn agree(&mut self, _: &LinkBudget, _: &Knowledge<'_>, _: &mut Alignment) {}

    fn fixed(&self, budget: &LinkBudget) -> Option<Alignment> {
        let least_gain = if self.constant { 1.0 } else { self.threshold };
        let amplitude = (budget.weakest() * least_gain).sqrt();
        Some(Alignment {
            threshold: self.threshold as f32,
            reach: vec![amplitude as f32],
            scale: vec![(1.0 / amplitude) as f32],
            cap: Cap::None,
        })
    }
}

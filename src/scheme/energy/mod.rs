//! Aggregation by energy: devices send non-negative levels as energy under random phases, the server adds up energies.
//!
//! ```text
//! x_k[e] = b_k sqrt(level_k[e]) e^{j theta},   theta uniform, independent in every device and element
//! no scaling:  |b|^2 = P                                               m = E|h|^2 = 1
//! magnitude:   |b|^2 = rho / |h_hat|^2 where |h_hat|^2 >= g, else 0    m = E[|h/h_hat|^2; |h_hat|^2 >= g]
//!              rho = P / E[1/|h_hat|^2; |h_hat|^2 >= g]
//! estimate of sum_k u_k = sum_e w_e (|y[e]|^2 - s2) / (rho m) - K offset
//! ```
//!
//! `P` is the budget of an element, the weakest device's, and `rho = P` without scaling; levels have mean 1, so the budget is
//! met on average over the values. The energies of several antennas are averaged. No phase is ever used: devices need to
//! know nothing, or how strong their own channel is, and arrive within the prefix. [`code`] says how values become levels.
//!
//! Sources: Goldenbaum, Stanczak, "Robust Analog Function Computation via Wireless Multiple-Access Channels", IEEE TCOM
//! 61(9), 2013; Sahin, "Over-the-Air Computation Based on Balanced Number Systems for Federated Edge Learning", IEEE TWC.

pub mod clipping;
pub mod code;
mod kernels;
pub mod round;

pub use code::EnergyCode;
pub use round::{EnergyPlan, EnergyRound};

use super::{DeviceKnowledge, LinkBudget};
use crate::sounding::KnownStatistics;

/// What devices do about their channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChannelScaling {
    /// Nothing.
    None,
    /// They divide by the magnitude of their own channel.
    Magnitude {
        /// Gains below this (relative to the mean) are not used.
        threshold: f64,
    },
}

/// A scheme that aggregates by energy.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyScheme {
    /// How values become levels.
    pub code: EnergyCode,
    /// What devices do about their channels.
    pub scaling: ChannelScaling,
    /// Statistics of the channels and of what is known of them.
    pub known: KnownStatistics,
    /// Antennas of the server.
    pub antennas: usize,
}

impl EnergyScheme {
    /// Returns what devices must know.
    pub fn knowledge(&self) -> DeviceKnowledge {
        match self.scaling {
            ChannelScaling::None => DeviceKnowledge::None,
            ChannelScaling::Magnitude { .. } => DeviceKnowledge::Own,
        }
    }

    /// Returns `rho`: the power at which a level of 1 arrives in the mean, or where it is inverted.
    pub fn received_power(&self, budget: &LinkBudget) -> f64 {
        let weakest = (0..budget.devices()).map(|k| element_power(budget, k)).fold(f64::INFINITY, f64::min);
        match self.scaling {
            ChannelScaling::None => weakest,
            ChannelScaling::Magnitude { threshold } => weakest / self.known.truncated_inverse(threshold),
        }
    }

    /// Returns `m`: the mean over channels of what arrives of a level, over `rho`.
    pub fn mean_gain(&self) -> f64 {
        match self.scaling {
            ChannelScaling::None => 1.0,
            ChannelScaling::Magnitude { threshold } => self.known.mean_square_ratio(threshold),
        }
    }
}

/// Returns a device's budget of an element, whatever the power of its values.
fn element_power(budget: &LinkBudget, device: usize) -> f64 {
    budget.power[device] * budget.weight[device]
}

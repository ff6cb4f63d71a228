//! Energies of the stages: power times time.
//!
//! With a clock's cube for the power of a processor, and Shannon's formula for the rate of a link, these are the forms
//! `G F^3 / (n^3 s^2)` and `s (2^(d / (B s)) - 1) B N0 / |h|^2` of Wei and Chen: the time `s` is given here, and so are both powers.

use super::{Links, RoundPlan, Stages};
use crate::split::link::{Link, Pace};
use serde::Serialize;

/// Energies of one device's stages, in joules; none where a power is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Energies {
    /// The device computes.
    pub client_j: Option<f64>,
    /// The device sends.
    pub up_j: Option<f64>,
    /// The server computes.
    pub server_j: Option<f64>,
    /// The server sends.
    pub down_j: Option<f64>,
}

impl Energies {
    /// Returns their sum.
    pub fn total_j(&self) -> Option<f64> {
        Some(self.client_j? + self.up_j? + self.server_j? + self.down_j?)
    }
}

impl Link {
    /// Returns the power of a broadcast, in watts: the largest of those towards a device.
    pub(super) fn broadcast_power_w(&self) -> Option<f64> {
        self.power_w.iter().try_fold(0.0f64, |most, power| power.map(|power| most.max(power)))
    }
}

impl RoundPlan {
    /// Returns the energies of a device's stages over links of these powers, up and down.
    pub(super) fn energies(&self, device: usize, stages: &Stages, (up, down): (Pace, Pace)) -> Energies {
        let processor = &self.devices[device].processor;
        Energies {
            client_j: processor.energy_j(stages.client_forward_s + stages.client_backward_s),
            up_j: up.power_w.map(|power| power * stages.activations_up_s),
            server_j: self.server.energy_j(stages.server_s),
            down_j: down.power_w.map(|power| power * stages.gradients_down_s),
        }
    }

    /// Returns the energy of what the server does for all devices at once.
    pub(super) fn common_energy_j(&self, backward_s: f64, broadcast_s: f64, links: &Links) -> Option<f64> {
        if backward_s == 0.0 && broadcast_s == 0.0 {
            return Some(0.0);
        }
        let sent_j = links.down.broadcast_power_w().map(|power| power * broadcast_s);
        Some(self.server.energy_j(backward_s)? + sent_j?)
    }
}

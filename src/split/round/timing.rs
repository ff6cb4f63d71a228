//! Times of the stages.

use super::{Links, RoundPlan};
use crate::split::workload::CutCost;
use serde::Serialize;

/// Times of one device's stages, in seconds.
///
/// ```text
/// client_forward    FLOP of the device's blocks forwards / rate of the device        (MAC count twice)
/// activations_up    bits at the cut / rate of the uplink
/// server            FLOP of the other blocks, both ways / rate of the server
/// gradients_down    bits at the cut / rate of the downlink
/// client_backward   FLOP of the device's blocks backwards / rate of the device
/// ```
///
/// With a share of averaged gradients, `server` and `gradients_down` hold only what is the device's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Stages {
    /// The device's forward pass.
    pub client_forward_s: f64,
    /// Activations on their way.
    pub activations_up_s: f64,
    /// The server's passes.
    pub server_s: f64,
    /// Gradients on their way.
    pub gradients_down_s: f64,
    /// The device's backward pass.
    pub client_backward_s: f64,
}

impl Stages {
    /// Returns the time until the activations have arrived.
    pub fn before_server_s(&self) -> f64 {
        self.client_forward_s + self.activations_up_s
    }

    /// Returns the time from the server's answer to the end of the device's backward pass.
    pub fn after_server_s(&self) -> f64 {
        self.gradients_down_s + self.client_backward_s
    }

    /// Returns the time of all stages, one after another.
    pub fn total_s(&self) -> f64 {
        self.before_server_s() + self.server_s + self.after_server_s()
    }
}

impl RoundPlan {
    /// Returns the times of a device's stages over links of these rates, up and down.
    pub(super) fn stages(
        &self,
        (device, cost): (usize, &CutCost),
        (up_rate_bps, down_rate_bps): (f64, f64),
        links: &Links,
    ) -> Stages {
        let processor = &self.devices[device].processor;
        let own_share = (self.workload.batch - self.averaged_samples()) as f64 / self.workload.batch as f64;
        let server_flop = cost.server_forward_flop + own_share * cost.server_backward_flop;
        let down_bits = own_share * cost.down_bits;
        Stages {
            client_forward_s: processor.time_s(cost.device_forward_flop),
            activations_up_s: links.up.time_s(cost.up_bits, up_rate_bps),
            server_s: self.server.time_s(server_flop),
            gradients_down_s: if down_bits == 0.0 {
                0.0
            } else {
                links.down.time_s(down_bits, down_rate_bps)
            },
            client_backward_s: processor.time_s(cost.device_backward_flop),
        }
    }
}

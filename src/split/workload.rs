//! What a model asks of a device, a server and the link between them at each cut.

use super::model::Model;

/// What a round is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    /// Forward pass, loss, backward pass.
    Training,
    /// Forward pass alone; the server answers with so many values a sample.
    Inference {
        /// Values of an answer; with 0 the answer takes no time on the air.
        result_values: u64,
    },
}

/// A model, how it is fed, and how its values are sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The model.
    pub model: Model,
    /// What a round is for.
    pub mode: Mode,
    /// Samples of a device in a round.
    pub batch: u64,
    /// Bits a value of activations.
    pub bits: u64,
    /// Bits a value of gradients, and of answers.
    pub gradient_bits: u64,
    /// Bits a trained parameter of the device's part, where these are averaged.
    pub adapter_bits: u64,
    /// Bits a parameter in the device's memory.
    pub weight_bits: u64,
}

/// What one device's batch costs at a cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutCost {
    /// Blocks on the device.
    pub cut: usize,
    /// FLOP on the device, forwards.
    pub device_forward_flop: f64,
    /// FLOP on the device, backwards.
    pub device_backward_flop: f64,
    /// FLOP on the server, forwards.
    pub server_forward_flop: f64,
    /// FLOP on the server, backwards.
    pub server_backward_flop: f64,
    /// Bits from device to server.
    pub up_bits: f64,
    /// Bits from server to device.
    pub down_bits: f64,
    /// Bits of the device's trained parameters.
    pub adapter_bits: f64,
    /// Memory of the device: its parameters, adapters included, and in training what its blocks hand on, at 32 bits; more is needed
    /// in truth.
    pub device_memory_bytes: f64,
}

impl Workload {
    /// Returns what a batch costs at a cut from 1 to [`Model::last_cut`].
    pub fn at(&self, cut: usize) -> CutCost {
        let (device, server) = (self.model.device_part(cut), self.model.server_part(cut));
        let batch = self.batch as f64;
        let cut_values = batch * self.model.values_at(cut) as f64;
        let extra = if device.trained < device.params { device.trained } else { 0 };
        let weights_bytes = (device.params + extra) as f64 * self.weight_bits as f64 / 8.0;
        let (backward, down_values, held) = match self.mode {
            Mode::Training => (1.0, cut_values, batch * device.held_values as f64),
            Mode::Inference { result_values } => (0.0, batch * result_values as f64, cut_values),
        };
        CutCost {
            cut,
            device_forward_flop: batch * device.forward_flop,
            device_backward_flop: backward * batch * device.backward_flop,
            server_forward_flop: batch * server.forward_flop,
            server_backward_flop: backward * batch * server.backward_flop,
            up_bits: cut_values * self.bits as f64,
            down_bits: down_values * self.gradient_bits as f64,
            adapter_bits: device.trained as f64 * self.adapter_bits as f64,
            device_memory_bytes: weights_bytes + 4.0 * held,
        }
    }
}

//! Models as a device and a server share them: layers in order, each with what it computes, holds and hands on.

pub mod adapter;
pub mod dense;
pub mod presets;
pub mod residual;
pub mod transformer;

pub use adapter::{Adapter, Targets};
pub use presets::{PRESETS, Preset};

/// How a model is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tuning {
    /// Low-rank adapters beside weights that stay as they are; without, all weights are trained.
    pub adapter: Option<Adapter>,
    /// Whether a layer's forward pass is computed again on the way back, in place of keeping what it held.
    pub recompute: bool,
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Tokens that pass a transformer at once; a preset with tokens of its own (an image's patches) takes those.
    pub tokens: u64,
    /// Tokens before them whose keys and values are kept: only attention computes with them.
    pub context: u64,
}

/// One layer, for one sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Parameters it holds, without adapters.
    pub params: u64,
    /// Parameters that are trained.
    pub trained: u64,
    /// FLOP of the forward pass; 1 MAC is 2 FLOP.
    pub forward_flop: f64,
    /// FLOP of the backward pass.
    pub backward_flop: f64,
    /// Values that it hands on: activations forwards, as many gradients backwards.
    pub values: u64,
}

/// A model that can be cut behind every one of its blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// What always lies on the device: embeddings; nothing elsewhere.
    pub entry: Layer,
    /// Blocks; cut `l` leaves the first `l` on the device.
    pub blocks: Vec<Layer>,
    /// What always lies on the server: last norm, head.
    pub exit: Layer,
    /// Tokens of a sample; none where samples have none.
    pub tokens: Option<u64>,
}

/// One side of a cut: sums over its layers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Part {
    /// Parameters, without adapters.
    pub params: u64,
    /// Parameters that are trained.
    pub trained: u64,
    /// FLOP of a sample's forward pass.
    pub forward_flop: f64,
    /// FLOP of a sample's backward pass.
    pub backward_flop: f64,
    /// Values a sample that the part's blocks hand on, together.
    pub held_values: u64,
}

impl Part {
    fn of<'a>(layers: impl Iterator<Item = &'a Layer>) -> Self {
        layers.fold(Self::default(), |sum, layer| Self {
            params: sum.params + layer.params,
            trained: sum.trained + layer.trained,
            forward_flop: sum.forward_flop + layer.forward_flop,
            backward_flop: sum.backward_flop + layer.backward_flop,
            held_values: sum.held_values + layer.values,
        })
    }
}

impl Model {
    /// Returns the largest cut: all blocks on the device.
    pub fn last_cut(&self) -> usize {
        self.blocks.len()
    }

    /// Returns what lies on the device at a cut from 1 to [`Model::last_cut`].
    pub fn device_part(&self, cut: usize) -> Part {
        Part::of(std::iter::once(&self.entry).chain(&self.blocks[..cut]))
    }

    /// Returns what lies on the server at a cut.
    pub fn server_part(&self, cut: usize) -> Part {
        Part::of(self.blocks[cut..].iter().chain(std::iter::once(&self.exit)))
    }

    /// Returns the values a sample at a cut.
    pub fn values_at(&self, cut: usize) -> u64 {
        self.blocks[cut - 1].values
    }

    /// Returns the whole model as one part.
    pub fn whole(&self) -> Part {
        Part::of(std::iter::once(&self.entry).chain(&self.blocks).chain(std::iter::once(&self.exit)))
    }
}

/// What a layer computes forwards, and how much of that are products with weights.
///
/// ```text
/// all weights trained      backward = 2 forward
/// adapters                 backward = 1 x products with frozen weights + 2 x all else
/// recomputed               one more forward
/// ```
///
/// A product `x W` costs as much again for the gradient of `x`, and once more for that of `W`, which a frozen `W` does without.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Work {
    /// FLOP of products with weights.
    pub weights_flop: f64,
    /// FLOP of products between activations.
    pub activations_flop: f64,
    /// FLOP of adapters.
    pub adapter_flop: f64,
}

impl Work {
    /// Returns FLOP forwards and backwards.
    pub(crate) fn passes(&self, tuning: &Tuning) -> (f64, f64) {
        let forward = self.weights_flop + self.activations_flop + self.adapter_flop;
        let weights = if tuning.adapter.is_some() { 1.0 } else { 2.0 };
        let backward = weights * self.weights_flop + 2.0 * (self.activations_flop + self.adapter_flop);
        (forward, if tuning.recompute { backward + forward } else { backward })
    }
}

//! The network: 64 pixels, 32 rectified units, 10 digits; softmax and cross-entropy.

use crate::data::{PIXELS, Samples};
use airloop::baseband::{Purpose, Seeds};
use airloop_candle::{ChannelLayer, SplitModel};
use candle_core::{D, DType, Device, Module, Result, Tensor, Var};

/// Values a sample at the cut.
pub const HIDDEN: usize = 32;
const CLASSES: usize = 10;

/// A dense layer.
#[derive(Clone)]
pub struct Dense {
    weight: Var,
    bias: Var,
    rectified: bool,
}

/// The network, whole.
#[derive(Clone)]
pub struct Network {
    hidden: Dense,
    scores: Dense,
}

impl Dense {
    /// Draws weights of variance 2 over the number of inputs; biases are 0.
    fn new(inputs: usize, outputs: usize, rectified: bool, seeds: &Seeds) -> Result<Self> {
        let mut weight = vec![0.0; inputs * outputs];
        seeds.stream(Purpose::Payload, 0, inputs as u64).fill_gaussian(0, &mut weight);
        weight.iter_mut().for_each(|w| *w *= (2.0 / inputs as f32).sqrt());
        let weight = Var::from_vec(weight, (inputs, outputs), &Device::Cpu)?;
        let bias = Var::from_vec(vec![0.0f32; outputs], outputs, &Device::Cpu)?;
        Ok(Self { weight, bias, rectified })
    }
}

impl Module for Dense {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let sums = x.matmul(&self.weight)?.broadcast_add(&self.bias)?;
        if self.rectified { sums.relu() } else { Ok(sums) }
    }
}

impl Network {
    /// Draws a network.
    pub fn new(seeds: &Seeds) -> Result<Self> {
        let hidden = Dense::new(PIXELS, HIDDEN, true, seeds)?;
        Ok(Self { hidden, scores: Dense::new(HIDDEN, CLASSES, false, seeds)? })
    }

    /// Returns it cut behind the hidden units, with what is in the cut; both have the same variables.
    pub fn split(&self, link: Option<ChannelLayer>) -> SplitModel<Dense, Dense> {
        SplitModel { client: self.hidden.clone(), link, server: self.scores.clone() }
    }

    /// Returns its variables.
    pub fn variables(&self) -> [&Var; 4] {
        let (hidden, scores) = (&self.hidden, &self.scores);
        [&hidden.weight, &hidden.bias, &scores.weight, &scores.bias]
    }
}

impl Module for Network {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.scores.forward(&self.hidden.forward(x)?)
    }
}

/// Returns the mean cross-entropy of scores.
pub fn cross_entropy(scores: &Tensor, labels: &Tensor) -> Result<Tensor> {
    let shifted = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?.detach())?;
    let logs = shifted.broadcast_sub(&shifted.exp()?.sum_keepdim(D::Minus1)?.log()?)?;
    logs.gather(&labels.unsqueeze(1)?, 1)?.mean_all()?.neg()
}

/// Returns the share of samples that a model recognises, sent in parts.
pub fn accuracy(model: &dyn Module, samples: &Samples, parts: usize) -> Result<f64> {
    let mut right = 0.0;
    for (pixels, labels) in samples.pixels.chunk(parts, 0)?.iter().zip(samples.labels.chunk(parts, 0)?) {
        let guesses = model.forward(pixels)?.argmax(D::Minus1)?;
        right += guesses.eq(&labels)?.to_dtype(DType::F32)?.sum_all()?.to_scalar::<f32>()?;
    }
    Ok(f64::from(right) / samples.count() as f64)
}

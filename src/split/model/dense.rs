//! Networks of dense layers.

use super::{Layer, Model, Tuning, Work};

/// Returns a network of dense layers with biases between these widths; the last layer is the exit.
pub fn model(name: &str, widths: &[u64], tuning: &Tuning) -> Model {
    let layer = |(i, ends): (usize, &[u64])| {
        let (inputs, outputs) = (ends[0], ends[1]);
        let work = Work { weights_flop: 2.0 * (inputs * outputs) as f64, ..Work::default() };
        let (forward_flop, backward_flop) = work.passes(tuning);
        let params = (inputs + 1) * outputs;
        let name = format!("dense {}", i + 1);
        Layer { name, params, trained: params, forward_flop, backward_flop, values: outputs }
    };
    let mut blocks: Vec<Layer> = widths.windows(2).enumerate().map(layer).collect();
    let exit = blocks.pop().map_or_else(Layer::default, |last| Layer { values: 0, ..last });
    Model { name: name.into(), entry: Layer::default(), blocks, exit, tokens: None }
}

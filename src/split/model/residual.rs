//! ResNet-18 (He et al. 2016, arXiv 1512.03385, table 1) for square images.
//!
//! ```text
//! MAC of a convolution     c_in c_out k^2 (outputs along a side)^2
//! parameters               c_in c_out k^2, and 2 c_out of the batch norm behind it
//! ```
//!
//! Batch norms, activation functions and pooling are not counted as FLOP.

use super::{Layer, Model, Tuning, Work};

/// ResNet-18 for images of a size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Pixels along a side.
    pub side: u64,
    /// A stem for small images: 3 x 3, stride 1, no pooling; else 7 x 7, stride 2, pooling by 2.
    pub small_stem: bool,
    /// Classes of the head.
    pub classes: u64,
}

/// A stage under construction: sums over its convolutions.
#[derive(Default)]
struct Stage {
    params: u64,
    macs: u64,
}

impl Stage {
    fn convolution(&mut self, (inputs, outputs): (u64, u64), kernel: u64, side: u64) {
        let weights = inputs * outputs * kernel * kernel;
        self.params += weights + 2 * outputs;
        self.macs += weights * side * side;
    }

    fn layer(self, name: &str, values: u64, tuning: &Tuning) -> Layer {
        let work = Work { weights_flop: 2.0 * self.macs as f64, ..Work::default() };
        let (forward_flop, backward_flop) = work.passes(tuning);
        let params = self.params;
        Layer { name: name.into(), params, trained: params, forward_flop, backward_flop, values }
    }
}

/// Channels of the four stages.
const CHANNELS: [u64; 4] = [64, 128, 256, 512];

impl Residual {
    /// Returns the model; its blocks are the stem with its pooling and the four stages.
    pub fn model(&self, name: &str, tuning: &Tuning) -> Model {
        let mut stem = Stage::default();
        let (kernel, convolved) = if self.small_stem { (3, self.side) } else { (7, self.side / 2) };
        stem.convolution((3, CHANNELS[0]), kernel, convolved);
        let mut side = if self.small_stem { convolved } else { convolved / 2 };
        let mut blocks = vec![stem.layer("stem", CHANNELS[0] * side * side, tuning)];
        let mut inputs = CHANNELS[0];
        for (i, outputs) in CHANNELS.into_iter().enumerate() {
            let mut stage = Stage::default();
            if i > 0 {
                side = side.div_ceil(2);
                stage.convolution((inputs, outputs), 1, side);
            }
            stage.convolution((inputs, outputs), 3, side);
            (0..3).for_each(|_| stage.convolution((outputs, outputs), 3, side));
            blocks.push(stage.layer(&format!("layer{}", i + 1), outputs * side * side, tuning));
            inputs = outputs;
        }
        let head = Stage { params: (inputs + 1) * self.classes, macs: inputs * self.classes };
        let exit = head.layer("head", 0, tuning);
        Model { name: name.into(), entry: Layer::default(), blocks, exit, tokens: None }
    }
}

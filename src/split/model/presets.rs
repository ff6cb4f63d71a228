//! Models by name. Dimensions are those of the published checkpoints; all else follows from them.

use super::residual::Residual;
use super::transformer::{Entry, Exit, Transformer};
use super::{Adapter, Model, Sample, Targets, Tuning, dense};

/// What a preset is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Architecture {
    /// A transformer.
    Transformer(Transformer),
    /// A ResNet-18.
    Residual(Residual),
    /// Dense layers between these widths.
    Dense(&'static [u64]),
}

/// A model by name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// Its name in files.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What it is made of.
    pub architecture: Architecture,
    /// The adapter that it is known with, for files that ask for none and for no full training.
    pub adapter: Option<Adapter>,
}

impl Preset {
    /// Finds a preset by name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// Returns whether its blocks can have low-rank adapters.
    pub fn takes_adapters(&self) -> bool {
        matches!(self.architecture, Architecture::Transformer(_))
    }

    /// Returns whether the file chooses how many tokens a sample has.
    pub fn takes_tokens(&self) -> bool {
        matches!(self.architecture, Architecture::Transformer(Transformer { fixed_tokens: None, .. }))
    }

    /// Returns the model for samples of a size.
    pub fn model(&self, sample: Sample, tuning: &Tuning) -> Model {
        match &self.architecture {
            Architecture::Transformer(shape) => shape.model(self.name, sample, tuning),
            Architecture::Residual(shape) => shape.model(self.name, tuning),
            Architecture::Dense(widths) => dense::model(self.name, widths, tuning),
        }
    }
}

/// A transformer with biases, layer norms, a feed-forward network four times as wide, a tied head.
const fn biased(blocks: usize, hidden: u64, entry: Entry, exit: Exit) -> Transformer {
    Transformer {
        blocks,
        hidden,
        inner: hidden,
        key_value: hidden,
        feed_forward: 4 * hidden,
        gated: false,
        biased: true,
        entry,
        exit,
        fixed_tokens: None,
    }
}

const fn tokens(vocabulary: u64, positions: u64) -> Entry {
    Entry::Tokens { vocabulary, positions, types: 0, norm: false }
}

const fn gpt2(blocks: usize, hidden: u64) -> Architecture {
    Architecture::Transformer(biased(blocks, hidden, tokens(50_257, 1024), Exit::Tied))
}

const fn opt(blocks: usize, hidden: u64) -> Architecture {
    Architecture::Transformer(biased(blocks, hidden, tokens(50_272, 2050), Exit::Tied))
}

const fn bert(blocks: usize, hidden: u64) -> Architecture {
    let entry = Entry::Tokens { vocabulary: 30_522, positions: 512, types: 2, norm: true };
    Architecture::Transformer(biased(blocks, hidden, entry, Exit::Pooler))
}

const fn llama(blocks: usize, hidden: u64, key_value: u64, feed_forward: u64) -> Architecture {
    let plain = biased(blocks, hidden, tokens(32_000, 0), Exit::Untied);
    Architecture::Transformer(Transformer { key_value, feed_forward, gated: true, biased: false, ..plain })
}

const fn vit() -> Architecture {
    let plain = biased(12, 768, Entry::Patches { inputs: 16 * 16 * 3 }, Exit::Classes(1000));
    Architecture::Transformer(Transformer { fixed_tokens: Some(14 * 14 + 1), ..plain })
}

const fn t5_11b() -> Architecture {
    let exit = Exit::Decoder { blocks: 24, relative_positions: 32 * 128 };
    let plain = biased(24, 1024, tokens(32_128, 0), exit);
    let inner = 128 * 128;
    Architecture::Transformer(Transformer {
        inner,
        key_value: inner,
        feed_forward: 65_536,
        biased: false,
        ..plain
    })
}

const fn resnet(side: u64, small_stem: bool, classes: u64) -> Architecture {
    Architecture::Residual(Residual { side, small_stem, classes })
}

const K2_ADAPTER: Adapter = Adapter { rank: 8, targets: Targets::QueryKeyValue };

const fn preset(name: &'static str, architecture: Architecture, what: &'static str) -> Preset {
    Preset { name, what, architecture, adapter: None }
}

/// All presets.
pub const PRESETS: [Preset; 16] = [
    preset("gpt2", gpt2(12, 768), "GPT-2 base"),
    preset("gpt2-medium", gpt2(24, 1024), "GPT-2 medium"),
    preset("llama-7b", llama(32, 4096, 4096, 11_008), "LLaMA-7B"),
    Preset {
        adapter: Some(K2_ADAPTER),
        ..preset(
            "k2",
            llama(32, 4096, 4096, 11_008),
            "K2, LLaMA-7B with its adapter: rank 8 on queries, keys, values",
        )
    },
    preset("tinyllama-1.1b", llama(22, 2048, 256, 5632), "TinyLlama-1.1B, grouped queries"),
    preset("t5-11b", t5_11b(), "T5-11B v1.0, cut within its encoder"),
    preset("opt-125m", opt(12, 768), "OPT-125M"),
    preset("opt-1.3b", opt(24, 2048), "OPT-1.3B"),
    preset("opt-6.7b", opt(32, 4096), "OPT-6.7B"),
    preset("minilm-l6", bert(6, 384), "MiniLM-L6, sentence embeddings"),
    preset("bert-base", bert(12, 768), "BERT base"),
    preset("vit-b16", vit(), "ViT-B/16, images of 224 x 224 in 197 tokens"),
    preset("resnet18-224", resnet(224, false, 1000), "ResNet-18, images of 224 x 224"),
    preset("resnet18-64", resnet(64, false, 1000), "ResNet-18, images of 64 x 64"),
    preset("resnet18-32", resnet(32, true, 10), "ResNet-18 with a small stem, images of 32 x 32, 10 classes"),
    preset("mlp", Architecture::Dense(&[784, 256, 128, 10]), "dense 784-256-128-10"),
];

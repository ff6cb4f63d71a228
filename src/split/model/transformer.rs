//! Transformers by their dimensions.
//!
//! ```text
//! h hidden, a inner width of attention (heads times width of a head), k that of keys and values, f feed-forward width,
//! m matrices of the feed-forward network (2, gated 3), T tokens, c tokens of context
//!
//! weights of a block          2 h a + 2 h k + m h f
//! biases, where there are     a + 2 k + h + f + h
//! norms                       2 of 2 h each (layer norm) or h (root mean square)
//! forward FLOP of a block     2 T (2 h a + 2 h k + m h f) + 4 T (c + T) a
//! values at a cut             T h
//! ```
//!
//! With `a = k = h`, `f = 4 h`, `m = 2` and no context the forward pass costs `24 h^2 T + 4 T^2 h`. Norms, activation functions and
//! look-ups of embeddings are not counted; attention is counted whole, also where a mask halves it.

use super::{Layer, Model, Sample, Targets, Tuning, Work};

/// What comes before the blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    /// A table of tokens, positions and types.
    Tokens {
        /// Tokens there are.
        vocabulary: u64,
        /// Learnt positions.
        positions: u64,
        /// Types of segments.
        types: u64,
        /// Whether a norm follows.
        norm: bool,
    },
    /// Patches of an image, each of so many inputs, through a matrix with bias; a class token, and learnt positions.
    Patches {
        /// Values of a patch.
        inputs: u64,
    },
}

/// What comes after the blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exit {
    /// A norm, and the table of tokens once more as a matrix; its parameters count at the entry.
    Tied,
    /// A norm, and a matrix of its own to the vocabulary.
    Untied,
    /// A square matrix with bias on the first token.
    Pooler,
    /// A norm, and a matrix with bias from the first token to classes.
    Classes(u64),
    /// A decoder with attention to the encoder, as many tokens long, whose head is the table of tokens; encoder and decoder have a table
    /// of relative positions each.
    Decoder {
        /// Its blocks.
        blocks: u64,
        /// Entries of one table.
        relative_positions: u64,
    },
}

/// A transformer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transformer {
    /// Blocks.
    pub blocks: usize,
    /// Hidden width h.
    pub hidden: u64,
    /// Inner width of attention a.
    pub inner: u64,
    /// Inner width of keys and values k.
    pub key_value: u64,
    /// Feed-forward width f.
    pub feed_forward: u64,
    /// Whether the feed-forward network has a gate: three matrices instead of two.
    pub gated: bool,
    /// Whether matrices have biases and norms have both scale and shift; else neither.
    pub biased: bool,
    /// What comes before.
    pub entry: Entry,
    /// What comes after.
    pub exit: Exit,
    /// Tokens of every sample, where the model has no choice.
    pub fixed_tokens: Option<u64>,
}

impl Transformer {
    /// Returns the matrices of attention: queries, keys, values, output; inputs and outputs of each.
    fn attention(&self) -> [(u64, u64); 4] {
        let (h, a, k) = (self.hidden, self.inner, self.key_value);
        [(h, a), (h, k), (h, k), (a, h)]
    }

    /// Returns the matrices of the feed-forward network.
    fn feed_forward_matrices(&self) -> Vec<(u64, u64)> {
        let (h, f) = (self.hidden, self.feed_forward);
        let up = if self.gated { 2 } else { 1 };
        std::iter::repeat_n((h, f), up).chain([(f, h)]).collect()
    }

    fn norm_params(&self) -> u64 {
        if self.biased { 2 * self.hidden } else { self.hidden }
    }

    /// Returns a block; `attentions` is 2 where it attends to an encoder too.
    fn block(&self, name: String, attentions: u64, sample: Sample, tuning: &Tuning) -> Layer {
        let mut matrices: Vec<(u64, u64)> = Vec::new();
        (0..attentions).for_each(|_| matrices.extend(self.attention()));
        matrices.extend(self.feed_forward_matrices());
        let weights: u64 = matrices.iter().map(|(inputs, outputs)| inputs * outputs).sum();
        let biases: u64 = if self.biased { matrices.iter().map(|m| m.1).sum() } else { 0 };
        let params = weights + biases + (attentions + 1) * self.norm_params();
        let adapted = tuning.adapter.map_or(0, |adapter| {
            adapter.params(&match adapter.targets {
                Targets::AllLinear => matrices.clone(),
                targets => self.adapted(attentions, targets),
            })
        });
        let (tokens, seen) = (sample.tokens as f64, (sample.context + sample.tokens) as f64);
        let work = Work {
            weights_flop: 2.0 * tokens * weights as f64,
            activations_flop: attentions as f64 * 4.0 * tokens * seen * self.inner as f64,
            adapter_flop: 2.0 * tokens * adapted as f64,
        };
        let (forward_flop, backward_flop) = work.passes(tuning);
        let trained = if tuning.adapter.is_some() { adapted } else { params };
        Layer { name, params, trained, forward_flop, backward_flop, values: sample.tokens * self.hidden }
    }

    fn adapted(&self, attentions: u64, targets: Targets) -> Vec<(u64, u64)> {
        let [query, key, value, _] = self.attention();
        let one =
            if targets == Targets::QueryKeyValue { vec![query, key, value] } else { vec![query, value] };
        one.repeat(attentions as usize)
    }

    fn entry_layer(&self, sample: Sample, tuning: &Tuning) -> Layer {
        let h = self.hidden;
        let relative = match self.exit {
            Exit::Decoder { relative_positions, .. } => relative_positions,
            _ => 0,
        };
        let (params, weights_flop) = match self.entry {
            Entry::Tokens { vocabulary, positions, types, norm } => {
                let norm = if norm { self.norm_params() } else { 0 };
                ((vocabulary + positions + types) * h + norm + relative, 0.0)
            }
            Entry::Patches { inputs } => {
                let patches = sample.tokens.saturating_sub(1) as f64;
                ((inputs + 1) * h + h + sample.tokens * h, 2.0 * patches * (inputs * h) as f64)
            }
        };
        let (forward_flop, backward_flop) = Work { weights_flop, ..Work::default() }.passes(tuning);
        let trained = if tuning.adapter.is_some() { 0 } else { params };
        Layer { name: "embedding".into(), params, trained, forward_flop, backward_flop, values: 0 }
    }

    /// Returns the matrix to the vocabulary: parameters, and FLOP of all tokens.
    fn vocabulary(&self, tokens: u64) -> (u64, f64) {
        match self.entry {
            Entry::Tokens { vocabulary, .. } => {
                let params = vocabulary * self.hidden;
                (params, 2.0 * tokens as f64 * params as f64)
            }
            Entry::Patches { .. } => (0, 0.0),
        }
    }

    fn exit_layer(&self, sample: Sample, tuning: &Tuning) -> Layer {
        let h = self.hidden;
        let (head, head_flop) = self.vocabulary(sample.tokens);
        let (params, weights_flop) = match self.exit {
            Exit::Tied => (self.norm_params(), head_flop),
            Exit::Untied => (self.norm_params() + head, head_flop),
            Exit::Pooler => (h * h + h, 2.0 * (h * h) as f64),
            Exit::Classes(classes) => (self.norm_params() + (h + 1) * classes, 2.0 * (h * classes) as f64),
            Exit::Decoder { relative_positions, .. } => {
                (2 * self.norm_params() + relative_positions, head_flop)
            }
        };
        let (forward_flop, backward_flop) = Work { weights_flop, ..Work::default() }.passes(tuning);
        let trained = if tuning.adapter.is_some() { 0 } else { params };
        let own = Layer { name: "head".into(), params, trained, forward_flop, backward_flop, values: 0 };
        let Exit::Decoder { blocks, .. } = self.exit else { return own };
        let block = self.block(String::new(), 2, sample, tuning);
        Layer {
            name: "decoder and head".into(),
            params: own.params + blocks * block.params,
            trained: own.trained + blocks * block.trained,
            forward_flop: own.forward_flop + blocks as f64 * block.forward_flop,
            backward_flop: own.backward_flop + blocks as f64 * block.backward_flop,
            values: 0,
        }
    }

    /// Returns the model for samples of a size.
    pub fn model(&self, name: &str, sample: Sample, tuning: &Tuning) -> Model {
        let sample = match self.fixed_tokens {
            Some(tokens) => Sample { tokens, context: 0 },
            None => sample,
        };
        let block = |i: usize| self.block(format!("block {}", i + 1), 1, sample, tuning);
        Model {
            name: name.into(),
            entry: self.entry_layer(sample, tuning),
            blocks: (0..self.blocks).map(block).collect(),
            exit: self.exit_layer(sample, tuning),
            tokens: Some(sample.tokens),
        }
    }
}

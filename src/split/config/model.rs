//! `split.model` and its training, or a model of one's own as `[[layer]]`.

use crate::config::{Bound, ConfigError, TableReader};
use crate::split::model::{Adapter, Layer, Model, PRESETS, Preset, Sample, Targets, Tuning};

/// Most tokens, of a sample and of its context together.
const MOST_TOKENS: u64 = 1 << 24;
/// Keys that only presets have.
const OF_PRESETS: [&str; 6] = ["tokens", "context", "training", "lora_rank", "lora_targets", "recompute"];

/// Reads the model.
///
/// # Errors
/// When there is none, or its keys do not go together.
pub fn read(root: &TableReader<'_>, split: &TableReader<'_>) -> Result<Model, ConfigError> {
    if root.has("layer") {
        split.require_absent("model", "there are [[layer]] tables, which are the model")?;
        for key in OF_PRESETS {
            split.require_absent(key, "belongs to a preset; [[layer]] tables say all they need")?;
        }
        return own(root);
    }
    let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    let name = split.choice("model", None, &names)?;
    let Some(preset) = Preset::find(name) else { return Err(split.invalid("model", "is no preset")) };
    let sample = sample(split, preset)?;
    Ok(preset.model(sample, &tuning(split, preset)?))
}

fn sample(split: &TableReader<'_>, preset: &Preset) -> Result<Sample, ConfigError> {
    if !preset.takes_tokens() {
        for key in ["tokens", "context"] {
            split.require_absent(key, &format!("{} has no tokens to choose", preset.name))?;
        }
        return Ok(Sample { tokens: 1, context: 0 });
    }
    let sample =
        Sample { tokens: split.u64("tokens", Some(512), 1)?, context: split.u64("context", Some(0), 0)? };
    if sample.tokens.saturating_add(sample.context) > MOST_TOKENS {
        return Err(
            split.invalid("tokens", format!("with the context these are more than {MOST_TOKENS} tokens"))
        );
    }
    Ok(sample)
}

fn tuning(split: &TableReader<'_>, preset: &Preset) -> Result<Tuning, ConfigError> {
    let recompute = split.bool("recompute", Some(false))?;
    if !preset.takes_adapters() {
        let why = format!("{} has no low-rank adapters here; transformers have", preset.name);
        split.require_absent("lora_rank", &why)?;
        split.require_absent("lora_targets", &why)?;
        split.choice("training", Some("full"), &["full"])?;
        return Ok(Tuning { adapter: None, recompute });
    }
    let asked = split.has("lora_rank") || preset.adapter.is_some();
    let training = split.choice("training", Some(if asked { "lora" } else { "full" }), &["full", "lora"])?;
    if training == "full" {
        split.require_absent("lora_rank", "belongs to training = \"lora\"")?;
        split.require_absent("lora_targets", "belongs to training = \"lora\"")?;
        return Ok(Tuning { adapter: None, recompute });
    }
    let known = preset.adapter;
    let rank = split.u64("lora_rank", known.map(|adapter| adapter.rank), 1)?;
    if rank > 65_536 {
        return Err(split.invalid("lora_rank", format!("{rank} is no low rank: at most 65536")));
    }
    let default = known.map_or(Targets::QueryValue, |adapter| adapter.targets);
    let word = Targets::ALL.iter().find(|(_, targets)| *targets == default).map_or("q,v", |(word, _)| *word);
    let targets = super::one_of(split, "lora_targets", word, &Targets::ALL)?;
    Ok(Tuning { adapter: Some(Adapter { rank, targets }), recompute })
}

/// Reads layers in order; the last, which need not say its values, is the exit.
fn own(root: &TableReader<'_>) -> Result<Model, ConfigError> {
    let tables = root.table_array("layer")?;
    let mut layers = Vec::with_capacity(tables.len());
    for (i, table) in tables.iter().enumerate() {
        let last = i + 1 == tables.len();
        let values = table.u64("values", last.then_some(0), u64::from(!last))?;
        let forward_flop = table.f64_in("forward_flop", None, Bound::non_negative())?;
        let params = table.u64("params", Some(0), 0)?;
        let layer = Layer {
            name: table.string("name", Some(&format!("layer {}", i + 1)))?,
            params,
            trained: table.u64("trained_params", Some(params), 0)?,
            forward_flop,
            backward_flop: table.f64_in("backward_flop", Some(2.0 * forward_flop), Bound::non_negative())?,
            values,
        };
        for (key, count) in [("params", params), ("trained_params", layer.trained), ("values", values)] {
            if count > 1 << 50 {
                return Err(table.invalid(key, format!("{count} is too many: at most 2^50")));
            }
        }
        layers.push(layer);
    }
    let exit = layers.pop();
    let Some(exit) = exit.filter(|_| !layers.is_empty()) else {
        return Err(
            root.invalid("layer", "one layer cannot be cut; two [[layer]] tables or more are expected")
        );
    };
    Ok(Model { name: "own layers".into(), entry: Layer::default(), blocks: layers, exit, tokens: None })
}

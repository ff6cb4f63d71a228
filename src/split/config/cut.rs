//! `split.cut`: a number, a list, or `"best"`.

use crate::config::{ConfigError, TableReader, Value};
use crate::split::round::RoundPlan;
use std::ops::RangeInclusive;

/// Most cuts, of all devices together, to choose from: the choice takes time by their square and more.
const MOST_CANDIDATES: usize = 50_000;

/// Where to cut.
#[derive(Clone, Debug, PartialEq)]
pub enum CutChoiceConfig {
    /// Blocks on each device.
    Given(Vec<usize>),
    /// The best within a range, once for all rounds.
    Best(RangeInclusive<usize>),
}

impl CutChoiceConfig {
    /// Reads the keys.
    ///
    /// # Errors
    /// When a cut lies outside of the model, or does not fit into a device's memory.
    pub fn read(split: &TableReader<'_>, plan: &RoundPlan) -> Result<Self, ConfigError> {
        let last = plan.workload.model.last_cut();
        let expected =
            format!("a whole number from 1 to {last}, a list of one each device, or \"best\" is expected");
        let Some(node) = split.node("cut") else {
            split.string("cut", None).map_err(|_| split.invalid("cut", format!("is missing: {expected}")))?;
            return Err(split.invalid("cut", expected));
        };
        let is_best = matches!(&node.value, Value::String(word) if word == "best");
        if is_best {
            let first = split.usize("min_cut", Some(1), 1)?;
            let end = split.usize("max_cut", Some(last), 1)?;
            if end > last || first > end {
                return Err(split
                    .invalid("max_cut", format!("cuts from {first} to {end} are not within 1 to {last}")));
            }
            let candidates = (end + 1 - first) * plan.devices.len();
            if candidates > MOST_CANDIDATES {
                let message = format!(
                    "{candidates} cuts of all devices together are too many to choose from: at most {MOST_CANDIDATES}; narrow them by \
                     min_cut and max_cut"
                );
                return Err(split.invalid("cut", message));
            }
            return Ok(Self::Best(first..=end));
        }
        for key in ["min_cut", "max_cut"] {
            split.require_absent(key, "belongs to cut = \"best\"")?;
        }
        let devices = plan.devices.len();
        let cuts = match &node.value {
            Value::Integer(_) => vec![node.whole(&split.path("cut"), 1, 1)? as usize; devices],
            Value::Array(items) => {
                let whole =
                    items.iter().map(|item| item.whole(&split.path("cut"), 1, 1).map(|cut| cut as usize));
                whole.collect::<Result<Vec<usize>, _>>()?
            }
            _ => return Err(split.invalid("cut", expected)),
        };
        if cuts.len() != devices {
            let message = format!("holds {} cuts for {devices} devices; one each is expected", cuts.len());
            return Err(split.invalid("cut", message));
        }
        for (device, cut) in cuts.iter().enumerate() {
            if *cut > last {
                return Err(split.invalid("cut", format!("{cut} is behind the last cut: {expected}")));
            }
            let needed = plan.workload.at(*cut).device_memory_bytes;
            if let Some(limit) = plan.devices[device].memory_bytes.filter(|limit| needed > *limit) {
                let message =
                    format!("{cut} takes {needed:.4e} bytes of device {device}, which has {limit:.4e}");
                return Err(split.invalid("cut", message));
            }
        }
        Ok(Self::Given(cuts))
    }
}

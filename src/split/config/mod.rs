//! The file of `airloop split`.

mod cut;
mod link;
mod model;
mod processor;

pub use cut::CutChoiceConfig;
pub use link::{DirectionConfig, RateSource};

use super::cut::Objective;
use super::multicast::Download;
use super::round::{RoundPlan, Service};
use super::workload::{Mode, Workload};
use crate::config::{Bound, ConfigError, Node, TableReader};
use crate::experiment::PerDevice;
use airloop_baseband::seeds::{Purpose, Seeds};

/// Most devices, and most rounds.
const MOST_DEVICES: u64 = 100_000;
const MOST_ROUNDS: u64 = 1_000_000_000;

/// A file of split rounds, checked.
#[derive(Clone, Debug)]
pub struct SplitConfig {
    /// What does not change from round to round.
    pub plan: RoundPlan,
    /// Where to cut.
    pub cut: CutChoiceConfig,
    /// What the choice of cuts makes small.
    pub objective: Objective,
    /// Rounds.
    pub rounds: u64,
    /// From devices to server.
    pub uplink: DirectionConfig,
    /// From server to devices.
    pub downlink: DirectionConfig,
    /// What devices fetch before the first round.
    pub download: Option<Download>,
}

impl SplitConfig {
    /// Reads a file's tree.
    ///
    /// # Errors
    /// When a key is unknown, missing or out of range, or keys do not go together.
    pub fn of(root: &Node) -> Result<Self, ConfigError> {
        let reader = TableReader::new(root, "")?;
        let seeds = Seeds::new(reader.u64("seed", Some(1), 0)?);
        let split = reader.section("split")?;
        let device = reader.section("device")?;
        let count = device.u64("count", Some(1), 1)?;
        if count > MOST_DEVICES {
            return Err(device.invalid("count", format!("{count} is too many: at most {MOST_DEVICES}")));
        }
        let draws = Draws { seeds, devices: count as usize };
        let workload = workload(&reader, &split)?;
        let plan = RoundPlan {
            devices: processor::devices(&device, &draws)?,
            server: processor::server(&reader.section("server")?)?,
            service: one_of(&split, "service", "sequential", &Service::ALL)?,
            phi: split.f64_in("phi", Some(0.0), Bound::between(0.0, 1.0))?,
            aggregate_every: split.optional_u64("aggregate_every", 1)?,
            workload,
        };
        let uplink = DirectionConfig::read(&reader.section("uplink")?, &draws, link::Way::Up)?;
        let downlink = DirectionConfig::read(&reader.section("downlink")?, &draws, link::Way::Down)?;
        let rounds = split.u64("rounds", Some(1), 1)?;
        if rounds > MOST_ROUNDS {
            return Err(split.invalid("rounds", format!("{rounds} is too many: at most {MOST_ROUNDS}")));
        }
        let cut = CutChoiceConfig::read(&split, &plan)?;
        let objective = objective(&split)?;
        let config = Self { cut, objective, rounds, uplink, downlink, download: None, plan };
        let download = download(&reader, &config, &draws)?;
        let config = Self { download, ..config };
        config.check(&split)?;
        reader.finish()?;
        Ok(config)
    }

    /// Refuses what does not go together.
    fn check(&self, split: &TableReader<'_>) -> Result<(), ConfigError> {
        let training = self.plan.workload.mode == Mode::Training;
        if self.plan.phi > 0.0 {
            let why = match (training, self.plan.service, &self.cut) {
                (false, ..) => "an inference has no gradients to average",
                (_, Service::Parallel | Service::InTurn, _) => {
                    "averaged gradients need all devices at the server at once: service = \"sequential\" is expected"
                }
                (.., CutChoiceConfig::Best { .. }) => {
                    "averaged gradients need the same cut on all devices: a number is expected for split.cut"
                }
                (.., CutChoiceConfig::Given(cuts)) if cuts.iter().any(|cut| *cut != cuts[0]) => {
                    "averaged gradients need the same cut on all devices: one number is expected for split.cut"
                }
                _ => "",
            };
            if !why.is_empty() {
                return Err(split.invalid("phi", why));
            }
        }
        if !training && self.plan.aggregate_every.is_some() {
            return Err(
                split.invalid("aggregate_every", "an inference trains nothing that could be averaged")
            );
        }
        let powers = self.plan.devices.iter().all(|device| device.processor.power_w.is_some())
            && self.plan.server.power_w.is_some()
            && self.uplink.power_w.iter().chain(&self.downlink.power_w).all(Option::is_some);
        if matches!((self.objective, &self.cut), (Objective::Cost { .. }, CutChoiceConfig::Best { .. }))
            && !powers
        {
            let message = "energy counts, but some powers are missing: power_w (or switching_w_s3 beside clock_hz) of [device] and \
                           [server], power_dbm of [uplink] and [downlink]";
            return Err(split.invalid("objective", message));
        }
        Ok(())
    }
}

/// How values that each device has of its own are drawn: once, before the first round.
struct Draws {
    seeds: Seeds,
    devices: usize,
}

impl Draws {
    /// Reads a key that must be there: one value a device.
    fn needed(&self, reader: &TableReader<'_>, key: &str, bound: Bound) -> Result<Vec<f64>, ConfigError> {
        if !reader.has(key) {
            reader.f64_in(key, None, bound)?;
        }
        let values = PerDevice::read(reader, key, bound)?;
        values.check(reader, key, self.devices)?;
        let stream = self.seeds.branch(label(&reader.path(key))).stream(Purpose::Placement, 0, 0);
        Ok((0..self.devices).map(|device| values.value(&stream, device)).collect())
    }

    /// Reads a key that may be left out: one value a device, or none.
    fn optional(
        &self,
        reader: &TableReader<'_>,
        key: &str,
        bound: Bound,
    ) -> Result<Option<Vec<f64>>, ConfigError> {
        reader.has(key).then(|| self.needed(reader, key, bound)).transpose()
    }
}

/// Returns a number for a key's name, so that no two keys draw alike (FNV-1a).
fn label(path: &str) -> u64 {
    path.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Reads one of some words that stand for something.
fn one_of<T: Copy>(
    reader: &TableReader<'_>,
    key: &str,
    default: &str,
    all: &[(&'static str, T)],
) -> Result<T, ConfigError> {
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
    let default = words.iter().copied().find(|word| *word == default);
    let word = reader.choice(key, default, &words)?;
    let found = all.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| reader.invalid(key, "is not among the words expected"))
}

fn workload(root: &TableReader<'_>, split: &TableReader<'_>) -> Result<Workload, ConfigError> {
    let model = model::read(root, split)?;
    let mode = match split.choice("mode", Some("training"), &["training", "inference"])? {
        "inference" => Mode::Inference { result_values: split.u64("result_values", Some(0), 0)? },
        _ => {
            split.require_absent("result_values", "belongs to mode = \"inference\"")?;
            Mode::Training
        }
    };
    let bits = bits(split, "bits", 32)?;
    let gradient_bits = bits_of_gradients(split, bits)?;
    let batch = split.u64("batch", Some(32), 1)?;
    if batch > 1_000_000 {
        return Err(split.invalid("batch", format!("{batch} is too many samples: at most 1000000")));
    }
    let adapter_bits = self::bits(split, "adapter_bits", 32)?;
    let weight_bits = self::bits(split, "weight_bits", 32)?;
    Ok(Workload { model, mode, batch, bits, gradient_bits, adapter_bits, weight_bits })
}

/// Reads a number of bits a value, from 1 to 64.
fn bits(split: &TableReader<'_>, key: &str, default: u64) -> Result<u64, ConfigError> {
    let bits = split.u64(key, Some(default), 1)?;
    if bits > 64 {
        return Err(split.invalid(key, format!("{bits} is more than 64 bits a value")));
    }
    Ok(bits)
}

fn bits_of_gradients(split: &TableReader<'_>, bits: u64) -> Result<u64, ConfigError> {
    self::bits(split, "gradient_bits", bits)
}

fn objective(split: &TableReader<'_>) -> Result<Objective, ConfigError> {
    Ok(match split.choice("objective", Some("time"), &["time", "cost"])? {
        "cost" => Objective::Cost {
            time_weight_w: split.f64_in("time_weight_w", Some(100.0), Bound::non_negative())?,
        },
        _ => {
            split.require_absent("time_weight_w", "belongs to objective = \"cost\"")?;
            Objective::Time
        }
    })
}

/// Reads `[download]`: what all devices fetch alike, and what each fetches for itself.
fn download(
    root: &TableReader<'_>,
    config: &SplitConfig,
    draws: &Draws,
) -> Result<Option<Download>, ConfigError> {
    let Some(table) = root.table("download")? else { return Ok(None) };
    if matches!(config.downlink.source, RateSource::Trace(_)) {
        let message = "the airtime of a download needs rates that do not change: rate_bps or bandwidth_hz in [downlink]";
        return Err(root.invalid("download", message));
    }
    let shared_bits = 8.0 * table.f64_in("shared_bytes", None, Bound::non_negative())?;
    let own = draws.optional(&table, "own_bytes", Bound::non_negative())?;
    let own_bits =
        own.map_or(vec![0.0; draws.devices], |own| own.into_iter().map(|bytes| 8.0 * bytes).collect());
    if shared_bits + own_bits.iter().sum::<f64>() == 0.0 {
        return Err(table.invalid("shared_bytes", "with own_bytes there is nothing to fetch"));
    }
    Ok(Some(Download { shared_bits, own_bits }))
}

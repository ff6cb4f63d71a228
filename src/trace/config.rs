//! `[trace]`: rounds, their rhythm, and at what cost they are computed.

use super::leg_config::{LEGS, LegConfig};
use crate::config::{Bound, ConfigError, Node, TableReader};
use std::path::{Path, PathBuf};

/// What decides what arrives.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// Every block is sent over the air for real.
    Symbol,
    /// A table of error rates, at the effective SINR of the channel that was drawn.
    Table {
        /// The table that `airloop link-table` wrote.
        path: PathBuf,
    },
    /// A stored trace.
    Trace {
        /// The stored trace.
        path: PathBuf,
    },
}

/// A trace as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceConfig {
    /// Rounds; of a stored trace all that it has, where none are given.
    pub rounds: Option<u64>,
    /// Time from the start of a round to that of the next; 0: each begins when the one before ends.
    pub round_interval_s: f64,
    /// What decides what arrives.
    pub detail: Detail,
    /// Parameters of the exponential effective SINR.
    pub betas: Option<PathBuf>,
    /// The legs of a round, in the order of the file, each with the tree of its experiment.
    pub legs: Vec<(LegConfig, Node)>,
}

impl TraceConfig {
    /// Reads the tables of a trace from a file's tree (without `sweep` and `curve`).
    ///
    /// # Errors
    /// When a key is unknown or wrong, or there is no leg.
    pub fn read(root: &Node) -> Result<Self, ConfigError> {
        let mut file = root.clone();
        let trace = file.take("trace");
        let named: Vec<(String, Node)> = root
            .as_table()
            .into_iter()
            .flat_map(|table| table.iter())
            .filter(|entry| LEGS.iter().any(|leg| leg.0 == entry.key))
            .map(|entry| (entry.key.clone(), entry.node.clone()))
            .collect();
        named.iter().for_each(|(name, _)| drop(file.take(name)));
        let whole = TableReader::new(root, "")?;
        let Some(trace) = trace else {
            let message =
                "is missing: it says how many rounds a trace has, for example [trace] with rounds = 100";
            return Err(whole.invalid("trace", message));
        };
        whole.require_absent("rounds", "is of trials; a trace has trace.rounds")?;
        let reader = TableReader::new(&trace, "trace")?;
        let mut config = Self::of(&reader)?;
        reader.finish()?;
        if matches!(config.detail, Detail::Trace { .. }) {
            return Ok(config);
        }
        if named.is_empty() {
            let message = "needs a leg beside it: [uplink], [downlink] or [air], each with what it carries, for example values = 4096";
            return Err(whole.invalid("trace", message));
        }
        let leg = |(name, node): &(String, Node)| LegConfig::read(name, node, &file);
        config.legs = named.iter().map(leg).collect::<Result<_, _>>()?;
        Ok(config)
    }

    fn of(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let detail = match reader.choice("detail", Some("symbol"), &["symbol", "table", "trace"])? {
            "table" => Detail::Table { path: path(reader, "table", "link-table.json")? },
            "trace" => Detail::Trace { path: path(reader, "replay", "trace.csv")? },
            _ => Detail::Symbol,
        };
        if !matches!(detail, Detail::Table { .. }) {
            reader.require_absent("table", "goes with detail = \"table\"")?;
        }
        let stored = matches!(detail, Detail::Trace { .. });
        if !stored {
            reader.require_absent("replay", "goes with detail = \"trace\"")?;
        }
        for key in ["round_interval_s", "betas"].into_iter().filter(|_| stored) {
            reader
                .require_absent(key, "is that of the stored trace where detail = \"trace\"; leave it out")?;
        }
        let rounds = match stored && !reader.has("rounds") {
            true => None,
            false => Some(reader.u64("rounds", None, 1)?),
        };
        if rounds.is_some_and(|rounds| rounds > 1 << 40) {
            return Err(reader.invalid("rounds", "is out of range: up to 2^40 rounds are possible"));
        }
        Ok(Self {
            rounds,
            round_interval_s: reader.f64_in("round_interval_s", Some(0.0), Bound::between(0.0, 1e6))?,
            detail,
            betas: reader.has("betas").then(|| path(reader, "betas", "eesm-betas.json")).transpose()?,
            legs: Vec::new(),
        })
    }
}

/// Reads a path, which is relative to the file that it is written in.
fn path(reader: &TableReader<'_>, key: &str, example: &str) -> Result<PathBuf, ConfigError> {
    if !reader.has(key) {
        return Err(reader.invalid(key, format!("is missing: a path is expected, for example \"{example}\"")));
    }
    let text = reader.string(key, None)?;
    let folder = reader.origin(key).file().and_then(Path::parent);
    Ok(folder.unwrap_or(Path::new("")).join(text))
}

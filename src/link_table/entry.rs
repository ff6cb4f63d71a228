//! What a line of a table is.

use super::error::LinkTableError;
use super::field::Fields;
use crate::report::Fidelity;
use crate::sweep::table::number;
use serde::Serialize;
use serde_json::{Map, Value as Json};

/// A measured point of a table of block error rates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BlerEntry {
    /// MCS table.
    pub mcs_table: u8,
    /// MCS index.
    pub mcs: u8,
    /// Information bits of the code block.
    pub block_bits: usize,
    /// Its coded bits.
    pub coded_bits: usize,
    /// Its modulation.
    pub modulation: String,
    /// Which rung measured it.
    pub fidelity: Fidelity,
    /// SNR of a resource element.
    pub snr_db: f64,
    /// Share of blocks that are wrong.
    pub bler: f64,
    /// Lower end of its interval.
    pub bler_low: f64,
    /// Upper end.
    pub bler_high: f64,
    /// Blocks that were decoded.
    pub blocks: u64,
    /// Wrong ones among them.
    pub block_errors: u64,
    /// The experiment of this point, as `airloop link` names it.
    pub experiment_id: String,
}

impl BlerEntry {
    /// Names of the fields, in the order of columns.
    pub(super) const FIELDS: [&str; 13] = [
        "mcs_table",
        "mcs",
        "block_bits",
        "coded_bits",
        "modulation",
        "fidelity",
        "snr_db",
        "bler",
        "bler_low",
        "bler_high",
        "blocks",
        "block_errors",
        "experiment_id",
    ];

    pub(super) fn cells(&self) -> Vec<String> {
        vec![
            self.mcs_table.to_string(),
            self.mcs.to_string(),
            self.block_bits.to_string(),
            self.coded_bits.to_string(),
            self.modulation.clone(),
            self.fidelity.to_string(),
            number(self.snr_db),
            number(self.bler),
            number(self.bler_low),
            number(self.bler_high),
            self.blocks.to_string(),
            self.block_errors.to_string(),
            self.experiment_id.clone(),
        ]
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LinkTableError> {
        let (blocks, block_errors) =
            (fields.whole("blocks", 1, u64::MAX)?, fields.whole("block_errors", 0, u64::MAX)?);
        if block_errors > blocks {
            return Err(fields.wrong("block_errors", format!("at most the {blocks} blocks are expected")));
        }
        Ok(Self {
            mcs_table: fields.whole("mcs_table", 1, 4)? as u8,
            mcs: fields.whole("mcs", 0, 31)? as u8,
            block_bits: fields.whole("block_bits", 1, 1 << 24)? as usize,
            coded_bits: fields.whole("coded_bits", 1, 1 << 24)? as usize,
            modulation: fields.text("modulation")?.into(),
            fidelity: fields.fidelity("fidelity")?,
            snr_db: fields.number("snr_db", f64::MIN, f64::MAX)?,
            bler: fields.number("bler", 0.0, 1.0)?,
            bler_low: fields.number("bler_low", 0.0, 1.0)?,
            bler_high: fields.number("bler_high", 0.0, 1.0)?,
            blocks,
            block_errors,
            experiment_id: fields.text("experiment_id")?.into(),
        })
    }
}

/// The value of a coordinate: a number, between which tables interpolate, or a word.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Coordinate {
    /// A number.
    Number(f64),
    /// Anything else, as it is written.
    Word(String),
}

impl Coordinate {
    pub(super) fn of(value: &Json) -> Self {
        match (value.as_f64(), value) {
            (Some(x), _) => Self::Number(x),
            (None, Json::String(text)) => Self::Word(text.clone()),
            (None, other) => Self::Word(other.to_string()),
        }
    }

    fn cell(&self) -> String {
        match self {
            Self::Number(x) => number(*x),
            Self::Word(text) => text.clone(),
        }
    }
}

/// A point of a table of aggregation errors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NmseEntry {
    /// Where it lies: `scheme`, `fidelity`, `devices`, `snr_db`, the label of the curve, and every other axis of the sweep.
    pub coordinates: Vec<(String, Coordinate)>,
    /// Mean over trials.
    pub nmse: Option<f64>,
    /// Lower end of its interval.
    pub nmse_low: Option<f64>,
    /// Upper end.
    pub nmse_high: Option<f64>,
    /// Median over trials.
    pub nmse_median: Option<f64>,
    /// 95 % quantile over trials.
    pub nmse_q95: Option<f64>,
    /// Trials behind it.
    pub trials: u64,
    /// The experiment, as `airloop run` names it.
    pub experiment_id: String,
}

impl NmseEntry {
    /// Names of the fields beside the coordinates, in the order of columns.
    pub(super) const FIELDS: [&str; 7] =
        ["nmse", "nmse_low", "nmse_high", "nmse_median", "nmse_q95", "trials", "experiment_id"];

    /// Returns the NMSE and its companions in the order of the fields.
    pub(super) fn figures(&self) -> [Option<f64>; 5] {
        [self.nmse, self.nmse_low, self.nmse_high, self.nmse_median, self.nmse_q95]
    }

    pub(super) fn cells(&self) -> Vec<String> {
        let coordinates = self.coordinates.iter().map(|(_, value)| value.cell());
        let figures = self.figures().map(|x| x.map_or(String::new(), number));
        coordinates.chain(figures).chain([self.trials.to_string(), self.experiment_id.clone()]).collect()
    }

    /// Returns the entry as an object of JSON: coordinates and fields side by side.
    pub(super) fn json(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut put = |name: &str, value: Json| parts.push(format!("{}:{value}", Json::from(name)));
        for (name, value) in &self.coordinates {
            put(name, serde_json::to_value(value).expect("coordinates are plain data"));
        }
        for (name, value) in Self::FIELDS.iter().zip(self.figures()) {
            put(name, value.map_or(Json::Null, Json::from));
        }
        put("trials", self.trials.into());
        put("experiment_id", self.experiment_id.as_str().into());
        format!("{{{}}}", parts.join(","))
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, LinkTableError> {
        let figure = |name: &str| fields.optional(name, 0.0, f64::MAX);
        let all: &Map<String, Json> = fields.all();
        let others = all.iter().filter(|(name, _)| !Self::FIELDS.contains(&name.as_str()));
        Ok(Self {
            nmse: figure("nmse")?,
            nmse_low: fields.optional("nmse_low", f64::MIN, f64::MAX)?,
            nmse_high: figure("nmse_high")?,
            nmse_median: figure("nmse_median")?,
            nmse_q95: figure("nmse_q95")?,
            trials: fields.whole("trials", 0, u64::MAX)?,
            experiment_id: fields.text("experiment_id")?.into(),
            coordinates: others.map(|(name, value)| (name.clone(), Coordinate::of(value))).collect(),
        })
    }
}

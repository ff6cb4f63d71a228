//! `[impairments.amplifier]`: the devices' power amplifiers.

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::per_device::PerDevice;
use crate::experiment::sections::text_file;
use airloop_channels::ChannelError;
use airloop_channels::impairment::amplifier::{BACK_OFF_DB, SMOOTHNESS};
use airloop_channels::impairment::{Amplifier, AmplifierConfig, AmplifierModel, MemoryPolynomial};
use std::path::Path;
use std::sync::Arc;

/// The words for `model`.
const MODELS: [&str; 4] = ["soft-limiter", "rapp", "saleh", "memory-polynomial"];

/// The amplifiers as configured.
#[derive(Clone, Debug)]
pub struct AmplifierSection {
    /// Saturation power over the nominal mean power, in decibels.
    pub back_off_db: PerDevice,
    config: AmplifierConfig,
    /// Made once; devices take it at their own power.
    prototype: Amplifier,
}

impl PartialEq for AmplifierSection {
    fn eq(&self, other: &Self) -> bool {
        self.back_off_db == other.back_off_db && self.config == other.config
    }
}

impl AmplifierSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a value is wrong or out of bounds, or a file holds no polynomial.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let word = reader.choice("model", None, &MODELS)?;
        if word != "rapp" {
            reader.require_absent("smoothness", "goes with model = \"rapp\"")?;
        }
        if word != "memory-polynomial" {
            reader.require_absent("file", "goes with model = \"memory-polynomial\"")?;
        }
        let model = match word {
            "soft-limiter" => AmplifierModel::SoftLimiter,
            "rapp" => {
                let bound = Bound::between(SMOOTHNESS.0, SMOOTHNESS.1);
                AmplifierModel::Rapp { smoothness: reader.f64_in("smoothness", Some(2.0), bound)? }
            }
            "saleh" => AmplifierModel::Saleh,
            _ => AmplifierModel::MemoryPolynomial(Arc::new(from_file(reader)?)),
        };
        if !reader.has("back_off_db") {
            let message =
                "is missing: the saturation power over the nominal mean power is expected, for example 8.0";
            return Err(reader.invalid("back_off_db", message));
        }
        let back_off_db =
            PerDevice::read(reader, "back_off_db", Bound::between(BACK_OFF_DB.0, BACK_OFF_DB.1))?;
        let first = match &back_off_db {
            PerDevice::Same(value) => *value,
            other => other.range().0.clamp(BACK_OFF_DB.0, BACK_OFF_DB.1),
        };
        let calibrated = reader.bool("calibrated", Some(true))?;
        let config = AmplifierConfig { model, back_off_db: first, calibrated };
        let prototype = Amplifier::new(&config, 1.0).map_err(|e| reader.invalid("model", e.to_string()))?;
        Ok(Self { back_off_db, config, prototype })
    }

    /// Returns the model, at the first device's back-off.
    pub fn config(&self) -> &AmplifierConfig {
        &self.config
    }

    /// Returns how many samples after itself an input still answers.
    pub fn tail_samples(&self) -> usize {
        self.prototype.tail_samples()
    }

    /// Returns the amplifier of a device.
    ///
    /// # Errors
    /// When a back-off that is drawn lies beyond its range.
    pub fn at(&self, back_off_db: f64, mean_power: f64) -> Result<Amplifier, ChannelError> {
        self.prototype.at(back_off_db, mean_power)
    }
}

/// Reads the polynomial of a file; its terms are its content, not its path.
fn from_file(reader: &TableReader<'_>) -> Result<MemoryPolynomial, ConfigError> {
    let expected = "the path of a file with the columns order,delay_samples,re,im is expected";
    let Some(node) = reader.node("file") else {
        return Err(reader.invalid("file", format!("is missing: {expected}")));
    };
    let text = node.text(&reader.path("file"), expected)?;
    let path = node.origin.file().and_then(Path::parent).unwrap_or(Path::new("")).join(text);
    let failed = |what: String| reader.invalid("file", format!("{}: {what}", path.display()));
    let text = text_file::read(&path).map_err(|e| failed(e.to_string()))?;
    let polynomial = MemoryPolynomial::from_csv(&text).map_err(|e| failed(e.to_string()))?;
    let term = |(order, delay, a): (usize, usize, airloop_baseband::Complex64)| {
        serde_json::json!([order, delay, a.re, a.im])
    };
    reader.record("file", None, Some(polynomial.terms().map(term).collect()));
    Ok(polynomial)
}

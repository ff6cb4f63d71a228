//! `[uplink]` and `[downlink]`.

use super::Draws;
use crate::config::{Bound, ConfigError, TableReader};
use crate::split::link::Shannon;
use airloop_baseband::seeds::Seeds;
use airloop_baseband::units::power_from_db;
use std::path::{Path, PathBuf};

/// Noise density at room temperature, in dBm a hertz.
const NOISE_DBM_HZ: f64 = -174.0;

/// Which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From devices to server.
    Up,
    /// From server to devices.
    Down,
}

/// Where rates come from.
#[derive(Clone, Debug, PartialEq)]
pub enum RateSource {
    /// One a device, in bit/s.
    Fixed(Vec<f64>),
    /// Shannon's formula.
    Shannon(Shannon),
    /// A trace of measured or simulated transfers.
    Trace(PathBuf),
}

/// One direction of the link.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectionConfig {
    /// Where rates come from.
    pub source: RateSource,
    /// Length of a slot, in seconds.
    pub slot_s: Option<f64>,
    /// Transmit power for each device, in watts.
    pub power_w: Vec<Option<f64>>,
    /// Rate at which all devices are reached at once, in bit/s.
    pub broadcast_rate_bps: Option<f64>,
}

impl DirectionConfig {
    /// Reads a direction.
    ///
    /// # Errors
    /// When nothing, or more than one thing, says the rates, or a key is out of range.
    pub(super) fn read(reader: &TableReader<'_>, draws: &Draws, way: Way) -> Result<Self, ConfigError> {
        let dbm = draws.optional(reader, "power_dbm", Bound::between(-200.0, 200.0))?;
        let watts = dbm.map(|dbm| dbm.into_iter().map(|dbm| power_from_db(dbm - 30.0)).collect::<Vec<f64>>());
        let source = source(reader, draws, watts.as_deref())?;
        let broadcast_rate_bps = match way {
            Way::Down => reader.optional_f64("broadcast_rate_bps", Bound::positive())?,
            Way::Up => None,
        };
        Ok(Self {
            source,
            slot_s: reader.optional_f64("slot_s", Bound::positive())?,
            power_w: watts.map_or(vec![None; draws.devices], |watts| watts.into_iter().map(Some).collect()),
            broadcast_rate_bps,
        })
    }

    /// Returns rates that do not change, in bit/s: those given, or those at the mean gains.
    pub fn steady_rates_bps(&self) -> Option<Vec<f64>> {
        match &self.source {
            RateSource::Fixed(rates) => Some(rates.clone()),
            RateSource::Shannon(shannon) => {
                Some(shannon.gain.iter().enumerate().map(|(k, gain)| shannon.rate_at(k, *gain)).collect())
            }
            RateSource::Trace(_) => None,
        }
    }
}

fn source(reader: &TableReader<'_>, draws: &Draws, watts: Option<&[f64]>) -> Result<RateSource, ConfigError> {
    let kinds = ["rate_bps", "bandwidth_hz", "trace"];
    let given: Vec<&str> = kinds.into_iter().filter(|key| reader.has(key)).collect();
    let expected = "rate_bps, bandwidth_hz (with power_dbm and gain_db) or trace is expected";
    let kind = match given[..] {
        [kind] => kind,
        [] => return Err(reader.invalid("rate_bps", format!("is missing: {expected}"))),
        [_, second, ..] => {
            return Err(reader.invalid(second, format!("the rates are given already; one of {expected}")));
        }
    };
    if kind != "bandwidth_hz" {
        for key in ["gain", "gain_db", "noise_dbm_hz", "fading"] {
            reader.require_absent(key, "belongs to bandwidth_hz")?;
        }
    }
    match kind {
        "rate_bps" => Ok(RateSource::Fixed(draws.needed(reader, "rate_bps", Bound::positive())?)),
        "trace" => {
            let text = reader.string("trace", None)?;
            let folder = reader.origin("trace").file().and_then(Path::parent).unwrap_or(Path::new(""));
            Ok(RateSource::Trace(folder.join(text)))
        }
        _ => Ok(RateSource::Shannon(shannon(reader, draws, watts)?)),
    }
}

fn shannon(reader: &TableReader<'_>, draws: &Draws, watts: Option<&[f64]>) -> Result<Shannon, ConfigError> {
    let Some(power_w) = watts else {
        return Err(
            reader.invalid("power_dbm", "is missing: Shannon's formula needs a power beside bandwidth_hz")
        );
    };
    let gain = match reader.has("gain") {
        true => {
            reader.require_absent("gain_db", "gain says it already")?;
            draws.needed(reader, "gain", Bound::positive())?
        }
        false => {
            let db = draws.needed(reader, "gain_db", Bound::between(-300.0, 100.0))?;
            db.into_iter().map(power_from_db).collect()
        }
    };
    let noise_dbm_hz = reader.f64_in("noise_dbm_hz", Some(NOISE_DBM_HZ), Bound::between(-300.0, 0.0))?;
    let fading = match reader.choice("fading", Some("none"), &["none", "rayleigh"])? {
        "rayleigh" => Some(draws.seeds),
        _ => None,
    };
    Ok(Shannon {
        bandwidth_hz: reader.f64_in("bandwidth_hz", None, Bound::positive())?,
        noise_w_hz: power_from_db(noise_dbm_hz - 30.0),
        power_w: power_w.to_vec(),
        gain,
        fading: fading.map(|seeds: Seeds| seeds.branch(0)),
    })
}

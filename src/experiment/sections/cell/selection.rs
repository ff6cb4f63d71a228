//! `[cell.selection]`: which devices of the drop take part.

use super::CellDevice;
use crate::config::{Bound, ConfigError, TableReader};
use airloop_baseband::Complex64;
use airloop_baseband::units::{amplitude_from_db, power_from_db};
use airloop_channels::large_scale::select;

/// A rule by which devices take part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Selected {
    /// Every device.
    All,
    /// Those of at least this mean SNR, in decibels.
    Snr(f64),
    /// Those within this distance on the ground, in metres: cell-interior scheduling.
    Distance(f64),
    /// So many of the highest mean SNR.
    Best(usize),
    /// As many as one receive beam serves at this error over the noise, in decibels, by their mean channels.
    Joint(f64),
}

/// The selection as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SelectionSection {
    /// The rule.
    pub rule: Selected,
}

/// The keys that go with one rule each.
const KEYS: [(&str, &str); 4] =
    [("snr", "snr_db"), ("distance", "distance_m"), ("best", "count"), ("joint", "target_mse_db")];

impl SelectionSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a key is wrong, missing, or goes with another rule.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let words = ["all", "snr", "distance", "best", "joint"];
        let word = reader.choice("rule", Some(words[0]), &words)?;
        for (rule, key) in KEYS {
            if rule != word {
                reader.require_absent(key, &format!("goes with rule = \"{rule}\", not with \"{word}\""))?;
            }
        }
        let decibels = Bound::between(-300.0, 300.0);
        let rule = match word {
            "snr" => Selected::Snr(reader.f64_in("snr_db", None, decibels)?),
            "distance" => {
                Selected::Distance(reader.f64_in("distance_m", None, Bound::between(0.0, 1e6).open_low())?)
            }
            "best" => Selected::Best(reader.usize("count", None, 1)?),
            "joint" => Selected::Joint(reader.f64_in("target_mse_db", None, decibels)?),
            _ => Selected::All,
        };
        Ok(Self { rule })
    }

    /// Marks the devices that take part.
    ///
    /// # Errors
    /// When none does, or fewer exist than are wanted.
    pub fn apply(&self, reader: &TableReader<'_>, devices: &mut [CellDevice]) -> Result<(), ConfigError> {
        let best_db = devices.iter().map(|d| d.snr_db).fold(f64::NEG_INFINITY, f64::max);
        let nearest_m =
            devices.iter().map(|d| d.dropped.geometry.distance_2d_m).fold(f64::INFINITY, f64::min);
        let (key, least) = match self.rule {
            Selected::All => return Ok(()),
            Selected::Snr(least_db) => {
                devices.iter_mut().for_each(|d| d.selected = d.snr_db >= least_db);
                ("snr_db", format!("the best SNR of the drop is {best_db:.2} dB"))
            }
            Selected::Distance(distance_m) => {
                devices.iter_mut().for_each(|d| d.selected = d.dropped.geometry.distance_2d_m <= distance_m);
                ("distance_m", format!("the nearest device stands {nearest_m:.2} m from the server"))
            }
            Selected::Best(count) => {
                if count > devices.len() {
                    let message = format!("{count} is out of range: the drop has {} devices", devices.len());
                    return Err(reader.invalid("count", message));
                }
                let mut order: Vec<usize> = (0..devices.len()).collect();
                order.sort_by(|a, b| devices[*b].snr_db.total_cmp(&devices[*a].snr_db));
                order[count..].iter().for_each(|k| devices[*k].selected = false);
                ("count", String::new())
            }
            Selected::Joint(target_db) => {
                let channel = |d: &CellDevice| vec![Complex64::new(amplitude_from_db(d.snr_db), 0.0)];
                let channels: Vec<Vec<Complex64>> = devices.iter().map(channel).collect();
                let selection = select(&channels, power_from_db(target_db))
                    .map_err(|error| reader.invalid("target_mse_db", error.to_string()))?;
                devices.iter_mut().for_each(|d| d.selected = false);
                selection.devices.iter().for_each(|k| devices[*k].selected = true);
                ("target_mse_db", format!("the best SNR of the drop is {best_db:.2} dB"))
            }
        };
        if devices.iter().any(|d| d.selected) {
            return Ok(());
        }
        Err(reader.invalid(key, format!("leaves no device: {least}")))
    }
}

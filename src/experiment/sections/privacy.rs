//! `[privacy]`: the differential privacy that noise gives the devices, at the server and at an eavesdropper.

use crate::config::{Bound, ConfigError, TableReader};
use crate::payload::Payload;
use crate::privacy::Neighbours;
use airloop_baseband::units::power_from_db;

/// The privacy meter as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrivacySection {
    /// The delta at which epsilon is told.
    pub delta: f64,
    /// Bound on the norm of a device's update, in unit-power units; `None`: that of the payload itself.
    clip_norm: Option<f64>,
    /// Which two data sets are neighbours.
    pub neighbours: Neighbours,
    /// Noise power of an eavesdropper over that of the server, if there is one.
    pub eavesdropper_noise: Option<f64>,
}

impl PrivacySection {
    /// Reads the table; without `delta` nothing is metered.
    ///
    /// # Errors
    /// When a key is wrong.
    pub fn read(reader: &TableReader<'_>) -> Result<Option<Self>, ConfigError> {
        let Some(delta) = reader.optional_f64("delta", Bound::between(0.0, 1.0).open_low().open_high())?
        else {
            for key in ["clip_norm", "neighbours", "eavesdropper_noise_db"] {
                reader.require_absent(
                    key,
                    "goes with privacy.delta, the probability at which epsilon is told",
                )?;
            }
            return Ok(None);
        };
        let neighbours = match reader.choice("neighbours", Some("replace"), &["replace", "add-remove"])? {
            "add-remove" => Neighbours::AddRemove,
            _ => Neighbours::Replace,
        };
        let noise_db = reader.optional_f64("eavesdropper_noise_db", Bound::between(-200.0, 200.0))?;
        Ok(Some(Self {
            delta,
            clip_norm: reader.optional_f64("clip_norm", Bound::positive())?,
            neighbours,
            eavesdropper_noise: noise_db.map(power_from_db),
        }))
    }

    /// Returns whether a bound was given.
    pub fn is_bounded(&self) -> bool {
        self.clip_norm.is_some()
    }

    /// Returns the bound on the norm of an update, in unit-power units: that of the largest device, unless one is given.
    pub fn clip_norm(&self, payload: &Payload) -> f64 {
        self.clip_norm.unwrap_or_else(|| largest_norm(payload))
    }

    /// Checks that the payload keeps to the bound: the meter does not clip.
    ///
    /// # Errors
    /// When an update is longer.
    pub fn check(&self, reader: &TableReader<'_>, payload: &Payload) -> Result<(), ConfigError> {
        let largest = largest_norm(payload);
        match self.clip_norm {
            Some(clip_norm) if clip_norm < largest * (1.0 - 1e-6) => {
                let norm = if payload.is_synthetic() {
                    "root mean square norm"
                } else {
                    "norm of the largest update"
                };
                let message = format!(
                    "{clip_norm} is less than {largest:.6}, the {norm} in unit-power units; \
                     nothing is clipped here: clip the payload, or leave the key out"
                );
                Err(reader.invalid("clip_norm", message))
            }
            _ => Ok(()),
        }
    }
}

/// Returns the largest norm of a device's values in unit-power units (for drawn payloads, the root of its mean square).
fn largest_norm(payload: &Payload) -> f64 {
    let power = (0..payload.devices()).map(|k| payload.gram().power(k)).fold(0.0, f64::max);
    (power * payload.length() as f64).sqrt()
}

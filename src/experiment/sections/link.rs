//! `[link]`: signal-to-noise ratio, its spread over devices, and channel knowledge.

use super::{CellDrop, SchemeSection};
use crate::beamforming::Antennas;
use crate::config::{Bound, ConfigError, TableReader};
use crate::link::LinkConfig;
use crate::ofdm::Numerology;
use crate::payload::Payload;
use crate::scheme::LinkBudget;
use airloop_baseband::units::{db_from_power, power_from_db};

/// Keys that a cell stands in place of.
const CELL_SAYS: [&str; 8] = [
    "snr_db",
    "es_n0_db",
    "eb_n0_db",
    "receive_snr_db",
    "snr_bandwidth_hz",
    "snr_spread_db",
    "snr_db_per_device",
    "transmit_power_w",
];

/// Bounds of an SNR, in decibels.
const SNR_BOUND: Bound = Bound::between(-100.0, 200.0);

/// The link as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkSection {
    /// Power budget per element times mean channel power over noise power per element, in decibels: as configured, or as it
    /// follows from `receive_snr_db`.
    pub snr_db: f64,
    /// Aligned power over noise power, in decibels, where that is given in place of `snr_db`.
    pub receive_snr_db: Option<f64>,
    /// Bandwidth over which `snr_db` holds, when the total power is fixed instead of the power per element.
    pub snr_bandwidth_hz: Option<f64>,
    /// Spread of the devices' SNRs, evenly over `snr_db` plus or minus half of it.
    pub snr_spread_db: f64,
    /// Each device's SNR, in place of `snr_db` and `snr_spread_db`.
    pub snr_db_per_device: Option<Vec<f64>>,
    /// Antennas of the server.
    pub receive_antennas: usize,
    /// Antennas of every device.
    pub device_antennas: usize,
    /// A device's total transmit power at full budget, for energies in joules.
    pub transmit_power_w: Option<f64>,
}

impl LinkSection {
    /// Reads the table; in a cell, SNRs and transmit power follow from there.
    ///
    /// # Errors
    /// When a key is wrong, or two say the same.
    pub fn read(reader: &TableReader<'_>, in_cell: bool) -> Result<Self, ConfigError> {
        if in_cell {
            for key in CELL_SAYS {
                let why =
                    "follows from [cell]: transmit power, losses and noise are given there; leave one out";
                reader.require_absent(key, why)?;
            }
        }
        let snr_db_per_device = match reader.has("snr_db_per_device") {
            true => Some(reader.f64_list("snr_db_per_device", None, SNR_BOUND)?),
            false => None,
        };
        if snr_db_per_device.is_some() {
            for key in ["snr_db", "receive_snr_db", "snr_spread_db"] {
                reader.require_absent(
                    key,
                    "link.snr_db_per_device already says every device's SNR; leave one out",
                )?;
            }
        }
        let receive_snr_db = read_receive_snr(reader)?;
        let snr_db = match &snr_db_per_device {
            Some(list) if list.is_empty() => {
                return Err(
                    reader.invalid("snr_db_per_device", "is empty; one SNR for each device is expected")
                );
            }
            Some(list) => list.iter().sum::<f64>() / list.len() as f64,
            None if receive_snr_db.is_some() || in_cell => 0.0,
            None if reader.has("es_n0_db") || reader.has("eb_n0_db") => read_energy(reader)?,
            None => reader.f64_in("snr_db", None, SNR_BOUND).map_err(in_place_of_snr_db)?,
        };
        Ok(Self {
            snr_db,
            receive_snr_db,
            snr_bandwidth_hz: reader
                .optional_f64("snr_bandwidth_hz", Bound::between(0.0, 1e12).open_low())?,
            snr_spread_db: reader.f64_in("snr_spread_db", Some(0.0), Bound::between(0.0, 100.0))?,
            snr_db_per_device,
            receive_antennas: read_antennas(reader, "receive_antennas")?,
            device_antennas: read_antennas(reader, "device_antennas")?,
            transmit_power_w: reader.optional_f64("transmit_power_w", Bound::positive())?,
        })
    }

    /// Takes `eb_n0_db`, where it is given, for the energy of an information bit of the link's blocks; `snr_db` follows.
    ///
    /// ```text
    /// SNR = Eb/N0 * information bits of a block / data elements of a block
    /// ```
    ///
    /// # Errors
    /// When blocks of different size are sent.
    pub fn settle_bit_energy(
        &mut self,
        reader: &TableReader<'_>,
        link: &LinkConfig,
    ) -> Result<(), ConfigError> {
        if !reader.has("eb_n0_db") {
            return Ok(());
        }
        let Some(bits) = link.bits_an_element() else {
            let message = "goes with blocks that are all alike; mcs.index = \"adaptive\" sends many kinds: give link.snr_db";
            return Err(reader.invalid("eb_n0_db", message));
        };
        self.snr_db += db_from_power(bits);
        Ok(())
    }

    /// Returns the antennas at either end.
    pub fn antennas(&self) -> Antennas {
        Antennas { receive: self.receive_antennas, device: self.device_antennas }
    }

    /// Takes SNRs and transmit power from a drop of devices: `snr_db` is the mean of those that take part, in decibels.
    pub fn settle_cell(&mut self, drop: &CellDrop) {
        let list: Vec<f64> = drop.participants().map(|device| device.snr_db).collect();
        self.snr_db = list.iter().sum::<f64>() / list.len() as f64;
        self.snr_db_per_device = Some(list);
        self.transmit_power_w = Some(drop.mean_transmit_power_w());
    }

    /// Sets the noise of a budget so that the scheme's aligned power over it is `receive_snr_db`, where that is given;
    /// `snr_db` follows.
    ///
    /// ```text
    /// noise = aligned power / receive SNR,   SNR = 1 / noise (divided by snr_bandwidth_hz / bandwidth_hz)
    /// ```
    ///
    /// # Errors
    /// When the scheme's aligned power depends on the noise, or is none.
    pub fn settle_noise(
        &mut self,
        reader: &TableReader<'_>,
        scheme: &SchemeSection,
        budget: &mut LinkBudget,
        numerology: &Numerology,
    ) -> Result<(), ConfigError> {
        let Some(receive_snr_db) = self.receive_snr_db else { return Ok(()) };
        let Some(aligned) = scheme.aligned_power(budget) else {
            let message = format!(
                "goes with schemes that align at a power which the noise does not change: truncated-inversion with a \
                 number as scheme.threshold, and one-bit-majority; for scheme.kind = \"{}\" as it stands give \
                 link.snr_db in its place",
                scheme.name
            );
            return Err(reader.invalid("receive_snr_db", message));
        };
        if !aligned.is_finite() || aligned <= 0.0 {
            let message =
                format!("scheme.threshold leaves an aligned power of {aligned}; choose a smaller threshold");
            return Err(reader.invalid("receive_snr_db", message));
        }
        budget.noise_power = aligned / power_from_db(receive_snr_db);
        self.snr_db = -db_from_power(budget.noise_power * self.spread(numerology));
        Ok(())
    }

    /// Returns the factor on all SNRs of spreading a fixed total power over the bandwidth.
    fn spread(&self, numerology: &Numerology) -> f64 {
        self.snr_bandwidth_hz.map_or(1.0, |b| b / numerology.bandwidth_hz())
    }

    /// Makes the budget per element: noise power 1 over the mean SNR's power, each device's power for unit-power values.
    ///
    /// ```text
    /// noise = 1 / SNR,   P_k = SNR_k noise,   SNR_k in dB = snr_db + spread (k/(K-1) - 1/2)
    /// fixed total power: SNR_k times snr_bandwidth_hz / bandwidth_hz
    /// ```
    ///
    /// # Errors
    /// When the list of SNRs does not fit the number of devices.
    pub fn budget(
        &self,
        reader: &TableReader<'_>,
        payload: &Payload,
        numerology: &Numerology,
    ) -> Result<LinkBudget, ConfigError> {
        let devices = payload.devices();
        if let Some(list) = &self.snr_db_per_device
            && list.len() != devices
        {
            let message = format!("holds {} values for {devices} devices; one each is expected", list.len());
            return Err(reader.invalid("snr_db_per_device", message));
        }
        let offset_db = |k: usize| match &self.snr_db_per_device {
            Some(list) => list[k] - self.snr_db,
            None if devices > 1 => self.snr_spread_db * (k as f64 / (devices - 1) as f64 - 0.5),
            None => 0.0,
        };
        let spread = self.spread(numerology);
        let power = |k: usize| power_from_db(offset_db(k)) / payload.budget_power(k);
        Ok(LinkBudget {
            noise_power: 1.0 / (power_from_db(self.snr_db) * spread),
            power: (0..devices).map(power).collect(),
            weight: (0..devices).map(|k| payload.budget_power(k)).collect(),
        })
    }
}

/// Says what may stand in place of `snr_db` where it is missing.
fn in_place_of_snr_db(error: ConfigError) -> ConfigError {
    match error {
        ConfigError::Missing { origin, path, .. } => {
            let expected = "a number is expected, for example 10.0; link.receive_snr_db, link.snr_db_per_device or [cell] may stand \
                            in its place"
                .into();
            ConfigError::Missing { origin, path, expected }
        }
        error => error,
    }
}

/// Reads the energy of a data element, or of an information bit, over the noise density.
fn read_energy(reader: &TableReader<'_>) -> Result<f64, ConfigError> {
    let key = if reader.has("es_n0_db") { "es_n0_db" } else { "eb_n0_db" };
    for other in ["snr_db", "eb_n0_db"].into_iter().filter(|other| *other != key) {
        reader.require_absent(other, &format!("says the same as link.{key}; leave one out"))?;
    }
    reader.f64_in(key, None, SNR_BOUND)
}

/// Most antennas at either end.
const MAX_ANTENNAS: usize = 1024;

/// Reads a number of antennas.
fn read_antennas(reader: &TableReader<'_>, key: &str) -> Result<usize, ConfigError> {
    let antennas = reader.usize(key, Some(1), 1)?;
    match antennas <= MAX_ANTENNAS {
        true => Ok(antennas),
        false => {
            let message = format!("{antennas} is out of range: 1 to {MAX_ANTENNAS} antennas are possible");
            Err(reader.invalid(key, message))
        }
    }
}

/// Reads the SNR of what arrives, which stands in place of `snr_db`.
fn read_receive_snr(reader: &TableReader<'_>) -> Result<Option<f64>, ConfigError> {
    if !reader.has("receive_snr_db") {
        return Ok(None);
    }
    let why =
        "link.receive_snr_db already says the SNR of what arrives, and snr_db follows from it; leave one out";
    reader.require_absent("snr_db", why)?;
    reader.optional_f64("receive_snr_db", SNR_BOUND)
}

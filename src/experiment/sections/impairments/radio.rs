//! Keys of `[impairments]` that are not clocks: phase noise, mixers, power control, converters, amplifiers.

mod parts;

pub use parts::RadioPart;

use super::amplifier::AmplifierSection;
use super::oscillator::{MaskSection, Presets};
use super::{optional, read};
use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::per_device::PerDevice;
use airloop_baseband::{Purpose, Seeds};
use airloop_channels::ChannelError;
use airloop_channels::impairment::{
    DcOffset, HEADROOM_DB, IMAGE_REJECTION_DB, IqImbalance, MAX_BITS, MAX_IMBALANCE, MAX_LEAKAGE_DBC,
    MAX_LINEWIDTH_SHARE, MAX_POWER_ERROR_DB, PhaseNoise, PhaseNoiseConfig, PowerControl, QuantiserConfig,
    SampleClock, Transmitter, TransmitterConfig,
};
use std::f64::consts::TAU;

/// Numbers of the streams by which these quantities are drawn; clocks have those below.
const FIRST_STREAM: u64 = 16;
const LEAKAGE_PHASE: u64 = 48;
const POWER: u64 = 49;
const PHASE_NOISE: u64 = 50;

/// What the devices' radios get wrong besides their clocks.
#[derive(Clone, Debug, PartialEq)]
pub struct RadioSection {
    linewidth_hz: PerDevice,
    /// One for all, or one a device.
    masks: Vec<Option<MaskSection>>,
    iq_gain_db: PerDevice,
    iq_phase_rad: PerDevice,
    image_rejection_db: Option<PerDevice>,
    dc_offset_dbc: Option<PerDevice>,
    power_step_db: PerDevice,
    power_error_db: PerDevice,
    dac_bits: Option<PerDevice>,
    dac_headroom_db: Option<PerDevice>,
    /// Headroom at which converters of so many bits err least.
    best_headroom_db: Vec<f64>,
    amplifier: Option<AmplifierSection>,
}

impl RadioSection {
    /// Reads the keys; a preset stands where one is missing.
    ///
    /// # Errors
    /// When a value is wrong or out of bounds, or two say the same.
    pub(super) fn read(reader: &TableReader<'_>, presets: &Presets) -> Result<Self, ConfigError> {
        let symmetric = |most: f64| Bound::between(-most, most);
        let decibels = Bound::between(0.0, MAX_POWER_ERROR_DB);
        let branches = reader.has("iq_gain_db") || reader.has("iq_phase_rad");
        if branches {
            let why = "says the same as iq_gain_db and iq_phase_rad; leave one out";
            reader.require_absent("image_rejection_db", why)?;
        }
        let rejection = Bound::between(IMAGE_REJECTION_DB.0, IMAGE_REJECTION_DB.1);
        let preset_rejection = presets.fixed(|p| p.image_rejection_db.filter(|_| !branches), f64::INFINITY);
        let amplifier = match reader.has("amplifier") {
            true => Some(AmplifierSection::read(&reader.section("amplifier")?)?),
            false => None,
        };
        let bits = Bound::between(1.0, f64::from(MAX_BITS));
        let dac_bits = optional(reader, "dac_bits", bits, presets.fixed(|p| p.dac_bits.map(f64::from), 0.0))?;
        if dac_bits.is_none() {
            reader.require_absent("dac_headroom_db", "goes with dac_bits")?;
        }
        let best_headroom_db = match &dac_bits {
            Some(bits) => best_headroom(reader, "dac_bits", bits)?,
            None => Vec::new(),
        };
        let headroom = Bound::between(HEADROOM_DB.0, HEADROOM_DB.1);
        Ok(Self {
            linewidth_hz: read(reader, "phase_noise_linewidth_hz", Bound::between(0.0, 1e9), None)?,
            masks: masks(reader, presets)?,
            iq_gain_db: read(reader, "iq_gain_db", symmetric(MAX_IMBALANCE.0), None)?,
            iq_phase_rad: read(reader, "iq_phase_rad", symmetric(MAX_IMBALANCE.1), None)?,
            image_rejection_db: optional(reader, "image_rejection_db", rejection, preset_rejection)?,
            dc_offset_dbc: optional(
                reader,
                "dc_offset_dbc",
                Bound::between(-200.0, MAX_LEAKAGE_DBC),
                presets.fixed(|p| p.dc_offset_dbc, f64::NEG_INFINITY),
            )?,
            power_step_db: read(reader, "power_step_db", decibels, presets.fixed(|p| p.power_step_db, 0.0))?,
            power_error_db: read(reader, "power_error_db", decibels, None)?,
            dac_bits,
            dac_headroom_db: optional(reader, "dac_headroom_db", headroom, None)?,
            best_headroom_db,
            amplifier,
        })
    }

    /// Returns radios that get nothing wrong.
    pub fn ideal() -> Self {
        let right = || PerDevice::Same(0.0);
        Self {
            linewidth_hz: right(),
            masks: vec![None],
            iq_gain_db: right(),
            iq_phase_rad: right(),
            image_rejection_db: None,
            dc_offset_dbc: None,
            power_step_db: right(),
            power_error_db: right(),
            dac_bits: None,
            dac_headroom_db: None,
            best_headroom_db: Vec::new(),
            amplifier: None,
        }
    }

    /// Returns whether no radio gets anything wrong.
    pub fn is_ideal(&self) -> bool {
        let numbers = [
            &self.linewidth_hz,
            &self.iq_gain_db,
            &self.iq_phase_rad,
            &self.power_step_db,
            &self.power_error_db,
        ];
        let parts = self.has(RadioPart::PhaseNoise)
            || self.image_rejection_db.is_some()
            || self.dc_offset_dbc.is_some();
        numbers.iter().all(|p| p.is_zero()) && !parts && self.dac_bits.is_none() && self.amplifier.is_none()
    }

    /// Returns all quantities with their keys, in the order of their streams.
    fn all(&mut self) -> Vec<(&'static str, &mut PerDevice)> {
        let mut all = vec![
            ("phase_noise_linewidth_hz", &mut self.linewidth_hz),
            ("iq_gain_db", &mut self.iq_gain_db),
            ("iq_phase_rad", &mut self.iq_phase_rad),
            ("power_step_db", &mut self.power_step_db),
            ("power_error_db", &mut self.power_error_db),
        ];
        let optional = [
            ("image_rejection_db", &mut self.image_rejection_db),
            ("dc_offset_dbc", &mut self.dc_offset_dbc),
            ("dac_bits", &mut self.dac_bits),
            ("dac_headroom_db", &mut self.dac_headroom_db),
        ];
        all.extend(optional.into_iter().filter_map(|(key, value)| Some((key, value.as_mut()?))));
        all.extend(self.amplifier.as_mut().map(|a| ("amplifier", &mut a.back_off_db)));
        all
    }

    /// Checks that lists fit the number of devices, and linewidths and masks the sample rate and the carrier.
    ///
    /// # Errors
    /// When one does not.
    pub fn check(
        &self,
        reader: &TableReader<'_>,
        devices: usize,
        (sample_rate_hz, carrier_hz): (f64, f64),
    ) -> Result<(), ConfigError> {
        self.clone().all().into_iter().try_for_each(|(key, value)| value.check(reader, key, devices))?;
        let most_hz = MAX_LINEWIDTH_SHARE * sample_rate_hz;
        let widest_hz = self.linewidth_hz.range().1;
        if widest_hz > most_hz {
            let message = format!(
                "is up to {widest_hz:.4e} Hz; at most 1 % of the sample rate, {most_hz:.4e} Hz, is expected"
            );
            return Err(reader.invalid("phase_noise_linewidth_hz", message));
        }
        self.masks.iter().flatten().try_for_each(|mask| {
            mask.at(carrier_hz).map(drop).map_err(|e| {
                reader.invalid("phase_noise_mask", format!("at the carrier of {carrier_hz:.4e} Hz: {e}"))
            })
        })
    }

    /// Checks that an amplifier's memory ends within the cyclic prefix.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_memory(&self, reader: &TableReader<'_>, prefix_samples: usize) -> Result<(), ConfigError> {
        let tail = self.amplifier.as_ref().map_or(0, AmplifierSection::tail_samples);
        if tail <= prefix_samples {
            return Ok(());
        }
        let message = format!(
            "has terms delayed by {tail} samples, beyond the cyclic prefix of {prefix_samples}: shorter delays are expected"
        );
        Err(reader.section("amplifier")?.invalid("file", message))
    }

    /// Keeps the values of a part of the devices.
    ///
    /// # Errors
    /// When a list does not fit the number of all devices.
    pub fn keep(
        &mut self,
        reader: &TableReader<'_>,
        (devices, part): (usize, &[usize]),
    ) -> Result<(), ConfigError> {
        for (key, value) in self.all() {
            value.check(reader, key, devices)?;
            value.keep(part);
        }
        if self.masks.len() > 1 {
            self.masks = part.iter().map(|k| self.masks[*k].clone()).collect();
        }
        Ok(())
    }

    /// Returns the transmitter of a device in one trial, for samples of a nominal mean power.
    ///
    /// # Errors
    /// When a value that is drawn lies beyond its model's range.
    pub fn transmitter(
        &self,
        seeds: &Seeds,
        (trial, device): (u64, usize),
        mean_power: f64,
    ) -> Result<Transmitter, ChannelError> {
        let value = |index: u64, of: &PerDevice| {
            of.value(&seeds.stream(Purpose::Impairment, trial, FIRST_STREAM + index), device)
        };
        let own = |number: u64| seeds.stream(Purpose::Impairment, trial, number).substream(device as u64);
        let imbalance = match &self.image_rejection_db {
            Some(rejection) => IqImbalance::of_rejection(value(0, rejection))?,
            None => IqImbalance::new(value(1, &self.iq_gain_db), value(2, &self.iq_phase_rad))?,
        };
        let leakage = match &self.dc_offset_dbc {
            Some(level) => {
                DcOffset { level_dbc: value(3, level), phase_rad: TAU * own(LEAKAGE_PHASE).uniform(0) }
            }
            None => DcOffset::default(),
        };
        let power =
            PowerControl { step_db: value(4, &self.power_step_db), error_db: value(5, &self.power_error_db) };
        power.check()?;
        let bits = self.dac_bits.as_ref().map(|bits| value(6, bits) as u32).filter(|bits| *bits > 0);
        let converter = bits.map(|bits| {
            let best = || self.best_headroom_db.get(bits as usize).copied().unwrap_or_default();
            let headroom_db = self.dac_headroom_db.as_ref().map_or_else(best, |h| value(7, h));
            QuantiserConfig { bits, headroom_db }
        });
        let amplifier = self.amplifier.as_ref();
        let amplifier = amplifier.map(|a| a.at(value(8, &a.back_off_db), mean_power)).transpose()?;
        let gain_db = if power == PowerControl::default() { 0.0 } else { power.draw_db(&own(POWER)) };
        let config = TransmitterConfig { converter, imbalance, leakage, gain_db, amplifier: None };
        Transmitter::with_amplifier(&config, amplifier, mean_power)
    }

    /// Returns the phase noise of a device in one trial, counted from a clock's origin; `None` if there is none.
    ///
    /// # Errors
    /// When a linewidth that is drawn lies beyond its range.
    pub fn phase_noise(
        &self,
        seeds: &Seeds,
        (trial, device): (u64, usize),
        (clock, carrier_hz): (SampleClock, f64),
    ) -> Result<Option<PhaseNoise>, ChannelError> {
        let mask = if let [one] = &self.masks[..] { one } else { &self.masks[device] };
        if self.linewidth_hz.is_zero() && mask.is_none() {
            return Ok(None);
        }
        let linewidth = seeds.stream(Purpose::Impairment, trial, FIRST_STREAM + 9);
        let config = PhaseNoiseConfig {
            linewidth_hz: self.linewidth_hz.value(&linewidth, device),
            mask: mask.as_ref().map(|mask| mask.at(carrier_hz)).transpose()?,
        };
        let stream = seeds.stream(Purpose::Impairment, trial, PHASE_NOISE).substream(device as u64);
        PhaseNoise::new(&config, clock, stream).map(Some)
    }
}

/// Reads the masks of all devices; a preset's stands where the key is missing.
fn masks(reader: &TableReader<'_>, presets: &Presets) -> Result<Vec<Option<MaskSection>>, ConfigError> {
    let given = reader.has("phase_noise_mask");
    let presets = if given { &presets.all()[..1] } else { presets.all() };
    presets.iter().map(|preset| MaskSection::read(reader, preset)).collect()
}

/// Returns the best headroom of converters by their bits, for the bits that occur.
fn best_headroom(reader: &TableReader<'_>, key: &str, bits: &PerDevice) -> Result<Vec<f64>, ConfigError> {
    let values = match bits {
        PerDevice::Same(value) => vec![*value],
        PerDevice::Each(values) => values.clone(),
        PerDevice::Normal { .. } | PerDevice::Uniform { .. } | PerDevice::Ranges(_) => {
            return Err(reader.invalid(key, "a whole number or a list of them is expected, for example 12"));
        }
    };
    if let Some(wrong) = values.iter().find(|value| value.fract() != 0.0) {
        return Err(reader.invalid(key, format!("{wrong} is no whole number of bits: 1 to 16 are expected")));
    }
    let mut best = vec![0.0; MAX_BITS as usize + 1];
    for bits in 1..=MAX_BITS {
        if values.contains(&f64::from(bits)) {
            best[bits as usize] = QuantiserConfig::best(bits).headroom_db;
        }
    }
    Ok(best)
}

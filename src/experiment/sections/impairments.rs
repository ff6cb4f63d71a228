//! `[impairments]`: what the devices' front ends get wrong, at waveform fidelity.

mod amplifier;
mod oscillator;
mod radio;

use oscillator::Presets;
pub use oscillator::{MaskSection, read_preset, says_none};
pub use radio::{RadioPart, RadioSection};

use crate::config::{Bound, ConfigError, TableReader};
use crate::experiment::per_device::PerDevice;
use airloop_baseband::{Purpose, Seeds};
use airloop_channels::impairment::{FrontEndConfig, MAX_PPM};

/// Most that a device may be early or late, in seconds.
const MAX_TIMING_S: f64 = 1e-3;

/// The devices' impairments as configured: residuals that channel knowledge does not show.
#[derive(Clone, Debug, PartialEq)]
pub struct ImpairmentsSection {
    /// Delay of a device's transmission.
    pub timing_offset_s: PerDevice,
    /// Carrier frequency error.
    pub cfo_hz: PerDevice,
    /// Carrier phase error.
    pub phase_rad: PerDevice,
    /// Error of the oscillator that drives carrier and sample clock.
    pub oscillator_ppm: PerDevice,
    /// Error of the sample clock alone, on top of the oscillator's: a timing that drifts.
    pub sample_clock_ppm: PerDevice,
    /// What radios get wrong besides their clocks.
    pub radio: RadioSection,
    /// Devices with a preset of their own; `None` where all have the same.
    presets: Option<usize>,
}

/// The keys of clocks.
const KEYS: [&str; 5] = ["timing_offset_s", "cfo_hz", "phase_rad", "oscillator_ppm", "sample_clock_ppm"];

/// Reads a quantity of every device; where it is missing a preset's stands, or 0.
fn read(
    reader: &TableReader<'_>,
    key: &str,
    bound: Bound,
    preset: Option<PerDevice>,
) -> Result<PerDevice, ConfigError> {
    match preset {
        Some(preset) if !reader.has(key) => Ok(preset),
        _ => PerDevice::read(reader, key, bound),
    }
}

/// Reads a quantity of every device that may be missing, or `"none"`; where it is missing a preset's stands.
fn optional(
    reader: &TableReader<'_>,
    key: &str,
    bound: Bound,
    preset: Option<PerDevice>,
) -> Result<Option<PerDevice>, ConfigError> {
    if !reader.has(key) {
        return Ok(preset);
    }
    if says_none(reader, key) {
        return Ok(None);
    }
    PerDevice::read(reader, key, bound).map(Some)
}

impl ImpairmentsSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a value is wrong or out of bounds.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let presets = Presets::read(reader)?;
        let read = |key: &str, most: f64, preset: Option<PerDevice>| {
            read(reader, key, Bound::between(-most, most), preset)
        };
        Ok(Self {
            timing_offset_s: read(KEYS[0], MAX_TIMING_S, presets.uniform(|p| p.timing_offset_s))?,
            cfo_hz: read(KEYS[1], 1e9, presets.uniform(|p| p.cfo_hz))?,
            phase_rad: read(KEYS[2], 1e3, None)?,
            oscillator_ppm: read(KEYS[3], MAX_PPM, presets.uniform(|p| p.oscillator_ppm))?,
            sample_clock_ppm: read(KEYS[4], MAX_PPM, None)?,
            radio: RadioSection::read(reader, &presets)?,
            presets: presets.count(),
        })
    }

    /// Returns whether all clocks show the same time throughout.
    pub fn keeps_time(&self) -> bool {
        [&self.timing_offset_s, &self.oscillator_ppm, &self.sample_clock_ppm].iter().all(|p| p.is_zero())
    }

    /// Returns front ends that get nothing wrong.
    pub fn ideal() -> Self {
        let right = || PerDevice::Same(0.0);
        Self {
            timing_offset_s: right(),
            cfo_hz: right(),
            phase_rad: right(),
            oscillator_ppm: right(),
            sample_clock_ppm: right(),
            radio: RadioSection::ideal(),
            presets: None,
        }
    }

    fn check_presets(&self, reader: &TableReader<'_>, devices: usize) -> Result<(), ConfigError> {
        match self.presets {
            Some(count) if count != devices => {
                let message = format!("holds {count} presets for {devices} devices; one each is expected");
                Err(reader.invalid("preset", message))
            }
            _ => Ok(()),
        }
    }

    /// Checks that lists fit the number of devices, and carriers the band of a sample rate.
    ///
    /// # Errors
    /// When one does not.
    pub fn check(
        &self,
        reader: &TableReader<'_>,
        devices: usize,
        (sample_rate_hz, carrier_hz): (f64, f64),
    ) -> Result<(), ConfigError> {
        self.check_presets(reader, devices)?;
        KEYS.iter().zip(self.all()).try_for_each(|(key, value)| value.check(reader, key, devices))?;
        self.radio.check(reader, devices, (sample_rate_hz, carrier_hz))?;
        let largest = |of: &PerDevice| of.range().0.abs().max(of.range().1.abs());
        let (cfo_hz, ppm) = (largest(&self.cfo_hz), largest(&self.oscillator_ppm));
        let (drift_hz, most_hz) = (1e-6 * ppm * carrier_hz, 0.5 * sample_rate_hz);
        if cfo_hz + drift_hz <= most_hz {
            return Ok(());
        }
        let (key, value) = match cfo_hz >= drift_hz {
            true => (KEYS[1], format!("{cfo_hz:.4e} Hz")),
            false => (KEYS[3], format!("{ppm} ppm of {carrier_hz:.4e} Hz")),
        };
        let message = format!(
            "is up to {value}, which with impairments.cfo_hz and oscillator_ppm together puts carriers {:.4e} Hz off: at most half \
             the sample rate, {most_hz:.4e} Hz, is expected",
            cfo_hz + drift_hz
        );
        Err(reader.invalid(key, message))
    }

    /// Keeps the values of a part of all devices, of which lists hold one each.
    ///
    /// # Errors
    /// When a list does not fit the number of all devices.
    pub fn keep(
        &mut self,
        reader: &TableReader<'_>,
        (devices, part): (usize, &[usize]),
    ) -> Result<(), ConfigError> {
        self.check_presets(reader, devices)?;
        self.presets = self.presets.map(|_| part.len());
        KEYS.iter().zip(self.all()).try_for_each(|(key, value)| value.check(reader, key, devices))?;
        let lists = [
            &mut self.timing_offset_s,
            &mut self.cfo_hz,
            &mut self.phase_rad,
            &mut self.oscillator_ppm,
            &mut self.sample_clock_ppm,
        ];
        lists.into_iter().for_each(|list| list.keep(part));
        self.radio.keep(reader, (devices, part))?;
        Ok(())
    }

    fn all(&self) -> [&PerDevice; 5] {
        [&self.timing_offset_s, &self.cfo_hz, &self.phase_rad, &self.oscillator_ppm, &self.sample_clock_ppm]
    }

    /// Returns whether no device gets anything wrong.
    pub fn is_ideal(&self) -> bool {
        self.all().iter().all(|p| p.is_zero()) && self.radio.is_ideal()
    }

    /// Returns the front end that runs furthest ahead of the nominal time.
    pub fn earliest(&self, carrier_hz: f64) -> FrontEndConfig {
        FrontEndConfig {
            timing_offset_s: self.timing_offset_s.range().0.min(0.0),
            cfo_hz: 0.0,
            phase_rad: 0.0,
            oscillator_ppm: self.oscillator_ppm.range().1.max(0.0),
            sample_clock_ppm: self.sample_clock_ppm.range().1.max(0.0),
            carrier_hz,
        }
    }

    /// Returns the front end of a device in one trial.
    pub fn front_end(&self, seeds: &Seeds, trial: u64, device: usize, carrier_hz: f64) -> FrontEndConfig {
        let value = |index: usize, of: &PerDevice| {
            of.value(&seeds.stream(Purpose::Impairment, trial, 1 + index as u64), device)
        };
        FrontEndConfig {
            timing_offset_s: value(0, &self.timing_offset_s),
            cfo_hz: value(1, &self.cfo_hz),
            phase_rad: value(2, &self.phase_rad),
            oscillator_ppm: value(3, &self.oscillator_ppm),
            sample_clock_ppm: value(4, &self.sample_clock_ppm),
            carrier_hz,
        }
    }
}

//! The parts of a radio, each to be asked for and taken out alone.

use super::RadioSection;
use crate::experiment::per_device::PerDevice;
use airloop_channels::ChannelError;
use airloop_channels::impairment::{
    AmplifierConfig, DcOffset, IqImbalance, PhaseNoiseConfig, PowerControl, QuantiserConfig,
};

/// A part of a radio that gets something wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RadioPart {
    /// Phase noise of the oscillator.
    PhaseNoise,
    /// The image of an unbalanced mixer.
    Image,
    /// Leakage of the carrier.
    Leakage,
    /// Steps and errors of the transmit power.
    PowerControl,
    /// The converter between numbers and voltages, with the gain ahead of it.
    Converter,
    /// The power amplifier.
    Amplifier,
}

impl RadioSection {
    /// Returns whether a part gets anything wrong.
    pub fn has(&self, part: RadioPart) -> bool {
        match part {
            RadioPart::PhaseNoise => !self.linewidth_hz.is_zero() || self.masks.iter().any(Option::is_some),
            RadioPart::Image => {
                self.image_rejection_db.is_some()
                    || !(self.iq_gain_db.is_zero() && self.iq_phase_rad.is_zero())
            }
            RadioPart::Leakage => self.dc_offset_dbc.is_some(),
            RadioPart::PowerControl => !(self.power_step_db.is_zero() && self.power_error_db.is_zero()),
            RadioPart::Converter => self.dac_bits.is_some(),
            RadioPart::Amplifier => self.amplifier.is_some(),
        }
    }

    /// Makes a part get nothing wrong; what the others draw stays as it is.
    pub fn take(&mut self, part: RadioPart) {
        let right = || PerDevice::Same(0.0);
        match part {
            RadioPart::PhaseNoise => (self.linewidth_hz, self.masks) = (right(), vec![None]),
            RadioPart::Image => {
                (self.image_rejection_db, self.iq_gain_db, self.iq_phase_rad) = (None, right(), right());
            }
            RadioPart::Leakage => self.dc_offset_dbc = None,
            RadioPart::PowerControl => (self.power_step_db, self.power_error_db) = (right(), right()),
            RadioPart::Converter => (self.dac_bits, self.dac_headroom_db) = (None, None),
            RadioPart::Amplifier => self.amplifier = None,
        }
    }

    /// Returns the phase noise of devices that have it alike.
    ///
    /// # Errors
    /// When the mask at the carrier is more than a carrier can have.
    pub fn same_phase_noise(&self, carrier_hz: f64) -> Result<Option<PhaseNoiseConfig>, ChannelError> {
        let [mask] = &self.masks[..] else { return Ok(None) };
        let mask = mask.as_ref().map(|mask| mask.at(carrier_hz)).transpose()?;
        Ok(same(&self.linewidth_hz).map(|linewidth_hz| PhaseNoiseConfig { linewidth_hz, mask }))
    }

    /// Returns the mixer of devices that have it alike.
    pub fn same_imbalance(&self) -> Option<IqImbalance> {
        match &self.image_rejection_db {
            Some(rejection) => IqImbalance::of_rejection(same(rejection)?).ok(),
            None => IqImbalance::new(same(&self.iq_gain_db)?, same(&self.iq_phase_rad)?).ok(),
        }
    }

    /// Returns the leakage of devices that have it alike.
    pub fn same_leakage(&self) -> Option<DcOffset> {
        let Some(level) = &self.dc_offset_dbc else { return Some(DcOffset::default()) };
        Some(DcOffset { level_dbc: same(level)?, phase_rad: 0.0 })
    }

    /// Returns the power control of devices that have it alike.
    pub fn same_power_control(&self) -> Option<PowerControl> {
        Some(PowerControl { step_db: same(&self.power_step_db)?, error_db: same(&self.power_error_db)? })
    }

    /// Returns the converter of devices that have it alike.
    pub fn same_converter(&self) -> Option<QuantiserConfig> {
        let bits = same(self.dac_bits.as_ref()?)? as u32;
        let headroom_db = match &self.dac_headroom_db {
            Some(headroom) => same(headroom)?,
            None => self.best_headroom_db.get(bits as usize).copied()?,
        };
        Some(QuantiserConfig { bits, headroom_db })
    }

    /// Returns the amplifier of devices that have it alike.
    pub fn same_amplifier(&self) -> Option<&AmplifierConfig> {
        let amplifier = self.amplifier.as_ref()?;
        same(&amplifier.back_off_db).map(|_| amplifier.config())
    }
}

/// Returns the value that all devices have.
fn same(of: &PerDevice) -> Option<f64> {
    match of {
        PerDevice::Same(value) => Some(*value),
        _ if of.is_zero() => Some(0.0),
        _ => None,
    }
}

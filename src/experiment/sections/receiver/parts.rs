//! The parts of the server's radio, each to be asked for and taken out alone.

use super::{Gain, ReceiverSection};
use crate::experiment::sections::impairments::RadioPart;
use airloop_channels::ChannelError;
use airloop_channels::impairment::{DcOffset, IqImbalance, PhaseNoiseConfig, QuantiserConfig};

impl ReceiverSection {
    /// Returns whether a part gets anything wrong; the converter's includes a gain that keeps running.
    pub fn has(&self, part: RadioPart) -> bool {
        match part {
            RadioPart::PhaseNoise => self.linewidth_hz != 0.0 || self.mask.is_some(),
            RadioPart::Image => self.imbalance != IqImbalance::default(),
            RadioPart::Leakage => self.dc_offset_dbc.is_some(),
            RadioPart::Converter => self.converter.is_some() || matches!(self.gain, Gain::Running { .. }),
            RadioPart::PowerControl | RadioPart::Amplifier => false,
        }
    }

    /// Makes a part get nothing wrong; what the others draw stays as it is.
    pub fn take(&mut self, part: RadioPart) {
        match part {
            RadioPart::PhaseNoise => (self.linewidth_hz, self.mask) = (0.0, None),
            RadioPart::Image => self.imbalance = IqImbalance::default(),
            RadioPart::Leakage => self.dc_offset_dbc = None,
            RadioPart::Converter => (self.converter, self.gain) = (None, Gain::Nominal),
            RadioPart::PowerControl | RadioPart::Amplifier => {}
        }
    }

    /// Returns the mixer.
    pub fn imbalance(&self) -> IqImbalance {
        self.imbalance
    }

    /// Returns the line on the carrier; its phase is drawn.
    pub fn leakage(&self) -> DcOffset {
        self.dc_offset_dbc
            .map_or_else(DcOffset::default, |level_dbc| DcOffset { level_dbc, ..DcOffset::default() })
    }

    /// Returns the phase noise.
    ///
    /// # Errors
    /// When the mask at the carrier is more than a carrier can have.
    pub fn phase_noise(&self, carrier_hz: f64) -> Result<PhaseNoiseConfig, ChannelError> {
        let mask = self.mask.as_ref().map(|mask| mask.at(carrier_hz)).transpose()?;
        Ok(PhaseNoiseConfig { linewidth_hz: self.linewidth_hz, mask })
    }

    /// Returns the converter behind a gain that is set once for all.
    pub fn settled_converter(&self) -> Option<QuantiserConfig> {
        self.converter.filter(|_| self.gain == Gain::Nominal)
    }
}

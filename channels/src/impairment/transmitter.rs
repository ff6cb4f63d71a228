//! A transmitter's chain from numbers to the antenna, without clocks.

use super::amplifier::{Amplifier, AmplifierConfig};
use super::image::{DcOffset, IqImbalance, mix};
use super::quantiser::{Quantiser, QuantiserConfig};
use crate::error::{ChannelError, within};
use airloop_baseband::Complex32;
use airloop_baseband::units::amplitude_from_db;

/// Largest gain of a chain, in decibels, either way.
pub const MAX_GAIN_DB: f64 = 200.0;

/// What a transmitter makes of samples; the default is nothing.
///
/// ```text
/// samples -> converter -> mixer (image, line on the carrier) -> gain -> amplifier
/// ```
///
/// All levels are referred to the nominal mean power of the samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TransmitterConfig {
    /// Digital-to-analog converter.
    pub converter: Option<QuantiserConfig>,
    /// Imbalance of the mixer.
    pub imbalance: IqImbalance,
    /// Line on the carrier.
    pub leakage: DcOffset,
    /// Error of the power, in decibels, as [`PowerControl`](super::PowerControl) draws it.
    pub gain_db: f64,
    /// Power amplifier.
    pub amplifier: Option<AmplifierConfig>,
}

/// A transmitter's chain for samples of a nominal mean power; each output is a function of absolute indices.
#[derive(Clone, Debug, Default)]
pub struct Transmitter {
    converter: Option<Quantiser>,
    image: Complex32,
    offset: Complex32,
    /// Gain less 1, so that the default is no change.
    excess_gain: f32,
    amplifier: Option<Amplifier>,
}

impl Transmitter {
    /// Makes a transmitter for samples of a nominal mean power `E|x|^2`.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a value out of its range.
    pub fn new(config: &TransmitterConfig, mean_power: f64) -> Result<Self, ChannelError> {
        let amplifier = config.amplifier.as_ref().map(|a| Amplifier::new(a, mean_power)).transpose()?;
        let chain = TransmitterConfig { amplifier: None, ..config.clone() };
        Self::with_amplifier(&chain, amplifier, mean_power)
    }

    /// Makes a transmitter with an amplifier that is ready, instead of the config's own: its table is made once for many.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a value out of its range.
    pub fn with_amplifier(
        config: &TransmitterConfig,
        amplifier: Option<Amplifier>,
        mean_power: f64,
    ) -> Result<Self, ChannelError> {
        let gain_db =
            within("gain_db", config.gain_db, -MAX_GAIN_DB..=MAX_GAIN_DB, "within 200 dB either way")?;
        Ok(Self {
            converter: config.converter.as_ref().map(|c| Quantiser::new(c, mean_power)).transpose()?,
            image: config.imbalance.image(),
            offset: config.leakage.offset(mean_power)?,
            excess_gain: (amplitude_from_db(gain_db) - 1.0) as f32,
            amplifier,
        })
    }

    /// Returns whether samples leave as they came.
    pub fn is_identity(&self) -> bool {
        self.converter.is_none() && !self.mixes() && self.amplifier.is_none()
    }

    fn mixes(&self) -> bool {
        let zero = Complex32::default();
        self.image != zero || self.offset != zero || self.excess_gain != 0.0
    }

    /// Returns how many samples after itself any input still answers.
    pub fn tail_samples(&self) -> usize {
        self.amplifier.as_ref().map_or(0, Amplifier::tail_samples)
    }

    /// Passes samples through the chain; they grow by the tail.
    pub fn apply(&self, samples: &mut Vec<Complex32>) {
        if let Some(converter) = &self.converter {
            converter.apply(samples);
        }
        if self.mixes() {
            mix(samples, self.image, self.offset, 1.0 + self.excess_gain);
        }
        if let Some(amplifier) = &self.amplifier {
            amplifier.apply(samples);
        }
    }
}

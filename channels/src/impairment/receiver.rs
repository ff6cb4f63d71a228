//! A receiver's chain from the antenna to numbers.

use super::gain_control::{GainControl, GainState};
use super::image::{DcOffset, IqImbalance, mix};
use super::phase_noise::PhaseNoise;
use super::quantiser::{Quantiser, QuantiserConfig};
use crate::error::ChannelError;
use airloop_baseband::{Complex32, SampleIndex};

/// What a receiver makes of what it hears, noise included; the default is nothing.
///
/// ```text
/// samples -> oscillator (phase noise) -> mixer (image, line on the carrier) -> gain control -> converter
/// ```
///
/// All levels are referred to the nominal mean power of the samples, noise included. Its sample clock is the air's: that of
/// a receiver which runs fast or slow is given to the devices' front ends, as they are heard by it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReceiverConfig {
    /// Imbalance of the mixer.
    pub imbalance: IqImbalance,
    /// Line on the carrier.
    pub leakage: DcOffset,
    /// Gain control ahead of the converter.
    pub gain_control: GainControl,
    /// Analog-to-digital converter.
    pub converter: Option<QuantiserConfig>,
}

/// A receiver's chain with its state; what it makes of a sample depends on absolute indices, not on windows.
#[derive(Clone, Debug)]
pub struct Receiver {
    phase_noise: Option<PhaseNoise>,
    image: Complex32,
    offset: Complex32,
    gain: Option<GainState>,
    converter: Option<Quantiser>,
}

impl Receiver {
    /// Makes a receiver for samples of a nominal mean power `E|y|^2`.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a value out of its range.
    pub fn new(
        config: &ReceiverConfig,
        phase_noise: Option<PhaseNoise>,
        mean_power: f64,
    ) -> Result<Self, ChannelError> {
        Ok(Self {
            phase_noise: phase_noise.filter(|noise| !noise.is_identity()),
            image: config.imbalance.image(),
            offset: config.leakage.offset(mean_power)?,
            gain: GainState::new(config.gain_control, mean_power)?,
            converter: config.converter.as_ref().map(|c| Quantiser::new(c, mean_power)).transpose()?,
        })
    }

    /// Returns whether samples leave as they came.
    pub fn is_identity(&self) -> bool {
        self.phase_noise.is_none() && !self.mixes() && self.gain.is_none() && self.converter.is_none()
    }

    fn mixes(&self) -> bool {
        self.image != Complex32::default() || self.offset != Complex32::default()
    }

    /// Passes the next samples, which begin at an absolute index, through the chain; returns the share that clipped.
    pub fn apply(&mut self, start: SampleIndex, samples: &mut [Complex32]) -> f32 {
        if let Some(noise) = &self.phase_noise {
            noise.apply(start as i64, samples);
        }
        if self.mixes() {
            mix(samples, self.image, self.offset, 1.0);
        }
        let convert = |part: &mut [Complex32]| self.converter.map_or(0, |converter| converter.apply(part));
        let count = samples.len();
        let clipped = match &mut self.gain {
            Some(gain) => gain.apply(samples, convert),
            None => convert(samples),
        };
        if count == 0 { 0.0 } else { clipped as f32 / count as f32 }
    }
}

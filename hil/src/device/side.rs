//! How the channels of a direction are set, and the stages that follow from it.

use super::mixer::{Mixer, Oscillation};
use super::model::Model;
use super::stage::{Chain, Mixed, Rate, Stage};
use crate::error::RadioError;
use crate::radio::{Direction, Tuning};
use airloop_baseband::SampleIndex;
use airloop_baseband::resampler::Converter;
use airloop_channels::FrontEnd;
use std::sync::Arc;

/// How the channels of a direction are set.
#[derive(Clone, Debug)]
pub struct Side {
    /// Sample rate of all channels, in hertz.
    pub sample_rate_hz: f64,
    /// Centre frequency of all channels, in hertz.
    pub centre_hz: f64,
    /// Gain by channel, in decibels.
    pub gain_db: Vec<f64>,
    /// What converts between its rate and the air's, where they differ.
    pub converter: Option<Arc<Converter>>,
    /// What leads between its centre frequency and the air's.
    pub oscillation: Oscillation,
    /// How often the centre frequency has changed.
    pub retunes: u64,
    /// Index of the air, by the radio's clock, at which its own index 0 lies, while it is active.
    pub origin: Option<i64>,
}

impl Side {
    /// Sets a channel's gain, and the rate and the centre frequency of all; a rate changes only while nothing streams.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] with what would do; nothing is changed.
    pub fn tune(
        &mut self,
        model: &Model,
        (direction, channel): (Direction, usize),
        tuning: &Tuning,
    ) -> Result<Tuning, RadioError> {
        model.capabilities.check_tuning(direction, channel, tuning)?;
        let mut next = Self { centre_hz: tuning.centre_hz, ..self.clone() };
        if tuning.sample_rate_hz != self.sample_rate_hz {
            if self.origin.is_some() {
                let only = format!("{} until its {direction} stream is stopped", self.sample_rate_hz);
                return Err(model.out_of_range("sample_rate_hz", tuning.sample_rate_hz, only));
            }
            next.sample_rate_hz = tuning.sample_rate_hz;
            next.converter = model.converter(direction, tuning.sample_rate_hz)?;
        }
        if self.origin.is_some() {
            model.check_band(&next)?;
        }
        next.retunes += u64::from(tuning.centre_hz != self.centre_hz);
        next.gain_db[channel] = tuning.gain_db;
        next.oscillation = model.oscillation(direction, &next);
        *self = next;
        Ok(*tuning)
    }
}

/// From a radio's numbers to the air.
pub type TransmitStage = Chain<Mixed<Rate>, Option<FrontEnd>>;

/// From the air to a radio's numbers.
pub type ReceiveStage = Chain<Mixed<Option<FrontEnd>>, Rate>;

impl TransmitStage {
    /// Makes the stages of a side.
    pub fn of(model: &Model, side: &Side, origin: i64) -> Self {
        let stage = Rate::to_air(side.converter.clone(), origin);
        let mixer = Mixer::new(side.oscillation);
        Self::new(Mixed { stage, mixer }, model.sending.clone())
    }

    /// Sets the oscillator anew from an own index on, of which the air has what lies before `sent`.
    pub fn retune(&mut self, oscillation: Oscillation, own: SampleIndex, sent: SampleIndex) {
        let sent = sent as i64;
        let needed = self.second.inputs(sent..sent + 1).start;
        self.first.mixer.set(self.first.stage.output_at(own as i64), oscillation, needed);
    }
}

impl ReceiveStage {
    /// Makes the stages of a side.
    pub fn of(model: &Model, side: &Side, origin: i64) -> Self {
        let mixer = Mixer::new(side.oscillation);
        let first = Mixed { stage: model.hearing.clone(), mixer };
        Self::new(first, Rate::from_air(side.converter.clone(), origin))
    }

    /// Sets the oscillator anew from an own index on, up to which the radio has heard.
    pub fn retune(&mut self, oscillation: Oscillation, own: SampleIndex) {
        let own = own as i64;
        let needed = self.second.inputs(own..own + 1).start;
        self.first.mixer.set(self.second.input_at(own), oscillation, needed);
    }
}

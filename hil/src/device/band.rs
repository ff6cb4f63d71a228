//! Bands of radios within that of the air, and what leads from one to the other.

use super::mixer::Oscillation;
use super::model::Model;
use super::rates::{ANY, within, words};
use super::side::Side;
use crate::error::RadioError;
use crate::radio::{Direction, Span};
use std::f64::consts::TAU;

/// Slack of bands that are to lie within each other, in hertz.
const SLACK_HZ: f64 = 1e-6;

impl Model {
    /// Returns by how much a centre frequency lies above the air's.
    fn above_hz(&self, centre_hz: f64) -> f64 {
        self.info.centre_hz.map_or(0.0, |air_hz| centre_hz - air_hz)
    }

    /// Returns whether a side's band lies in the air's, and whether it touches it.
    fn band(&self, side: &Side) -> (bool, bool) {
        let apart_hz = self.above_hz(side.centre_hz).abs();
        let (air_hz, own_hz) = (self.info.sample_rate_hz, side.sample_rate_hz);
        let free = self.info.centre_hz.is_none();
        let inside = apart_hz <= 0.5 * (air_hz - own_hz) + SLACK_HZ;
        (free || inside, free || apart_hz < 0.5 * (air_hz + own_hz) - SLACK_HZ)
    }

    /// Checks that a side's band lies in the air's, or does not touch it.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] with the centre frequencies that would do.
    pub fn check_band(&self, side: &Side) -> Result<(), RadioError> {
        let (inside, touches) = self.band(side);
        let Some(air_hz) = self.info.centre_hz.filter(|_| touches && !inside) else { return Ok(()) };
        let (rate_hz, own_hz) = (self.info.sample_rate_hz, side.sample_rate_hz);
        let (room, reach) = (0.5 * (rate_hz - own_hz), 0.5 * (rate_hz + own_hz));
        let spans = |spans: &[Span]| {
            let spans: Vec<Span> =
                spans.iter().flat_map(|span| within(&self.persona.centres_hz, *span)).collect();
            if spans.is_empty() { "none".into() } else { words(&spans) }
        };
        let inside = [Span { least: air_hz - room, most: air_hz + room }];
        let outside =
            [Span { least: ANY.least, most: air_hz - reach }, Span { least: air_hz + reach, most: ANY.most }];
        let ranges = format!(
            "at {own_hz} samples a second its band lies within the air's from {}, and apart from it from {}",
            spans(&inside),
            spans(&outside)
        );
        Err(self.out_of_range("centre_hz", side.centre_hz, ranges))
    }

    /// Returns what leads between a side's centre frequency and the air's, by the radio's own clock.
    ///
    /// ```text
    /// f_own - f_air + e (f_air - f_clocks) / (1 + e)
    /// ```
    ///
    /// The clocks add `e f_clocks` of their own; in an air without a carrier `f_own` counts for `f_air`.
    pub fn oscillation(&self, direction: Direction, side: &Side) -> Oscillation {
        if !self.band(side).1 {
            return Oscillation::SILENT;
        }
        let error = 1e-6 * self.clocks.oscillator_ppm;
        let air_hz = self.info.centre_hz.unwrap_or(side.centre_hz);
        let frequency_hz =
            self.above_hz(side.centre_hz) + error * (air_hz - self.clocks.carrier_hz) / (1.0 + error);
        let phase_turns = self.phase_rad(direction, side.retunes) / TAU;
        let sent = Oscillation::new(frequency_hz, self.info.sample_rate_hz, phase_turns);
        match direction {
            Direction::Transmit => sent,
            Direction::Receive => sent.inverse(),
        }
    }
}

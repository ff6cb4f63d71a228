//! How a radio's channels are set.

use crate::error::DriverError;
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, Span, Tuning};

/// Centre frequency of radios in an air that has none, until they are tuned, in hertz.
pub const CARRIER_HZ: f64 = 1e9;

/// How the channels of a radio are set, and what of it has no effect here.
#[derive(Clone, Debug)]
pub struct Settings {
    /// By channel that transmits, and that receives.
    tuning: [Vec<Tuning>; 2],
    /// Where the reference of the clock comes from.
    pub clock_source: String,
    /// Where the time comes from.
    pub time_source: String,
}

/// What of a channel is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Centre frequency, in hertz.
    Frequency,
    /// Sample rate, in hertz.
    Rate,
    /// Gain, in decibels.
    Gain,
}

impl Quantity {
    /// Returns the quantity of a name.
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "frequency" => Some(Self::Frequency),
            "rate" => Some(Self::Rate),
            "gain" => Some(Self::Gain),
            _ => None,
        }
    }
}

impl Settings {
    /// Sets all channels to what the radio can do nearest to the air itself, and to the gains at which numbers are amplitudes.
    pub fn new(place: &mut dyn Attachment, gain_db: [f64; 2]) -> Result<Self, DriverError> {
        let (info, can) = (place.info().clone(), place.capabilities().clone());
        let mut tune = |direction: Direction| -> Result<Vec<Tuning>, DriverError> {
            let tuning = Tuning {
                centre_hz: nearest(&can.centres_hz, info.centre_hz.unwrap_or(CARRIER_HZ)),
                sample_rate_hz: nearest(&can.sample_rates_hz, info.sample_rate_hz),
                gain_db: gain_db[direction as usize],
            };
            let set = |channel| Ok(place.tune(direction, channel, &tuning)?);
            (0..can.channels(direction)).map(set).collect()
        };
        let tuning = [tune(Direction::Transmit)?, tune(Direction::Receive)?];
        Ok(Self { tuning, clock_source: "internal".into(), time_source: "internal".into() })
    }

    /// Returns the sample rate of a direction, in hertz; `None` where it has no channel.
    pub fn sample_rate_hz(&self, direction: Direction) -> Option<f64> {
        self.tuning[direction as usize].first().map(|tuning| tuning.sample_rate_hz)
    }

    /// Returns how a channel is set.
    pub fn get(
        &self,
        place: &dyn Attachment,
        direction: Direction,
        channel: usize,
    ) -> Result<Tuning, DriverError> {
        place.capabilities().check_channel(direction, channel)?;
        Ok(self.tuning[direction as usize][channel])
    }

    /// Sets a gain of a channel, or the rate or the centre frequency of all channels of its direction.
    pub fn set(
        &mut self,
        place: &mut dyn Attachment,
        (direction, channel): (Direction, usize),
        quantity: Quantity,
        value: f64,
    ) -> Result<(), DriverError> {
        let mut tuning = self.get(place, direction, channel)?;
        match quantity {
            Quantity::Frequency => tuning.centre_hz = value,
            Quantity::Rate => tuning.sample_rate_hz = value,
            Quantity::Gain => tuning.gain_db = value,
        }
        let set = place.tune(direction, channel, &tuning)?;
        let all = &mut self.tuning[direction as usize];
        all[channel].gain_db = set.gain_db;
        for tuning in all {
            (tuning.centre_hz, tuning.sample_rate_hz) = (set.centre_hz, set.sample_rate_hz);
        }
        Ok(())
    }
}

/// Returns the value of some ranges that is nearest to another.
fn nearest(spans: &[Span], value: f64) -> f64 {
    let inside = |span: &Span| value.clamp(span.least, span.most);
    let distance = |a: &f64, b: &f64| (a - value).abs().total_cmp(&(b - value).abs());
    spans.iter().map(inside).min_by(distance).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_value_is_of_any_range() {
        let spans = [Span { least: 1.0, most: 2.0 }, Span { least: 5.0, most: 6.0 }];
        for (value, near) in [(0.0, 1.0), (1.5, 1.5), (3.0, 2.0), (4.0, 5.0), (9.0, 6.0)] {
            assert_eq!(nearest(&spans, value), near);
        }
        assert_eq!(nearest(&[], 7.0), 7.0);
    }
}

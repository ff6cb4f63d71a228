//! What programs ask a radio, by name: words, numbers and ranges.

use crate::error::DriverError;
use crate::format::Format;
use crate::gate::lock;
use crate::radio::Radio;
use crate::settings::Quantity;
use crate::stream::{DEFAULT_MTU, MOST_MTU};
use airloop_hil::{Direction, Span};

/// A channel of a direction.
pub type Channel = (Direction, usize);

/// The element of a channel that is tuned, and that has its gain.
const ELEMENT: &str = "RF";
/// The second element that some programs tune beside the first: there is none, so that it stands at 0.
const BASEBAND: &str = "BB";
/// Where clocks and times may come from. A perfect clock is as good as any reference; the others have their own and no reference.
const SOURCES: [&str; 2] = ["internal", "external"];
/// What a radio tells of itself: whether its reference is there, and what went wrong so far.
const SENSORS: [&str; 5] = ["ref_locked", "underflows", "overflows", "late_bursts", "lost_samples"];

impl Radio {
    /// Answers in words, a line each: lists, or a single word.
    pub fn words(&self, what: &str, channel: Channel, name: &str) -> Result<String, DriverError> {
        let settings = || lock(&self.settings);
        Ok(match what {
            "hardware" => self.can.hardware.clone(),
            "info" => self.about(),
            "channel" => self.port(channel)?,
            "formats" => Format::NAMES.join("\n"),
            "antennas" | "antenna" => antenna(channel.0).into(),
            "elements" => ELEMENT.into(),
            "clock sources" | "time sources" => self.sources().join("\n"),
            "clock source" => settings().clock_source.clone(),
            "time source" => settings().time_source.clone(),
            "sensors" => SENSORS.join("\n"),
            "sensor" => self.sensor(name)?,
            "stream arguments" => format!("{DEFAULT_MTU}\n{MOST_MTU}"),
            _ => return Err(self.unknown("question", what, &[])),
        })
    }

    /// Sets a word.
    pub fn set_word(&self, what: &str, channel: Channel, word: &str) -> Result<(), DriverError> {
        let source = |what: &'static str| match self.sources().contains(&word) {
            true => Ok(word.to_string()),
            false => Err(self.unknown(what, word, self.sources())),
        };
        match what {
            "antenna" if word == antenna(channel.0) || word.is_empty() => {}
            "antenna" => return Err(self.unknown("antenna", word, &[antenna(channel.0)])),
            "clock source" => lock(&self.settings).clock_source = source("clock source")?,
            "time source" => lock(&self.settings).time_source = source("time source")?,
            _ => return Err(self.unknown("setting", what, &[])),
        }
        Ok(())
    }

    /// Returns a number of a channel, of an element of it if that is named.
    pub fn number(&self, what: &str, channel: Channel, element: &str) -> Result<f64, DriverError> {
        let Some(quantity) = self.quantity(what, element)? else { return Ok(0.0) };
        let tuning = self.ask(|place| lock(&self.settings).get(place, channel.0, channel.1))?;
        Ok(match quantity {
            Quantity::Frequency => tuning.centre_hz,
            Quantity::Rate => tuning.sample_rate_hz,
            Quantity::Gain => tuning.gain_db,
        })
    }

    /// Sets a number of a channel, of an element of it if that is named.
    pub fn set_number(
        &self,
        what: &str,
        channel: Channel,
        element: &str,
        value: f64,
    ) -> Result<(), DriverError> {
        let Some(quantity) = self.quantity(what, element)? else {
            return match value == 0.0 {
                true => Ok(()),
                false => Err(self.unknown("element that is tuned", element, &[ELEMENT])),
            };
        };
        self.ask(|place| lock(&self.settings).set(place, channel, quantity, value))
    }

    /// Returns the ranges of a number of a channel.
    pub fn spans(&self, what: &str, channel: Channel, element: &str) -> Result<Vec<Span>, DriverError> {
        let Some(quantity) = self.quantity(what, element)? else {
            return Ok(vec![Span { least: 0.0, most: 0.0 }]);
        };
        let can = &self.can;
        can.check_channel(channel.0, channel.1)?;
        Ok(match quantity {
            Quantity::Frequency => can.centres_hz.clone(),
            Quantity::Rate => can.sample_rates_hz.clone(),
            Quantity::Gain => vec![can.gain_db(channel.0)],
        })
    }

    /// Returns what is meant; `None` is the element that is not there and stands at 0.
    fn quantity(&self, what: &str, element: &str) -> Result<Option<Quantity>, DriverError> {
        let quantity = Quantity::of(what).ok_or_else(|| self.unknown("number", what, &[]))?;
        match element {
            "" | ELEMENT => Ok(Some(quantity)),
            BASEBAND if quantity == Quantity::Frequency => Ok(None),
            _ => Err(self.unknown("element", element, &[ELEMENT])),
        }
    }

    fn sources(&self) -> &'static [&'static str] {
        if self.persona == "ideal" { &SOURCES } else { &SOURCES[..1] }
    }

    fn about(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("version={version}\nether={}\nradio={}\npersona={}", self.ether, self.name(), self.persona)
    }

    fn port(&self, (direction, channel): Channel) -> Result<String, DriverError> {
        self.can.check_channel(direction, channel)?;
        let place = &self.info.place;
        let ports = if direction == Direction::Transmit { &place.transmit } else { &place.receive };
        Ok(ports.get(channel).map_or(String::new(), |port| format!("port={port}")))
    }

    fn sensor(&self, name: &str) -> Result<String, DriverError> {
        let status = self.ask(|place| Ok(place.status()))?;
        Ok(match name {
            "ref_locked" => "true".into(),
            "underflows" => status.underflows.to_string(),
            "overflows" => status.overflows.to_string(),
            "late_bursts" => status.late_bursts.to_string(),
            "lost_samples" => status.lost_samples.to_string(),
            _ => return Err(self.unknown("sensor", name, &SENSORS)),
        })
    }

    /// Returns that the radio has no such thing.
    pub fn unknown(&self, what: &'static str, name: &str, known: &[&str]) -> DriverError {
        DriverError::Unknown { radio: self.name().into(), what, name: name.into(), known: known.join(", ") }
    }
}

fn antenna(direction: Direction) -> &'static str {
    match direction {
        Direction::Transmit => "TX",
        Direction::Receive => "RX",
    }
}

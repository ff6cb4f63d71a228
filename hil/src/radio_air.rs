//! Radios as one transport.

use crate::error::RadioError;
use crate::radio::{Direction, Radio, RadioStatus};
use airloop_baseband::{Burst, Capture, Port, SampleIndex, Transport, Window};

/// Which channel of which radio a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Place of the radio in the list.
    pub radio: usize,
    /// Its channel.
    pub channel: usize,
}

/// How radios make a transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RadioAirConfig {
    /// Sample rate that all radios are tuned to, in hertz.
    pub sample_rate_hz: f64,
    /// Samples by which an emulated air answers ahead of what it is sent: bursts for the next window begin at least that much after
    /// this one's end.
    pub lead_samples: usize,
    /// By port that transmits; `None` belongs to a radio of another process, which sends by itself.
    pub transmit: Vec<Option<Seat>>,
    /// By port that receives; `None` is heard elsewhere, and nothing here.
    pub receive: Vec<Option<Seat>>,
}

/// Radios that share one time, as a transport.
pub struct RadioAir {
    radios: Vec<Box<dyn Radio>>,
    config: RadioAirConfig,
    /// By port that receives: up to where it was received.
    received: Vec<SampleIndex>,
}

impl RadioAir {
    /// Makes a transport of radios, and starts them; channels that are no port stay silent or go unheard.
    ///
    /// # Errors
    /// [`RadioError::NoSuchChannel`] for a seat that does not exist, and when a radio cannot be started.
    pub fn new(config: RadioAirConfig, mut radios: Vec<Box<dyn Radio>>) -> Result<Self, RadioError> {
        // Emulated time goes on as soon as someone listens, unless who may send is there to hold it.
        for (direction, seats) in
            [(Direction::Transmit, &config.transmit), (Direction::Receive, &config.receive)]
        {
            for Seat { radio, channel } in seats.iter().flatten() {
                let capabilities = radios.get(*radio).map(|radio| radio.capabilities());
                let (name, channels) = capabilities.map_or((format!("number {radio}"), 0), |capabilities| {
                    (capabilities.name.clone(), capabilities.channels(direction))
                });
                if *channel >= channels {
                    return Err(RadioError::NoSuchChannel {
                        radio: name,
                        direction,
                        channel: *channel,
                        channels,
                    });
                }
            }
            for (number, radio) in radios.iter_mut().enumerate() {
                if seats.iter().flatten().any(|seat| seat.radio == number) {
                    radio.start(direction)?;
                }
            }
        }
        Ok(Self { radios, received: vec![0; config.receive.len()], config })
    }

    /// Returns what went wrong since the start, of all radios together.
    pub fn status(&mut self) -> RadioStatus {
        let mut all = RadioStatus::default();
        self.radios.iter_mut().for_each(|radio| all.add(&radio.status()));
        all
    }

    fn seat(&self, direction: Direction, port: Port) -> Result<Option<Seat>, RadioError> {
        let seats = match direction {
            Direction::Transmit => &self.config.transmit,
            Direction::Receive => &self.config.receive,
        };
        let missing = || RadioError::NoSuchPort {
            radio: "air".into(),
            direction,
            port,
            reason: "does not exist: ports are numbered from 0 by the seats given",
        };
        seats.get(port).copied().ok_or_else(missing)
    }

    /// Lets radios say that what they were given up to an index is all.
    fn settle(&mut self, until: SampleIndex) -> Result<(), RadioError> {
        for (number, radio) in self.radios.iter_mut().enumerate() {
            if self.config.transmit.iter().flatten().any(|seat| seat.radio == number) {
                radio.silent_until(until)?;
            }
        }
        Ok(())
    }
}

impl Transport for RadioAir {
    type Error = RadioError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), RadioError> {
        match self.seat(Direction::Transmit, port)? {
            Some(Seat { radio, channel }) => self.radios[radio].transmit(channel, burst),
            None => Ok(()),
        }
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, RadioError> {
        let seat = self.seat(Direction::Receive, port)?;
        self.settle(window.end() + self.config.lead_samples as u64)?;
        let Some(Seat { radio, channel }) = seat else {
            let samples = vec![Default::default(); window.length_samples];
            return Ok(Capture { start: window.start, samples, ..Capture::default() });
        };
        let position = self.received[port];
        if window.start != position {
            let radio = self.radios[radio].capabilities().name.clone();
            return Err(RadioError::WindowGap { radio, start: window.start, position });
        }
        self.received[port] = window.end();
        self.radios[radio].receive(channel, window)
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), RadioError> {
        self.seat(Direction::Receive, port)?;
        self.received[port] = self.received[port].max(until);
        Ok(())
    }
}

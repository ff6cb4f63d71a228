//! Real radios, through SoapySDR and whatever drivers are installed.
//!
//! [`enumerate`] says which devices there are, [`probe`] what one can do, and [`SoapyRadio`] is one as a [`Radio`]. It needs the cargo feature
//! `soapysdr`, SoapySDR 0.8 and the module of the device's driver.
//!
//! | driver | index of a sample | burst |
//! |---|---|---|
//! | gives samples the device's times (uhd, lime, bladerf) | device time x sample rate, rounded once a stream | leaves at its time, to the nearest nanosecond |
//! | gives none, or the host's (hackrf, rtlsdr, plutosdr) | samples since the stream was activated | goes into an endless stream of zeros, whose samples are counted |
//!
//! Without device times the count of what is sent and the count of what is heard begin at instants of their own: what lies between is unknown,
//! the same for as long as both streams run without loss, and has to be calibrated. A radio that sends endlessly also has its amplifier
//! on all the time.
//!
//! Automatic gain is off. A radio sends nothing without a [`TransmitPermit`](crate::TransmitPermit), which is looked at when a channel is tuned, when streams start and for
//! every burst. Floats are of a full scale of 1.

mod clocks;
mod config;
mod drivers;
mod error;
mod ffi;
mod found;
mod limits;
mod open;
mod probe;
mod receiver;
mod together;
mod transmitter;
mod tune;

pub use clocks::Clocks;
pub use config::SoapyConfig;
pub use found::{Found, enumerate};
pub use probe::{Channel, Probe, probe};
pub use together::set_times_together;

use crate::error::RadioError;
use crate::radio::{Capabilities, ClockStatus, Direction, Radio, RadioStatus, Tuning};
use crate::stream::{Counters, PermitError, SampleClock, WhenFull};
use airloop_baseband::{Burst, Capture, SampleIndex, Window};
use error::refused;
use ffi::Device;
use limits::Limits;
use receiver::Receiver;
use std::sync::Arc;
use transmitter::Transmitter;

/// A radio behind a SoapySDR driver.
pub struct SoapyRadio {
    device: Device,
    config: SoapyConfig,
    limits: Limits,
    when_full: WhenFull,
    /// How channels that transmit are set.
    tuned: Vec<Option<Tuning>>,
    transmitter: Option<Transmitter>,
    receiver: Option<Receiver>,
    counters: Arc<Counters>,
}

impl SoapyRadio {
    /// Returns what the driver does not say and is taken for granted.
    pub fn assumed(&self) -> &[String] {
        &self.limits.assumed
    }

    /// Checks that samples carry the device's times, for whatever cannot do without.
    ///
    /// # Errors
    /// [`RadioError::Driver`] when they do not.
    pub fn check_times(&self) -> Result<(), RadioError> {
        if self.limits.capabilities.timestamps {
            return Ok(());
        }
        let reason =
            "its driver gives samples no device times; schemes that schedule by the preamble need none";
        Err(refused(&self.config.name, "schedule by device times")(reason.into()))
    }

    /// Stops the streams of a direction; what was sent goes out before.
    ///
    /// # Errors
    /// [`RadioError::NotActive`], and [`RadioError::TimedOut`] when bursts have not gone out in time.
    pub fn stop(&mut self, direction: Direction) -> Result<(), RadioError> {
        match direction {
            Direction::Receive => self.receiver.take().map(drop).ok_or_else(|| self.not_active(direction)),
            Direction::Transmit => {
                self.drain()?;
                self.transmitter.take().map(drop).ok_or_else(|| self.not_active(direction))
            }
        }
    }

    fn not_active(&self, direction: Direction) -> RadioError {
        RadioError::NotActive { radio: self.config.name.clone(), direction }
    }

    fn forbidden(&self) -> impl Fn(PermitError) -> RadioError + use<> {
        let radio = self.config.name.clone();
        move |source| RadioError::NotPermitted { radio: radio.clone(), source }
    }

    /// Returns the one sample rate of all channels of a direction, as the device has it.
    fn sample_rate_hz(&self, direction: Direction) -> Result<f64, RadioError> {
        let ask = |channel: &usize| self.device.sample_rate_hz((direction, *channel));
        let rates: Result<Vec<f64>, String> = self.config.channels(direction).iter().map(ask).collect();
        let wrong = refused(&self.config.name, &format!("have one sample rate to {direction}"));
        match rates.as_deref() {
            Ok([first, rest @ ..]) if *first > 0.0 && rest.iter().all(|rate| rate == first) => Ok(*first),
            Ok(rates) => Err(wrong(format!("its channels have {rates:?} Hz: tune all of them to the same"))),
            Err(said) => Err(wrong(said.clone())),
        }
    }

    /// Refuses a direction whose rate is not that of the other one, which runs: the radio has one time.
    fn check_one_rate(&self, direction: Direction) -> Result<(), RadioError> {
        let other = match direction {
            Direction::Transmit => self.receiver.as_ref().map(|_| Direction::Receive),
            Direction::Receive => self.transmitter.as_ref().map(|_| Direction::Transmit),
        };
        let Some(other) = other else { return Ok(()) };
        let (rate, others) = (self.sample_rate_hz(direction)?, self.sample_rate_hz(other)?);
        if rate == others {
            return Ok(());
        }
        let reason = format!("its {direction} channels have {rate} Hz, its {other} channels {others} Hz");
        Err(refused(&self.config.name, "count samples of both directions by one clock")(reason))
    }

    fn clock(&self) -> Result<SampleClock, RadioError> {
        let mut directions = [Direction::Receive, Direction::Transmit].into_iter();
        let has_channels = |direction: &Direction| !self.config.channels(*direction).is_empty();
        let direction = directions.find(has_channels).unwrap_or(Direction::Receive);
        Ok(SampleClock::new(self.sample_rate_hz(direction)?))
    }
}

impl Radio for SoapyRadio {
    fn capabilities(&self) -> &Capabilities {
        &self.limits.capabilities
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.set(direction, channel, tuning)
    }

    fn start(&mut self, direction: Direction) -> Result<(), RadioError> {
        let active = match direction {
            Direction::Transmit => self.transmitter.is_some(),
            Direction::Receive => self.receiver.is_some(),
        };
        if active {
            return Err(RadioError::Active { radio: self.config.name.clone(), direction });
        }
        if self.config.channels(direction).is_empty() {
            let radio = self.config.name.clone();
            return Err(RadioError::NoSuchChannel { radio, direction, channel: 0, channels: 0 });
        }
        self.check_one_rate(direction)?;
        match direction {
            Direction::Transmit => self.start_transmitter(),
            Direction::Receive => self.start_receiver(),
        }
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        if self.limits.capabilities.timestamps {
            let ns = self.device.time_ns("").map_err(refused(&self.config.name, "read its time"))?;
            return Ok(self.clock()?.index_from(ns));
        }
        match (&self.transmitter, &self.receiver) {
            (Some(transmitter), _) => Ok(transmitter.position()),
            (None, Some(receiver)) => Ok(receiver.position()),
            (None, None) => Err(self.not_active(Direction::Receive)),
        }
    }

    fn transmit(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError> {
        self.limits.capabilities.check_channel(Direction::Transmit, channel)?;
        self.send(channel, burst)
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        self.promise(index)
    }

    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError> {
        self.limits.capabilities.check_channel(Direction::Receive, channel)?;
        match &mut self.receiver {
            Some(receiver) => receiver.hear(channel, window, &self.config),
            None => Err(self.not_active(Direction::Receive)),
        }
    }

    fn clock_status(&mut self) -> Result<ClockStatus, RadioError> {
        self.says_of_clock()
    }

    fn status(&mut self) -> RadioStatus {
        self.counters.status()
    }
}

//! What a radio is: channels that send bursts and hear windows at sample indices of its own clock.

use crate::error::RadioError;
use airloop_baseband::{Burst, Capture, SampleIndex, Window};
use std::fmt;

/// Which way samples go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the host to the antenna.
    Transmit,
    /// From the antenna to the host.
    Receive,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transmit => "transmit",
            Self::Receive => "receive",
        })
    }
}

/// A closed range of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Least value.
    pub least: f64,
    /// Largest value.
    pub most: f64,
}

impl Span {
    /// Returns whether a value lies in the range.
    pub fn holds(&self, value: f64) -> bool {
        (self.least..=self.most).contains(&value)
    }
}

/// What a radio can do, and what it admits to.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// Its name, which differs from that of every other radio of a run.
    pub name: String,
    /// What it is, for people.
    pub hardware: String,
    /// Channels that transmit.
    pub transmit_channels: usize,
    /// Channels that receive.
    pub receive_channels: usize,
    /// Sample rates, in hertz.
    pub sample_rates_hz: Vec<Span>,
    /// Centre frequencies, in hertz.
    pub centres_hz: Vec<Span>,
    /// Gains of channels that transmit, in decibels.
    pub transmit_gain_db: Span,
    /// Gains of channels that receive, in decibels.
    pub receive_gain_db: Span,
    /// Whether captures carry the radio's own time; else a capture's index is a count of what was read.
    pub timestamps: bool,
    /// Whether bursts leave at a given time; else they leave when they reach the radio.
    pub timed_bursts: bool,
}

impl Capabilities {
    /// Returns the number of channels of a direction.
    pub fn channels(&self, direction: Direction) -> usize {
        match direction {
            Direction::Transmit => self.transmit_channels,
            Direction::Receive => self.receive_channels,
        }
    }

    /// Returns the gains of a direction, in decibels.
    pub fn gain_db(&self, direction: Direction) -> Span {
        match direction {
            Direction::Transmit => self.transmit_gain_db,
            Direction::Receive => self.receive_gain_db,
        }
    }

    /// Checks that a channel exists.
    ///
    /// # Errors
    /// [`RadioError::NoSuchChannel`] when it does not.
    pub fn check_channel(&self, direction: Direction, channel: usize) -> Result<(), RadioError> {
        let channels = self.channels(direction);
        if channel < channels {
            return Ok(());
        }
        Err(RadioError::NoSuchChannel { radio: self.name.clone(), direction, channel, channels })
    }

    /// Checks that a channel can be set so.
    ///
    /// # Errors
    /// [`RadioError::NoSuchChannel`], and [`RadioError::OutOfRange`] with the ranges.
    pub fn check_tuning(
        &self,
        direction: Direction,
        channel: usize,
        tuning: &Tuning,
    ) -> Result<(), RadioError> {
        self.check_channel(direction, channel)?;
        let gain_db = [self.gain_db(direction)];
        for (what, value, spans) in [
            ("sample_rate_hz", tuning.sample_rate_hz, self.sample_rates_hz.as_slice()),
            ("centre_hz", tuning.centre_hz, self.centres_hz.as_slice()),
            ("gain_db", tuning.gain_db, gain_db.as_slice()),
        ] {
            if !spans.iter().any(|span| span.holds(value)) {
                let words = |span: &Span| match span.least == span.most {
                    true => format!("{}", span.least),
                    false => format!("{} to {}", span.least, span.most),
                };
                let ranges = spans.iter().map(words).collect::<Vec<_>>().join(", ");
                return Err(RadioError::OutOfRange { radio: self.name.clone(), what, value, ranges });
            }
        }
        Ok(())
    }
}

/// How one channel is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Centre frequency, in hertz.
    pub centre_hz: f64,
    /// Sample rate, in hertz.
    pub sample_rate_hz: f64,
    /// Gain, in decibels.
    pub gain_db: f64,
}

/// What went wrong on the way of samples since a radio was started; all zero is a good run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct RadioStatus {
    /// Times at which a burst had no sample ready.
    pub underflows: u64,
    /// Times at which samples that were heard had nowhere to go.
    pub overflows: u64,
    /// Bursts that came after their time.
    pub late_bursts: u64,
    /// Samples that were lost in overflows.
    pub lost_samples: u64,
}

impl RadioStatus {
    /// Returns whether nothing went wrong.
    pub fn is_clean(&self) -> bool {
        *self == Self::default()
    }

    /// Adds another radio's counts.
    pub fn add(&mut self, other: &Self) {
        self.underflows += other.underflows;
        self.overflows += other.overflows;
        self.late_bursts += other.late_bursts;
        self.lost_samples += other.lost_samples;
    }
}

/// What a radio says of its clock; the default says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockStatus {
    /// What its clock follows; `None` where it does not say.
    pub clock_source: Option<String>,
    /// What its time follows; `None` where it does not say.
    pub time_source: Option<String>,
    /// Whether it follows them; `None` where it does not say.
    pub locked: Option<bool>,
    /// Names of what says that it does not.
    pub unlocked: Vec<String>,
    /// Whether its time goes on by itself; else it waits for whoever sends and hears.
    pub runs_by_itself: bool,
}

impl ClockStatus {
    /// Returns what an emulated radio says whose own clock is all that it follows, in an ether of lockstep.
    pub fn internal() -> Self {
        let source = || Some("internal".to_string());
        Self { clock_source: source(), time_source: source(), locked: Some(true), ..Self::default() }
    }

    /// Checks that nothing says that the clock does not follow its source.
    ///
    /// # Errors
    /// [`RadioError::NotLocked`] when something does.
    pub fn check_locked(&self, radio: &str) -> Result<(), RadioError> {
        if self.locked != Some(false) {
            return Ok(());
        }
        Err(RadioError::NotLocked {
            radio: radio.into(),
            clock_source: self.clock_source.clone().unwrap_or_default(),
            time_source: self.time_source.clone().unwrap_or_default(),
            sensors: self.unlocked.clone(),
        })
    }
}

/// A radio: emulated, behind a driver, or a recording.
///
/// Indices count samples of the radio's own clock since it was started. A burst is scheduled ahead of its time; a window is heard
/// in order, abutting the one before it or after a pause.
pub trait Radio: Send {
    /// Returns what the radio can do.
    fn capabilities(&self) -> &Capabilities;

    /// Sets a channel, and returns how it was set: hardware rounds.
    ///
    /// # Errors
    /// When there is no such channel, or a setting is out of range.
    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError>;

    /// Starts all channels of a direction.
    ///
    /// # Errors
    /// When they are started already, or the radio is gone.
    fn start(&mut self, direction: Direction) -> Result<(), RadioError>;

    /// Returns the radio's time: no burst before it can be sent any more.
    ///
    /// # Errors
    /// When the radio is gone.
    fn now(&mut self) -> Result<SampleIndex, RadioError>;

    /// Schedules a burst at one of the channels; the others are silent meanwhile.
    ///
    /// # Errors
    /// When there is no such channel, the burst begins before the end of an earlier one, comes after its time, or nothing moves
    /// within the radio's time-out.
    fn transmit(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError>;

    /// Promises that nothing more is sent before an index, for emulations in which time waits for whoever may still send.
    ///
    /// # Errors
    /// When the radio is gone.
    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let _ = index;
        Ok(())
    }

    /// Hears a window at one of the channels.
    ///
    /// # Errors
    /// When there is no such channel, the window begins before the end of an earlier one, or nothing comes within the radio's
    /// time-out.
    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError>;

    /// Returns what the radio says of its clock now.
    ///
    /// # Errors
    /// When the radio is gone.
    fn clock_status(&mut self) -> Result<ClockStatus, RadioError> {
        Ok(ClockStatus::default())
    }

    /// Returns what went wrong since the start.
    fn status(&mut self) -> RadioStatus;
}

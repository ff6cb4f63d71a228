//! A radio as programs see it: what it is, how it is set, and what time it shows.

use crate::arguments::Arguments;
use crate::clock::DeviceClock;
use crate::error::DriverError;
use crate::gate::lock;
use crate::place::{self, Seats};
use crate::process_air::ProcessSeat;
use crate::settings::Settings;
use airloop_baseband::SampleIndex;
use airloop_hil::ether::{Attachment, EtherInfo};
use airloop_hil::{Capabilities, Direction};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A place in the ether, for as long as the radio is open.
pub type Line = Mutex<Option<Box<dyn Attachment>>>;

/// A radio.
pub struct Radio {
    /// What it must know of its ether.
    pub info: EtherInfo,
    /// What it can do, for as long as it is open.
    pub can: Capabilities,
    /// What it is like.
    pub persona: String,
    /// Where its ether is, for people.
    pub ether: String,
    /// How its channels are set.
    pub settings: Mutex<Settings>,
    /// What its time shows at index 0, in nanoseconds.
    offset_ns: Mutex<i128>,
    control: Line,
    transmit: Line,
    receive: Line,
    /// By direction: whether there is a stream.
    streams: [AtomicBool; 2],
    own: Mutex<Option<ProcessSeat>>,
    /// The last thing that a stream complained of.
    complaint: Mutex<String>,
}

impl Radio {
    /// Makes a radio.
    pub fn open(arguments: &Arguments) -> Result<Self, DriverError> {
        let Seats { mut control, transmit, receive, gain_db, ether, own } = place::attach(arguments)?;
        let info = control.info().clone();
        let settings = Settings::new(&mut *control, gain_db)?;
        Ok(Self {
            can: control.capabilities().clone(),
            info,
            persona: arguments.persona.clone(),
            ether,
            settings: Mutex::new(settings),
            offset_ns: Mutex::new(0),
            control: Mutex::new(Some(control)),
            transmit: Mutex::new(Some(transmit)),
            receive: Mutex::new(Some(receive)),
            streams: Default::default(),
            own: Mutex::new(own),
            complaint: Mutex::default(),
        })
    }

    /// Gives up the radio's place, whatever streams a program forgot to close.
    pub fn close(&self) {
        for line in [&self.transmit, &self.receive, &self.control] {
            lock(line).take();
        }
        lock(&self.own).take();
    }

    /// Returns the radio's name.
    pub fn name(&self) -> &str {
        &self.info.place.name
    }

    /// Does something with what answers at once.
    pub fn ask<R>(
        &self,
        act: impl FnOnce(&mut dyn Attachment) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        self.with(&self.control, act)
    }

    /// Does something with what is written to, or read from.
    pub fn use_line<R>(
        &self,
        direction: Direction,
        act: impl FnOnce(&mut dyn Attachment) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        self.with(if direction == Direction::Transmit { &self.transmit } else { &self.receive }, act)
    }

    fn with<R>(
        &self,
        line: &Line,
        act: impl FnOnce(&mut dyn Attachment) -> Result<R, DriverError>,
    ) -> Result<R, DriverError> {
        match &mut *lock(line) {
            Some(attachment) => act(&mut **attachment),
            None => Err(DriverError::Closed { radio: self.name().into() }),
        }
    }

    /// Returns the first index that can still be sent; of a radio that only receives, that can still be heard.
    pub fn now(&self) -> Result<SampleIndex, DriverError> {
        self.ask(|place| Ok(place.now()?))
    }

    /// Returns the time of a direction's samples: each counts its own, from one instant on.
    pub fn clock(&self, direction: Direction) -> DeviceClock {
        let rate_hz = lock(&self.settings).sample_rate_hz(direction).unwrap_or(1.0);
        DeviceClock::new(rate_hz, *lock(&self.offset_ns))
    }

    /// Returns the time of the samples by which [`now`](Self::now) counts.
    fn main_clock(&self) -> DeviceClock {
        let receives_only = self.info.place.transmit.is_empty();
        self.clock(if receives_only { Direction::Receive } else { Direction::Transmit })
    }

    /// Notes that a direction has a stream.
    pub fn begin_stream(&self, direction: Direction) -> Result<(), DriverError> {
        if self.streams[direction as usize].swap(true, Ordering::Relaxed) {
            return Err(DriverError::StreamOpen { radio: self.name().into(), direction });
        }
        Ok(())
    }

    /// Notes that a direction has no stream any more.
    pub fn end_stream(&self, direction: Direction) {
        self.streams[direction as usize].store(false, Ordering::Relaxed);
    }

    /// Returns a complaint unless it is the same as the last one: programs repeat what failed, and a log is to be read.
    pub fn complain(&self, error: &DriverError) -> String {
        let (words, mut last) = (error.to_string(), lock(&self.complaint));
        if *last == words {
            return String::new();
        }
        last.clone_from(&words);
        words
    }

    /// Returns the time of an instant: `""` is now, `"PPS"` the last pulse per second.
    pub fn time_ns(&self, what: &str) -> Result<i64, DriverError> {
        let (now, clock) = (self.now()?, self.main_clock());
        match what {
            "" => Ok(clock.ns(now)),
            "PPS" => Ok(clock.ns(clock.pulse(now))),
            _ => Err(self.no_time(what)),
        }
    }

    /// Sets the time of an instant: `""` is now, `"PPS"` the next pulse per second.
    pub fn set_time_ns(&self, what: &str, ns: i64) -> Result<(), DriverError> {
        let (now, clock) = (self.now()?, self.main_clock());
        let at = match what {
            "" => now,
            "PPS" => clock.next_pulse(now),
            _ => return Err(self.no_time(what)),
        };
        *lock(&self.offset_ns) = clock.offset_ns(at, ns);
        Ok(())
    }

    /// Returns whether there is such a time.
    pub fn has_time(&self, what: &str) -> bool {
        ["", "PPS"].contains(&what) && self.can.timestamps
    }

    fn no_time(&self, what: &str) -> DriverError {
        let known = "\"\" (now), \"PPS\" (a pulse per second)".into();
        DriverError::Unknown { radio: self.name().into(), what: "time", name: what.into(), known }
    }
}

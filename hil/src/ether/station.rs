//! A radio as the ether sees it: its streams, what waits to be sent, and what it has not yet read.

use super::attachment::{Event, Heard, Place};
use super::lane::{Unheard, Waiting};
use super::meter::Meter;
use super::schedule::{Speech, Streams};
use crate::error::RadioError;
use crate::radio::{Direction, RadioStatus};
use airloop_baseband::{Complex32, SampleIndex};
use std::collections::VecDeque;

/// Most events that nobody asked for; older ones stay counted.
const MAX_EVENTS: usize = 1024;

/// Where samples that are to be sent have room.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// First index that can still be sent.
    pub now: SampleIndex,
    /// So many samples from there on.
    pub ahead: u64,
    /// Room for fewer than this, where more are there, is none yet.
    pub least: u64,
}

/// What became of samples that are to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// So many were taken.
    Taken(usize),
    /// There is room when time has come to an index.
    RoomAt(SampleIndex),
}

/// State of a radio.
#[derive(Debug)]
pub struct Station {
    /// Where it stands.
    pub place: Place,
    /// What its streams have said and heard.
    pub streams: Streams,
    /// By channel that transmits.
    pub waiting: Vec<Waiting>,
    /// By channel that transmits: levels of what it sends.
    pub sent: Vec<Meter>,
    /// By channel that receives.
    ears: Vec<Ear>,
    /// By channel that receives: levels of what it hears.
    pub received: Vec<Meter>,
    /// Whether the radio has left; what waits is still sent.
    pub left: bool,
    /// Whether it was ever active.
    pub began: bool,
    /// What went wrong.
    pub status: RadioStatus,
    events: VecDeque<Event>,
}

#[derive(Debug, Default)]
struct Ear {
    unheard: Unheard,
    /// Whether samples are being lost: none are kept until all before are read.
    losing: bool,
}

impl Station {
    /// Makes the state of a radio that is not active, with meters like the one given.
    pub fn new(place: Place, meter: &Meter) -> Self {
        let (transmit, receive) = (place.transmit.len(), place.receive.len());
        Self {
            streams: Streams { speech: vec![None; transmit], heard: vec![None; receive] },
            waiting: (0..transmit).map(|_| Waiting::default()).collect(),
            sent: vec![meter.clone(); transmit],
            received: vec![meter.clone(); receive],
            ears: (0..receive).map(|_| Ear::default()).collect(),
            place,
            left: false,
            began: false,
            status: RadioStatus::default(),
            events: VecDeque::new(),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> String {
        self.place.name.clone()
    }

    /// Refuses a channel that is not there or not active.
    pub fn check(&self, direction: Direction, channel: usize) -> Result<(), RadioError> {
        let active: Vec<bool> = match direction {
            Direction::Transmit => self.streams.speech.iter().map(Option::is_some).collect(),
            Direction::Receive => self.streams.heard.iter().map(Option::is_some).collect(),
        };
        match active.get(channel) {
            Some(true) => Ok(()),
            Some(false) => Err(RadioError::NotActive { radio: self.name(), direction }),
            None => {
                let (radio, channels) = (self.name(), active.len());
                Err(RadioError::NoSuchChannel { radio, direction, channel, channels })
            }
        }
    }

    /// Starts the channels of a direction at an index.
    pub fn activate(&mut self, direction: Direction, at: SampleIndex) -> Result<(), RadioError> {
        let active = match direction {
            Direction::Transmit => self.streams.speech.iter().any(Option::is_some),
            Direction::Receive => self.streams.heard.iter().any(Option::is_some),
        };
        if active {
            return Err(RadioError::Active { radio: self.name(), direction });
        }
        match direction {
            Direction::Transmit => self.streams.speech.fill(Some(Speech { settled: at, in_burst: false })),
            Direction::Receive => {
                self.streams.heard.fill(Some(at));
                for ear in &mut self.ears {
                    ear.unheard.restart(at);
                    ear.losing = false;
                }
            }
        }
        self.began = true;
        Ok(())
    }

    /// Stops the channels of a direction.
    pub fn deactivate(&mut self, direction: Direction) {
        match direction {
            Direction::Transmit => self.streams.speech.fill(None),
            Direction::Receive => self.streams.heard.fill(None),
        }
    }

    /// Returns whether nothing is left to be done for a radio that has left.
    pub fn is_over(&self) -> bool {
        self.left && self.waiting.iter().all(|waiting| waiting.end().is_none())
    }

    /// Returns whether a channel is active and receives.
    pub fn listens(&self, channel: usize) -> bool {
        self.streams.heard[channel].is_some()
    }

    /// Lets time pass a channel that transmits; only the wall's clock overtakes a burst, which then ends.
    pub fn overtake(&mut self, channel: usize, now: SampleIndex) {
        let speech = self.streams.speech[channel].filter(|speech| speech.settled < now);
        let Some(Speech { settled, in_burst }) = speech else { return };
        self.streams.speech[channel] = Some(Speech { settled: now, in_burst: false });
        if in_burst {
            self.status.underflows += 1;
            self.report(Event::Underflow(settled));
        }
    }

    /// Hands over what a channel heard, from an index on; `most` samples are kept in all.
    pub fn hear(&mut self, channel: usize, (start, samples): (SampleIndex, &[Complex32]), most: usize) {
        if self.streams.heard[channel].is_none() {
            return;
        }
        self.received[channel].add(samples, samples.len() as u64);
        let ear = &mut self.ears[channel];
        let end = start + samples.len() as u64;
        if ear.losing && ear.unheard.len() == 0 {
            // All before the gap is read: what follows is kept again; its index shows the gap.
            ear.unheard.restart(start.max(ear.unheard.end()));
            ear.losing = false;
        } else if ear.losing {
            self.status.lost_samples += samples.len() as u64;
            return;
        }
        let first = ear.unheard.end().max(start);
        if first >= end {
            return;
        }
        let fresh = &samples[(first - start) as usize..];
        if ear.unheard.len() + fresh.len() > most {
            ear.losing = true;
            self.status.overflows += 1;
            self.status.lost_samples += fresh.len() as u64;
            self.report(Event::Overflow(first));
            return;
        }
        ear.unheard.push(fresh);
    }

    /// Reads what a channel heard.
    pub fn read(&mut self, channel: usize, out: &mut [Complex32]) -> Heard {
        let ear = &mut self.ears[channel];
        let start = ear.unheard.start();
        let count = ear.unheard.take(out);
        if count == 0 {
            return Heard { start, ..Heard::default() };
        }
        let heard = self.streams.heard[channel].replace(start + count as u64);
        Heard { start, count, lost: start - heard.unwrap_or(start) }
    }

    /// Lets what a channel hears pass, up to an index.
    pub fn skip(&mut self, channel: usize, until: SampleIndex) {
        let unheard = &mut self.ears[channel].unheard;
        if until >= unheard.end() {
            unheard.restart(until.max(unheard.start()));
        } else {
            unheard.drop_first(until.saturating_sub(unheard.start()) as usize);
        }
        self.streams.heard[channel] = Some(unheard.start());
    }

    /// Takes samples that are to be sent, at an index or where the stream stands, as far as there is room.
    pub fn write(
        &mut self,
        channel: usize,
        (start, samples, last): (Option<SampleIndex>, &[Complex32], bool),
        Room { now, ahead, least }: Room,
    ) -> Result<Written, RadioError> {
        self.check(Direction::Transmit, channel)?;
        let Some(speech) = &mut self.streams.speech[channel] else { return Ok(Written::Taken(0)) };
        let start = start.unwrap_or(speech.settled.max(now));
        let (radio, position) = (&self.place.name, speech.settled);
        if start < now {
            self.status.late_bursts += 1;
            let error = RadioError::Late { radio: radio.clone(), start, now };
            self.report(Event::Late(start, samples.len() as u64));
            return Err(error);
        }
        if start < position {
            return Err(RadioError::Overlap { radio: radio.clone(), start, position });
        }
        if start > position {
            // Who asks for a later burst has nothing to send before it.
            *speech = Speech { settled: start, in_burst: false };
        }
        let (room, wanted) = ((now + ahead).saturating_sub(start), samples.len() as u64);
        if room < least.min(wanted) {
            return Ok(Written::RoomAt((start + least.min(wanted)).saturating_sub(ahead)));
        }
        let count = room.min(wanted) as usize;
        self.waiting[channel].push(start, &samples[..count]);
        *speech = Speech { settled: start + count as u64, in_burst: !(last && count == samples.len()) };
        Ok(Written::Taken(count))
    }

    /// Promises that nothing more is sent at any channel before an index.
    pub fn silent_until(&mut self, index: SampleIndex) {
        for speech in self.streams.speech.iter_mut().flatten().filter(|speech| speech.settled < index) {
            *speech = Speech { settled: index, in_burst: false };
        }
    }

    /// Notes that something went wrong.
    pub fn report(&mut self, event: Event) {
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Takes the next thing that went wrong.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

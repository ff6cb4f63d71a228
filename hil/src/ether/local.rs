//! An ether within a process, and the radios that stand in it.

use super::attachment::{Attachment, EtherInfo, Event, Heard, Place};
use super::metrics::EtherMetrics;
use super::shared::Shared;
use super::state::State;
use super::station::{Room, Written};
use super::{Clock, EtherConfig};
use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, RadioStatus};
use airloop_baseband::{Complex32, SampleIndex, Transport};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// An ether over a transport; clones are the same ether.
pub struct Ether<T>(Arc<Shared<T>>);

impl<T> Clone for Ether<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Ether<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    /// Makes an ether of an air. The wall's clock, where it counts, is that of the system; a thread lets time go on by it.
    ///
    /// # Errors
    /// When a distance of the config is out of range, or the system refuses a thread.
    pub fn new(config: EtherConfig, air: T) -> Result<Self, RadioError> {
        let made = Instant::now();
        let ether = Self::with_wall(config, air, move || made.elapsed())?;
        ether.keep_time()?;
        Ok(ether)
    }

    /// Makes an ether of an air with a wall's clock of one's own: `elapsed` says how much time has gone by. Time goes on by it when
    /// radios act or wait, by [`Ether::advance`], and in a server.
    ///
    /// # Errors
    /// When a distance of the config is out of range.
    pub fn with_wall(
        config: EtherConfig,
        air: T,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Result<Self, RadioError> {
        config.check()?;
        let clock = (air.sample_rate_hz(), Box::new(elapsed) as Box<dyn Fn() -> Duration + Send + Sync>);
        let shared = Shared::new(State::new(config, air), config, clock);
        // Where nobody is waited for, time begins now.
        drop(shared.lock_now());
        Ok(Self(Arc::new(shared)))
    }

    /// Lets the wall's time, where it counts, go on in a thread until the last of all clones and places is gone.
    pub(super) fn keep_time(&self) -> Result<(), RadioError> {
        let refused = |error| format!("the system refuses a thread for its clock: {error}");
        self.0.keep_time().map_err(|error| RadioError::Air(refused(error).into()))
    }

    /// Gives a radio a place.
    ///
    /// # Errors
    /// When its name or a port is taken, or the air has no such port.
    pub fn attach(&self, place: Place) -> Result<LocalAttachment<T>, RadioError> {
        let number = self.0.lock().attach(place.clone())?;
        Ok(self.seat(number, place))
    }

    /// Gives a radio the lowest ports that are free: so many that transmit, and that receive.
    ///
    /// # Errors
    /// When its name is taken, or too few ports are free.
    pub fn attach_anywhere(
        &self,
        name: &str,
        (transmit, receive): (usize, usize),
    ) -> Result<LocalAttachment<T>, RadioError> {
        let (number, place) = {
            let mut state = self.0.lock();
            let place = state.free_place(name, (transmit, receive))?;
            (state.attach(place.clone())?, place)
        };
        Ok(self.seat(number, place))
    }

    /// Keeps places for radios of their names: they come by [`Ether::attach_named`], and no one else gets their ports.
    pub fn reserve(&self, places: Vec<Place>) {
        self.0.lock().reserve(places);
    }

    /// Gives a radio the place that is kept for its name.
    ///
    /// # Errors
    /// When no place is kept for it, or it is there already.
    pub fn attach_named(&self, name: &str) -> Result<LocalAttachment<T>, RadioError> {
        let (number, place) = {
            let mut state = self.0.lock();
            let place = state.reserved_place(name)?;
            (state.attach(place.clone())?, place)
        };
        Ok(self.seat(number, place))
    }

    fn seat(&self, number: usize, place: Place) -> LocalAttachment<T> {
        let (sample_rate_hz, lead_samples) = (self.0.sample_rate_hz, self.0.config.lead_samples);
        let centre_hz = self.0.config.centre_hz;
        let info = EtherInfo { place, sample_rate_hz, lead_samples, centre_hz };
        let capabilities = info.ideal();
        LocalAttachment(Arc::new(Seat { ether: self.clone(), number, info, capabilities }))
    }

    /// Returns how the ether keeps time.
    pub fn config(&self) -> &EtherConfig {
        &self.0.config
    }

    /// Returns how far time and every radio are.
    pub fn metrics(&self) -> EtherMetrics {
        let state = self.0.lock();
        state.metrics(self.0.elapsed())
    }

    /// Lets time go as far as it may, by the wall's clock until now.
    pub fn advance(&self) {
        self.0.advance();
    }
}

/// What came of something that may have to wait.
enum Attempt<R> {
    Done(R),
    /// It may come of it when time has moved, or not before an index.
    Wait(Option<SampleIndex>),
}

/// A radio's place in an ether of this process. Clones are the same place, so that one thread can send while another hears; it is
/// given up when the last of them is dropped.
pub struct LocalAttachment<T>(Arc<Seat<T>>)
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error;

struct Seat<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    ether: Ether<T>,
    number: usize,
    info: EtherInfo,
    capabilities: Capabilities,
}

impl<T> Clone for LocalAttachment<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> LocalAttachment<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    /// Repeats what may have to wait, until it has a result or the time-out is over.
    fn until<R>(
        &self,
        timeout: Duration,
        mut attempt: impl FnMut(&mut State<T>) -> Result<Attempt<R>, RadioError>,
    ) -> Result<Option<R>, RadioError> {
        let shared = &*self.0.ether.0;
        let deadline = Instant::now().checked_add(timeout);
        let (mut state, mut late) = (shared.lock_now(), false);
        loop {
            state.check(self.0.number)?;
            let until = match attempt(&mut state)? {
                Attempt::Done(outcome) => {
                    shared.go_on(state);
                    return Ok(Some(outcome));
                }
                Attempt::Wait(until) => until,
            };
            let moved;
            (state, moved) = shared.go_on_waiting(state);
            if moved && !late {
                // Time that goes on for long is no excuse to stay.
                late = deadline.is_some_and(|end| Instant::now() >= end);
                continue;
            }
            let left = deadline.map_or(timeout, |end| end.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Ok(None);
            }
            state = shared.wait(state, left, until);
        }
    }

    /// Does what need not wait.
    fn now_or_never<R>(
        &self,
        act: impl FnOnce(&mut State<T>) -> Result<R, RadioError>,
    ) -> Result<R, RadioError> {
        let shared = &*self.0.ether.0;
        let mut state = shared.lock_now();
        state.check(self.0.number)?;
        let outcome = act(&mut state)?;
        shared.go_on(state);
        Ok(outcome)
    }
}

impl<T> Attachment for LocalAttachment<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    fn info(&self) -> &EtherInfo {
        &self.0.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        self.now_or_never(|state| Ok(state.now()))
    }

    fn activate(&mut self, direction: Direction, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError> {
        let number = self.0.number;
        self.now_or_never(|state| {
            let earliest = state.earliest(direction);
            let at = at.unwrap_or(earliest).max(earliest);
            state.station(number).activate(direction, at)?;
            Ok(at)
        })
    }

    fn deactivate(&mut self, direction: Direction) -> Result<(), RadioError> {
        let number = self.0.number;
        self.now_or_never(|state| {
            state.station(number).deactivate(direction);
            Ok(())
        })
    }

    fn write(
        &mut self,
        channel: usize,
        (start, samples, last): (Option<SampleIndex>, &[Complex32], bool),
        timeout: Duration,
    ) -> Result<usize, RadioError> {
        let (number, config) = (self.0.number, self.0.ether.0.config);
        let ahead = config.ahead_samples as u64;
        // The wall's clock makes room for a sample at a time, and who takes it so never rests.
        let least =
            if config.clock == Clock::Wall { (ahead / 4).max(config.block_samples as u64) } else { 1 };
        let taken = self.until(timeout, |state| {
            let now = state.now();
            let room = Room { now, ahead, least };
            Ok(match state.station(number).write(channel, (start, samples, last), room)? {
                Written::Taken(count) => Attempt::Done(count),
                Written::RoomAt(index) => Attempt::Wait(Some(index)),
            })
        })?;
        Ok(taken.unwrap_or(0))
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let number = self.0.number;
        self.now_or_never(|state| {
            state.station(number).silent_until(index);
            Ok(())
        })
    }

    fn read(
        &mut self,
        channel: usize,
        out: &mut [Complex32],
        timeout: Duration,
    ) -> Result<Heard, RadioError> {
        let number = self.0.number;
        let heard = self.until(timeout, |state| {
            let station = state.station(number);
            station.check(Direction::Receive, channel)?;
            let heard = station.read(channel, out);
            let is_done = heard.count > 0 || out.is_empty();
            Ok(if is_done { Attempt::Done(heard) } else { Attempt::Wait(None) })
        })?;
        Ok(heard.unwrap_or_default())
    }

    fn skip(&mut self, channel: usize, until: SampleIndex) -> Result<(), RadioError> {
        let number = self.0.number;
        self.now_or_never(|state| {
            let station = state.station(number);
            station.check(Direction::Receive, channel)?;
            station.skip(channel, until);
            Ok(())
        })
    }

    fn event(&mut self) -> Option<Event> {
        self.0.ether.0.lock_now().station(self.0.number).event()
    }

    fn status(&mut self) -> RadioStatus {
        self.0.ether.0.lock_now().station(self.0.number).status
    }

    fn waits_for(&mut self) -> Option<String> {
        self.0.ether.0.lock().holder().filter(|name| *name != self.0.info.place.name)
    }
}

impl<T> Drop for Seat<T>
where
    T: Transport + Send + 'static,
    T::Error: std::error::Error,
{
    fn drop(&mut self) {
        let shared = &*self.ether.0;
        if shared.is_broken() {
            return;
        }
        let mut state = shared.lock();
        state.leave(self.number);
        shared.notify(&state);
        shared.go_on(state);
    }
}

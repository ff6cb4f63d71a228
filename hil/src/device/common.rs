//! What the clones of a device share beside their streams.

use super::model::Model;
use super::side::Side;
use crate::ether::Event;
use crate::radio::Direction;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Most events that nobody asked for; older ones stay counted.
const MOST_EVENTS: usize = 1024;

/// What the clones of a device share beside their streams; none of its locks is held for long.
#[derive(Debug)]
pub struct Common {
    /// What stays as it is.
    pub model: Model,
    /// How the directions are set.
    sides: [Mutex<Side>; 2],
    faults: Mutex<Faults>,
    /// By how much the radio sends more than it is set to, in decibels.
    pub power_error_db: f64,
}

/// What went wrong by the device's own indices.
#[derive(Debug, Default)]
pub struct Faults {
    /// Bursts that came late.
    pub late: u64,
    /// Bursts that the ether calls late, whatever became of them here.
    pub late_in_air: u64,
    /// Own samples lost.
    pub lost: u64,
    events: VecDeque<Event>,
}

impl Faults {
    /// Notes that something went wrong.
    pub fn report(&mut self, event: Event) {
        if self.events.len() == MOST_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    /// Takes the next thing that went wrong.
    pub fn event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

/// Locks what no thread leaves half changed.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Common {
    /// Makes what the clones of a device share.
    pub fn new(model: Model, [transmit, receive]: [Side; 2], power_error_db: f64) -> Self {
        let sides = [Mutex::new(transmit), Mutex::new(receive)];
        Self { model, sides, faults: Mutex::default(), power_error_db }
    }

    /// Returns how a direction is set.
    pub fn side(&self, direction: Direction) -> MutexGuard<'_, Side> {
        lock(&self.sides[direction as usize])
    }

    /// Returns what went wrong.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// Returns whether samples of a direction pass without a change of time.
    pub fn is_direct(&self, direction: Direction, side: &Side) -> bool {
        let model = &self.model;
        let clocks = match direction {
            Direction::Transmit => &model.sending,
            Direction::Receive => &model.hearing,
        };
        let persona = &model.persona;
        let starts = persona.timestamps && model.origin(direction, 0) == 0;
        let bursts = persona.timestamp_quantum_samples <= 1 && persona.burst_jitter_samples == 0;
        clocks.is_none() && side.converter.is_none() && starts && (bursts || direction == Direction::Receive)
    }
}

/// When a wait is over.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    end: Option<Instant>,
    timeout: Duration,
}

impl Deadline {
    /// Begins to wait.
    pub fn after(timeout: Duration) -> Self {
        Self { end: Instant::now().checked_add(timeout), timeout }
    }

    /// Returns for how long to wait yet.
    pub fn left(&self) -> Duration {
        self.end.map_or(self.timeout, |end| end.saturating_duration_since(Instant::now()))
    }
}

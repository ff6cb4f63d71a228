//! What the threads of a node share.

use super::session::Session;
use super::zmtp::Broken;
use crate::error::RadioError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often what waits looks around.
pub const SLICE: Duration = Duration::from_millis(20);

/// Where a node stands, and whether it is to go on.
#[derive(Debug)]
pub struct Shared {
    session: Mutex<Session>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Shared {
    /// Makes what a node's threads share.
    pub fn new(session: Session) -> Self {
        Self { session: Mutex::new(session), changed: Condvar::new(), stop: AtomicBool::new(false) }
    }

    /// Locks the session.
    pub fn lock(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who waits for another state of the session.
    pub fn changed(&self) {
        self.changed.notify_all();
    }

    /// Waits a little for another state of the session.
    pub fn wait(&self, session: MutexGuard<'_, Session>) {
        drop(self.changed.wait_timeout(session, SLICE).unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes note of what a peer did; one that is only gone was not refused.
    pub fn trouble(&self, broken: &Broken) {
        if !broken.is_gone() {
            self.refuse(broken.to_string());
        }
    }

    /// Takes note of something that was refused.
    pub fn refuse(&self, why: String) {
        let report = &mut self.lock().report;
        report.refused += 1;
        report.last_trouble = Some(why);
    }

    /// Takes note that the ether carries the node no further.
    pub fn end(&self, error: &RadioError) {
        let report = &mut self.lock().report;
        (report.ended, report.last_trouble) = (true, Some(error.to_string()));
        self.stop();
    }

    /// Lets the node's threads come to their end.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Returns whether the node's threads are to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }
}

//! Whether a stream is active, for those who wait until it is.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Takes a lock; a panic of whoever held it left nothing half done that matters more than going on.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Open while a stream is active.
#[derive(Debug, Default)]
pub struct Gate {
    open: Mutex<bool>,
    moved: Condvar,
}

impl Gate {
    /// Opens or shuts it; returns whether it was open.
    pub fn set(&self, open: bool) -> bool {
        let was = std::mem::replace(&mut *lock(&self.open), open);
        self.moved.notify_all();
        was
    }

    /// Returns whether it is open.
    pub fn is_open(&self) -> bool {
        *lock(&self.open)
    }

    /// Waits until it is open, or a deadline; returns whether it is.
    pub fn wait(&self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        let open = lock(&self.open);
        let waited = self.moved.wait_timeout_while(open, left, |open| !*open);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

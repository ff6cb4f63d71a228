//! What went wrong, counted by several threads without a lock.

use crate::radio::RadioStatus;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since a radio was opened.
#[derive(Debug, Default)]
pub struct Counters {
    /// Times at which a burst or an endless stream had no sample ready.
    pub underflows: AtomicU64,
    /// Times at which samples were lost before they were heard.
    pub overflows: AtomicU64,
    /// Bursts that came after their time.
    pub late_bursts: AtomicU64,
    /// Samples that were lost, of all channels together.
    pub lost_samples: AtomicU64,
}

impl Counters {
    /// Counts so many more.
    pub fn add(counter: &AtomicU64, more: u64) {
        counter.fetch_add(more, Ordering::Relaxed);
    }

    /// Returns the counts.
    pub fn status(&self) -> RadioStatus {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RadioStatus {
            underflows: of(&self.underflows),
            overflows: of(&self.overflows),
            late_bursts: of(&self.late_bursts),
            lost_samples: of(&self.lost_samples),
        }
    }
}

//! Bursts on their way to the thread that writes.

use super::ending::Ending;
use airloop_baseband::{Complex32, SampleIndex};
use crossbeam_queue::ArrayQueue;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Most bursts that wait for their time.
pub const MOST_JOBS: usize = 64;

/// A burst for one channel.
#[derive(Debug)]
pub struct Job {
    /// Which channel; the others are silent meanwhile.
    pub channel: usize,
    /// Index of the first sample.
    pub start: SampleIndex,
    /// The samples.
    pub samples: Vec<Complex32>,
    /// Until when it must be with the driver.
    pub deadline: Instant,
}

impl Job {
    /// Returns the index just past the last sample.
    pub fn end(&self) -> SampleIndex {
        self.start + self.samples.len() as u64
    }
}

/// Why a burst was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It came after its time: samples before this one had gone out.
    Late(SampleIndex),
    /// The driver took no more than this many samples in time.
    TimedOut(usize),
    /// The driver failed with this code.
    Failed(i32),
}

/// What whoever sends and the thread that writes share.
#[derive(Debug)]
pub struct Outbox {
    pub(super) jobs: ArrayQueue<Job>,
    pub(super) answers: ArrayQueue<Result<(), Refused>>,
    /// Buffers of bursts that were sent, to be used again or freed by whoever sends.
    pub(super) spent: ArrayQueue<Vec<Complex32>>,
    pub(super) position: AtomicU64,
    /// How it ends.
    pub ending: Ending,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            jobs: ArrayQueue::new(1),
            answers: ArrayQueue::new(2),
            spent: ArrayQueue::new(2 * MOST_JOBS),
            position: AtomicU64::new(0),
            ending: Ending::default(),
        }
    }
}

impl Outbox {
    /// Hands over a burst; every one gets an answer before the next is handed over.
    ///
    /// # Errors
    /// The burst, when one waits already.
    pub fn post(&self, job: Job) -> Result<(), Job> {
        self.jobs.push(job)
    }

    /// Takes back a burst that the thread has not taken.
    pub fn take_back(&self) -> Option<Job> {
        self.jobs.pop()
    }

    /// Takes the answer.
    pub fn answer(&self) -> Option<Result<(), Refused>> {
        self.answers.pop()
    }

    /// Returns a buffer for the samples of a burst.
    pub fn buffer(&self, samples: &[Complex32]) -> Vec<Complex32> {
        let mut buffer = self.spent.pop().unwrap_or_default();
        // The others are freed: here, and not in the thread that writes.
        while self.spent.pop().is_some() {}
        buffer.clear();
        buffer.extend_from_slice(samples);
        buffer
    }

    /// Returns how many samples have gone out, where they go out without end.
    pub fn position(&self) -> SampleIndex {
        self.position.load(Ordering::Acquire)
    }
}

//! The thread that writes, and asks between whiles what became of it.

use super::clock::SampleClock;
use super::code;
use super::counters::Counters;
use super::feed::Feed;
use super::outbox::{Job, Outbox, Refused};
use airloop_baseband::Complex32;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// How often a thread without a burst asks for one, and for the status.
const PAUSE: Duration = Duration::from_millis(1);

/// Samples for one channel.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Which channel; all others get zeros.
    pub channel: usize,
    /// The samples.
    pub samples: &'a [Complex32],
    /// The device's time of the first, in nanoseconds; where the stream stands without.
    pub at_ns: Option<i64>,
    /// Whether they are the last of a burst.
    pub last: bool,
}

/// What a driver says of samples that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Samples were missing.
    Underflow,
    /// A burst came after its time.
    Late,
}

/// A driver's stream that transmits.
pub trait Sink: Send {
    /// Returns how many samples the driver moves at once.
    fn most_samples(&self) -> usize;

    /// Writes samples; returns how many were taken, none where the driver has no room for some milliseconds.
    ///
    /// # Errors
    /// The driver's code.
    fn write(&mut self, piece: Piece<'_>) -> Result<usize, i32>;

    /// Returns what went wrong, if anything, without waiting.
    fn trouble(&mut self) -> Option<Trouble>;
}

/// Sends bursts at their times until it is stopped.
///
/// Between whiles it asks the driver what went wrong: drivers need not bear that of another thread at the same time.
pub fn send_at_times(mut sink: impl Sink, clock: SampleClock, outbox: &Outbox, counters: &Counters) {
    while !outbox.ending.is_asked() {
        match outbox.jobs.pop() {
            Some(job) => {
                let answer = send(&mut sink, clock, &job);
                if matches!(answer, Err(Refused::Late(_))) {
                    Counters::add(&counters.late_bursts, 1);
                }
                _ = outbox.spent.push(job.samples);
                _ = outbox.answers.push(answer);
            }
            None => thread::park_timeout(PAUSE),
        }
        count(&mut sink, counters);
    }
    outbox.ending.end(code::STOPPED);
}

/// Code of a time that has gone by.
const TIME_ERROR: i32 = -6;

fn send(sink: &mut impl Sink, clock: SampleClock, job: &Job) -> Result<(), Refused> {
    let (most, mut sent) = (sink.most_samples().max(1), 0);
    // A burst without samples is written once too: it says that nothing comes before its time.
    while sent < job.samples.len() || job.samples.is_empty() {
        let end = (sent + most).min(job.samples.len());
        let piece = Piece {
            channel: job.channel,
            samples: &job.samples[sent..end],
            at_ns: (sent == 0).then(|| clock.ns(job.start)),
            last: end == job.samples.len(),
        };
        match sink.write(piece) {
            Ok(_) if job.samples.is_empty() => return Ok(()),
            Ok(0) if Instant::now() >= job.deadline => return Err(Refused::TimedOut(sent)),
            Ok(taken) => sent += taken,
            Err(TIME_ERROR) => return Err(Refused::Late(job.start)),
            Err(code) => return Err(Refused::Failed(code)),
        }
    }
    Ok(())
}

/// Sends zeros without end, and bursts at their indices, which count what has gone out, until it is stopped or the driver fails.
pub fn send_endlessly(mut sink: impl Sink, outbox: &Outbox, counters: &Counters) {
    let mut feed = Feed::new(sink.most_samples());
    while !outbox.ending.is_asked() {
        if feed.has_room()
            && let Some(job) = outbox.jobs.pop()
        {
            let answer = feed.add(job).map_err(|(job, refused)| {
                Counters::add(&counters.late_bursts, 1);
                _ = outbox.spent.push(job.samples);
                refused
            });
            _ = outbox.answers.push(answer);
        }
        let (channel, samples) = feed.next();
        match sink.write(Piece { channel, samples, at_ns: None, last: false }) {
            Ok(taken) => {
                if let Some(job) = feed.advance(taken) {
                    _ = outbox.spent.push(job.samples);
                }
            }
            Err(code) => return outbox.ending.end(code),
        }
        outbox.position.store(feed.position(), Ordering::Release);
        count(&mut sink, counters);
    }
    outbox.ending.end(code::STOPPED);
}

fn count(sink: &mut impl Sink, counters: &Counters) {
    while let Some(trouble) = sink.trouble() {
        Counters::add(
            match trouble {
                Trouble::Underflow => &counters.underflows,
                Trouble::Late => &counters.late_bursts,
            },
            1,
        );
    }
}

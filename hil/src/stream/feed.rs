//! What an endless stream sends next: bursts at their indices, zeros between.

use super::outbox::{Job, MOST_JOBS, Refused};
use airloop_baseband::{Complex32, SampleIndex};
use std::collections::VecDeque;

/// Bursts in the order of their indices, and where the stream stands.
#[derive(Debug)]
pub(super) struct Feed {
    position: SampleIndex,
    waiting: VecDeque<Job>,
    zeros: Box<[Complex32]>,
}

impl Feed {
    /// Makes the feed of a stream that takes so many samples at once.
    pub fn new(most_samples: usize) -> Self {
        let zeros = vec![Complex32::default(); most_samples.max(1)].into_boxed_slice();
        Self { position: 0, waiting: VecDeque::with_capacity(MOST_JOBS), zeros }
    }

    /// Returns how many samples have gone out.
    pub fn position(&self) -> SampleIndex {
        self.position
    }

    /// Returns whether another burst can wait.
    pub fn has_room(&self) -> bool {
        self.waiting.len() < MOST_JOBS
    }

    /// Takes a burst that begins after all others.
    ///
    /// # Errors
    /// The burst, when samples beyond its first have gone out.
    pub fn add(&mut self, job: Job) -> Result<(), (Job, Refused)> {
        if job.start < self.position {
            return Err((job, Refused::Late(self.position)));
        }
        self.waiting.push_back(job);
        Ok(())
    }

    /// Returns what goes out next, at which channel.
    pub fn next(&self) -> (usize, &[Complex32]) {
        let most = self.zeros.len();
        let Some(job) = self.waiting.front() else { return (0, &self.zeros) };
        if job.start > self.position {
            let count = (job.start - self.position).min(most as u64) as usize;
            return (job.channel, &self.zeros[..count]);
        }
        let left = &job.samples[(self.position - job.start) as usize..];
        (job.channel, &left[..left.len().min(most)])
    }

    /// Notes that so many samples have gone out; returns a burst that is over.
    pub fn advance(&mut self, count: usize) -> Option<Job> {
        self.position += count as u64;
        let over = self.waiting.front().is_some_and(|job| job.end() <= self.position);
        if over { self.waiting.pop_front() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Feed, Job, Refused};
    use airloop_baseband::Complex32;
    use std::time::Instant;

    fn job(start: u64, count: usize) -> Job {
        let samples = (0..count).map(|i| Complex32::new(start as f32 + i as f32, 1.0)).collect();
        Job { channel: 1, start, samples, deadline: Instant::now() }
    }

    #[test]
    fn bursts_go_out_at_their_indices_however_much_is_taken() {
        for taken in 1..=7 {
            let mut feed = Feed::new(7);
            [job(3, 5), job(8, 1), job(20, 9)].into_iter().for_each(|job| feed.add(job).unwrap());
            let (mut out, mut over) = (Vec::new(), 0);
            while out.len() < 50 {
                let (channel, piece) = feed.next();
                assert!(channel == 1 || piece[0] == Complex32::default());
                let count = piece.len().min(taken);
                out.extend_from_slice(&piece[..count]);
                over += usize::from(feed.advance(count).is_some());
            }
            for (i, x) in out.iter().enumerate() {
                let in_burst = (3..8).contains(&i) || i == 8 || (20..29).contains(&i);
                let sent = if in_burst { Complex32::new(i as f32, 1.0) } else { Complex32::default() };
                assert_eq!(*x, sent, "{i}, {taken}");
            }
            assert_eq!(over, 3);
            let late = feed.add(job(feed.position() - 1, 2)).unwrap_err().1;
            assert_eq!(late, Refused::Late(feed.position()));
        }
    }
}

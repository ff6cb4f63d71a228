//! Windows cut from a stream of blocks.

use super::block::Block;
use super::counters::Counters;
use super::pool::Pool;
use airloop_baseband::{Capture, Complex32, SampleIndex, Window};
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How often who waits for a block looks again.
const PAUSE: Duration = Duration::from_micros(200);

/// Magnitude of a component from which on a sample counts as clipped, of a full scale of 1.
pub const FULL_SCALE: f32 = 0.99;

/// Why a window was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutError {
    /// It begins before the end of the one before it.
    Behind {
        /// Where that ended.
        position: SampleIndex,
    },
    /// Nothing came in time.
    TimedOut {
        /// Where the stream stands.
        position: SampleIndex,
    },
    /// The stream ended with this code.
    Ended(i32),
    /// There is no memory for so many samples.
    TooLong,
}

/// Cuts windows from the blocks of a pool, channel by channel.
///
/// Samples that were lost are silent in their place, and the capture says so. Blocks stay until all channels have heard them, but no more
/// than half of the pool: a channel that is heard so much later than another one, or never, holds nothing up.
pub struct Cutter {
    pool: Arc<Pool>,
    counters: Arc<Counters>,
    kept: VecDeque<Block>,
    /// By channel: up to where it was heard.
    heard: Vec<SampleIndex>,
    /// End of the last block that came, and what was lost before it.
    last: Option<(SampleIndex, u64)>,
}

impl Cutter {
    /// Makes the cutter of a pool's blocks.
    pub fn new(pool: Arc<Pool>, counters: Arc<Counters>) -> Self {
        let size = pool.size();
        let kept = VecDeque::with_capacity(size.blocks);
        Self { heard: vec![0; size.channels], kept, last: None, pool, counters }
    }

    /// Returns the end of what has come.
    pub fn position(&self) -> SampleIndex {
        self.last.map_or(0, |(end, _)| end)
    }

    /// Hears a window at a channel, which exists.
    ///
    /// # Errors
    /// See [`CutError`]; the window can be asked for again after a time-out.
    pub fn cut(&mut self, channel: usize, window: Window, timeout: Duration) -> Result<Capture, CutError> {
        let position = self.heard[channel];
        let end = window.start.checked_add(window.length_samples as u64).ok_or(CutError::TooLong)?;
        if window.start < position {
            return Err(CutError::Behind { position });
        }
        let mut samples: Vec<Complex32> = Vec::new();
        samples.try_reserve_exact(window.length_samples).map_err(|_| CutError::TooLong)?;
        samples.resize(window.length_samples, Complex32::default());
        let mut cut =
            Cut { channel, start: window.start, end, at: window.start, samples, broken: false, clipped: 0 };
        let deadline = Instant::now() + timeout;
        self.kept.iter().for_each(|block| cut.take(block));
        while cut.at < end {
            let block = self.wait(deadline)?;
            self.note(&block, window.start);
            cut.take(&block);
            self.kept.push_back(block);
            if self.kept.len() > self.pool.size().blocks / 2 {
                self.kept.pop_front().into_iter().for_each(|block| self.pool.release(block));
            }
        }
        self.heard[channel] = end;
        self.release();
        Ok(cut.capture())
    }

    /// Waits for a block.
    fn wait(&self, deadline: Instant) -> Result<Block, CutError> {
        loop {
            // What was filled before the end is still there.
            let ended = self.pool.ending.code();
            if let Some(block) = self.pool.take() {
                return Ok(block);
            }
            if let Some(code) = ended {
                return Err(CutError::Ended(code));
            }
            if Instant::now() >= deadline {
                return Err(CutError::TimedOut { position: self.position() });
            }
            thread::sleep(PAUSE);
        }
    }

    /// Counts what was lost between a new block and the one before it for want of room, where a window from `start` on asks for it; what
    /// the driver lost is counted already.
    fn note(&mut self, block: &Block, start: SampleIndex) {
        let header = &block.header;
        let (before, lost) = self.last.unwrap_or((header.start, header.lost_so_far));
        self.last = Some((header.end(), header.lost_so_far));
        let dropped = (header.start - before).saturating_sub(header.lost_so_far - lost);
        let asked = header.start.saturating_sub(start).min(dropped);
        if asked > 0 {
            Counters::add(&self.counters.overflows, 1);
            Counters::add(&self.counters.lost_samples, asked * self.heard.len() as u64);
        }
    }

    /// Gives back what all channels have heard.
    fn release(&mut self) {
        let until = self.heard.iter().copied().min().unwrap_or(0);
        while self.kept.front().is_some_and(|block| block.header.end() <= until) {
            self.kept.pop_front().into_iter().for_each(|block| self.pool.release(block));
        }
    }
}

/// A window that is being cut.
struct Cut {
    channel: usize,
    start: SampleIndex,
    end: SampleIndex,
    /// Up to where it is known.
    at: SampleIndex,
    samples: Vec<Complex32>,
    broken: bool,
    clipped: usize,
}

impl Cut {
    fn take(&mut self, block: &Block) {
        let (header, samples) = (&block.header, block.channel(self.channel));
        let (from, to) = (header.start.max(self.at), header.end().min(self.end));
        let inside = (self.start..self.end).contains(&header.start);
        // Lost on the way, or gone before they were asked for.
        self.broken |= inside && (header.broken || header.start > self.at);
        self.broken |= header.start >= self.end && self.at < self.end;
        if from < to {
            let heard = &samples[(from - header.start) as usize..(to - header.start) as usize];
            self.samples[(from - self.start) as usize..][..heard.len()].copy_from_slice(heard);
            let clips = |x: &&Complex32| x.re.abs() >= FULL_SCALE || x.im.abs() >= FULL_SCALE;
            self.clipped += heard.iter().filter(clips).count();
        }
        self.at = self.at.max(header.end());
    }

    fn capture(self) -> Capture {
        let clipped_share = self.clipped as f32 / self.samples.len().max(1) as f32;
        Capture { start: self.start, samples: self.samples, overflow: self.broken, clipped_share }
    }
}

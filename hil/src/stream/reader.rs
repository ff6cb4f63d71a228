//! The thread that does nothing but read.

use super::block::{Block, Rows};
use super::clock::SampleClock;
use super::code;
use super::counters::Counters;
use super::follower::Follower;
use super::pool::Pool;
use std::thread;
use std::time::Duration;

/// How often a thread that finds no room looks again.
const PAUSE: Duration = Duration::from_micros(200);

/// What one read of a driver gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Samples, in the room given from its beginning.
    Samples {
        /// How many of each channel.
        count: usize,
        /// The device's time of the first, in nanoseconds, where the driver gave one.
        ns: Option<i64>,
        /// Whether the driver broke off behind them.
        abrupt: bool,
    },
    /// Nothing came in time.
    Timeout,
    /// The driver lost samples; they are missing before those that come next.
    Lost,
}

/// A driver's stream that receives.
pub trait Source: Send {
    /// Reads samples of all channels, at most as many as there is room for; waits a few milliseconds for the first of them.
    ///
    /// # Errors
    /// The driver's code, after which the stream is over.
    fn read(&mut self, room: Rows<'_>) -> Result<Read, i32>;
}

/// Reads a source into the blocks of a pool until it is stopped or the source fails.
///
/// It allocates, locks and logs nothing. Where samples are missing, by the driver's word or the device's times, a new block begins, which
/// says so.
pub fn fill(mut source: impl Source, clock: SampleClock, pool: &Pool, counters: &Counters) {
    let mut filler = Filler { pool, counters, follower: Follower::new(clock), lost: 0, broken: false };
    let (mut current, mut spare) = (None, None);
    while !pool.ending.is_asked() {
        current = current.take().or_else(|| pool.empty());
        spare = spare.take().or_else(|| pool.empty());
        match (current.take(), spare.take()) {
            (Some(block), Some(next)) => match filler.step(&mut source, block, next) {
                Ok(blocks) => (current, spare) = blocks,
                Err(code) => return pool.ending.end(code),
            },
            blocks => {
                (current, spare) = blocks;
                thread::sleep(PAUSE);
            }
        }
    }
    pool.ending.end(code::STOPPED);
}

struct Filler<'a> {
    pool: &'a Pool,
    counters: &'a Counters,
    follower: Follower,
    /// Samples of each channel lost so far.
    lost: u64,
    /// Whether what comes next does not follow what came.
    broken: bool,
}

/// The block that is being filled, and a spare one.
type Blocks = (Option<Block>, Option<Block>);

impl Filler<'_> {
    fn step(&mut self, source: &mut impl Source, mut block: Block, spare: Block) -> Result<Blocks, i32> {
        let read = match source.read(block.room()) {
            Ok(read) => read,
            Err(code) => {
                self.hand_on(block);
                return Err(code);
            }
        };
        match read {
            Read::Timeout => Ok((self.hand_on(block), Some(spare))),
            Read::Lost => {
                Counters::add(&self.counters.overflows, 1);
                self.broken = true;
                Ok((self.hand_on(block), Some(spare)))
            }
            Read::Samples { count: 0, .. } => Ok((Some(block), Some(spare))),
            Read::Samples { count, ns, abrupt } => {
                let blocks = self.take(block, spare, (count, ns))?;
                let ends = abrupt || blocks.0.as_ref().is_some_and(Block::is_full);
                self.broken |= abrupt;
                Ok(if ends { (blocks.0.and_then(|block| self.hand_on(block)), blocks.1) } else { blocks })
            }
        }
    }

    /// Places samples that lie behind those of a block.
    fn take(
        &mut self,
        mut block: Block,
        spare: Block,
        (count, ns): (usize, Option<i64>),
    ) -> Result<Blocks, i32> {
        let Ok(placed) = self.follower.place(count, ns) else {
            self.hand_on(block);
            return Err(code::BACKWARDS);
        };
        if placed.gap > 0 {
            let channels = self.pool.size().channels as u64;
            Counters::add(&self.counters.overflows, u64::from(!self.broken));
            Counters::add(&self.counters.lost_samples, placed.gap * channels);
            self.lost += placed.gap;
            self.broken = true;
        }
        let follows = block.header.count > 0 && !self.broken;
        if follows {
            block.header.count += count;
            return Ok((Some(block), Some(spare)));
        }
        let mut spare = Some(spare);
        if block.header.count > 0
            && let Some(mut other) = spare.take()
        {
            other.take_room_of(&block, count);
            self.pool.fill(std::mem::replace(&mut block, other));
        }
        block.header.start = placed.start;
        block.header.device_ns = ns;
        block.header.count = count;
        block.header.gap = placed.gap;
        block.header.lost_so_far = self.lost;
        block.header.broken = std::mem::take(&mut self.broken);
        Ok((Some(block), spare))
    }

    /// Hands a block on unless it is empty.
    fn hand_on(&self, block: Block) -> Option<Block> {
        if block.header.count == 0 {
            return Some(block);
        }
        self.pool.fill(block);
        None
    }
}

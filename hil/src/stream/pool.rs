//! Blocks on their way from a thread that reads to whoever hears.

use super::block::Block;
use super::ending::Ending;
use crossbeam_queue::ArrayQueue;

/// What becomes of samples for which there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// The oldest that nobody has asked for are lost: time does not wait.
    DropOldest,
    /// They stay with the driver: emulated time waits for who listens.
    Wait,
}

/// How many blocks, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Channels of a block.
    pub channels: usize,
    /// Samples of each channel of a block.
    pub block_samples: usize,
    /// Blocks.
    pub blocks: usize,
}

impl PoolSize {
    /// Least number of blocks: one is read into, one is spare, one waits, one is kept.
    const FEWEST: usize = 8;

    /// Returns blocks of about 2 ms, in whole units of what the driver moves at once, that hold at least `depth_s` seconds.
    pub fn of(channels: usize, mtu_samples: usize, rate_hz: f64, depth_s: f64) -> Self {
        let mtu = mtu_samples.max(1);
        let units = (0.002 * rate_hz / mtu as f64).ceil().max(1.0) as usize;
        let block_samples = units * mtu;
        let blocks = ((depth_s * rate_hz / block_samples as f64).ceil() as usize).max(1) + Self::FEWEST;
        Self { channels, block_samples, blocks }
    }
}

/// Blocks that are allocated once; those that are filled go to whoever hears, and come back.
#[derive(Debug)]
pub struct Pool {
    size: PoolSize,
    when_full: WhenFull,
    free: ArrayQueue<Block>,
    filled: ArrayQueue<Block>,
    /// How it ends.
    pub ending: Ending,
}

impl Pool {
    /// Allocates blocks.
    pub fn new(size: PoolSize, when_full: WhenFull) -> Self {
        let free = ArrayQueue::new(size.blocks);
        (0..size.blocks).for_each(|_| _ = free.push(Block::new(size.channels, size.block_samples)));
        let filled = ArrayQueue::new(size.blocks);
        Self { size, when_full, free, filled, ending: Ending::default() }
    }

    /// Returns how many blocks there are, and how long.
    pub fn size(&self) -> PoolSize {
        self.size
    }

    /// Returns a block to be filled, if need be the oldest that nobody has asked for.
    pub fn empty(&self) -> Option<Block> {
        let oldest = || match self.when_full {
            WhenFull::DropOldest => self.filled.pop(),
            WhenFull::Wait => None,
        };
        let mut block = self.free.pop().or_else(oldest)?;
        block.header = Default::default();
        Some(block)
    }

    /// Hands a filled block on.
    pub fn fill(&self, block: Block) {
        // As long as all blocks together: there is room.
        _ = self.filled.push(block);
    }

    /// Takes the oldest filled block.
    pub fn take(&self) -> Option<Block> {
        self.filled.pop()
    }

    /// Gives a block back.
    pub fn release(&self, block: Block) {
        _ = self.free.push(block);
    }
}

#[cfg(test)]
mod tests {
    use super::{Pool, PoolSize, WhenFull};

    #[test]
    fn blocks_hold_the_depth_in_whole_units() {
        for (mtu, rate_hz, depth_s) in
            [(363, 1e6, 0.5), (2044, 30.72e6, 0.5), (131_072, 2.048e6, 0.5), (1, 48e3, 1.0)]
        {
            let size = PoolSize::of(2, mtu, rate_hz, depth_s);
            assert_eq!(size.block_samples % mtu, 0);
            assert!((size.blocks - PoolSize::FEWEST) as f64 * size.block_samples as f64 >= depth_s * rate_hz);
            // 2 ms, or one unit more.
            assert!(size.block_samples as f64 <= 0.002 * rate_hz + mtu as f64);
        }
    }

    #[test]
    fn a_full_pool_waits_or_gives_the_oldest_up() {
        let size = PoolSize { channels: 1, block_samples: 4, blocks: 3 };
        let fill = |pool: &Pool, start| {
            let Some(mut block) = pool.empty() else { return false };
            block.header.start = start;
            pool.fill(block);
            true
        };
        let waits = Pool::new(size, WhenFull::Wait);
        let drops = Pool::new(size, WhenFull::DropOldest);
        assert!((0..3).all(|start| fill(&waits, start) && fill(&drops, start)));
        assert!(!fill(&waits, 3) && fill(&drops, 3));
        assert_eq!(waits.take().map(|block| block.header.start), Some(0));
        assert_eq!(drops.take().map(|block| block.header.start), Some(1));
    }
}

//! What carries misaligned frames: straight on intervals, or as samples over a transport.

use super::MisalignedError;
use crate::medium::Tally;
use airloop_baseband::Complex32;

/// Frames that are carried at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameBlock {
    /// Symbol times before the first frame.
    pub first_time: u64,
    /// Number of frames.
    pub frames: usize,
    /// Symbols a frame.
    pub symbols: usize,
    /// Symbol times a frame takes.
    pub times: usize,
}

/// Adds what devices send, and gives what the interval bank makes of the sum.
pub trait FrameAir {
    /// Takes one device's precoded symbols of a block, `[frame, symbol]`; every device in turn.
    ///
    /// # Errors
    /// When the transport fails.
    fn send(
        &mut self,
        device: usize,
        block: FrameBlock,
        symbols: &[Complex32],
    ) -> Result<(), MisalignedError>;

    /// Writes what was received in the block, `[frame, symbol time, interval]`.
    ///
    /// # Errors
    /// When the transport fails.
    fn collect(&mut self, block: FrameBlock, grids: &mut [Complex32]) -> Result<(), MisalignedError>;

    /// Returns what was measured on the way.
    fn tally(&self) -> Tally;
}

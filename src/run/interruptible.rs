//! A round that ends early when the user asks it to.

use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use crate::scheme::{Outcome, Received, Round};
use airloop_baseband::Complex32;
use std::sync::atomic::{AtomicBool, Ordering};

/// A round without a next slot once a flag is set.
pub struct Interruptible<'a> {
    round: Box<dyn Round>,
    interrupted: &'a AtomicBool,
}

impl<'a> Interruptible<'a> {
    /// Watches a flag between the slots of a round.
    pub fn new(round: Box<dyn Round>, interrupted: &'a AtomicBool) -> Self {
        Self { round, interrupted }
    }

    /// Returns whether the flag is set.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}

impl Round for Interruptible<'_> {
    fn next_slot(&mut self) -> Option<SlotShape> {
        if self.is_interrupted() { None } else { self.round.next_slot() }
    }

    fn idle_symbols(&mut self) -> usize {
        self.round.idle_symbols()
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.round.agree(known);
    }

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        self.round.fill(device, known, grid)
    }

    fn precoders(&self, device: usize, known: LinkState<'_>, out: &mut Vec<f32>) -> bool {
        self.round.precoders(device, known, out)
    }

    fn take(&mut self, received: Received<'_>) {
        self.round.take(received);
    }

    fn restart(&mut self, index: u64) {
        self.round.restart(index);
    }

    fn take_memory(&mut self) -> Vec<Vec<f32>> {
        self.round.take_memory()
    }

    fn remember(&mut self, memory: Vec<Vec<f32>>) {
        self.round.remember(memory);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        self.round.finish()
    }
}

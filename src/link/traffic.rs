//! What devices have to send.

use airloop_baseband::{Purpose, Seeds};

/// A block that a device begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBlock {
    /// What the traffic knows it by.
    pub id: u64,
    /// Its information bits.
    pub bits: Vec<u8>,
}

/// Where information bits come from, and where they go.
pub trait Traffic {
    /// Returns whether a device has a block to begin.
    fn has_block(&self, device: usize) -> bool;

    /// Returns a device's next block, of so many information bits.
    fn next_block(&mut self, device: usize, bits: usize) -> NewBlock;

    /// Takes a block that is over, as it was decided; `accepted` says whether the receiver takes it for whole.
    fn end_block(&mut self, device: usize, id: u64, decided: &[u8], accepted: bool);

    /// Begins another round.
    fn restart(&mut self, index: u64);
}

/// Random bits: one block a device and trial, or without end.
#[derive(Clone, Debug)]
pub struct RandomBits {
    seeds: Seeds,
    index: u64,
    endless: bool,
    /// Blocks begun so far, by device.
    begun: Vec<u64>,
}

impl RandomBits {
    /// Makes the traffic of so many devices.
    pub fn new(seeds: Seeds, devices: usize, endless: bool) -> Self {
        Self { seeds, index: 0, endless, begun: vec![0; devices] }
    }
}

impl Traffic for RandomBits {
    fn has_block(&self, device: usize) -> bool {
        self.endless || self.begun[device] == 0
    }

    fn next_block(&mut self, device: usize, bits: usize) -> NewBlock {
        let block = self.begun[device];
        self.begun[device] += 1;
        let stream = self.seeds.stream(Purpose::Bits, self.index, device as u64).substream(block);
        let mut out = vec![0; bits];
        for (place, chunk) in out.chunks_mut(64).enumerate() {
            let word = stream.word(place as u64);
            chunk.iter_mut().enumerate().for_each(|(i, bit)| *bit = (word >> i & 1) as u8);
        }
        NewBlock { id: block, bits: out }
    }

    fn end_block(&mut self, _: usize, _: u64, _: &[u8], _: bool) {}

    fn restart(&mut self, index: u64) {
        self.index = index;
        self.begun.fill(0);
    }
}

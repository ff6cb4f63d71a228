//! The retransmission process of a block: sent until it is delivered or given up.

use super::block::{BlockDecoder, BlockReceiver, Decoded};
use super::plan::LinkPlan;
use super::traffic::NewBlock;
use airloop_coding::CodingError;

/// A block on its way.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its block plan.
    pub block: usize,
    /// What the traffic knows it by, and its information bits.
    pub content: NewBlock,
    /// Transmissions so far.
    pub transmissions: usize,
    /// The slot of the first.
    pub first_slot: u64,
    /// The slot from which the next may be sent.
    pub due_slot: u64,
    /// Whether it is delivered or given up.
    pub over: bool,
    receiver: BlockReceiver,
}

/// What came of one transmission of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt {
    /// Whether the receiver takes it for whole.
    pub accepted: bool,
    /// Wrong information bits as decided now.
    pub wrong_bits: usize,
    /// Decoder iterations, and the code blocks they were spent on.
    pub iterations: (usize, usize),
}

impl Process {
    /// Begins a block.
    pub fn new(block: usize, content: NewBlock, slot: u64, receiver: BlockReceiver) -> Self {
        Self { block, content, transmissions: 0, first_slot: slot, due_slot: slot, over: false, receiver }
    }

    /// Ends the block, and gives back what received it.
    pub fn into_receiver(self) -> BlockReceiver {
        self.receiver
    }

    /// Returns the redundancy version of the transmission that comes next.
    pub fn version(&self, plan: &LinkPlan) -> u8 {
        plan.config.harq.version(self.transmissions)
    }

    /// Takes the log-likelihood ratios of a transmission.
    ///
    /// # Errors
    /// When they are not those of the block plan.
    pub fn take(
        &mut self,
        plan: &LinkPlan,
        llrs: &[f32],
        slot: u64,
        decoder: &mut BlockDecoder,
    ) -> Result<Attempt, CodingError> {
        let version = self.version(plan);
        let Decoded { accepted, iterations } =
            self.receiver.receive(llrs, (version, &plan.config.harq), decoder)?;
        self.transmissions += 1;
        self.due_slot = slot + plan.config.harq.round_trip_slots as u64;
        let wrong_bits = self.content.bits.iter().zip(self.receiver.bits()).filter(|(a, b)| a != b).count();
        self.over = accepted || self.transmissions >= plan.config.harq.transmissions;
        Ok(Attempt { accepted, wrong_bits, iterations })
    }

    /// Returns the bits as decided last.
    pub fn decided(&self) -> &[u8] {
        self.receiver.bits()
    }
}

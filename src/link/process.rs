//! The retransmission process of a block: sent until it is delivered or given up.

use super::appraisal::Evidence;
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
    /// What a table has been told of its transmissions so far.
    pub evidence: Evidence,
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
        let evidence = Evidence::default();
        Self {
            block,
            content,
            transmissions: 0,
            first_slot: slot,
            due_slot: slot,
            over: false,
            evidence,
            receiver,
        }
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
        let wrong_bits = self.content.bits.iter().zip(self.receiver.bits()).filter(|(a, b)| a != b).count();
        self.count(plan, accepted, slot);
        Ok(Attempt { accepted, wrong_bits, iterations })
    }

    /// Takes what a table says of a transmission.
    pub fn take_fate(&mut self, plan: &LinkPlan, accepted: bool, slot: u64) -> Attempt {
        self.count(plan, accepted, slot);
        Attempt { accepted, wrong_bits: 0, iterations: (0, 0) }
    }

    fn count(&mut self, plan: &LinkPlan, accepted: bool, slot: u64) {
        self.transmissions += 1;
        self.due_slot = slot + plan.config.harq.round_trip_slots as u64;
        self.over = accepted || self.transmissions >= plan.config.harq.transmissions;
    }

    /// Returns the bits as decided last.
    pub fn decided(&self) -> &[u8] {
        self.receiver.bits()
    }
}

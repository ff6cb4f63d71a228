//! The digital scheme over a coded link: each device's quantised values in blocks of their own, lost blocks and all.
//!
//! ```text
//! values -> quantiser -> packets -> blocks (CRC, LDPC, rate matching) -> slots with pilots -> air -> blocks -> packets -> values
//! ```
//!
//! Devices share slots in time or frequency; a block that fails is sent again as `[harq]` says, and what is lost in the end is
//! missing from the estimate. Headers of packets, pilots, control and feedback symbols take airtime like everything else.

mod traffic;

pub use traffic::{OnLoss, PayloadTraffic};

use super::{Account, Outcome, Received, Round};
use crate::link::{LinkError, LinkPlan, LinkRound};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::{Payload, SourceError};
use crate::quantisation::{Quantiser, QuantiserConfig};
use airloop_baseband::{Complex32, Seeds};
use std::sync::Arc;

/// What a coded round is made of.
#[derive(Clone, Debug)]
pub struct CodedPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// The link.
    pub link: Arc<LinkPlan>,
    /// How values become bits.
    pub quantiser: Arc<Quantiser>,
    /// What is done with blocks that are lost.
    pub on_loss: OnLoss,
    /// Slots after which the round ends.
    pub most_slots: Option<u64>,
    /// Source of dither and random rounding.
    pub seeds: Seeds,
}

/// Returns the quantiser of a payload whose packets fill the smallest block of a link.
///
/// # Errors
/// When parameters are out of range, or blocks are too small for a value with its header.
pub fn quantiser(
    config: QuantiserConfig,
    length: usize,
    link: &LinkPlan,
) -> Result<Quantiser, crate::quantisation::QuantisationError> {
    let packet_bits = link.blocks.iter().map(|block| block.bits()).min();
    Quantiser::new(config, length, packet_bits)
}

/// Returns the slots that a round needs at least, where the messages' lengths follow from those of vectors; each device's share of
/// them is whole blocks.
///
/// ```text
/// slots = ceil(devices ceil(packets / packets of the largest block) / devices of a slot)
/// ```
pub fn least_slots(quantiser: &Quantiser, link: &LinkPlan) -> Option<u64> {
    let packets = quantiser.packets()?.len();
    let smallest = link.blocks.iter().map(|block| block.bits()).min()?;
    let largest = link.blocks.iter().map(|block| block.bits()).max()?;
    let blocks = packets.div_ceil((largest / smallest).max(1));
    Some((link.devices * blocks).div_ceil(link.parts) as u64)
}

/// One round of coded digital aggregation.
pub struct CodedDigitalRound {
    plan: CodedPlan,
    link: LinkRound<PayloadTraffic>,
}

impl CodedDigitalRound {
    /// Begins a round.
    ///
    /// # Errors
    /// When there are more layers than antennas.
    pub fn new(plan: CodedPlan, index: u64) -> Result<Self, LinkError> {
        let traffic = PayloadTraffic::new(&plan, index);
        let link = LinkRound::new(Arc::clone(&plan.link), traffic)?;
        let link = match plan.most_slots {
            Some(slots) => link.within(slots),
            None => link,
        };
        Ok(Self { plan, link })
    }
}

impl Round for CodedDigitalRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.link.next_slot()
    }

    fn idle_symbols(&mut self) -> usize {
        self.link.idle_symbols()
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        self.link.agree(known);
    }

    fn fill(
        &mut self,
        device: usize,
        known: LinkState<'_>,
        grid: &mut [Complex32],
    ) -> Result<(), SourceError> {
        if let Some(error) = self.link.traffic().failure() {
            return Err(error);
        }
        self.link.fill(device, known, grid)
    }

    fn take(&mut self, received: Received<'_>) {
        self.link.take(received);
    }

    fn restart(&mut self, index: u64) {
        self.link.restart(index);
    }

    fn take_memory(&mut self) -> Vec<Vec<f32>> {
        self.link.traffic().take_memory()
    }

    fn remember(&mut self, memory: Vec<Vec<f32>>) {
        self.link.traffic().remember(memory);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let (devices, length) = (self.plan.payload.devices(), self.plan.payload.length());
        let (mut truth, mut estimate) = (vec![0.0; length], vec![0.0; length]);
        let (mut arrived, mut values) = (0.0, vec![0.0; length]);
        for device in 0..devices {
            arrived += self.link.traffic().collect(device, (&mut truth, &mut estimate), &mut values)?;
        }
        let symbols = self.link.airtime_symbols();
        let tally = self.link.take_tally();
        let used = self.plan.link.numerology.used();
        let share = tally.elements.1 as f64 / (symbols * used) as f64;
        let boost = if self.plan.link.config.scheduling.same_energy { devices as f64 } else { 1.0 };
        let account = Account {
            elements: (symbols * used) as u64,
            symbols,
            active_fraction: share / devices as f64,
            power_used_mean: share * boost / devices as f64,
            power_peak: boost,
            receive_snr: None,
            sent_share: arrived / devices as f64,
            bits: Some(tally.delivered_bits as f64),
            recovered: None,
        };
        Ok(Outcome { estimate, truth, account })
    }
}

//! A round of the link: slots are given out, filled, received and decoded until all blocks are over.

mod outcome;
mod quality;

use super::adaptation::Adapter;
use super::appraisal::Appraisal;
use super::block::{BlockDecoder, BlockReceiver};
use super::capacity::Capacity;
use super::channel_estimation::{ChannelEstimate, Responses};
use super::config::PrecodingRule;
use super::equalisation::Equalised;
use super::plan::LinkPlan;
use super::precoding::{PowerRule, Precoder, SingularVectors, select};
use super::process::Process;
use super::receiver::Receiver;
use super::reference_signals::ReferenceSignals;
use super::scheduler::Scheduler;
use super::tally::{DeviceTally, LinkTally};
use super::traffic::Traffic;
use super::transmitter::{Sending, Transmitter};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::SlotShape;
use crate::payload::SourceError;
use crate::scheme::{Account, DeviceKnowledge, Needs, Outcome, Received, Round};
use airloop_baseband::Complex32;
use std::sync::Arc;

/// What a link needs of the medium: the receiver may know all channels, devices know what the receiver tells them.
pub const NEEDS: Needs =
    Needs { knowledge: DeviceKnowledge::None, transmits: true, sum_channel: false, all_channels: true };

/// Symbols over which the prefixes of every numerology repeat.
const PERIOD_SYMBOLS: usize = 112;

/// Subcarriers from one candidate channel to the next in the search of a codebook.
const SEARCH_EVERY: usize = 12;

/// A device's part of a slot.
#[derive(Debug)]
struct Allocation {
    device: usize,
    part: usize,
    /// Its place among the device's processes.
    process: usize,
    precoder: Precoder,
    /// The true channel of the part, `[receive, transmit, row, subcarrier]`.
    channel: Vec<Complex32>,
    /// The effective SINR of what is sent, linear, where that is appraised.
    sinr: f64,
}

/// A round of a link; made once a worker, restarted for each trial.
pub struct LinkRound<T> {
    plan: Arc<LinkPlan>,
    traffic: T,
    slot: u64,
    idle_symbols: usize,
    processes: Vec<Vec<Process>>,
    /// Receivers of blocks that are over, by block plan.
    spare: Vec<Vec<BlockReceiver>>,
    adapters: Vec<Adapter>,
    scheduler: Scheduler,
    allocations: Vec<Allocation>,
    signals: ReferenceSignals,
    transmitter: Transmitter,
    receiver: Receiver,
    decoder: BlockDecoder,
    capacity: Capacity,
    identity: Precoder,
    truth: ChannelEstimate,
    quality: Equalised,
    tally: LinkTally,
    /// Slots after which the round ends, whatever is on its way.
    slots: Option<u64>,
    /// What transmissions are worth, where that is asked for.
    appraisal: Option<Arc<Appraisal>>,
    /// The index of the round.
    index: u64,
}

impl<T: Traffic> LinkRound<T> {
    /// Makes a round of a plan.
    ///
    /// # Errors
    /// When there are more layers than antennas.
    pub fn new(plan: Arc<LinkPlan>, traffic: T) -> Result<Self, super::plan::LinkError> {
        let layers = plan.layout.layers();
        Ok(Self {
            slot: 0,
            idle_symbols: 0,
            processes: (0..plan.devices).map(|_| Vec::new()).collect(),
            spare: vec![Vec::new(); plan.blocks.len()],
            adapters: adapters(&plan),
            scheduler: Scheduler::new(plan.config.scheduling, plan.devices),
            allocations: Vec::new(),
            signals: plan.signals.clone(),
            transmitter: Transmitter::new(&plan),
            receiver: Receiver::new(&plan),
            decoder: BlockDecoder::new(plan.config.decoder),
            capacity: Capacity::default(),
            identity: Precoder::identity(plan.antennas.device, layers)?,
            truth: ChannelEstimate::new(),
            quality: Equalised::new(),
            tally: LinkTally::default(),
            slots: plan.config.scheduling.slots.map(|slots| slots as u64),
            appraisal: None,
            index: 0,
            traffic,
            plan,
        })
    }

    /// Returns what was counted, and begins anew.
    pub fn take_tally(&mut self) -> LinkTally {
        std::mem::take(&mut self.tally)
    }

    /// Ends rounds after so many slots.
    #[must_use]
    pub fn within(mut self, slots: u64) -> Self {
        self.slots = Some(slots);
        self
    }

    /// Appraises every transmission.
    #[must_use]
    pub fn appraised(mut self, appraisal: Arc<Appraisal>) -> Self {
        self.appraisal = Some(appraisal);
        self
    }

    /// Returns the symbols of the round so far, feedback included.
    pub fn airtime_symbols(&self) -> usize {
        self.slot as usize * self.plan.slot_symbols()
    }

    /// Returns the traffic.
    pub fn traffic(&mut self) -> &mut T {
        &mut self.traffic
    }

    fn slot_s(&self) -> f64 {
        let numerology = &self.plan.numerology;
        numerology.duration_s(PERIOD_SYMBOLS) / PERIOD_SYMBOLS as f64 * self.plan.slot_symbols() as f64
    }

    /// Returns whether nothing is on its way and nothing is to begin.
    fn is_over(&self) -> bool {
        let idle = |d: usize| self.processes[d].is_empty() && !self.traffic.has_block(d);
        self.slots.is_some_and(|slots| self.slot >= slots) || (0..self.plan.devices).all(idle)
    }

    /// Returns the process of a device that may send in this slot; one that does not exist yet has the next place.
    fn ready(&self, device: usize) -> Option<usize> {
        let processes = &self.processes[device];
        let due = |process: &Process| process.due_slot <= self.slot;
        let begun =
            (0..processes.len()).filter(|i| due(&processes[*i])).min_by_key(|i| processes[*i].due_slot);
        let room = processes.len() < self.plan.config.harq.round_trip_slots;
        begun.or_else(|| (room && self.traffic.has_block(device)).then_some(processes.len()))
    }

    /// Gives out the slot.
    fn allocate(&mut self) {
        let plan = Arc::clone(&self.plan);
        let mut candidates = Vec::new();
        for device in 0..plan.devices {
            if self.ready(device).is_some() {
                let block = self.choose(device);
                candidates.push((device, plan.blocks[block].bits() as f64));
            }
        }
        let chosen = self.scheduler.choose(candidates, plan.parts);
        let mut sent = Vec::with_capacity(chosen.len());
        for (part, device) in chosen.into_iter().enumerate() {
            let Some(process) = self.ready(device) else { continue };
            if process == self.processes[device].len() {
                let block = self.choose(device);
                let content = self.traffic.next_block(device, plan.blocks[block].bits());
                let receiver = self.block_receiver(device, block);
                self.processes[device].push(Process::new(block, content, self.slot, receiver));
            }
            sent.push((device, plan.blocks[self.processes[device][process].block].bits() as f64));
            let (precoder, channel) = (self.identity.clone(), Vec::new());
            self.allocations.push(Allocation { device, part, process, precoder, channel, sinr: 0.0 });
        }
        self.scheduler.learn(self.slot, &sent);
    }

    /// Returns a receiver that has heard nothing.
    fn block_receiver(&mut self, device: usize, block: usize) -> BlockReceiver {
        let scrambling = self.plan.scrambling(device);
        let spare = self.spare[block].pop();
        let mut receiver = spare.unwrap_or_else(|| BlockReceiver::new(&self.plan.blocks[block], scrambling));
        receiver.begin(scrambling);
        receiver
    }

    /// Chooses a block plan for a device's next block.
    fn choose(&mut self, device: usize) -> usize {
        let (slot, plans) = (self.slot, &self.plan.blocks);
        self.adapters.get_mut(device).map_or(0, |adapter| adapter.choose(slot, plans))
    }

    /// Returns the precoder of a channel.
    fn precoder(&self, channel: &Responses<'_>, device: usize) -> Precoder {
        let (plan, noise) = (&self.plan, self.plan.noise[device]);
        let layers = plan.layout.layers();
        let made = match (plan.config.precoding, &plan.codebook) {
            (PrecodingRule::SingularVectors { group_subcarriers }, _) => {
                SingularVectors { layers, group_subcarriers, power: PowerRule::Equal }.precoder(channel)
            }
            (PrecodingRule::Codebook, Some(codebook)) => {
                select(codebook, channel, noise, layers..=layers, SEARCH_EVERY)
                    .map(|selection| selection.precoder)
            }
            _ => return self.identity.clone(),
        };
        made.expect("antennas and layers are checked when a link is planned")
    }
}

fn adapters(plan: &LinkPlan) -> Vec<Adapter> {
    plan.config
        .adaptation
        .iter()
        .flat_map(|config| (0..plan.devices).map(|_| Adapter::new(*config)))
        .collect()
}

impl<T: Traffic> Round for LinkRound<T> {
    fn next_slot(&mut self) -> Option<SlotShape> {
        let symbols = self.plan.layout.symbols();
        self.allocations.clear();
        while !self.is_over() {
            self.allocate();
            let measures = !self.adapters.is_empty();
            if !self.allocations.is_empty() || measures {
                self.signals.prepare(self.slot);
                return Some(SlotShape { first_symbol: self.airtime_symbols(), symbols });
            }
            // Nobody may send before the answers to earlier blocks have come.
            self.idle_symbols += self.plan.slot_symbols();
            self.slot += 1;
            if self.slots.is_some() {
                self.tally.airtime_s += self.slot_s();
            }
        }
        None
    }

    fn idle_symbols(&mut self) -> usize {
        std::mem::take(&mut self.idle_symbols)
    }

    fn agree(&mut self, known: &Knowledge<'_>) {
        let plan = Arc::clone(&self.plan);
        let (links, used) = (plan.antennas.links(), plan.numerology.used());
        let (receive, transmit, width) =
            (plan.antennas.receive, plan.antennas.device, plan.layout.subcarriers());
        let cut = |device: usize, part: usize, out: &mut Vec<Complex32>| {
            let (rows, first) = (known.links_of(device, links).values(), plan.first_subcarrier(part));
            out.clear();
            rows.chunks_exact(used).for_each(|row| out.extend_from_slice(&row[first..first + width]));
        };
        let mut allocations = std::mem::take(&mut self.allocations);
        for allocation in &mut allocations {
            cut(allocation.device, allocation.part, &mut allocation.channel);
            let channel = Responses::new(&allocation.channel, receive, transmit, width);
            allocation.precoder = self.precoder(&channel, allocation.device);
            let bits = self.capacity.of(&channel, plan.noise[allocation.device]);
            self.tally.capacity_bits += bits * plan.layout.elements() as f64;
            allocation.sinr = self.appraise(allocation, &channel);
        }
        if !self.adapters.is_empty() {
            let mut own = Vec::new();
            for device in 0..plan.devices {
                let part = allocations.iter().find(|a| a.device == device).map_or(0, |a| a.part);
                cut(device, part, &mut own);
                let channel = Responses::new(&own, receive, transmit, width);
                let precoder = self.precoder(&channel, device);
                self.measure(device, &channel, &precoder);
            }
        }
        self.allocations = allocations;
    }

    fn fill(&mut self, device: usize, _: LinkState<'_>, grid: &mut [Complex32]) -> Result<(), SourceError> {
        let Some(allocation) = self.allocations.iter().find(|a| a.device == device) else { return Ok(()) };
        let process = &self.processes[device][allocation.process];
        let sending = Sending {
            device,
            part: allocation.part,
            block: process.block,
            bits: &process.content.bits,
            version: process.version(&self.plan),
            precoder: &allocation.precoder,
        };
        let sent = self.transmitter.send(&self.plan, &self.signals, sending, grid);
        sent.expect("blocks fit their slots");
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        self.tally.delivered_by_device.resize(self.plan.devices, 0);
        self.tally.devices.resize(self.plan.devices, DeviceTally::default());
        for at in 0..self.allocations.len() {
            self.decode(at, received);
        }
        for allocation in &self.allocations {
            let over = self.processes[allocation.device].extract_if(.., |process| process.over);
            for process in over {
                self.spare[process.block].push(process.into_receiver());
            }
        }
        self.tally.airtime_s += self.slot_s();
        self.idle_symbols += self.plan.config.harq.feedback_symbols;
        self.slot += 1;
    }

    fn restart(&mut self, index: u64) {
        self.index = index;
        self.slot = 0;
        self.idle_symbols = 0;
        for process in self.processes.iter_mut().flat_map(std::mem::take) {
            self.spare[process.block].push(process.into_receiver());
        }
        self.adapters = adapters(&self.plan);
        self.scheduler = Scheduler::new(self.plan.config.scheduling, self.plan.devices);
        self.allocations.clear();
        self.tally = LinkTally::default();
        self.traffic.restart(index);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let account = Account { symbols: self.airtime_symbols(), ..Account::default() };
        Ok(Outcome { estimate: Vec::new(), truth: Vec::new(), account })
    }
}

//! The devices' quantised values as blocks, and what arrives of them.

use super::CodedPlan;
use crate::link::traffic::{NewBlock, Traffic};
use crate::payload::{Payload, SourceError};
use crate::quantisation::{Memory, Message, Quantiser};
use airloop_baseband::{Purpose, Seeds, Stream};
use std::ops::Range;
use std::sync::Arc;

/// What is done with blocks that do not arrive whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLoss {
    /// Their values count as 0.
    Erase,
    /// The device's other values are scaled up, so that the sum has no bias.
    Rescale,
    /// Their bits are taken as they were decided, wrong ones and all; what then has a value out of the payload's range is lost.
    Keep,
}

/// What one device sends in a round.
#[derive(Clone, Debug, Default)]
struct Sender {
    message: Message,
    encoded: bool,
    next: usize,
    /// Which packets are there.
    arrived: Vec<bool>,
    /// Which of them came in blocks that failed.
    doubtful: Vec<bool>,
    memory: Memory,
}

/// Blocks of payload bits.
#[derive(Debug)]
pub struct PayloadTraffic {
    payload: Arc<Payload>,
    quantiser: Arc<Quantiser>,
    seeds: Seeds,
    on_loss: OnLoss,
    /// Bits that a packet has room for.
    packet_bits: usize,
    index: u64,
    senders: Vec<Sender>,
    failure: Option<SourceError>,
    values: Vec<f32>,
}

impl PayloadTraffic {
    /// Makes the traffic of a round.
    pub fn new(plan: &CodedPlan, index: u64) -> Self {
        Self {
            payload: Arc::clone(&plan.payload),
            quantiser: Arc::clone(&plan.quantiser),
            seeds: plan.seeds,
            on_loss: plan.on_loss,
            packet_bits: plan.link.blocks.iter().map(|block| block.bits()).min().unwrap_or(0),
            index,
            senders: vec![Sender::default(); plan.payload.devices()],
            failure: None,
            values: Vec::new(),
        }
    }

    /// Takes what went wrong while the payload was read, if anything did.
    pub fn failure(&mut self) -> Option<SourceError> {
        self.failure.take()
    }

    /// Takes what devices remember; none where nothing is remembered.
    pub fn take_memory(&mut self) -> Vec<Vec<f32>> {
        let residual = |sender: &mut Sender| std::mem::take(&mut sender.memory).into_residual();
        let residuals: Vec<Vec<f32>> = self.senders.iter_mut().map(residual).collect();
        if residuals.iter().all(Vec::is_empty) { Vec::new() } else { residuals }
    }

    /// Gives devices what they remember.
    pub fn remember(&mut self, memory: Vec<Vec<f32>>) {
        for (sender, residual) in self.senders.iter_mut().zip(memory) {
            sender.memory = Memory::of(residual);
        }
    }

    fn stream(&self, device: usize) -> Stream {
        self.seeds.stream(Purpose::Quantiser, self.index, device as u64)
    }

    /// Quantises a device's values, once a round.
    fn encode(&mut self, device: usize) {
        if self.senders[device].encoded {
            return;
        }
        let stream = self.stream(device);
        self.values.resize(self.payload.length(), 0.0);
        if let Err(error) = self.payload.read(self.index, device, 0, &mut self.values) {
            self.failure.get_or_insert(error);
        }
        let Sender { message, encoded, arrived, doubtful, memory, .. } = &mut self.senders[device];
        self.quantiser.encode(&self.values, stream, memory, message);
        let none = vec![false; message.packets.len()];
        (*arrived, *doubtful, *encoded) = (none.clone(), none, true);
    }

    /// Returns the magnitude beyond which nobody takes a device's values for sent: twice the largest of stored ones, and
    /// `10 sqrt(devices)` root mean squares of drawn ones.
    fn range(&self, device: usize) -> f32 {
        let drawn = 10.0 * (self.payload.devices() as f64).sqrt();
        self.payload.largest(device).map_or(drawn, |largest| 2.0 * largest) as f32
    }

    /// Adds a device's values to the truth, and what arrived of them to the estimate; returns the share that arrived.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn collect(
        &mut self,
        device: usize,
        (truth, estimate): (&mut [f32], &mut [f32]),
        values: &mut [f32],
    ) -> Result<f64, SourceError> {
        self.payload.read(self.index, device, 0, values)?;
        truth.iter_mut().zip(&*values).for_each(|(truth, value)| *truth += value);
        self.encode(device);
        let (stream, range) = (self.stream(device), self.range(device));
        let Sender { message, arrived, doubtful, memory, .. } = &mut self.senders[device];
        // Dither of one bit reaches the range itself.
        let credible = |values: &[f32]| values.iter().all(|value| value.abs() <= range * (1.0 + 1e-6));
        let judge = |judged: &dyn Fn(usize) -> bool, arrived: &mut [bool], values: &mut [f32]| {
            for (i, packet) in message.packets.iter().enumerate().filter(|(i, _)| judged(*i)) {
                values.fill(0.0);
                self.quantiser.decode_packet((packet, message.bits_of(i)), &[], stream, values);
                arrived[i] &= credible(values);
            }
        };
        judge(&|i| doubtful[i], arrived, values);
        let mut lost = lost_bits(message, arrived);
        let mut arrival = self.quantiser.decode(message, &lost, stream, values);
        // What devices remember may add up to any value.
        if memory.residual().is_empty() && !credible(values) {
            // A CRC has let wrong bits pass.
            judge(&|_| true, arrived, values);
            lost = lost_bits(message, arrived);
            arrival = self.quantiser.decode(message, &lost, stream, values);
        }
        if self.on_loss == OnLoss::Rescale {
            arrival.rescale(values);
        }
        estimate.iter_mut().zip(&*values).for_each(|(sum, value)| *sum += value);
        self.quantiser.remember_lost(message, &lost, stream, memory);
        Ok(arrival.share())
    }
}

/// Returns where the bits of packets lie that did not arrive.
fn lost_bits(message: &Message, arrived: &[bool]) -> Vec<Range<usize>> {
    let packets = message.packets.iter().zip(arrived);
    packets.filter(|(_, arrived)| !**arrived).map(|(packet, _)| packet.bits.clone()).collect()
}

impl Traffic for PayloadTraffic {
    fn has_block(&self, device: usize) -> bool {
        let sender = &self.senders[device];
        !sender.encoded || sender.next < sender.message.packets.len()
    }

    fn next_block(&mut self, device: usize, bits: usize) -> NewBlock {
        self.encode(device);
        let (packet_bits, sender) = (self.packet_bits, &mut self.senders[device]);
        let (first, room) = (sender.next, bits / packet_bits);
        let mut block = vec![0; bits];
        let packets = (first..sender.message.packets.len()).take(room);
        for (place, packet) in block.chunks_exact_mut(packet_bits).zip(packets) {
            let bits = sender.message.bits_of(packet);
            place[..bits.len()].copy_from_slice(bits);
            sender.next = packet + 1;
        }
        NewBlock { id: first as u64, bits: block }
    }

    fn end_block(&mut self, device: usize, id: u64, decided: &[u8], accepted: bool) {
        if !accepted && self.on_loss != OnLoss::Keep {
            return;
        }
        let sender = &mut self.senders[device];
        for (place, packet) in
            decided.chunks_exact(self.packet_bits).zip(id as usize..sender.message.packets.len())
        {
            let bits = sender.message.packets[packet].bits.clone();
            let width = bits.len();
            sender.message.bits[bits].copy_from_slice(&place[..width]);
            (sender.arrived[packet], sender.doubtful[packet]) = (true, !accepted);
        }
    }

    fn restart(&mut self, index: u64) {
        self.index = index;
        for sender in &mut self.senders {
            (sender.encoded, sender.next) = (false, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Node;
    use crate::experiment::Loader;
    use std::path::Path;

    const FILE: &str = "payload = { source = \"gaussian\", devices = 1, length = 400 }\nchannel = { model = \"awgn\" }\n\
                        link = { snr_db = 10.0 }\nscheme = { kind = \"digital\", bits = 8 }\nmcs = { index = 5 }\n";

    /// Sends all blocks, the bits of the first with one bit wrong that no CRC has seen; returns the values and the share that arrived.
    fn collected(wrong_bit: Option<usize>) -> (Vec<f32>, f64) {
        let tree = Node::parse_toml(FILE, Path::new("test.toml")).unwrap();
        let experiment = Loader::default().load(&tree).unwrap();
        let plan = experiment.coded.as_ref().unwrap();
        let mut traffic = PayloadTraffic::new(plan, 0);
        let mut first = true;
        while traffic.has_block(0) {
            let NewBlock { id, mut bits } = traffic.next_block(0, plan.link.blocks[0].bits());
            wrong_bit.filter(|_| first).into_iter().for_each(|wrong| bits[wrong] ^= 1);
            traffic.end_block(0, id, &bits, true);
            first = false;
        }
        let (mut truth, mut estimate, mut values) = (vec![0.0; 400], vec![0.0; 400], vec![0.0; 400]);
        let share = traffic.collect(0, (&mut truth, &mut estimate), &mut values).unwrap();
        (estimate, share)
    }

    #[test]
    fn wrong_bits_that_a_crc_lets_pass_make_no_values_out_of_range() {
        let (whole, share) = collected(None);
        assert!(share == 1.0 && whole.iter().all(|value| *value != 0.0));
        let mut lost = 0;
        for wrong_bit in 0..32 {
            let (values, share) = collected(Some(wrong_bit));
            assert!(values.iter().all(|value| value.abs() <= 10.1), "bit {wrong_bit}");
            lost += usize::from(share < 1.0);
        }
        assert!(lost > 0, "no bit of the scale is that of its exponent");
    }
}

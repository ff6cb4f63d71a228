//! What devices offer in a leg, cut into blocks: which bits are on their way, and which arrived.

use crate::link::traffic::{NewBlock, Traffic};
use airloop_baseband::{Purpose, Seeds};
use std::collections::VecDeque;

/// Bits from a first to one before the last.
type Span = (u64, u64);

/// The traffic of a leg.
pub(super) struct LegTraffic {
    seeds: Seeds,
    /// What tells the blocks of this leg from those of others.
    leg: u64,
    /// Whether bits are really sent; where a table decides, there are none.
    sends: bool,
    /// Whether bits that were lost are offered again.
    reliable: bool,
    index: u64,
    senders: Vec<Sender>,
}

#[derive(Clone, Default)]
struct Sender {
    waiting: VecDeque<Span>,
    on_way: Vec<(u64, Span)>,
    arrived: Vec<Span>,
    blocks: u64,
}

/// What arrived of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrived {
    /// Bits.
    pub bits: u64,
    /// Values of which every bit arrived.
    pub values: u64,
}

impl LegTraffic {
    /// Makes the traffic of a leg, of so many devices.
    pub fn new(seeds: Seeds, leg: usize, devices: usize, (sends, reliable): (bool, bool)) -> Self {
        Self { seeds, leg: leg as u64, sends, reliable, index: 0, senders: vec![Sender::default(); devices] }
    }

    /// Offers so many bits of each device.
    pub fn offer(&mut self, bits: &[u64]) {
        for (sender, bits) in self.senders.iter_mut().zip(bits) {
            sender.waiting.extend((*bits > 0).then_some((0, *bits)));
        }
    }

    /// Returns what arrived of a device whose values have so many bits.
    pub fn arrived(&mut self, device: usize, bits_per_value: u64) -> Arrived {
        let spans = &mut self.senders[device].arrived;
        spans.sort_unstable();
        let (mut sums, mut whole) = (Arrived { bits: 0, values: 0 }, (0, 0));
        let mut close = |(first, end): Span| {
            sums.bits += end - first;
            sums.values += (end / bits_per_value).saturating_sub(first.div_ceil(bits_per_value));
        };
        for span in spans.iter() {
            if span.0 == whole.1 {
                whole.1 = span.1;
            } else {
                close(whole);
                whole = *span;
            }
        }
        close(whole);
        sums
    }

    /// Returns the bits of a block, by what it is known by.
    fn bits(&self, device: usize, id: u64, bits: usize) -> Vec<u8> {
        if !self.sends {
            return Vec::new();
        }
        let stream = self.seeds.stream(Purpose::Bits, self.index, device as u64).substream(id);
        let words = (0..bits.div_ceil(64)).map(|place| stream.word(place as u64));
        words.flat_map(|word| (0..64).map(move |i| (word >> i & 1) as u8)).take(bits).collect()
    }
}

impl Traffic for LegTraffic {
    fn has_block(&self, device: usize) -> bool {
        !self.senders[device].waiting.is_empty()
    }

    fn next_block(&mut self, device: usize, bits: usize) -> NewBlock {
        let sender = &mut self.senders[device];
        let id = self.leg << 40 | sender.blocks;
        sender.blocks += 1;
        if let Some((first, end)) = sender.waiting.pop_front() {
            let cut = end.min(first + bits as u64);
            if cut < end {
                sender.waiting.push_front((cut, end));
            }
            sender.on_way.push((id, (first, cut)));
        }
        NewBlock { id, bits: self.bits(device, id, bits) }
    }

    fn end_block(&mut self, device: usize, id: u64, decided: &[u8], accepted: bool) {
        let right = accepted && (!self.sends || decided == self.bits(device, id, decided.len()));
        let (reliable, sender) = (self.reliable, &mut self.senders[device]);
        let Some(at) = sender.on_way.iter().position(|(sent, _)| *sent == id) else { return };
        let (_, span) = sender.on_way.swap_remove(at);
        if right {
            sender.arrived.push(span);
        } else if reliable {
            sender.waiting.push_front(span);
        }
    }

    fn restart(&mut self, index: u64) {
        self.index = index;
        self.senders.fill(Sender::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_arrive_whole_or_not_at_all() {
        let mut traffic = LegTraffic::new(Seeds::new(1), 0, 1, (false, false));
        traffic.offer(&[100]);
        let ids: Vec<u64> = (0..4).map(|_| traffic.next_block(0, 30).id).collect();
        assert!(!traffic.has_block(0));
        for (id, right) in ids.iter().zip([true, false, true, true]) {
            traffic.end_block(0, *id, &[], right);
        }
        // Bits 30 to 59 are lost: of values of 8 bits the values 3 to 7, and the last is but half a value.
        assert_eq!(traffic.arrived(0, 8), Arrived { bits: 70, values: 3 + 4 });
        assert_eq!(traffic.arrived(0, 1), Arrived { bits: 70, values: 70 });
    }

    #[test]
    fn what_was_lost_is_offered_again_where_delivery_is_reliable() {
        let mut traffic = LegTraffic::new(Seeds::new(1), 2, 1, (true, true));
        traffic.restart(3);
        traffic.offer(&[64]);
        let first = traffic.next_block(0, 64);
        let mut wrong = first.bits.clone();
        wrong[7] ^= 1;
        traffic.end_block(0, first.id, &wrong, true);
        assert!(traffic.has_block(0));
        let again = traffic.next_block(0, 100);
        assert_ne!(again.id, first.id);
        traffic.end_block(0, again.id, &again.bits.clone(), true);
        assert_eq!(traffic.arrived(0, 8), Arrived { bits: 64, values: 8 });
    }
}

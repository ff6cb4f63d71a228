//! Packets: runs of values that decode alone, whatever becomes of other packets.

use std::ops::Range;

/// A run of values in bits of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packet {
    /// Where its bits lie in the message.
    pub bits: Range<usize>,
    /// Its values.
    pub values: Range<usize>,
}

/// The bits of a device's vector, packet after packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Bits, as bytes of 0 and 1.
    pub bits: Vec<u8>,
    /// Packets, which cover all values and all bits in order.
    pub packets: Vec<Packet>,
}

impl Message {
    /// Returns the bits of a packet.
    ///
    /// # Panics
    /// Panics if there is no such packet.
    pub fn bits_of(&self, packet: usize) -> &[u8] {
        &self.bits[self.packets[packet].bits.clone()]
    }

    pub(super) fn clear(&mut self) {
        self.bits.clear();
        self.packets.clear();
    }
}

/// How many values the server has something of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Values whose bits arrived.
    pub values: usize,
    /// Values of the vector.
    pub length: usize,
}

impl Arrival {
    /// Returns the share of the values that arrived.
    pub fn share(&self) -> f64 {
        self.values as f64 / self.length as f64
    }

    /// Divides what arrived by the share of the values that did.
    ///
    /// ```text
    /// out[i] = out[i] N / arrived
    /// ```
    ///
    /// Erased values count as 0, so that sums over them are biased towards 0. Where every value is erased with the same
    /// probability, the factor takes this bias away. Nothing happens where nothing arrived.
    pub fn rescale(&self, out: &mut [f32]) {
        if self.values > 0 && self.values < self.length {
            let factor = (1.0 / self.share()) as f32;
            out.iter_mut().for_each(|value| *value *= factor);
        }
    }
}

/// Returns whether any of the bits is lost.
pub(super) fn touches(lost: &[Range<usize>], bits: &Range<usize>) -> bool {
    lost.iter().any(|lost| lost.start < bits.end && bits.start < lost.end)
}

/// Erases those values of `width` bits each, the first at bit `first`, that have lost bits; returns how many were not erased.
pub(super) fn erase(lost: &[Range<usize>], (first, width): (usize, usize), out: &mut [f32]) -> usize {
    let mut erased = vec![];
    for lost in lost.iter().filter(|lost| lost.start < lost.end) {
        let from = lost.start.saturating_sub(first) / width;
        let to = lost.end.saturating_sub(first).div_ceil(width).min(out.len());
        if from < to {
            out[from..to].fill(0.0);
            erased.push(from..to);
        }
    }
    erased.sort_unstable_by_key(|range| range.start);
    let (mut count, mut end) = (0, 0);
    for range in erased {
        count += range.end.saturating_sub(range.start.max(end));
        end = end.max(range.end);
    }
    out.len() - count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_with_a_lost_bit_are_erased_once() {
        // Values of 3 bits from bit 10 on: 10..13, 13..16, 16..19, 19..22.
        type Case = (&'static [(usize, usize)], [f32; 4]);
        let cases: [Case; 7] = [
            (&[], [1.0, 1.0, 1.0, 1.0]),
            (&[(0, 10)], [1.0, 1.0, 1.0, 1.0]),
            (&[(0, 11)], [0.0, 1.0, 1.0, 1.0]),
            (&[(12, 14)], [0.0, 0.0, 1.0, 1.0]),
            (&[(17, 18), (16, 17), (21, 99)], [1.0, 1.0, 0.0, 0.0]),
            (&[(15, 15)], [1.0, 1.0, 1.0, 1.0]),
            (&[(22, 30)], [1.0, 1.0, 1.0, 1.0]),
        ];
        for (lost, left) in cases {
            let lost: Vec<Range<usize>> = lost.iter().map(|(start, end)| *start..*end).collect();
            let mut out = [1.0; 4];
            assert_eq!(erase(&lost, (10, 3), &mut out), left.iter().filter(|x| **x == 1.0).count());
            assert_eq!(out, left, "{lost:?}");
        }
        let lost = 3..5;
        let touched = |bits: Range<usize>| touches(std::slice::from_ref(&lost), &bits);
        assert!(touched(4..9) && !touched(5..9) && !touched(0..3));
    }

    #[test]
    fn what_arrived_stands_for_what_did_not() {
        let mut out = [1.0, 0.0, 3.0, 0.0];
        Arrival { values: 2, length: 4 }.rescale(&mut out);
        assert_eq!(out, [2.0, 0.0, 6.0, 0.0]);
        Arrival { values: 0, length: 4 }.rescale(&mut out);
        assert_eq!(out, [2.0, 0.0, 6.0, 0.0]);
    }
}

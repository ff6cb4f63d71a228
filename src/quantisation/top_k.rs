//! The largest values with their positions, and a memory of what is not sent.
//!
//! ```text
//! v = u + memory;   s = top_kept(v);   sent: quantised s;   memory' = v - sent   (0 without error feedback)
//! packet  first value | number of values | values kept | position code | positions | largest magnitude | values
//! ```
//!
//! Sources: A. Aji, K. Heafield, "Sparse communication for distributed gradient descent", EMNLP 2017; S. Stich, J.-B. Cordonnier,
//! M. Jaggi, "Sparsified SGD with memory", NeurIPS 2018. A packet covers the values from its first to its last kept one, the
//! message's last packet the rest too.

use super::bits::{BitReader, BitWriter, FLOAT_BITS, width_of};
use super::config::{KeptValues, SIDE_BITS};
use super::packet::{Message, Packet};
use super::positions::{CODINGS, Coding};
use super::stochastic;
use crate::sparse::SparseVector;
use airloop_baseband::Stream;

/// The coder of sparse vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SparseCoder {
    pub length: usize,
    pub positions: Option<Coding>,
    pub values: KeptValues,
    pub packet_bits: usize,
}

/// Bits that name a position code.
const CODING_BITS: u32 = 2;

impl SparseCoder {
    fn index_width(&self) -> u32 {
        width_of(self.length)
    }

    fn header(&self) -> usize {
        let coding = if self.positions.is_none() { CODING_BITS } else { 0 };
        (3 * self.index_width() + coding) as usize
    }

    fn value_bits(&self, kept: usize) -> usize {
        match self.values {
            KeptValues::Float => kept * FLOAT_BITS as usize,
            KeptValues::Stochastic { bits } if kept > 0 => SIDE_BITS as usize + kept * bits as usize,
            KeptValues::Stochastic { .. } => 0,
        }
    }

    /// Returns the fewest bits of a packet that holds any value: the only one of a vector, wherever it lies.
    pub fn least_bits(&self) -> usize {
        let last = [(self.length - 1) as u32];
        let positions = self.positions(self.length, &last).1;
        self.header() + positions + self.value_bits(1)
    }

    /// Returns the most bits of `kept` values in one packet.
    pub fn most_bits(&self, kept: usize) -> usize {
        let fixed = kept * width_of(self.length - 1) as usize;
        let positions = match self.positions {
            None => self.length.min(fixed),
            Some(Coding::Bitmap) => self.length,
            Some(Coding::Fixed) => fixed,
            // With the best parameter no more than with that of a gap of N/k.
            Some(Coding::Rice) => 5 + kept * (3 + (self.length / kept).ilog2() as usize),
            Some(Coding::Enumerative) => super::arithmetic::most_bits(self.length, kept),
        };
        self.header() + positions + self.value_bits(kept)
    }

    /// Returns the code and the bits of positions.
    fn positions(&self, places: usize, taken: &[u32]) -> (Coding, usize) {
        let chosen = self.positions.and_then(|coding| Some((coding, coding.bits(places, taken)?)));
        chosen.unwrap_or_else(|| Coding::cheapest(places, taken))
    }

    /// Appends the bits of a sparse vector; `sent` gets what an error-free receiver makes of each value.
    pub fn encode(&self, kept: &SparseVector, stream: Stream, message: &mut Message, sent: &mut Vec<f32>) {
        let (mut first, mut next) = (0, 0);
        loop {
            let taken = &kept.indices()[next..];
            let count = self.fitting(first, taken);
            let last = count == taken.len();
            let end = if last { self.length } else { taken[count - 1] as usize + 1 };
            let places: Vec<u32> = taken[..count].iter().map(|index| index - first as u32).collect();
            let begin = message.bits.len();
            let values = &kept.values()[next..next + count];
            self.write((first, end - first), &places, (values, stream, next), message, sent);
            message.packets.push(Packet { bits: begin..message.bits.len(), values: first..end });
            if last {
                return;
            }
            (first, next) = (end, next + count);
        }
    }

    /// Returns how many of the next values fit into a packet that begins at `first`, at least one.
    fn fitting(&self, first: usize, taken: &[u32]) -> usize {
        let bits = |count: usize| {
            let end = if count == taken.len() { self.length } else { taken[count - 1] as usize + 1 };
            let places: Vec<u32> = taken[..count].iter().map(|index| index - first as u32).collect();
            self.header() + self.positions(end - first, &places).1 + self.value_bits(count)
        };
        if taken.is_empty() || bits(taken.len()) <= self.packet_bits {
            return taken.len();
        }
        // The last packet has the rest of the vector too: a value less may fit where all do not.
        let (mut fits, mut too_many) = (1, taken.len());
        while too_many - fits > 1 {
            let middle = fits.midpoint(too_many);
            if bits(middle) <= self.packet_bits { fits = middle } else { too_many = middle }
        }
        fits
    }

    fn write(
        &self,
        (first, count): (usize, usize),
        places: &[u32],
        (values, stream, number): (&[f32], Stream, usize),
        message: &mut Message,
        sent: &mut Vec<f32>,
    ) {
        let mut writer = BitWriter::new(&mut message.bits);
        for field in [first, count, places.len()] {
            writer.number(field as u64, self.index_width());
        }
        let coding = self.positions(count, places).0;
        if self.positions.is_none() {
            let number = CODINGS.iter().position(|of| *of == coding).unwrap_or(0);
            writer.number(number as u64, CODING_BITS);
        }
        coding.write(count, places, &mut writer);
        match self.values {
            KeptValues::Float => {
                values.iter().for_each(|value| writer.float(*value));
                sent.extend_from_slice(values);
            }
            KeptValues::Stochastic { bits } if !values.is_empty() => {
                let (most, begin) = ((1 << bits) - 1, sent.len());
                let largest = values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
                let (mut uniforms, mut levels) = (vec![0.0; values.len()], vec![0; values.len()]);
                stream.fill_uniform(number as u64, &mut uniforms);
                stochastic::encode_uniform(largest, most, values, &uniforms, &mut levels);
                writer.float(largest);
                writer.numbers(&levels, bits);
                sent.resize(begin + values.len(), 0.0);
                stochastic::decode_uniform(largest, most, &levels, &mut sent[begin..]);
            }
            KeptValues::Stochastic { .. } => {}
        }
    }

    /// Writes what arrives of a packet; returns how many values do.
    pub fn decode(&self, bits: &[u8], out: &mut [f32]) -> usize {
        self.read(bits, out).unwrap_or(0)
    }

    fn read(&self, bits: &[u8], out: &mut [f32]) -> Option<usize> {
        let mut reader = BitReader::new(bits);
        let mut field = || reader.number(self.index_width()).map(|number| number as usize);
        let (first, count, kept) = (field()?, field()?, field()?);
        let out = out.get_mut(first..first.saturating_add(count).min(self.length))?;
        let coding = match self.positions {
            Some(coding) if coding.bits(count, &[]).is_some() => coding,
            Some(_) => return None,
            None => CODINGS[reader.number(CODING_BITS)? as usize],
        };
        let places = coding.read(count, kept, &mut reader)?;
        let mut values = vec![0.0; kept];
        match self.values {
            KeptValues::Float => {
                for value in &mut values {
                    *value = reader.float()?;
                }
            }
            KeptValues::Stochastic { bits } if kept > 0 => {
                let largest = reader.float()?;
                let mut levels = vec![0; kept];
                if !reader.numbers(bits, &mut levels) {
                    return None;
                }
                stochastic::decode_uniform(largest, (1 << bits) - 1, &levels, &mut values);
            }
            KeptValues::Stochastic { .. } => {}
        }
        for (place, value) in places.into_iter().zip(values) {
            if let Some(out) = out.get_mut(place as usize) {
                *out = value;
            }
        }
        Some(out.len())
    }
}

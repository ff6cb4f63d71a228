//! Quantisation: how a device's real vector becomes bits, and how the server makes values of the bits that arrive.
//!
//! ```text
//! values -> [Quantiser::encode] -> Message: packets of bits -> (blocks that arrive, are lost, or are wrong) -> [decode] -> values
//! ```
//!
//! Bits are bytes of 0 and 1, the most significant bit of a number first. A [`Packet`] decodes alone: where it is as long as a
//! transport block, a lost block costs its own values only, which then count as 0 ([`Arrival::rescale`] makes sums of such values
//! unbiased again). Codes of fixed length lie where their lengths say, so that a lost bit costs one value; codes of variable length
//! begin every packet with where it lies, and lose all of it. Wrong bits become wrong values, finite ones. All headers and scales
//! are bits of the message.

mod arithmetic;
pub mod bits;
pub mod config;
mod dithered;
pub mod elias;
pub mod error;
mod fixed;
pub mod packet;
pub mod positions;
mod stochastic;
#[cfg(test)]
mod tests;
mod top_k;
mod variable;

pub use config::{
    KeptValues, LevelCoding, MAX_BITS, MAX_LEVELS, MAX_STOCHASTIC_BITS, QuantiserConfig, SIDE_BITS,
};
pub use dithered::{DitheredQuantiser, step};
pub use error::QuantisationError;
pub use packet::{Arrival, Message, Packet};
pub use positions::{CODINGS, Coding};

use crate::sparse::take_largest;
use airloop_baseband::Stream;
use fixed::{Kind, Layout};
use std::ops::Range;
use top_k::SparseCoder;
use variable::EliasCoder;

/// Most values of a vector.
pub const MAX_LENGTH: usize = (1 << 31) - 1;

/// What a device remembers from round to round: what it has not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    residual: Vec<f32>,
}

impl Memory {
    /// Makes the memory of what has not been sent.
    pub fn of(residual: Vec<f32>) -> Self {
        Self { residual }
    }

    /// Gives up what has not been sent.
    pub fn into_residual(self) -> Vec<f32> {
        self.residual
    }

    /// Returns what has not been sent; empty before the first round, and where nothing is remembered.
    pub fn residual(&self) -> &[f32] {
        &self.residual
    }
}

/// How many bits a vector takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundBits {
    /// So many, whatever the values.
    Exact(usize),
    /// As many as the values need, up to so many.
    AtMost(usize),
}

/// A quantiser of vectors of one length, for all devices and rounds; what a device remembers is its [`Memory`].
#[derive(Clone, Debug, PartialEq)]
pub struct Quantiser {
    config: QuantiserConfig,
    coder: Coder,
}

#[derive(Clone, Debug, PartialEq)]
enum Coder {
    Fixed(Layout),
    Elias(EliasCoder),
    Sparse { coder: SparseCoder, kept: usize, error_feedback: bool },
}

impl Quantiser {
    /// Makes a quantiser of vectors of `length` values into packets of at most `packet_bits` bits; `None`: one packet.
    ///
    /// # Errors
    /// When parameters are out of range, or packets are too small for a value with its header.
    pub fn new(
        config: QuantiserConfig,
        length: usize,
        packet_bits: Option<usize>,
    ) -> Result<Self, QuantisationError> {
        if !(1..=MAX_LENGTH).contains(&length) {
            return Err(QuantisationError::Length { length, most: MAX_LENGTH });
        }
        config.check(length)?;
        let bits = packet_bits;
        let packet_bits = packet_bits.unwrap_or(usize::MAX / 2);
        let fixed = |kind, bucket| Coder::Fixed(Layout { kind, length, bucket, packet_bits });
        let coder = match config {
            QuantiserConfig::Dithered { bits, subtractive } => {
                fixed(Kind::Dithered { bits, subtractive }, length)
            }
            QuantiserConfig::StochasticUniform { bits } => fixed(Kind::Stochastic { bits }, length),
            QuantiserConfig::Sign { bucket } => fixed(Kind::Sign, bucket),
            QuantiserConfig::Qsgd { levels, bucket, coding: LevelCoding::Fixed } => {
                fixed(Kind::Signed { levels }, bucket)
            }
            QuantiserConfig::Qsgd { levels, bucket, coding } => {
                let sparse = coding == LevelCoding::EliasSparse;
                Coder::Elias(EliasCoder { levels, sparse, length, bucket, packet_bits })
            }
            QuantiserConfig::TopK { kept, positions, values, error_feedback } => {
                let coder = SparseCoder { length, positions, values, packet_bits };
                Coder::Sparse { coder, kept, error_feedback }
            }
        };
        let least = match &coder {
            Coder::Fixed(layout) => layout.least_bits(),
            Coder::Elias(coder) => coder.least_bits(),
            Coder::Sparse { coder, .. } => coder.least_bits(),
        };
        match bits {
            Some(bits) if bits < least => Err(QuantisationError::PacketTooSmall { bits, least }),
            _ => Ok(Self { config, coder }),
        }
    }

    /// Returns the parameters.
    pub fn config(&self) -> &QuantiserConfig {
        &self.config
    }

    /// Returns the number of values of a vector.
    pub fn length(&self) -> usize {
        match &self.coder {
            Coder::Fixed(layout) => layout.length,
            Coder::Elias(coder) => coder.length,
            Coder::Sparse { coder, .. } => coder.length,
        }
    }

    /// Makes bits of a device's vector of a round.
    ///
    /// `stream` is that of the device and round; rounding and dither are pure functions of it and of a value's place.
    ///
    /// # Panics
    /// Panics if the vector is not of the quantiser's length.
    pub fn encode(&self, values: &[f32], stream: Stream, memory: &mut Memory, message: &mut Message) {
        assert_eq!(values.len(), self.length(), "values of a vector");
        message.clear();
        match &self.coder {
            Coder::Fixed(layout) => layout.encode(values, stream, message),
            Coder::Elias(coder) => coder.encode(values, stream, message),
            Coder::Sparse { coder, kept, error_feedback } => {
                let mut vector = values.to_vec();
                if *error_feedback && !memory.residual.is_empty() {
                    vector.iter_mut().zip(&memory.residual).for_each(|(value, rest)| *value += rest);
                }
                let largest = take_largest(&mut vector, *kept);
                let mut sent = Vec::with_capacity(*kept);
                coder.encode(&largest, stream, message, &mut sent);
                if *error_feedback {
                    let kept = largest.indices().iter().zip(largest.values()).zip(&sent);
                    kept.for_each(|((index, value), sent)| vector[*index as usize] = value - sent);
                    memory.residual = vector;
                }
            }
        }
    }

    /// Returns where a vector's packets lie, where that follows from lengths alone; `None` for codes of variable length.
    pub fn packets(&self) -> Option<Vec<Packet>> {
        match &self.coder {
            Coder::Fixed(layout) => Some(layout.packets()),
            Coder::Elias(_) | Coder::Sparse { .. } => None,
        }
    }

    /// Writes what arrives of a message of which some bits are lost; others may be wrong. Erased values are 0.
    ///
    /// # Panics
    /// Panics if `out` is not of the quantiser's length.
    pub fn decode(
        &self,
        message: &Message,
        lost: &[Range<usize>],
        stream: Stream,
        out: &mut [f32],
    ) -> Arrival {
        assert_eq!(out.len(), self.length(), "values of a vector");
        out.fill(0.0);
        let mut values = 0;
        for packet in &message.packets {
            let (begin, end) = (packet.bits.start, packet.bits.end);
            let inside = lost.iter().filter(|lost| lost.start < end && begin < lost.end);
            let inside: Vec<Range<usize>> =
                inside.map(|lost| lost.start.max(begin) - begin..lost.end.min(end) - begin).collect();
            values += self.decode_packet((packet, &message.bits[begin..end]), &inside, stream, out);
        }
        Arrival { values: values.min(out.len()), length: out.len() }
    }

    /// Writes what arrives of one packet into its place; returns how many values do.
    ///
    /// `bits` begin with the packet's; more may follow. `lost` counts from their first. Of `packet` codes of variable length use
    /// nothing: their bits say where they lie.
    ///
    /// # Panics
    /// Panics if `out` is not of the quantiser's length, or the packet's values are none of it.
    pub fn decode_packet(
        &self,
        (packet, bits): (&Packet, &[u8]),
        lost: &[Range<usize>],
        stream: Stream,
        out: &mut [f32],
    ) -> usize {
        match &self.coder {
            Coder::Fixed(layout) => layout.decode((packet.values.clone(), bits), lost, stream, out),
            Coder::Elias(_) | Coder::Sparse { .. } if !lost.is_empty() => 0,
            Coder::Elias(coder) => coder.decode(bits, out),
            Coder::Sparse { coder, .. } => coder.decode(bits, out),
        }
    }

    /// Puts what was lost of a message back into the device's memory, where it learns which bits were; returns whether anything
    /// was put back.
    ///
    /// ```text
    /// memory[i] = memory[i] + sent[i]   of every lost packet
    /// ```
    pub fn remember_lost(
        &self,
        message: &Message,
        lost: &[Range<usize>],
        stream: Stream,
        memory: &mut Memory,
    ) -> bool {
        if !self.config.remembers() || memory.residual.len() != self.length() {
            return false;
        }
        let mut sent = vec![0.0; self.length()];
        for packet in message.packets.iter().filter(|packet| packet::touches(lost, &packet.bits)) {
            self.decode_packet((packet, &message.bits[packet.bits.clone()]), &[], stream, &mut sent);
        }
        memory.residual.iter_mut().zip(&sent).for_each(|(rest, sent)| *rest += sent);
        sent.iter().any(|sent| *sent != 0.0)
    }

    /// Returns how many bits a vector takes, headers and scales included.
    pub fn bits_per_round(&self) -> RoundBits {
        let (most, least, packet_bits) = match &self.coder {
            Coder::Fixed(layout) => {
                return RoundBits::Exact(layout.packets().last().map_or(0, |packet| packet.bits.end));
            }
            Coder::Elias(coder) => (coder.most_bits(), coder.least_bits(), coder.packet_bits),
            Coder::Sparse { coder, kept, .. } => {
                (coder.most_bits(*kept), coder.least_bits(), coder.packet_bits)
            }
        };
        if most <= packet_bits {
            return RoundBits::AtMost(most);
        }
        // A packet leaves room for less than one more value, and repeats headers.
        let packets = most / (packet_bits - least + 1) + 1;
        RoundBits::AtMost(most + packets * least)
    }

    /// Returns the expected squared error of a vector that arrives whole, summed over its values.
    ///
    /// ```text
    /// dithered     N Delta^2/12                      stochastic  Delta^2 sum f (1 - f)
    /// QSGD         sum over buckets (norm/s)^2 sum f (1 - f)     sign  sum (|v| - mean|v|)^2
    /// top-k        sum of squares of what is not kept, and the error of quantised values
    /// ```
    ///
    /// Values of top-k are those that are coded, the memory included; its quantised values are taken as in one packet. Given the
    /// values, the mean is over rounding or dither.
    ///
    /// # Panics
    /// Panics if the vector is not of the quantiser's length.
    pub fn mean_square_error(&self, values: &[f32]) -> f64 {
        assert_eq!(values.len(), self.length(), "values of a vector");
        match &self.coder {
            Coder::Fixed(layout) => {
                values.chunks(layout.bucket).map(|bucket| layout.kind.error(bucket)).sum()
            }
            Coder::Elias(coder) => {
                let kind = Kind::Signed { levels: coder.levels };
                values.chunks(coder.bucket).map(|bucket| kind.error(bucket)).sum()
            }
            Coder::Sparse { coder, kept, .. } => {
                let mut rest = values.to_vec();
                let largest = take_largest(&mut rest, *kept);
                let rest: f64 = rest.iter().map(|value| f64::from(*value).powi(2)).sum();
                rest + match coder.values {
                    KeptValues::Float => 0.0,
                    KeptValues::Stochastic { bits } => Kind::Stochastic { bits }.error(largest.values()),
                }
            }
        }
    }
}

//! Codes of fixed length: so many bits a value, and a scale before every bucket and at the start of every packet.
//!
//! Where everything lies follows from the lengths alone: headers are not needed, and a lost bit costs its own value only, or
//! the values that share a lost scale.

use super::bits::{BitReader, BitWriter, width_of};
use super::config::SIDE_BITS;
use super::dithered::{DitheredQuantiser, step};
use super::packet::{Message, Packet, erase, touches};
use super::stochastic;
use airloop_baseband::Stream;
use std::ops::Range;

/// Values worked on at once: a block of a stream's uniforms.
pub(super) const BLOCK: usize = 4096;

/// How values become codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dithered { bits: u32, subtractive: bool },
    Stochastic { bits: u32 },
    Signed { levels: u32 },
    Sign,
}

impl Kind {
    /// Returns the bits of a code.
    pub fn width(self) -> u32 {
        match self {
            Self::Dithered { bits, .. } | Self::Stochastic { bits } => bits,
            Self::Signed { levels } => 1 + width_of(levels as usize),
            Self::Sign => 1,
        }
    }

    /// Returns what the codes of a bucket are relative to: the largest magnitude, the norm or the mean magnitude.
    pub fn scale(self, values: &[f32]) -> f32 {
        match self {
            Self::Dithered { .. } | Self::Stochastic { .. } => {
                values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
            }
            Self::Signed { .. } => values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt() as f32,
            Self::Sign => {
                (values.iter().map(|v| f64::from(v.abs())).sum::<f64>() / values.len() as f64) as f32
            }
        }
    }

    fn dithered(bits: u32, subtractive: bool, scale: f32) -> DitheredQuantiser {
        let largest = f64::from(scale);
        DitheredQuantiser {
            largest,
            step: step(largest, bits),
            weight: 1.0,
            taken_off: f64::from(u8::from(subtractive)),
        }
    }

    /// Writes the codes of values of one scale.
    pub fn encode(self, scale: f32, values: &[f32], uniforms: &[f32], codes: &mut [u32]) {
        match self {
            Self::Dithered { bits, subtractive } => {
                Self::dithered(bits, subtractive, scale).encode(values, uniforms, codes);
            }
            Self::Stochastic { bits } => {
                stochastic::encode_uniform(scale, (1 << bits) - 1, values, uniforms, codes);
            }
            Self::Signed { levels } => {
                stochastic::encode_signed((scale, levels, self.width() - 1), values, uniforms, codes);
            }
            Self::Sign => {
                codes.iter_mut().zip(values).for_each(|(code, value)| *code = u32::from(*value < 0.0))
            }
        }
    }

    /// Writes what arrives of codes of one scale.
    pub fn decode(self, scale: f32, codes: &[u32], uniforms: &[f32], out: &mut [f32]) {
        match self {
            Self::Dithered { bits, subtractive } => {
                Self::dithered(bits, subtractive, scale).decode(codes, uniforms, out);
            }
            Self::Stochastic { bits } => stochastic::decode_uniform(scale, (1 << bits) - 1, codes, out),
            Self::Signed { levels } => {
                stochastic::decode_signed((scale, levels, self.width() - 1), codes, out);
            }
            Self::Sign => out.iter_mut().zip(codes).for_each(|(out, code)| {
                *out = if *code == 0 { scale } else { -scale };
            }),
        }
    }

    /// Returns whether the server needs the uniforms too.
    fn shares_uniforms(self) -> bool {
        matches!(self, Self::Dithered { subtractive: true, .. })
    }

    /// Returns the mean squared error, summed over the values of a bucket.
    pub fn error(self, values: &[f32]) -> f64 {
        let scale = self.scale(values);
        match self {
            Self::Dithered { bits, subtractive: true } => {
                values.len() as f64 * step(f64::from(scale), bits).powi(2) / 12.0
            }
            // Dither that stays on is rounding at random.
            Self::Dithered { bits, .. } | Self::Stochastic { bits } => {
                stochastic::uniform_error(scale, (1 << bits) - 1, values)
            }
            Self::Signed { levels } => stochastic::signed_error(scale, levels, values),
            Self::Sign => values.iter().map(|v| f64::from(v.abs() - scale).powi(2)).sum(),
        }
    }
}

/// Where values lie in packets: a run of values with one scale after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub kind: Kind,
    pub length: usize,
    pub bucket: usize,
    pub packet_bits: usize,
}

impl Layout {
    /// Returns the fewest bits of a packet that holds any value.
    pub fn least_bits(&self) -> usize {
        (SIDE_BITS + self.kind.width()) as usize
    }

    /// Returns the packets.
    pub fn packets(&self) -> Vec<Packet> {
        let (mut packets, mut at, mut bit) = (Vec::new(), 0, 0);
        while at < self.length {
            let (first, begin) = (at, bit);
            while at < self.length {
                let left = self.packet_bits - (bit - begin);
                if left < self.least_bits() {
                    break;
                }
                let room = (left - SIDE_BITS as usize) / self.kind.width() as usize;
                let run = room.min(self.end_of_bucket(at) - at);
                bit += SIDE_BITS as usize + run * self.kind.width() as usize;
                at += run;
            }
            packets.push(Packet { bits: begin..bit, values: first..at });
        }
        packets
    }

    fn end_of_bucket(&self, value: usize) -> usize {
        (value / self.bucket).saturating_add(1).saturating_mul(self.bucket).min(self.length)
    }

    /// Returns the runs of a packet's values that share a scale.
    fn runs(self, values: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut at = values.start;
        std::iter::from_fn(move || {
            let run = at..self.end_of_bucket(at).min(values.end);
            at = run.end;
            (run.start < values.end).then_some(run)
        })
    }

    /// Appends the bits of a vector.
    pub fn encode(&self, values: &[f32], stream: Stream, message: &mut Message) {
        let scales: Vec<f32> = values.chunks(self.bucket).map(|bucket| self.kind.scale(bucket)).collect();
        let mut codes = vec![0; values.len()];
        let mut uniforms = vec![0.0; BLOCK.min(values.len())];
        for (block, (values, codes)) in values.chunks(BLOCK).zip(codes.chunks_mut(BLOCK)).enumerate() {
            let uniforms = &mut uniforms[..values.len()];
            if self.kind != Kind::Sign {
                stream.fill_uniform((block * BLOCK) as u64, uniforms);
            }
            let first = block * BLOCK;
            for run in self.runs(first..first + values.len()) {
                let part = run.start - first..run.end - first;
                let scale = scales[run.start / self.bucket];
                self.kind.encode(scale, &values[part.clone()], &uniforms[part.clone()], &mut codes[part]);
            }
        }
        message.packets = self.packets();
        message.bits.reserve(message.packets.last().map_or(0, |packet| packet.bits.end));
        let mut writer = BitWriter::new(&mut message.bits);
        for packet in &message.packets {
            for run in self.runs(packet.values.clone()) {
                writer.float(scales[run.start / self.bucket]);
                writer.numbers(&codes[run], self.kind.width());
            }
        }
    }

    /// Writes what arrives of a packet, whose lost bits are counted from its first; returns how many values do.
    pub fn decode(
        &self,
        (values, bits): (Range<usize>, &[u8]),
        lost: &[Range<usize>],
        stream: Stream,
        out: &mut [f32],
    ) -> usize {
        let mut reader = BitReader::new(bits);
        let mut arrived = 0;
        for run in self.runs(values) {
            let side = reader.position()..reader.position() + SIDE_BITS as usize;
            let Some(scale) = reader.float() else { break };
            let first = reader.position();
            if !self.decode_run((run.clone(), scale), &mut reader, stream, out) {
                out[run].fill(0.0);
                break;
            }
            if touches(lost, &side) {
                out[run].fill(0.0);
            } else {
                arrived += erase(lost, (first, self.kind.width() as usize), &mut out[run]);
            }
        }
        arrived
    }

    fn decode_run(
        &self,
        (run, scale): (Range<usize>, f32),
        reader: &mut BitReader<'_>,
        stream: Stream,
        out: &mut [f32],
    ) -> bool {
        let (mut codes, mut uniforms) = ([0; BLOCK], [0.5; BLOCK]);
        let mut at = run.start;
        while at < run.end {
            // Blocks end where those of the stream do, which are cheap to begin.
            let end = (at / BLOCK + 1).saturating_mul(BLOCK).min(run.end);
            let (codes, uniforms) = (&mut codes[..end - at], &mut uniforms[..end - at]);
            if !reader.numbers(self.kind.width(), codes) {
                return false;
            }
            if self.kind.shares_uniforms() {
                stream.fill_uniform(at as u64, uniforms);
            }
            self.kind.decode(scale, codes, uniforms, &mut out[at..end]);
            at = end;
        }
        true
    }
}

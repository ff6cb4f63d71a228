//! QSGD's levels in Elias's codes, in packets that begin with where they lie.
//!
//! ```text
//! packet  first value | number of values | run with one norm after the other          (as many bits each as N needs)
//! dense   norm (32) | omega(level + 1), sign where level > 0, for every value of the run
//! sparse  norm (32) | nonzero levels of the run | omega(gap), sign, omega(level) for each
//! ```
//!
//! A run ends with its bucket or its packet. A gap counts from the value before to the next nonzero level, 1 for neighbours. The
//! paper's sparse form has no number of levels, since its message ends with its only bucket.

use super::bits::{BitReader, BitWriter, width_of};
use super::config::SIDE_BITS;
use super::elias;
use super::fixed::{BLOCK, Kind};
use super::packet::{Message, Packet};
use airloop_baseband::Stream;

/// QSGD in codes of variable length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EliasCoder {
    pub levels: u32,
    pub sparse: bool,
    pub length: usize,
    pub bucket: usize,
    pub packet_bits: usize,
}

/// Bits of a packet that are left for a run, and what fits of it.
struct Fit {
    values: usize,
    nonzeros: usize,
    bits: usize,
}

impl EliasCoder {
    fn kind(&self) -> Kind {
        Kind::Signed { levels: self.levels }
    }

    /// Returns the sign and the level of a code.
    fn parts(&self, code: u32) -> (bool, u32) {
        let width = self.kind().width() - 1;
        (code >> width == 1, code & ((1 << width) - 1))
    }

    fn index_width(&self) -> u32 {
        width_of(self.length)
    }

    fn count_width(&self) -> u32 {
        width_of(self.bucket.min(self.length))
    }

    /// Returns the bits of a run before its first level.
    fn run_header(&self) -> usize {
        (SIDE_BITS + if self.sparse { self.count_width() } else { 0 }) as usize
    }

    fn header(&self) -> usize {
        2 * self.index_width() as usize
    }

    /// Returns the fewest bits of a packet that holds any value, whatever it is.
    pub fn least_bits(&self) -> usize {
        let gap = if self.sparse { elias::length(self.length as u64) } else { 0 };
        self.header() + self.run_header() + (gap + 1 + elias::length(u64::from(self.levels) + 1)) as usize
    }

    /// Returns the most bits of a vector in one packet.
    pub fn most_bits(&self) -> usize {
        // Gaps of many nonzero levels are short: their codes take at most two bits for each value that they span.
        let value = elias::length(u64::from(self.levels) + 1) as usize + if self.sparse { 3 } else { 1 };
        self.header() + self.length.div_ceil(self.bucket) * self.run_header() + self.length * value
    }

    /// Appends the bits of a vector.
    pub fn encode(&self, values: &[f32], stream: Stream, message: &mut Message) {
        let norms: Vec<f32> = values.chunks(self.bucket).map(|bucket| self.kind().scale(bucket)).collect();
        let mut codes = vec![0; values.len()];
        let mut uniforms = vec![0.0; BLOCK.min(values.len())];
        for (block, (part, codes)) in values.chunks(BLOCK).zip(codes.chunks_mut(BLOCK)).enumerate() {
            let first = block * BLOCK;
            stream.fill_uniform(first as u64, &mut uniforms[..part.len()]);
            let mut at = 0;
            while at < part.len() {
                let bucket = (first + at) / self.bucket;
                let end = ((bucket + 1).saturating_mul(self.bucket) - first).min(part.len());
                self.kind().encode(norms[bucket], &part[at..end], &uniforms[at..end], &mut codes[at..end]);
                at = end;
            }
        }
        let Message { bits, packets } = message;
        let mut writer = BitWriter::new(bits);
        let mut at = 0;
        while at < self.length {
            let packet = self.write_packet(&codes, &norms, at, &mut writer);
            at = packet.values.end;
            packets.push(packet);
        }
    }

    fn write_packet(&self, codes: &[u32], norms: &[f32], first: usize, writer: &mut BitWriter<'_>) -> Packet {
        let begin = writer.position();
        writer.number(first as u64, self.index_width());
        writer.number(0, self.index_width());
        let mut at = first;
        while at < self.length {
            let bucket = at / self.bucket;
            let end = (bucket + 1).saturating_mul(self.bucket).min(self.length);
            let left = self.packet_bits - (writer.position() - begin);
            let Some(fit) = self.fit(&codes[at..end], left) else { break };
            writer.float(norms[bucket]);
            let before = writer.position();
            self.write_run(&codes[at..at + fit.values], fit.nonzeros, writer);
            debug_assert_eq!(writer.position() - before + SIDE_BITS as usize, fit.bits);
            at += fit.values;
            if at < end {
                break;
            }
        }
        let place = begin + self.index_width() as usize;
        writer.overwrite(place, (at - first) as u64, self.index_width());
        Packet { bits: begin..writer.position(), values: first..at }
    }

    /// Returns how many of the values fit into the bits that are left; `None` where not even the first does.
    fn fit(&self, codes: &[u32], left: usize) -> Option<Fit> {
        let mut fit = Fit { values: 0, nonzeros: 0, bits: self.run_header() };
        let mut gap = 0;
        for (place, code) in codes.iter().enumerate() {
            let level = self.parts(*code).1;
            gap += 1;
            let bits = match (self.sparse, level) {
                (true, 0) => continue,
                (true, level) => elias::length(gap) + 1 + elias::length(u64::from(level)),
                (false, level) => elias::length(u64::from(level) + 1) + u32::from(level > 0),
            };
            if fit.bits + bits as usize > left {
                return (fit.values > 0).then_some(fit);
            }
            fit.bits += bits as usize;
            (fit.values, gap) = (place + 1, 0);
            fit.nonzeros += usize::from(level > 0);
        }
        if fit.bits > left {
            return None;
        }
        fit.values = codes.len();
        Some(fit)
    }

    fn write_run(&self, codes: &[u32], nonzeros: usize, writer: &mut BitWriter<'_>) {
        if self.sparse {
            writer.number(nonzeros as u64, self.count_width());
        }
        let mut gap = 0;
        for code in codes {
            let (sign, level) = self.parts(*code);
            gap += 1;
            if self.sparse && level > 0 {
                elias::write(gap, writer);
                writer.bit(sign);
                elias::write(u64::from(level), writer);
                gap = 0;
            } else if !self.sparse {
                elias::write(u64::from(level) + 1, writer);
                if level > 0 {
                    writer.bit(sign);
                }
            }
        }
    }

    /// Writes what arrives of a packet; returns how many values do.
    pub fn decode(&self, bits: &[u8], out: &mut [f32]) -> usize {
        let mut reader = BitReader::new(bits);
        let Some((first, count)) = self.read_header(&mut reader) else { return 0 };
        let end = first.saturating_add(count).min(self.length);
        let mut at = first;
        while at < end {
            let run = at..(at / self.bucket + 1).saturating_mul(self.bucket).min(end);
            let Some(norm) = reader.float() else { break };
            at = run.end;
            let whole = if self.sparse {
                self.read_sparse(norm, &mut reader, &mut out[run])
            } else {
                self.read_dense(norm, &mut reader, &mut out[run])
            };
            if whole.is_none() {
                break;
            }
        }
        at.saturating_sub(first)
    }

    fn read_header(&self, reader: &mut BitReader<'_>) -> Option<(usize, usize)> {
        let mut next = || reader.number(self.index_width()).map(|number| number as usize);
        Some((next()?, next()?))
    }

    fn value(&self, norm: f32, sign: bool, level: u64) -> f32 {
        let level = level.min(u64::from(self.levels)) as f64;
        let magnitude = (level * f64::from(norm) / f64::from(self.levels)) as f32;
        if sign { -magnitude } else { magnitude }
    }

    fn read_dense(&self, norm: f32, reader: &mut BitReader<'_>, out: &mut [f32]) -> Option<()> {
        for out in out {
            let level = elias::read(reader)? - 1;
            let sign = level > 0 && reader.bit()?;
            *out = self.value(norm, sign, level);
        }
        Some(())
    }

    fn read_sparse(&self, norm: f32, reader: &mut BitReader<'_>, out: &mut [f32]) -> Option<()> {
        let nonzeros = reader.number(self.count_width())?;
        let mut place = 0;
        for _ in 0..nonzeros {
            place += elias::read(reader)?;
            let sign = reader.bit()?;
            let level = elias::read(reader)?;
            let place = usize::try_from(place - 1).ok()?;
            *out.get_mut(place)? = self.value(norm, sign, level);
        }
        Some(())
    }
}

//! The coding chain of transport blocks: against definitions, published values and independent implementations.

mod crc;
mod decoding;
mod encoder;
mod matching;
mod mcs;
mod refusals;
mod scrambling;
mod segmentation;
mod sizes;
mod transport_blocks;
mod vectors;

/// Bits of a linear congruential generator, the same as in `tests/data/make_vectors.py`.
fn bits(seed: u32, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 31) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// CRC-32 of bytes, as zlib has it.
fn checksum(bytes: &[u8]) -> u32 {
    ::crc::Crc::<u32>::new(&::crc::CRC_32_ISO_HDLC).checksum(bytes)
}

/// A small generator of numbers below a limit, for plans drawn at random.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// Log-likelihood ratios of bits received without noise: positive means 0.
fn llrs(bits: &[u8], size: f32) -> Vec<f32> {
    bits.iter().map(|bit| if *bit == 0 { size } else { -size }).collect()
}

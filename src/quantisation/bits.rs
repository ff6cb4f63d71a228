//! Bits as bytes of 0 and 1, the most significant first: written and read one number at a time, or by the thousand.

use multiversion::multiversion;

/// Appends numbers to bits.
#[derive(Debug)]
pub struct BitWriter<'a> {
    bits: &'a mut Vec<u8>,
}

impl<'a> BitWriter<'a> {
    /// Appends to these bits.
    pub fn new(bits: &'a mut Vec<u8>) -> Self {
        Self { bits }
    }

    /// Returns the number of bits so far.
    pub fn position(&self) -> usize {
        self.bits.len()
    }

    /// Appends one bit.
    pub fn bit(&mut self, bit: bool) {
        self.bits.push(u8::from(bit));
    }

    /// Appends the lowest `width` bits of a number, up to 64.
    pub fn number(&mut self, number: u64, width: u32) {
        self.bits.extend((0..width).rev().map(|place| (number >> place & 1) as u8));
    }

    /// Appends the 32 bits of a float.
    pub fn float(&mut self, value: f32) {
        self.number(u64::from(value.to_bits()), FLOAT_BITS);
    }

    /// Writes a number over bits that are there already.
    ///
    /// # Panics
    /// Panics if they are not.
    pub fn overwrite(&mut self, position: usize, number: u64, width: u32) {
        let bits = &mut self.bits[position..position + width as usize];
        bits.iter_mut().zip((0..width).rev()).for_each(|(bit, place)| *bit = (number >> place & 1) as u8);
    }

    /// Appends the lowest `width` bits of every number.
    ///
    /// # Panics
    /// Panics if `width` is above 24.
    pub fn numbers(&mut self, numbers: &[u32], width: u32) {
        assert!(width <= MOST_WIDTH, "numbers of {width} bits do not fit into {MOST_WIDTH}");
        let (at, count) = (self.bits.len(), numbers.len() * width as usize);
        self.bits.resize(at + count + 8 * MOST_WORDS, 0);
        match width {
            0 => {}
            1..=8 => spread_all::<1>(numbers, width as usize, &mut self.bits[at..]),
            9..=16 => spread_all::<2>(numbers, width as usize, &mut self.bits[at..]),
            _ => spread_all::<3>(numbers, width as usize, &mut self.bits[at..]),
        }
        self.bits.truncate(at + count);
    }
}

/// Bits of a float.
pub const FLOAT_BITS: u32 = 32;

/// Reads numbers from bits.
#[derive(Clone, Copy, Debug)]
pub struct BitReader<'a> {
    bits: &'a [u8],
    position: usize,
}

impl<'a> BitReader<'a> {
    /// Reads from the first bit on.
    pub fn new(bits: &'a [u8]) -> Self {
        Self { bits, position: 0 }
    }

    /// Returns the number of bits read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the next bit; `None` after the last.
    pub fn bit(&mut self) -> Option<bool> {
        let bit = self.bits.get(self.position)?;
        self.position += 1;
        Some(bit & 1 == 1)
    }

    /// Returns the number in the next `width` bits, up to 64; `None` where fewer are left.
    pub fn number(&mut self, width: u32) -> Option<u64> {
        let end = self.position.checked_add(width as usize)?;
        let bits = self.bits.get(self.position..end)?;
        self.position = end;
        Some(bits.iter().fold(0, |number, bit| number << 1 | u64::from(bit & 1)))
    }

    /// Passes over bits; returns false where fewer are left.
    pub fn skip(&mut self, count: usize) -> bool {
        self.position = self.position.saturating_add(count);
        self.position <= self.bits.len()
    }

    /// Returns the float in the next 32 bits, 0 where they are no finite number of modest size; `None` where fewer are left.
    pub fn float(&mut self) -> Option<f32> {
        let value = f32::from_bits(self.number(FLOAT_BITS)? as u32);
        Some(if value.abs() <= LARGEST { value } else { 0.0 })
    }

    /// Reads as many numbers of `width` bits as there is room for; returns whether there were enough.
    ///
    /// # Panics
    /// Panics if `width` is above 24.
    pub fn numbers(&mut self, width: u32, out: &mut [u32]) -> bool {
        assert!(width <= MOST_WIDTH, "numbers of {width} bits do not fit into {MOST_WIDTH}");
        let Some(bits) = self.bits.get(self.position..) else { return false };
        if bits.len() < out.len() * width as usize {
            return false;
        }
        let done = match width {
            0 => 0,
            1..=8 => gather_all::<1>(bits, width as usize, out),
            9..=16 => gather_all::<2>(bits, width as usize, out),
            _ => gather_all::<3>(bits, width as usize, out),
        };
        self.position += done * width as usize;
        for out in &mut out[done..] {
            *out = self.number(width).unwrap_or(0) as u32;
        }
        true
    }
}

/// Magnitudes beyond this are taken for what wrong bits made; their squares still fit into single precision.
pub const LARGEST: f32 = 1.152_921_5e18;

/// Most bits of numbers written by the thousand.
const MOST_WIDTH: u32 = 24;

/// Words of eight bits that these take.
const MOST_WORDS: usize = 3;

/// Returns the bits of a byte, the most significant first.
///
/// Copies of the byte nine bits apart have bit `7 - i` at bit `8 i + 7`.
#[inline(always)]
fn spread(byte: u32) -> [u8; 8] {
    let copies = u64::from(byte & 0xFF).wrapping_mul(0x8040_2010_0804_0201);
    (copies >> 7 & 0x0101_0101_0101_0101).to_le_bytes()
}

/// Returns the byte of eight bits, the most significant first: the inverse of [`spread`].
#[inline(always)]
fn gather(bits: [u8; 8]) -> u32 {
    let bits = u64::from_be_bytes(bits) & 0x0101_0101_0101_0101;
    (bits.wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

/// Writes numbers one after the other; whole words are written, and what is too much of one the next one covers.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn spread_all<const WORDS: usize>(numbers: &[u32], width: usize, out: &mut [u8]) {
    let shift = 8 * WORDS - width;
    let mut at = 0;
    for number in numbers {
        let number = number << shift;
        let words = out[at..at + 8 * WORDS].as_chunks_mut::<8>().0;
        for (place, word) in words.iter_mut().enumerate() {
            *word = spread(number >> (8 * (WORDS - 1 - place)));
        }
        at += width;
    }
}

/// Reads numbers as long as whole words can be read; returns how many.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn gather_all<const WORDS: usize>(bits: &[u8], width: usize, out: &mut [u32]) -> usize {
    let safe = (bits.len() + width).saturating_sub(8 * WORDS) / width;
    let (done, shift) = (safe.min(out.len()), 8 * WORDS - width);
    let mut at = 0;
    for out in &mut out[..done] {
        let words = bits[at..at + 8 * WORDS].as_chunks::<8>().0;
        let number = words.iter().fold(0, |number, word| number << 8 | gather(*word));
        *out = number >> shift;
        at += width;
    }
    done
}

/// Returns the bits that tell the numbers 0 to `largest` apart.
pub fn width_of(largest: usize) -> u32 {
    usize::BITS - largest.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::{Purpose, Seeds};

    #[test]
    fn numbers_by_the_thousand_are_those_one_by_one() {
        let stream = Seeds::new(3).stream(Purpose::Payload, 0, 0);
        for width in 0..=24 {
            for count in [0, 1, 2, 3, 17, 1000] {
                let mask = (1u64 << width) - 1;
                let numbers: Vec<u32> = (0..count).map(|i| (stream.word(i) & mask) as u32).collect();
                let (mut fast, mut slow) = (vec![1, 0, 1], vec![1, 0, 1]);
                BitWriter::new(&mut fast).numbers(&numbers, width);
                let mut writer = BitWriter::new(&mut slow);
                numbers.iter().for_each(|number| writer.number(u64::from(*number), width));
                assert_eq!(fast, slow, "{width} {count}");
                // Right after the numbers others follow, or nothing.
                for tail in [0, 40] {
                    fast.resize(slow.len() + tail, 1);
                    let mut reader = BitReader::new(&fast);
                    assert_eq!(reader.number(3), Some(5));
                    let mut read = vec![u32::MAX; count as usize];
                    assert!(reader.numbers(width, &mut read));
                    assert_eq!((read, reader.position()), (numbers.clone(), slow.len()), "{width} {count}");
                }
            }
        }
    }

    #[test]
    fn ends_are_seen() {
        let bits = [1, 0, 1, 1];
        let mut reader = BitReader::new(&bits);
        assert_eq!(
            (reader.number(3), reader.number(2), reader.bit(), reader.bit()),
            (Some(5), None, Some(true), None)
        );
        assert!(!BitReader::new(&bits).numbers(3, &mut [0; 2]));
        assert_eq!([0, 1, 2, 3, 4, 255, 256].map(width_of), [0, 1, 2, 2, 3, 8, 9]);
    }

    #[test]
    fn floats_are_exact_or_harmless() {
        let values = [0.0, -1.5, 3.25e-9, LARGEST, f32::INFINITY, f32::NAN, -2e18];
        let mut bits = Vec::new();
        let mut writer = BitWriter::new(&mut bits);
        values.iter().for_each(|value| writer.float(*value));
        writer.overwrite(0, 1, 1);
        let mut reader = BitReader::new(&bits);
        let read: Vec<f32> = std::iter::from_fn(|| reader.float()).collect();
        assert_eq!(read, [-0.0, -1.5, 3.25e-9, LARGEST, 0.0, 0.0, 0.0]);
        assert!(read[0].is_sign_negative());
    }
}

//! Bits to points: a table for each modulation.

use super::{Modulation, levels};
use crate::CodingError;
use airloop_baseband::Complex32;
use std::sync::LazyLock;

/// The points of every modulation by label; of pi/2-BPSK those of even, then those of odd symbols.
static POINTS: LazyLock<[Vec<Complex32>; 7]> = LazyLock::new(|| Modulation::ALL.map(points));

/// Returns the points of a modulation, labels read with the first bit as the most significant.
fn points(modulation: Modulation) -> Vec<Complex32> {
    let bits = modulation.bits_per_dimension();
    let by_label = {
        let mut by_label = vec![0.0; 1 << bits];
        for level in levels::levels(bits) {
            let label = (0..bits).fold(0, |sum, p| sum << 1 | usize::from(levels::bit(level, bits, p)));
            by_label[label] = f64::from(level);
        }
        by_label
    };
    if modulation.dimensions() == 1 {
        let diagonal = |label: usize| (by_label[label] * std::f64::consts::FRAC_1_SQRT_2) as f32;
        let even = [0, 1].map(|label| Complex32::new(diagonal(label), diagonal(label)));
        // A quarter turn: j (a + j a) = -a + j a.
        let odd = even.map(|point| Complex32::new(-point.im, point.re));
        return if modulation == Modulation::Pi2Bpsk { [even, odd].concat() } else { even.to_vec() };
    }
    let scale = modulation.level_energy().sqrt().recip();
    let point = |label: usize| {
        // Bits of the label alternate between the dimensions, the first the real part's.
        let side = |offset: usize| {
            let bit = |p: usize| label >> (2 * bits - 1 - (2 * p + offset)) & 1;
            (by_label[(0..bits).fold(0, |sum, p| sum << 1 | bit(p))] * scale) as f32
        };
        Complex32::new(side(0), side(1))
    };
    (0..1 << (2 * bits)).map(point).collect()
}

impl Modulation {
    /// Returns all points by label, `[2^bits_per_symbol]`; the label's most significant bit is `b(0)`.
    ///
    /// For pi/2-BPSK these are the points of symbols of even index.
    pub fn points(self) -> &'static [Complex32] {
        &POINTS[self as usize][..1 << self.bits_per_symbol()]
    }

    /// Maps bits (bytes, of which the lowest bit counts) to points, `[bits_per_symbol out.len()]` to `out`.
    ///
    /// `first_index` is the index of the first symbol in its transmission, whose parity pi/2-BPSK needs.
    ///
    /// # Errors
    ///
    /// [`CodingError::Length`] if `bits` is not as long as `out` needs.
    pub fn map(self, bits: &[u8], first_index: u64, out: &mut [Complex32]) -> Result<(), CodingError> {
        CodingError::check_length("bits", bits.len(), out.len() * self.bits_per_symbol())?;
        let table = &POINTS[self as usize][..];
        match self {
            Self::Pi2Bpsk => {
                for ((point, bit), index) in out.iter_mut().zip(bits).zip(first_index..) {
                    *point = table[usize::from(bit & 1) | (index as usize & 1) << 1];
                }
            }
            Self::Bpsk => look_up::<1>(table, bits, out),
            Self::Qpsk => look_up::<2>(table, bits, out),
            Self::Qam16 => look_up::<4>(table, bits, out),
            Self::Qam64 => look_up::<6>(table, bits, out),
            Self::Qam256 => look_up::<8>(table, bits, out),
            Self::Qam1024 => look_up::<10>(table, bits, out),
        }
        Ok(())
    }
}

/// Looks up the point of every `BITS` bits.
fn look_up<const BITS: usize>(table: &[Complex32], bits: &[u8], out: &mut [Complex32]) {
    for (point, label) in out.iter_mut().zip(bits.as_chunks::<BITS>().0) {
        *point = table[pack(label)];
    }
}

/// Packs at most ten bits into a number, the first the most significant.
///
/// ```text
/// with b(i) at bit 56 - 8 i, the product with the sum over i of 2^(7 + 7 i) has b(i) at bit 63 - i; no two partial
/// products share a bit, so that none carries
/// ```
#[inline(always)]
fn pack<const BITS: usize>(bits: &[u8; BITS]) -> usize {
    let head = if BITS < 8 { BITS } else { 8 };
    let mut bytes = [0; 8];
    bytes[..head].copy_from_slice(&bits[..head]);
    let spread = u64::from_be_bytes(bytes) & 0x0101_0101_0101_0101;
    let packed = spread.wrapping_mul(0x0102_0408_1020_4080) >> (64 - head);
    bits[head..].iter().fold(packed as usize, |label, bit| label << 1 | usize::from(bit & 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_reads_bits_in_order() {
        fn check<const BITS: usize>() {
            for label in 0..1usize << BITS {
                // Bits above the lowest do not count.
                let bits = std::array::from_fn(|i| 0xA2 | (label >> (BITS - 1 - i) & 1) as u8);
                assert_eq!(pack::<BITS>(&bits), label);
            }
        }
        check::<1>();
        check::<2>();
        check::<4>();
        check::<6>();
        check::<8>();
        check::<10>();
    }
}

//! Two uniform words into one complex Gaussian, in single precision and without a maths library.

use std::f32::consts::LN_2;

/// `log1p(g) / g` on [-1/2, 0], lowest power first: minimax, relative error 1.5e-7.
const LOG1P: [f32; 8] = [
    0.999_999_9,
    -0.500_036_54,
    0.331_862_63,
    -0.272_250_47,
    0.038_018_49,
    -0.785_429_8,
    -1.081_538_3,
    -1.184_930_4,
];
/// `cos(pi/4 sqrt z) / sqrt 2` on [0, 1]: minimax, error 2.0e-8.
const COSINE: [f32; 4] = [0.707_106_77, -0.218_088_88, 0.011_207_582, -0.000_225_482_57];
/// `sin(pi/4 sqrt z) / sqrt(2 z)` on [0, 1]: minimax, relative error 3.3e-9.
const SINE: [f32; 4] = [0.555_360_4, -0.057_095_643, 0.001_760_696_6, -0.000_025_420_808];

/// Turns two uniform words into a complex Gaussian of mean power `variance`.
///
/// ```text
/// u = (radius_word + 1/2) / 2^32,  z = sqrt(-variance ln u) exp(j phase)
/// ```
///
/// Every operation is one that IEEE 754 rounds exactly, and none is fused, so the bits are the same
/// on every processor. Magnitudes go from sqrt(2^-33 variance), never zero, to
/// sqrt(33 ln 2 variance), which is 6.76 standard deviations of a component.
///
/// Source: G. Box, M. Muller, "A note on the generation of random normal deviates", 1958.
#[inline(always)]
pub(crate) fn complex_gaussian(radius_word: u32, phase_word: u32, variance: f32) -> (f32, f32) {
    let radius = (exponential(radius_word) * variance).sqrt();
    let (cosine, sine) = unit_phasor(phase_word);
    (radius * cosine, radius * sine)
}

/// Returns `-ln((word + 1/2) / 2^32)`, to 24 bits at both ends.
///
/// Above one half the distance to 1 is converted, below it the distance to 0: a conversion of the
/// word itself would leave 2^-24 as the smallest power and zero now and then.
#[inline(always)]
pub(crate) fn exponential(word: u32) -> f32 {
    let above_half = (word as i32) >> 31;
    let distance = (word as i32 ^ above_half) as f32 + 0.5;
    let bits = distance.to_bits();
    // Below one half: u = m / 2^halvings with m in [1/2, 1). Above: u = 1 - distance / 2^32.
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) | 0x3F00_0000);
    let halvings = (158 - (bits >> 23) as i32) & !above_half;
    let near_zero = mantissa - 1.0;
    let near_one = distance * (-1.0 / 4_294_967_296.0);
    let excess = if above_half != 0 { near_one } else { near_zero };
    let mut ratio = LOG1P[7];
    for power in (0..7).rev() {
        ratio = ratio * excess + LOG1P[power];
    }
    halvings as f32 * LN_2 - ratio * excess
}

/// Returns the cosine and sine of a uniform phase: 30 bits of the word place it in a quadrant, and
/// two bits are the signs.
///
/// ```text
/// cos(pi/4 + y) = (cos y - sin y) / sqrt 2
/// sin(pi/4 + y) = (cos y + sin y) / sqrt 2,  y = pi/4 x, x in [-1, 1)
/// ```
#[inline(always)]
pub(crate) fn unit_phasor(word: u32) -> (f32, f32) {
    let place = (word << 2) as i32 as f32 * (1.0 / 2_147_483_648.0);
    let square = place * place;
    let even = ((COSINE[3] * square + COSINE[2]) * square + COSINE[1]) * square + COSINE[0];
    let odd = (((SINE[3] * square + SINE[2]) * square + SINE[1]) * square + SINE[0]) * place;
    (with_sign(even - odd, word), with_sign(even + odd, word << 1))
}

/// Flips the sign of `value` where the top bit of `word` is set.
#[inline(always)]
fn with_sign(value: f32, word: u32) -> f32 {
    f32::from_bits(value.to_bits() ^ (word & 0x8000_0000))
}

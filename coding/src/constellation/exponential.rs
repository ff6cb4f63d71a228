//! Exponential and logarithm without a maths library, so that loops of them run in vectors and give the same bits on every
//! processor.

use std::f64::consts::{LN_2, LOG2_E};

/// Adding it to a number below 2^51 leaves the nearest integer in the lowest bits; subtracting it then, that integer.
pub const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// `ln 2` in two parts, the first with so few bits that its product with an exponent is exact.
const LN_2_HEAD: f64 = 0.693_147_180_369_123_8;
const LN_2_TAIL: f64 = 1.908_214_929_270_587_7e-10;
/// The bits of the exponent of one.
const ONE: u64 = 0x3FF0_0000_0000_0000;
const MANTISSA: u64 = 0x000F_FFFF_FFFF_FFFF;
/// The bits of 2^52.
const TWO_52: u64 = 0x4330_0000_0000_0000;

/// Returns `exp(x)` for `|x| <= 705`; relative error below 1e-8.
///
/// ```text
/// x = k ln 2 + r, |r| <= ln(2)/2;   exp(x) = 2^k (1 + r + .. + r^7/7!)
/// ```
#[inline(always)]
pub fn exponential(x: f64) -> f64 {
    let shifted = x * LOG2_E + ROUNDING;
    let k = shifted - ROUNDING;
    let r = (x - k * LN_2_HEAD) - k * LN_2_TAIL;
    let mut series = 1.0 / 5040.0;
    series = series * r + 1.0 / 720.0;
    series = series * r + 1.0 / 120.0;
    series = series * r + 1.0 / 24.0;
    series = series * r + 1.0 / 6.0;
    series = series * r + 0.5;
    series = series * r + 1.0;
    series = series * r + 1.0;
    // The lowest bits of `shifted` hold k; only those that reach the exponent field matter.
    series * f64::from_bits((shifted.to_bits() << 52).wrapping_add(ONE))
}

/// Returns `ln(a / b)` of positive normal numbers, whose quotient need not exist; absolute error below 2e-8.
///
/// ```text
/// a = 2^k p, b = 2^l q, p and q in [1, 2);   ln(a/b) = (k - l) ln 2 + 2 (f + f^3/3 + .. + f^13/13),  f = (p - q)/(p + q)
/// ```
#[inline(always)]
pub fn log_ratio(a: f64, b: f64) -> f64 {
    let (k, p) = split(a);
    let (l, q) = split(b);
    let f = (p - q) / (p + q);
    let square = f * f;
    let mut series = 1.0 / 13.0;
    series = series * square + 1.0 / 11.0;
    series = series * square + 1.0 / 9.0;
    series = series * square + 1.0 / 7.0;
    series = series * square + 0.2;
    series = series * square + 1.0 / 3.0;
    series = series * square + 1.0;
    (k - l) * LN_2 + 2.0 * f * series
}

/// Returns exponent, with an offset, and mantissa.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let bits = x.to_bits();
    // A small integer in the low bits of 2^52 is added to it.
    (f64::from_bits(bits >> 52 | TWO_52), f64::from_bits(bits & MANTISSA | ONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_and_logarithms_agree_with_the_library() {
        for step in -7050..=7050 {
            let x = f64::from(step) * 0.1;
            let error = exponential(x) / x.exp() - 1.0;
            assert!(error.abs() < 1e-8, "exp {x}: {error:e}");
            for other in [-700.0, -3.3, 0.0, 0.01, 650.0] {
                let error = log_ratio(x.exp(), f64::exp(other)) - (x - other);
                assert!(error.abs() < 2e-8, "{x} - {other}: {error:e}");
            }
        }
    }
}

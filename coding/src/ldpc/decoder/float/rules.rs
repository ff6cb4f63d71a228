//! Rules for two messages; a check of more bits applies them pair after pair.

use std::f32::consts::{LN_2, LOG2_E};

/// What a check of three bits answers one when the two others say `a` and `b`.
pub(super) trait Combine {
    fn combine(&self, a: f32, b: f32) -> f32;
}

/// The exact rule, 2 atanh(tanh(a/2) tanh(b/2)), in a form that neither overflows nor loses small differences.
pub(super) struct Boxplus;

impl Combine for Boxplus {
    #[inline(always)]
    fn combine(&self, a: f32, b: f32) -> f32 {
        let (x, y) = (a.abs(), b.abs());
        let magnitude = x.min(y) + softplus(x + y) - softplus((x - y).abs());
        with_sign(magnitude.max(0.0), a, b)
    }
}

/// The smaller magnitude.
pub(super) struct Minimum;

impl Combine for Minimum {
    #[inline(always)]
    fn combine(&self, a: f32, b: f32) -> f32 {
        with_sign(a.abs().min(b.abs()), a, b)
    }
}

/// Gives a magnitude the product of two signs.
#[inline(always)]
fn with_sign(magnitude: f32, a: f32, b: f32) -> f32 {
    f32::from_bits(magnitude.to_bits() | ((a.to_bits() ^ b.to_bits()) & (1 << 31)))
}

/// Returns `ln(1 + e^-x)` for `x >= 0`, to 2e-7 absolute.
///
/// ```text
/// e^-x = 2^n e^f,  |f| <= ln(2)/2: Taylor's series to f^7;  ln(1 + y) = 2 atanh(y / (2 + y)): the series to the 13th power
/// ```
#[inline(always)]
fn softplus(x: f32) -> f32 {
    // Adding 1.5 2^23 rounds to a whole number and leaves it in the low bits.
    const WHOLE: f32 = 12_582_912.0;
    let halvings = -x.min(60.0) * LOG2_E;
    let rounded = halvings + WHOLE;
    let f = (halvings - (rounded - WHOLE)) * LN_2;
    let mut series = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        series = series * f + coefficient;
    }
    let power = f32::from_bits(rounded.to_bits().wrapping_add(127) << 23);
    let y = series * power;
    let ratio = y / (2.0 + y);
    let square = ratio * ratio;
    let mut series = 1.0 / 13.0;
    for coefficient in [1.0 / 11.0, 1.0 / 9.0, 1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0] {
        series = series * square + coefficient;
    }
    2.0 * ratio * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softplus_is_that_of_double_precision() {
        for step in 0..200_000 {
            let x = step as f32 * 5e-4;
            let expected = (-f64::from(x)).exp().ln_1p();
            assert!((f64::from(softplus(x)) - expected).abs() < 2e-7, "at {x}: {}", softplus(x));
        }
    }

    #[test]
    fn boxplus_is_the_product_of_tanhs() {
        for step in 0..10_000 {
            let (a, b) = ((step % 100) as f32 * 0.11 - 5.4, (step / 100) as f32 * 0.13 - 6.2);
            let product = (0.5 * f64::from(a)).tanh() * (0.5 * f64::from(b)).tanh();
            let combined = f64::from(Boxplus.combine(a, b));
            assert!((combined - 2.0 * product.atanh()).abs() < 2e-6, "{a} boxplus {b} is {combined}");
        }
        assert!((Boxplus.combine(1e4, -1e4) + 1e4).abs() <= 1.0);
        assert_eq!(Boxplus.combine(0.0, 5.0), 0.0);
    }
}

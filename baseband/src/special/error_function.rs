//! The error function, its complement and the Gaussian tail.

use std::f64::consts::{FRAC_2_SQRT_PI, PI, SQRT_2};

/// Below this the Maclaurin series serves, above it the trapezoidal sum.
const SERIES_LIMIT: f64 = 0.5;

/// Returns the error function of `x`.
///
/// ```text
/// erf(x) = 2/sqrt(pi) * integral from 0 to x of exp(-t^2) dt
/// ```
///
/// Valid for every real `x`; relative accuracy 1e-15. Series of Abramowitz & Stegun 7.1.6 below 0.5, else `1 - erfc(x)`.
pub fn erf(x: f64) -> f64 {
    if x.abs() >= SERIES_LIMIT {
        return x.signum() * (1.0 - erfc(x.abs()));
    }
    let mut term = x;
    let mut sum = x;
    let mut n = 0.0;
    while term.abs() > 0.25 * f64::EPSILON * sum.abs() {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
    }
    FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// Returns the complementary error function of `x`.
///
/// ```text
/// erfc(x) = 1 - erf(x)
/// ```
///
/// Valid for every real `x`; relative accuracy 1e-14 in the whole tail, down to where it underflows (`x` near 26.5).
/// Trapezoidal sum of DLMF 7.7.1 with its pole's residue: Chiarella & Reichel, Math. Comp. 22 (1968) 137-143.
pub fn erfc(x: f64) -> f64 {
    if x < -SERIES_LIMIT {
        2.0 - erfc(-x)
    } else if x < SERIES_LIMIT {
        1.0 - erf(x)
    } else {
        exp_minus_square(x, 1.0) * scaled_erfc(x)
    }
}

/// Returns the Gaussian tail probability `P(Z > x)` of a standard normal variable.
///
/// ```text
/// Q(x) = 1/2 erfc(x / sqrt(2))
/// ```
///
/// Valid for every real `x`; relative accuracy 1e-14 in the whole tail (`x` up to 37.5). Abramowitz & Stegun 26.2.3.
pub fn q_function(x: f64) -> f64 {
    if x < SERIES_LIMIT * SQRT_2 {
        0.5 * erfc(x / SQRT_2)
    } else {
        0.5 * exp_minus_square(x, 0.5) * scaled_erfc(x / SQRT_2)
    }
}

/// Returns `exp(-factor * x^2)`, the square split so that its rounding is not magnified; `factor` is a power of two.
pub(super) fn exp_minus_square(x: f64, factor: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    let head = f64::from_bits(x.to_bits() & !0x07ff_ffff);
    (-factor * head * head).exp() * (-factor * (x - head) * (x + head)).exp()
}

/// Returns `exp(x^2) erfc(x)` for `x >= 0.5`.
///
/// ```text
/// exp(x^2) erfc(x) = x/pi * integral over all t of exp(-t^2) / (t^2 + x^2) dt
///                  = h x/pi * sum over k of exp(-k^2 h^2) / (k^2 h^2 + x^2)  -  2 exp(x^2) / (exp(2 pi x/h) - 1)
/// ```
///
/// With the step `h = 1/2` the formula's own error is `exp(-pi^2/h^2)`, 7e-18.
pub(super) fn scaled_erfc(x: f64) -> f64 {
    const STEP: f64 = 0.5;
    if x.is_infinite() {
        return 0.0;
    }
    let mut sum = 0.5 / (x * x);
    for k in 1..=12 {
        let node = f64::from(k) * STEP;
        sum += (-node * node).exp() / (node * node + x * x);
    }
    // Beyond 6 the pole's share is below exp(-39) of the result.
    let pole = if x < 6.0 { 2.0 * (x * x).exp() / (2.0 * PI * x / STEP).exp_m1() } else { 0.0 };
    2.0 * STEP / PI * x * sum - pole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn erf_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([1e-20], 1.128_379_167_095_512_5e-20), ([1e-8], 1.128_379_167_095_512_6e-8),
            ([0.1], 0.112_462_916_018_284_9), ([0.25], 0.276_326_390_168_236_96), ([0.49], 0.511_668_261_188_523),
            ([0.5], 0.520_499_877_813_046_5), ([0.51], 0.529_243_619_841_170_4), ([0.9], 0.796_908_212_422_832_2),
            ([1.0], 0.842_700_792_949_714_9), ([1.5], 0.966_105_146_475_310_8), ([2.0], 0.995_322_265_018_952_7),
            ([3.0], 0.999_977_909_503_001_4), ([5.5], 0.999_999_999_999_992_7), ([-0.3], -0.328_626_759_459_127_4),
            ([-2.5], -0.999_593_047_982_555),
        ];
        assert_relative(&table, 1e-15, |[x]| erf(x));
    }

    #[test]
    fn erfc_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([-5.0], 1.999_999_999_998_462_6), ([-1.0], 1.842_700_792_949_714_8), ([-0.4], 1.428_392_355_046_668_4),
            ([1e-10], 0.999_999_999_887_162), ([0.3], 0.671_373_240_540_872_6), ([0.499], 0.480_379_344_010_531_56),
            ([0.5], 0.479_500_122_186_953_5), ([0.7], 0.322_198_806_162_581_56), ([1.0], 0.157_299_207_050_285_13),
            ([1.9], 0.007_209_570_764_742_532_5), ([2.5], 0.000_406_952_017_444_958_9),
            ([4.0], 1.541_725_790_028_002e-8), ([6.0], 2.151_973_671_249_891_3e-17),
            ([6.3], 5.124_221_687_395_715e-19), ([7.5], 2.776_649_386_030_569e-26),
            ([10.0], 2.088_487_583_762_545e-45), ([15.3], 7.976_560_125_420_7e-104),
            ([20.7], 2.208_548_110_248_888_5e-188), ([26.2], 1.643_250_792_438_946e-300),
        ];
        assert_relative(&table, 1e-14, |[x]| erfc(x));
    }

    #[test]
    fn gaussian_tail_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([-8.0], 0.999_999_999_999_999_3), ([-1.0], 0.841_344_746_068_542_9), ([0.0], 0.5),
            ([0.1], 0.460_172_162_722_971), ([0.6], 0.274_253_117_750_073_6), ([1.0], 0.158_655_253_931_457_05),
            ([1.7], 0.044_565_462_758_543_04), ([3.0], 0.001_349_898_031_630_094_6),
            ([4.7], 1.300_807_453_917_281e-6), ([6.0], 9.865_876_450_376_98e-10), ([8.8], 6.840_807_685_935_546e-19),
            ([9.1], 4.516_591_491_435_456_6e-20), ([12.0], 1.776_482_112_077_679e-33),
            ([20.0], 2.753_624_118_606_233_7e-89), ([30.3], 5.731_723_503_315_496e-202),
            ([37.1], 1.404_711_966_310_622_1e-301),
        ];
        assert_relative(&table, 1e-14, |[x]| q_function(x));
    }

    #[test]
    fn limits() {
        assert_eq!(erf(f64::INFINITY), 1.0);
        assert_eq!(erfc(f64::INFINITY), 0.0);
        assert_eq!(erfc(f64::NEG_INFINITY), 2.0);
        assert_eq!(q_function(f64::NEG_INFINITY), 1.0);
        assert_eq!(q_function(40.0), 0.0);
        assert_eq!(erf(0.0), 0.0);
        assert!(erf(f64::NAN).is_nan() && erfc(f64::NAN).is_nan() && q_function(f64::NAN).is_nan());
    }
}

//! The logarithm of the gamma function and the incomplete gamma functions.

use super::continued_fraction;
use std::f64::consts::PI;

const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// `zeta(k) - 1` for `k` from 2, the coefficients of DLMF 5.7.3.
#[rustfmt::skip]
const ZETA_LESS_ONE: [f64; 27] = [
    0.644_934_066_848_226_4, 0.202_056_903_159_594_3, 0.082_323_233_711_138_19, 0.036_927_755_143_369_93,
    0.017_343_061_984_449_14, 0.008_349_277_381_922_827, 0.004_077_356_197_944_34, 0.002_008_392_826_082_214_3,
    0.000_994_575_127_818_085_3, 0.000_494_188_604_119_464_5, 0.000_246_086_553_308_048_3,
    0.000_122_713_347_578_489_15, 6.124_813_505_870_483e-5, 3.058_823_630_702_049e-5, 1.528_225_940_865_187e-5,
    7.637_197_637_899_763e-6, 3.817_293_264_999_84e-6, 1.908_212_716_553_939e-6, 9.539_620_338_727_962e-7,
    4.769_329_867_878_064e-7, 2.384_505_027_277_33e-7, 1.192_199_259_653_110_6e-7, 5.960_818_905_125_948e-8,
    2.980_350_351_465_228e-8, 1.490_155_482_836_504_3e-8, 7.450_711_789_835_43e-9, 3.725_334_024_788_457e-9,
];

/// Returns the logarithm of the gamma function of `x`.
///
/// ```text
/// ln Gamma(x) = ln integral from 0 to infinity of t^(x-1) exp(-t) dt
/// ```
///
/// Valid for `x >= 0`, infinite at 0; relative accuracy 1e-14, near the zeros at 1 and 2 too.
/// Series of DLMF 5.7.3 around 1 and 2, Stirling's series of DLMF 5.11.1 from 10, the recurrence of DLMF 5.5.1 between.
pub fn ln_gamma(x: f64) -> f64 {
    if x < 0.0 || x.is_nan() {
        f64::NAN
    } else if x < 0.5 {
        near_two(x) - x.ln_1p() - x.ln()
    } else if x < 1.5 {
        near_two(x - 1.0) - (x - 1.0).ln_1p()
    } else if x < 2.5 {
        near_two(x - 2.0)
    } else if x < 10.0 {
        // Gamma(x) = (x-1)(x-2)...(x-n) Gamma(x-n), down into [1.5, 2.5).
        let mut reduced = x;
        let mut product = 1.0;
        while reduced >= 2.5 {
            reduced -= 1.0;
            product *= reduced;
        }
        near_two(reduced - 2.0) + f64::ln(product)
    } else if x.is_infinite() {
        x
    } else {
        (x - 0.5) * (x.ln() - 1.0) + 0.5 * ((2.0 * PI).ln() - 1.0) + stirling_remainder(x)
    }
}

/// Sums `ln Gamma(2 + z) = (1 - gamma) z + sum over k >= 2 of (zeta(k) - 1) (-z)^k / k` for `|z| <= 1/2`.
fn near_two(z: f64) -> f64 {
    let sum = (2..29).zip(ZETA_LESS_ONE).rev().fold(0.0, |sum, (k, zeta)| zeta / f64::from(k) - z * sum);
    z * (1.0 - EULER_GAMMA) + z * z * sum
}

/// Returns what Stirling's formula leaves out of `ln Gamma(x)`.
///
/// ```text
/// ln Gamma(x) = (x - 1/2) ln x - x + 1/2 ln(2 pi) + remainder(x)
/// ```
pub(super) fn stirling_remainder(x: f64) -> f64 {
    if x < 10.0 {
        return ln_gamma(x) - (x - 0.5) * x.ln() + x - 0.5 * (2.0 * PI).ln();
    }
    // Bernoulli(2k) / (2k (2k - 1)), k from 1.
    const COEFFICIENTS: [f64; 9] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
        43_867.0 / 244_188.0,
    ];
    COEFFICIENTS.iter().rev().fold(0.0, |sum, &c| sum / (x * x) + c) / x
}

/// Returns `ratio - 1 - ln(ratio)`, given `off = ratio - 1` apart so that nothing cancels, near one or far from it.
pub(super) fn deviance(ratio: f64, off: f64) -> f64 {
    if off.abs() > 0.4 {
        return off - ratio.ln();
    }
    // ln(1 + off) = 2 atanh(r) and off - 2 r = off r, with r = off/(2 + off).
    let r = off / (2.0 + off);
    let square = r * r;
    let sum = (1..=13).rev().fold(0.0, |sum, k| square * (1.0 / f64::from(2 * k + 1) + sum));
    off * r - 2.0 * r * sum
}

/// Returns the regularised lower incomplete gamma function, the distribution of a gamma variable of shape `a` at `x`.
///
/// ```text
/// P(a, x) = 1/Gamma(a) * integral from 0 to x of t^(a-1) exp(-t) dt
/// ```
///
/// Valid for `a > 0`, `x >= 0`; relative accuracy 1e-12 up to `a` = 1e5, where small as well. Series of DLMF 8.11.4 for
/// `x < a + 1`, else one minus the even part of the continued fraction of DLMF 8.9.2.
pub fn regularised_gamma_p(a: f64, x: f64) -> f64 {
    incomplete(a, x).0
}

/// Returns the regularised upper incomplete gamma function, the tail of a gamma variable of shape `a` at `x`.
///
/// ```text
/// Q(a, x) = 1 - P(a, x)
/// ```
///
/// Valid for `a > 0`, `x >= 0`; relative accuracy 1e-12 up to `a` = 1e5 in the tail `x >= a + 1`, else an absolute 1e-13.
/// Computed as `regularised_gamma_p`.
pub fn regularised_gamma_q(a: f64, x: f64) -> f64 {
    incomplete(a, x).1
}

/// Returns P and Q.
fn incomplete(a: f64, x: f64) -> (f64, f64) {
    if !(a > 0.0 && x >= 0.0 && a.is_finite()) {
        return (f64::NAN, f64::NAN);
    }
    if x == 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    // x^a exp(-x) / Gamma(a), by its deviance from the peak so that large a loses no digits.
    let density = (a / (2.0 * PI)).sqrt() * (-a * deviance(x / a, (x - a) / a) - stirling_remainder(a)).exp();
    if x < a + 1.0 {
        let mut term = 1.0 / a;
        let mut sum = term;
        let mut n = 0.0;
        while term > 0.25 * f64::EPSILON * sum {
            n += 1.0;
            term *= x / (a + n);
            sum += term;
        }
        let lower = (density * sum).min(1.0);
        (lower, 1.0 - lower)
    } else {
        let fraction = continued_fraction(x + 1.0 - a, u32::MAX, |n| {
            let n = f64::from(n);
            (n * (a - n), x + 2.0 * n + 1.0 - a)
        });
        let upper = (density / fraction).min(1.0);
        (1.0 - upper, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn logarithm_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([1e-300], 690.775_527_898_213_7), ([1e-10], 23.025_850_929_882_736), ([0.01], 4.599_479_878_042_022),
            ([0.2], 1.524_063_822_430_784_5), ([0.5], 0.572_364_942_924_700_1), ([0.9], 0.066_376_239_734_742_95),
            ([0.999_999], 5.772_164_873_855_652e-7), ([1.000_001], -5.772_148_423_874_147e-7),
            ([1.2], -0.085_374_090_003_315_83), ([1.49], -0.121_100_258_542_197_72),
            ([1.5], -0.120_782_237_635_245_22), ([1.9999], -4.227_520_877_215_346e-5),
            ([2.0001], 4.228_165_811_291_994_5e-5), ([2.3], 0.154_189_454_959_630_46),
            ([2.5], 0.284_682_870_472_919_2), ([2.51], 0.291_738_915_492_867_96), ([3.5], 1.200_973_602_347_074_3),
            ([4.7], 2.736_405_146_315_566_7), ([9.9], 12.577_179_904_219_88), ([10.0], 12.801_827_480_081_469),
            ([25.5], 56.389_167_643_719_944), ([100.0], 359.134_205_369_575_4), ([12_345.6], 103_959.185_066_168_46),
            ([10_000_000_000.0], 220_258_509_288.810_58), ([1e100], 2.292_585_092_994_045_6e102),
        ];
        assert_relative(&table, 1e-14, |[x]| ln_gamma(x));
    }

    #[test]
    fn lower_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.001, 0.5], 0.999_439_933_343_529_2), ([0.5, 1e-8], 0.000_112_837_916_333_424_87),
            ([0.5, 0.3], 0.561_421_973_919_000_2), ([0.5, 4.0], 0.995_322_265_018_952_7),
            ([1.0, 0.7], 0.503_414_696_208_590_5), ([1.0, 50.0], 1.0), ([2.5, 0.1], 0.000_886_138_788_812_442_6),
            ([2.5, 3.4], 0.764_055_462_305_478_6), ([2.5, 30.0], 0.999_999_999_987_845_4),
            ([10.0, 3.0], 0.001_102_488_130_115_479_8), ([10.0, 10.0], 0.542_070_285_528_147_8),
            ([10.0, 25.0], 0.999_778_523_361_751_2), ([64.0, 40.0], 0.000_286_566_274_665_355),
            ([64.0, 64.0], 0.516_623_987_503_826_5), ([64.0, 120.0], 0.999_999_992_213_458_7),
            ([1000.0, 900.0], 0.000_549_902_265_711_782_9), ([1000.0, 1000.0], 0.504_205_244_180_215_5),
            ([1000.0, 1200.0], 0.999_999_998_711_839_4), ([100_000.0, 100_000.0], 0.500_420_522_110_365_1),
            ([100_000.0, 99_000.0], 0.000_757_419_921_174_767_9), ([100_000.0, 101_200.0], 0.999_921_809_966_501_2),
        ];
        assert_relative(&table, 1e-12, |[a, x]| regularised_gamma_p(a, x));
    }

    #[test]
    fn upper_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.001, 0.5], 0.000_560_066_656_470_749_8), ([0.5, 1e-8], 0.999_887_162_083_666_6),
            ([0.5, 0.3], 0.438_578_026_080_999_9), ([0.5, 4.0], 0.004_677_734_981_047_266),
            ([1.0, 0.7], 0.496_585_303_791_409_5), ([1.0, 50.0], 1.928_749_847_963_917_8e-22),
            ([2.5, 0.1], 0.999_113_861_211_187_5), ([2.5, 3.4], 0.235_944_537_694_521_4),
            ([2.5, 30.0], 1.215_456_977_718_304e-11), ([10.0, 3.0], 0.998_897_511_869_884_5),
            ([10.0, 10.0], 0.457_929_714_471_852_2), ([10.0, 25.0], 0.000_221_476_638_248_783_57),
            ([64.0, 40.0], 0.999_713_433_725_334_6), ([64.0, 64.0], 0.483_376_012_496_173_5),
            ([64.0, 120.0], 7.786_541_346_921_775e-9), ([1000.0, 900.0], 0.999_450_097_734_288_2),
            ([1000.0, 1000.0], 0.495_794_755_819_784_5), ([1000.0, 1200.0], 1.288_160_608_628_143_3e-9),
            ([100_000.0, 100_000.0], 0.499_579_477_889_634_8), ([100_000.0, 99_000.0], 0.999_242_580_078_825_3),
            ([100_000.0, 101_200.0], 7.819_003_349_881_815e-5),
        ];
        assert_relative(&table, 1e-12, |[a, x]| regularised_gamma_q(a, x));
    }

    #[test]
    fn ends_and_domain() {
        assert_eq!(ln_gamma(0.0), f64::INFINITY);
        assert_eq!((ln_gamma(1.0), ln_gamma(2.0)), (0.0, 0.0));
        assert_eq!(regularised_gamma_p(2.0, 0.0), 0.0);
        assert_eq!(regularised_gamma_q(2.0, f64::INFINITY), 0.0);
        assert!(
            regularised_gamma_p(0.0, 1.0).is_nan()
                && regularised_gamma_q(1.0, -1.0).is_nan()
                && ln_gamma(-1.5).is_nan()
        );
    }
}

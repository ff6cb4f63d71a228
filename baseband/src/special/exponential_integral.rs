//! The exponential integral.

use super::continued_fraction;

const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// Returns the exponential integral `E1(x)`.
///
/// ```text
/// E1(x) = integral from x to infinity of exp(-t)/t dt
/// ```
///
/// Valid for `x >= 0`, infinite at 0; relative accuracy 1e-14. Series of DLMF 6.6.2 up to 1, then the even
/// part of the continued fraction of DLMF 6.9.1.
pub fn exponential_integral_e1(x: f64) -> f64 {
    if x > 1.0 { (-x).exp() * fraction(x) } else { series(x) }
}

/// Returns `exp(x) E1(x)`, which neither overflows nor underflows: the ergodic capacity of a Rayleigh link is
/// `log2(e)` times its value at `x = 1/snr`.
///
/// ```text
/// exp(x) E1(x) = integral from 0 to infinity of exp(-t)/(t + x) dt
/// ```
///
/// Valid for `x >= 0`, infinite at 0; relative accuracy 1e-14. DLMF 6.2.2, computed as `exponential_integral_e1`.
pub fn exponential_integral_e1_scaled(x: f64) -> f64 {
    if x > 1.0 { fraction(x) } else { x.exp() * series(x) }
}

/// Sums `E1(x) = -gamma - ln x - sum over k >= 1 of (-x)^k / (k k!)` for `0 <= x <= 1`.
fn series(x: f64) -> f64 {
    if x < 0.0 || x.is_nan() {
        return f64::NAN;
    }
    let mut power = 1.0;
    let mut sum = 0.0;
    for k in 1..=20 {
        let k = f64::from(k);
        power *= -x / k;
        sum += power / k;
    }
    -EULER_GAMMA - x.ln() - sum
}

/// Evaluates `exp(x) E1(x) = 1/(x + 1 - 1^2/(x + 3 - 2^2/(x + 5 - ...)))` for `x > 1`.
fn fraction(x: f64) -> f64 {
    if x.is_infinite() {
        return 0.0;
    }
    1.0 / continued_fraction(x + 1.0, 500, |n| {
        let n = f64::from(n);
        (-n * n, x + 2.0 * n + 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([1e-300], 690.198_312_233_312_2), ([1e-20], 45.474_486_194_979_384), ([1e-5], 10.935_719_800_043_696),
            ([0.01], 4.037_929_576_538_114), ([0.1], 1.822_923_958_419_390_6), ([0.3], 0.905_676_651_675_846_8),
            ([0.5], 0.559_773_594_776_160_8), ([0.9], 0.260_183_939_325_999_65), ([1.0], 0.219_383_934_395_520_29),
            ([1.0001], 0.219_347_150_129_891), ([1.3], 0.135_450_957_849_129_14), ([2.0], 0.048_900_510_708_061_12),
            ([3.5], 0.006_970_139_857_548_393), ([5.0], 0.001_148_295_591_275_325_7),
            ([10.0], 4.156_968_929_685_325e-6), ([30.0], 3.021_552_010_688_812_4e-15),
            ([100.0], 3.683_597_761_682_032e-46), ([700.0], 1.406_518_766_234_033e-307),
        ];
        assert_relative(&table, 1e-14, |[x]| exponential_integral_e1(x));
    }

    #[test]
    fn scaled_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([1e-5], 10.935_829_157_788_485), ([0.1], 2.014_642_544_708_451_5), ([1.0], 0.596_347_362_323_194_1),
            ([1.5], 0.448_256_669_291_583), ([10.0], 0.091_563_333_939_788_08),
            ([1000.0], 0.000_999_001_994_023_880_8), ([100_000_000.0], 9.999_999_900_000_002e-9),
        ];
        assert_relative(&table, 1e-14, |[x]| exponential_integral_e1_scaled(x));
    }

    #[test]
    fn ends_and_domain() {
        assert_eq!(exponential_integral_e1(0.0), f64::INFINITY);
        assert_eq!(exponential_integral_e1(1000.0), 0.0);
        assert_eq!(exponential_integral_e1_scaled(f64::INFINITY), 0.0);
        assert!(exponential_integral_e1(-1.0).is_nan() && exponential_integral_e1_scaled(f64::NAN).is_nan());
    }
}

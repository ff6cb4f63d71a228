//! Bessel functions of order zero, and the modified one of order one.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Returns the Bessel function of the first kind and order zero, the time correlation of isotropic scattering.
///
/// ```text
/// J0(x) = 1/pi * integral from 0 to pi of cos(x sin(theta)) dtheta
/// ```
///
/// Valid for every real `x`; absolute accuracy 1e-15 (so the relative one is lost at its zeros), and for `|x|` above 25
/// 1e-15 times the argument's rounding. The power series, DLMF 10.2.2, up to 2, a trapezoidal sum of DLMF 10.9.1 up to 25,
/// then Hankel's expansion, DLMF 10.17.3.
pub fn bessel_j0(x: f64) -> f64 {
    let x = x.abs();
    if x.is_infinite() {
        0.0
    } else if x > 25.0 {
        hankel(x)
    } else if x < 2.0 {
        // Terms fall from 1 on: the last is below 1e-17.
        let q = -x * x / 4.0;
        (1..13).rev().fold(1.0, |sum, k| 1.0 + sum * q / f64::from(k * k))
    } else {
        // The sum over a full period has the error 2 J64(x), below 1e-19; the sine's symmetry leaves a quarter.
        let quarter: f64 = (1..16).map(|k| (x * (PI * f64::from(k) / 32.0).sin()).cos()).sum();
        (1.0 + x.cos() + 2.0 * quarter) / 32.0
    }
}

/// Sums `J0(x) = sqrt(2/(pi x)) (P cos(x - pi/4) - Q sin(x - pi/4))`, whose least term is of order `exp(-2x)`.
fn hankel(x: f64) -> f64 {
    let mut term = 1.0;
    let (mut even, mut odd) = (0.0, 0.0);
    for k in 0..40 {
        let signed = if k % 4 < 2 { term } else { -term };
        if k % 2 == 0 {
            even += signed
        } else {
            odd += signed
        }
        let factor = f64::from(2 * k + 1);
        term *= -factor * factor / (f64::from(k + 1) * 8.0 * x);
        if term.abs() < 1e-18 {
            break;
        }
    }
    let (sin, cos) = x.sin_cos();
    FRAC_1_SQRT_2 * (2.0 / (PI * x)).sqrt() * (even * (cos + sin) - odd * (sin - cos))
}

/// Returns the modified Bessel function of order zero, scaled to stay finite.
///
/// ```text
/// exp(-|x|) I0(x) = exp(-|x|) * sum over k of (x^2/4)^k / (k!)^2
/// ```
///
/// Valid for every real `x`; relative accuracy 1e-14. Series of DLMF 10.25.2 up to 20, then the expansion of DLMF 10.40.1.
pub fn bessel_i0_scaled(x: f64) -> f64 {
    let x = x.abs();
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 0.0;
    if x <= 20.0 {
        while term > 0.25 * f64::EPSILON * sum {
            k += 1.0;
            term *= 0.25 * x * x / (k * k);
            sum += term;
        }
        (-x).exp() * sum
    } else {
        while term > 0.25 * f64::EPSILON * sum && k < 40.0 {
            k += 1.0;
            term *= (2.0 * k - 1.0) * (2.0 * k - 1.0) / (k * 8.0 * x);
            sum += term;
        }
        sum / (2.0 * PI * x).sqrt()
    }
}

/// Returns the modified Bessel function of order one, scaled to stay finite.
///
/// ```text
/// exp(-|x|) I1(x) = exp(-|x|) x/2 * sum over k of (x^2/4)^k / (k! (k + 1)!)
/// ```
///
/// Valid for every real `x`; relative accuracy 1e-14. Series of DLMF 10.25.2 up to 20, then the expansion of DLMF 10.40.1.
pub fn bessel_i1_scaled(x: f64) -> f64 {
    let magnitude = x.abs();
    let (mut term, mut sum, mut k) = (1.0, 1.0, 0.0);
    let value = if magnitude <= 20.0 {
        while term > 0.25 * f64::EPSILON * sum {
            k += 1.0;
            term *= 0.25 * x * x / (k * (k + 1.0));
            sum += term;
        }
        (-magnitude).exp() * 0.5 * magnitude * sum
    } else if magnitude.is_infinite() {
        0.0
    } else {
        while f64::abs(term) > 0.25 * f64::EPSILON * sum && k < 40.0 {
            k += 1.0;
            term *= ((2.0 * k - 1.0) * (2.0 * k - 1.0) - 4.0) / (k * 8.0 * magnitude);
            sum += term;
        }
        sum / (2.0 * PI * magnitude).sqrt()
    };
    if x < 0.0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn first_kind_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            (0.0, 1.0), (0.0001, 0.999_999_997_5), (0.5, 0.938_469_807_240_812_9), (1.0, 0.765_197_686_557_966_6),
            (2.404_825_557_695_773, -6.108_765_259_736_73e-17), (3.0, -0.260_051_954_901_933_45),
            (5.52, -2.657_836_948_008_130_5e-5), (8.0, 0.171_650_807_137_553_9), (12.3, 0.110_797_950_307_585_44),
            (20.0, 0.167_024_664_340_583_16), (24.9, 0.083_245_968_353_015_5), (25.1, 0.108_275_671_499_949_45),
            (40.0, 0.007_366_890_584_237_29), (100.5, 0.054_436_573_814_413_594), (1000.0, 0.024_786_686_152_420_176),
            (123_456.7, -0.001_664_483_025_806_592_6),
        ];
        for (x, expected) in table {
            let error = (bessel_j0(x) - expected).abs();
            assert!(error < 1e-15, "at {x}: off by {error:e}");
            assert_eq!(bessel_j0(-x), bessel_j0(x));
        }
    }

    #[test]
    fn modified_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.0], 1.0), ([0.0001], 0.999_900_007_499_583_3), ([0.5], 0.645_035_270_449_150_1),
            ([-1.0], 0.465_759_607_593_640_43), ([3.0], 0.243_000_354_161_825_4), ([7.7], 0.146_302_806_144_545),
            ([15.0], 0.103_899_531_448_822_72), ([19.9], 0.090_008_588_864_389_6), ([20.1], 0.089_553_763_620_613_44),
            ([30.0], 0.073_145_946_482_237_3), ([100.0], 0.039_944_379_299_096_68),
            ([700.0], 0.015_081_295_651_531_358), ([100_000.0], 0.001_261_567_837_976_776_8),
            ([1_000_000_000_000.0], 3.989_422_804_014_825_6e-7),
        ];
        assert_relative(&table, 1e-14, |[x]| bessel_i0_scaled(x));
    }

    #[test]
    fn modified_of_order_one_agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.0], 0.0), ([0.0001], 0.000_049_995_000_312_485_42), ([0.5], 0.156_420_803_184_871_7),
            ([-1.0], -0.207_910_415_349_708_45), ([3.0], 0.196_826_713_297_300_85), ([7.7], 0.136_442_426_994_796_6),
            ([15.0], 0.100_374_175_045_166_55), ([19.9], 0.087_717_102_131_706_1), ([20.1], 0.087_296_851_843_201_6),
            ([30.0], 0.071_916_330_598_647_55), ([100.0], 0.039_744_153_025_130_25),
            ([700.0], 0.015_070_519_444_716_847), ([100_000.0], 0.001_261_561_530_121_827),
            ([1_000_000_000_000.0], 3.989_422_804_012_831e-7),
        ];
        assert_relative(&table, 1e-14, |[x]| bessel_i1_scaled(x));
    }

    #[test]
    fn limits() {
        assert_eq!((bessel_j0(f64::INFINITY), bessel_i0_scaled(f64::NEG_INFINITY)), (0.0, 0.0));
        assert_eq!(bessel_i1_scaled(f64::INFINITY), 0.0);
        assert!(bessel_j0(f64::NAN).is_nan() && bessel_i0_scaled(f64::NAN).is_nan());
        assert!(bessel_i1_scaled(f64::NAN).is_nan());
    }
}

//! The Marcum Q function of order one.

use super::bessel::bessel_i0_scaled;
use super::quadrature::integrate;

/// Returns the Marcum Q function of order one: the probability that a Rician amplitude exceeds `b`.
///
/// ```text
/// Q1(a, b) = integral from b to infinity of x exp(-(x^2 + a^2)/2) I0(a x) dx
/// ```
///
/// `a` is the amplitude of the constant part and `b` the threshold, both over the deviation of each real noise part.
/// Valid for `a >= 0`, `b >= 0`; relative accuracy 1e-12 while `b - a < 37`, beyond which it underflows.
/// Adaptive quadrature of the definition: Marcum, IRE Trans. Inf. Theory 6 (1960) 59-267.
pub fn marcum_q1(a: f64, b: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0 && a.is_finite()) {
        return f64::NAN;
    }
    if b == 0.0 {
        return 1.0;
    }
    if b.is_infinite() {
        return 0.0;
    }
    // The density at a distance t from b, towards its tail, relative to the exponential at b; it ends 90/2 nepers down.
    let gap = (b - a).abs();
    let outward = if b >= a { 1.0 } else { -1.0 };
    let reach = 90.0 / (gap + (gap * gap + 90.0).sqrt());
    let reach = if b >= a { reach } else { reach.min(b) };
    let density = |t: f64| {
        let x = b + outward * t;
        x * (-t * (0.5 * t + gap)).exp() * bessel_i0_scaled(a * x)
    };
    let tail = (-0.5 * gap * gap).exp() * integrate(density, 0.0, reach, 1e-13);
    if b >= a { tail.min(1.0) } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.0, 1.5], 0.324_652_467_358_349_74), ([0.3, 0.2], 0.981_061_490_159_35),
            ([1.0, 1.0], 0.732_879_803_796_820_3), ([1.0, 2.0], 0.269_012_060_035_91),
            ([1.0, 8.0], 3.711_308_977_435_57e-12), ([2.0, 0.5], 0.982_069_367_291_664_9),
            ([2.0, 20.0], 3.094_356_291_194_885e-72), ([3.7, 3.7], 0.554_425_336_443_422_1),
            ([5.0, 1.0], 0.999_987_208_976_383_5), ([5.0, 4.0], 0.867_049_795_077_925_6),
            ([5.0, 6.0], 0.181_850_422_945_143_6), ([5.0, 12.0], 1.998_123_008_705_361_5e-12),
            ([20.0, 19.0], 0.847_473_586_937_428_9), ([20.0, 21.0], 0.164_632_531_046_030_37),
            ([20.0, 40.0], 3.897_241_457_891_714_6e-89), ([100.0, 97.0], 0.998_672_430_232_050_5),
            ([100.0, 103.0], 0.001_371_893_794_436_174_3), ([0.01, 10.0], 1.933_574_616_447_385_2e-22),
        ];
        assert_relative(&table, 1e-12, |[a, b]| marcum_q1(a, b));
    }

    #[test]
    fn without_a_constant_part_is_rayleigh() {
        for b in [1e-3, 0.5, 1.0, 4.0, 15.0, 35.0f64] {
            assert!((marcum_q1(0.0, b) / (-0.5 * b * b).exp() - 1.0).abs() < 1e-12, "b = {b}");
        }
    }

    #[test]
    fn the_diagonal_has_a_closed_form() {
        for a in [0.1, 1.0, 5.0, 300.0, 1e5] {
            let exact = 0.5 * (1.0 + bessel_i0_scaled(a * a));
            assert!((marcum_q1(a, a) / exact - 1.0).abs() < 1e-12, "a = {a}");
        }
    }

    #[test]
    fn ends_and_domain() {
        assert_eq!((marcum_q1(3.0, 0.0), marcum_q1(3.0, f64::INFINITY)), (1.0, 0.0));
        assert!(marcum_q1(-1.0, 1.0).is_nan() && marcum_q1(1.0, f64::NAN).is_nan());
    }
}

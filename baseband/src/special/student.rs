//! The quantile of Student's t distribution.

use super::beta::{beta_density, beta_parts};
use super::normal_quantile::normal_quantile;

/// Above this many degrees of freedom two terms of the expansion about the normal quantile are exact to rounding.
const NEARLY_NORMAL: f64 = 1e7;

/// Returns the `p` quantile of Student's t distribution with `dof` degrees of freedom.
///
/// ```text
/// student_t_quantile(p, dof) = t with P(T > t) = 1 - p,   P(T > t) = 1/2 I_x(dof/2, 1/2),   x = dof/(dof + t^2)
/// ```
///
/// Valid for `p` in [0, 1], infinite at the ends, and `dof >= 1` (whole or not; infinite gives the normal quantile);
/// relative accuracy 1e-12. Abramowitz & Stegun 26.7.1 solved by Newton steps, and 26.7.5 above 1e7 degrees.
pub fn student_t_quantile(p: f64, dof: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || dof.is_nan() || dof < 1.0 {
        return f64::NAN;
    }
    let normal = normal_quantile(p);
    let from_middle = p - 0.5;
    if from_middle == 0.0 || normal.is_infinite() || dof.is_infinite() {
        normal
    } else if dof > NEARLY_NORMAL {
        let square = normal * normal;
        normal
            + normal * (square + 1.0) / (4.0 * dof)
            + normal * ((5.0 * square + 16.0) * square + 3.0) / (96.0 * dof * dof)
    } else if from_middle.abs() < 0.25 {
        from_middle.signum()
            * solve(
                normal.abs(),
                dof,
                |inside, _| from_middle.abs().ln() - (0.5 * inside).ln(),
                |inside, _| inside,
            )
    } else {
        let probability = p.min(1.0 - p).ln();
        from_middle.signum()
            * solve(normal.abs(), dof, |_, outside| (0.5 * outside).ln() - probability, |_, outside| outside)
    }
}

/// Solves `residual = 0` for `t > 0` by Newton steps in `ln t`, where both the body and the power-law tail are nearly
/// straight lines in the logarithm of `part`. Both closures take `P(|T| < t)` and `P(|T| > t)`.
fn solve(start: f64, dof: f64, residual: impl Fn(f64, f64) -> f64, part: impl Fn(f64, f64) -> f64) -> f64 {
    let mut t = start;
    for _ in 0..60 {
        let (x, y) = (dof / (dof + t * t), t * t / (dof + t * t));
        let (outside, inside) = beta_parts(0.5 * dof, 0.5, x, y);
        // d ln(part) / d ln(t), up to its sign.
        let slope = 2.0 * beta_density(0.5 * dof, 0.5, x, y) / part(inside, outside);
        let step = residual(inside, outside) / slope;
        t *= step.clamp(-30.0, 30.0).exp();
        if step.abs() < 1e-14 {
            break;
        }
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::reference::assert_relative;

    #[test]
    fn agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([0.975, 1.0], 12.706_204_736_174_694), ([0.975, 2.0], 4.302_652_729_749_462),
            ([0.975, 5.0], 2.570_581_835_636_314_6), ([0.975, 63.0], 1.998_340_542_520_741_2),
            ([0.9995, 10.0], 4.586_893_858_702_708), ([0.999_999_5, 9.0], 11.636_782_027_441_653),
            ([0.999_999_5, 99.0], 5.217_164_206_668_911), ([0.75, 3.0], 0.764_892_328_404_345_3),
            ([0.7, 3.0], 0.584_389_727_439_818_5), ([0.5001, 7.0], 0.000_259_746_030_902_545_05),
            ([0.3, 4.5], -0.563_505_803_939_377_9), ([0.025, 1000.0], -1.962_339_080_826_408_5),
            ([0.995, 50_000.0], 2.575_927_638_034_875), ([1e-10, 30.0], -9.377_489_780_407_144),
            ([0.975, 9_000_000.0], 1.959_964_248_125_780_9), ([0.999_999_5, 20_000_000.0], 4.891_639_999_957_506),
            ([0.001, 1_000_000_000.0], -3.090_232_314_317_942_7), ([0.999_999_5, 1.0], 636_619.772_419_430_3),
            ([0.500_000_1, 1.0], 3.141_592_651_936_300_7e-7),
        ];
        assert_relative(&table, 1e-12, |[p, dof]| student_t_quantile(p, dof));
    }

    #[test]
    fn two_degrees_have_a_closed_form() {
        for p in [1e-12f64, 1e-6, 0.01, 0.2, 0.3, 0.4999, 0.6, 0.8, 0.999] {
            let exact = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            assert!((student_t_quantile(p, 2.0) / exact - 1.0).abs() < 1e-12, "p = {p}");
        }
    }

    #[test]
    fn the_expansion_joins_the_solution() {
        for p in [1e-200, 1e-7, 0.1, 0.45, 0.975] {
            let (below, above) =
                (student_t_quantile(p, NEARLY_NORMAL), student_t_quantile(p, NEARLY_NORMAL.next_up()));
            assert!((below / above - 1.0).abs() < 1e-12, "p = {p}: {below} and {above}");
        }
    }

    #[test]
    fn ends_and_domain() {
        assert_eq!(student_t_quantile(0.5, 3.0), 0.0);
        assert_eq!(student_t_quantile(1.0, 3.0), f64::INFINITY);
        assert_eq!(student_t_quantile(0.9, f64::INFINITY), normal_quantile(0.9));
        assert!(student_t_quantile(0.9, 0.5).is_nan() && student_t_quantile(1.5, 3.0).is_nan());
    }
}

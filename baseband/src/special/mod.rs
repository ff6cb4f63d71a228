//! Special functions of theory and of statistical tests, each accurate to about 1e-13 unless its doc says otherwise.
//!
//! Every function is evaluated from a formula of the literature that the doc names, and is tested against values
//! computed to 40 digits or more by mpmath, an independent implementation.
//! An argument outside a function's domain gives NaN.

mod bessel;
mod beta;
mod error_function;
mod exponential_integral;
mod gamma;
mod kolmogorov;
mod marcum;
mod minimisation;
mod normal_quantile;
mod quadrature;
mod student;

pub use bessel::{bessel_i0_scaled, bessel_i1_scaled, bessel_j0};
pub use beta::regularised_beta;
pub use error_function::{erf, erfc, q_function};
pub use exponential_integral::{exponential_integral_e1, exponential_integral_e1_scaled};
pub use gamma::{ln_gamma, regularised_gamma_p, regularised_gamma_q};
pub use kolmogorov::{kolmogorov_tail, ks_p_value};
pub use marcum::marcum_q1;
pub use minimisation::minimise;
pub use normal_quantile::normal_quantile;
pub use quadrature::{integrate, integrate_to_infinity};
pub use student::student_t_quantile;

/// Evaluates `b0 + a1/(b1 + a2/(b2 + ...))` by the modified Lentz method, `next(n)` giving `(an, bn)`.
///
/// Stops when a term changes the value by less than half a rounding, at the latest after `most` terms.
/// Thompson & Barnett, J. Comput. Phys. 64 (1986) 490-509.
fn continued_fraction(b0: f64, most: u32, mut next: impl FnMut(u32) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value == 0.0 { TINY } else { value };
    let mut value = away_from_zero(b0);
    let mut numerator = value;
    let mut denominator = 0.0;
    for n in 1..=most {
        let (a, b) = next(n);
        denominator = 1.0 / away_from_zero(b + a * denominator);
        numerator = away_from_zero(b + a / numerator);
        let factor = numerator * denominator;
        value *= factor;
        if (factor - 1.0).abs() < 0.5 * f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod reference {
    /// Asserts that `function` is within `tolerance` (relative) of each reference value.
    #[track_caller]
    pub fn assert_relative<const N: usize>(
        table: &[([f64; N], f64)],
        tolerance: f64,
        function: impl Fn([f64; N]) -> f64,
    ) {
        for &(arguments, expected) in table {
            let value = function(arguments);
            let error = if expected == 0.0 { value.abs() } else { (value / expected - 1.0).abs() };
            assert!(
                error <= tolerance,
                "at {arguments:?}: {value:e}, expected {expected:e}, relative error {error:e}"
            );
        }
    }
}

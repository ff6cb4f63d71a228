//! One complex Gaussian at a time in double precision, without a maths library.

use num_complex::Complex64;
use std::f64::consts::{FRAC_PI_4, LN_2, SQRT_2};

/// Terms of each series; the first one left out is below 2^-54.
const LOG_TERMS: usize = 11;
const PHASOR_TERMS: usize = 10;
/// `1 / (2 k + 1)`, of the logarithm's series.
const ODD_INVERSES: [f64; LOG_TERMS] = {
    let mut inverses = [0.0; LOG_TERMS];
    let mut k = 0;
    while k < LOG_TERMS {
        inverses[k] = 1.0 / (2 * k + 1) as f64;
        k += 1;
    }
    inverses
};
/// `1 / n!`, of the Taylor series.
const INVERSE_FACTORIALS: [f64; 2 * PHASOR_TERMS] = {
    let mut inverses = [1.0; 2 * PHASOR_TERMS];
    let mut factorial: u64 = 1;
    let mut n = 1;
    while n < 2 * PHASOR_TERMS {
        factorial *= n as u64;
        inverses[n] = 1.0 / factorial as f64;
        n += 1;
    }
    inverses
};

/// Turns two uniform words into a complex Gaussian with `E |z|^2 = 1`.
///
/// ```text
/// u = (radius_word + 1/2) / 2^64,  z = sqrt(-ln u) exp(j phase)
/// ```
///
/// The largest magnitude is sqrt(65 ln 2): 9.5 standard deviations of a component. Only operations
/// that IEEE 754 rounds exactly are used, so the bits are the same on every processor.
pub(crate) fn complex_gaussian(radius_word: u64, phase_word: u64) -> Complex64 {
    let u = (radius_word as f64 + 0.5) / (1_u128 << 64) as f64;
    let radius = (-natural_log(u)).sqrt();
    // The top two bits pick the quadrant, the others a place within 45 degrees of its axis.
    let place = (phase_word << 2) as i64 as f64 / (1_u64 << 63) as f64;
    let (cosine, sine) = phasor_near_axis(place * FRAC_PI_4);
    let (re, im) = match phase_word >> 62 {
        0 => (cosine, sine),
        1 => (-sine, cosine),
        2 => (-cosine, -sine),
        _ => (sine, -cosine),
    };
    Complex64::new(radius * re, radius * im)
}

/// Returns the natural logarithm of a positive normal number.
///
/// ```text
/// ln x = e ln 2 + 2 (f + f^3 / 3 + f^5 / 5 + ...),  x = 2^e m,  f = (m - 1) / (m + 1)
/// ```
fn natural_log(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut mantissa = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let f = (mantissa - 1.0) / (mantissa + 1.0);
    let square = f * f;
    let mut series = 0.0;
    for inverse in ODD_INVERSES.iter().rev() {
        series = series * square + inverse;
    }
    f64::from(exponent) * LN_2 + 2.0 * f * series
}

/// Returns the cosine and sine of an angle of at most pi/4 rad, by their Taylor series.
fn phasor_near_axis(angle_rad: f64) -> (f64, f64) {
    let square = angle_rad * angle_rad;
    let (mut cosine, mut sine) = (0.0, 0.0);
    for inverses in INVERSE_FACTORIALS.as_chunks::<2>().0.iter().rev() {
        cosine = inverses[0] - cosine * square;
        sine = inverses[1] - sine * square;
    }
    (cosine, sine * angle_rad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_and_phasor_agree_with_the_library() {
        for step in 1..20_000 {
            let x = f64::from(step) / 20_000.0;
            for x in [x, x * 1e-9, x * 1e-18] {
                let error = (natural_log(x) - x.ln()).abs();
                assert!(error <= 4.0 * f64::EPSILON * x.ln().abs().max(0.02), "ln {x}: {error}");
            }
            let angle = (2.0 * x - 1.0) * FRAC_PI_4;
            let (cosine, sine) = phasor_near_axis(angle);
            assert!((cosine - angle.cos()).abs() < 3e-16 && (sine - angle.sin()).abs() < 3e-16);
        }
    }

    #[test]
    fn extremes_are_finite() {
        let largest = complex_gaussian(0, 0);
        assert!((largest.norm() - (65.0 * LN_2).sqrt()).abs() < 1e-12);
        let smallest = complex_gaussian(u64::MAX, u64::MAX);
        assert!(smallest.norm() < 1e-7);
    }
}

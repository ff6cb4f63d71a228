//! The quantile of the standard normal distribution.

use super::error_function::{erf, exp_minus_square, scaled_erfc};
use std::f64::consts::{PI, SQRT_2};

/// Returns the `p` quantile of the standard normal distribution, the inverse of `1 - Q(x)`.
///
/// ```text
/// normal_quantile(p) = x with 1 - Q(x) = p
/// ```
///
/// Valid for `p` in [0, 1], infinite at the ends; relative accuracy 1e-14, at `p` near one half and in the tails too.
/// Start of Abramowitz & Stegun 26.2.23, then Halley steps on the exact function.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let from_middle = p - 0.5;
    if from_middle.abs() < 0.25 { central(from_middle) } else { from_middle.signum() * tail(p.min(1.0 - p)) }
}

/// Returns `x` with `1/2 erf(x / sqrt 2) = from_middle`.
fn central(from_middle: f64) -> f64 {
    let mut x = from_middle * (2.0 * PI).sqrt();
    for _ in 0..4 {
        let newton = (0.5 * erf(x / SQRT_2) - from_middle) * (2.0 * PI).sqrt() * (0.5 * x * x).exp();
        x -= newton / (1.0 + 0.5 * x * newton);
    }
    x
}

/// Returns `x > 0` with `Q(x) = probability`.
fn tail(probability: f64) -> f64 {
    if probability == 0.0 {
        return f64::INFINITY;
    }
    let t = (-2.0 * probability.ln()).sqrt();
    let mut x = t
        - (2.515_517 + t * (0.802_853 + t * 0.010_328))
            / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    for _ in 0..3 {
        // Mills' ratio Q(x)/density(x) less probability/density(x): no underflow however small the probability.
        let mills = 0.5 * (2.0 * PI).sqrt() * scaled_erfc(x / SQRT_2);
        let newton = mills - probability * (2.0 * PI).sqrt() / exp_minus_square(x, 0.5);
        x += newton / (1.0 - 0.5 * x * newton);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::q_function;
    use crate::special::reference::assert_relative;

    #[test]
    fn agrees_with_references() {
        #[rustfmt::skip]
        let table = [
            ([1e-300], -37.047_096_299_361_2), ([1e-100], -21.273_453_560_965_326), ([1e-20], -9.262_340_089_798_407),
            ([1e-10], -6.361_340_902_404_057), ([5e-7], -4.891_638_475_698_59), ([0.001], -3.090_232_306_167_813_6),
            ([0.025], -1.959_963_984_540_054_3), ([0.1], -1.281_551_565_544_600_4), ([0.2], -0.841_621_233_572_914_2),
            ([0.3], -0.524_400_512_708_040_8), ([0.45], -0.125_661_346_855_074_02),
            ([0.4999], -0.000_250_662_830_088_007_47), ([0.500_000_1], 2.506_628_273_311_648e-7),
            ([0.6], 0.253_347_103_135_799_7), ([0.75], 0.674_489_750_196_081_7), ([0.76], 0.706_302_562_840_087_5),
            ([0.9], 1.281_551_565_544_600_6), ([0.975], 1.959_963_984_540_053_8), ([0.9999], 3.719_016_485_455_708_4),
            ([0.999_999_999], 5.997_807_019_601_637_5),
        ];
        assert_relative(&table, 1e-14, |[p]| normal_quantile(p));
    }

    #[test]
    fn inverts_the_gaussian_tail() {
        for power in 1..300 {
            let probability = 10f64.powi(-power);
            let back = q_function(-normal_quantile(probability));
            assert!((back / probability - 1.0).abs() < 1e-12, "{probability:e} came back as {back:e}");
        }
    }

    #[test]
    fn ends_and_domain() {
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(
            normal_quantile(-0.1).is_nan()
                && normal_quantile(1.1).is_nan()
                && normal_quantile(f64::NAN).is_nan()
        );
    }
}

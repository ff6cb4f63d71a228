//! Samples against their distribution.

use super::{CheckFailure, CheckPass, CheckSpec, POWER, threshold};
use crate::special::{ks_p_value, normal_quantile};

/// Checks independent samples against a continuous distribution by the sup distance (Kolmogorov and Smirnov); sorts them.
///
/// ```text
/// D = sup over x of |share of samples <= x  -  cdf(x)|
/// passes if D <= d  and  d + z/(2 sqrt(n)) <= detects,   ks_p_value(d, n) = alpha,   z = normal_quantile(POWER)
/// ```
///
/// The second bound is the deviation of the share at the point where the true distribution is `detects` off, whose
/// standard error is at most `1/(2 sqrt(n))`. Valid from about 50 samples ([`ks_p_value`]), for a `cdf` given in full: one
/// with parameters fitted to the samples passes too often.
///
/// # Errors
///
/// [`CheckFailure`]; no samples are insufficient.
pub fn check_distribution(
    samples: &mut [f64],
    cdf: impl Fn(f64) -> f64,
    spec: CheckSpec,
) -> Result<CheckPass, CheckFailure> {
    let CheckSpec { alpha, detects } = spec;
    let count = samples.len() as u64;
    if count == 0 {
        return CheckPass::nothing_to_judge(0.0, spec, count);
    }
    samples.sort_unstable_by(f64::total_cmp);
    let n = count as f64;
    let mut observed = 0.0;
    for (index, &sample) in samples.iter().enumerate() {
        let (below, through) = (index as f64 / n, (index + 1) as f64 / n);
        let expected = cdf(sample);
        if expected.is_nan() {
            observed = f64::NAN;
            break;
        }
        observed = f64::max(observed, (expected - below).max(through - expected));
    }
    let bound = threshold(0.0, 1.0, |distance| ks_p_value(distance, count) <= alpha);
    let smallest_seen = bound + normal_quantile(POWER) * 0.5 / n.sqrt();
    CheckPass { observed, expected: 0.0, bound, alpha, detects, samples: count }.judge(smallest_seen)
}

#[cfg(test)]
mod tests {
    use super::super::check_rate;
    use super::super::tests::{assert_disagrees, assert_insufficient, uniforms};
    use super::*;

    const SPEC: CheckSpec = CheckSpec { alpha: 1e-6, detects: 0.02 };

    #[test]
    fn the_right_distribution_passes_and_a_wrong_one_disagrees() {
        let exponential = || uniforms(50_000).into_iter().map(|u| -u.ln()).collect::<Vec<f64>>();
        let pass = check_distribution(&mut exponential(), |x| 1.0 - (-x).exp(), SPEC).unwrap();
        assert!(pass.observed > 0.0 && pass.bound < SPEC.detects);
        // A mean 6 % off is a sup distance of 0.06/e = 0.022.
        assert_disagrees(check_distribution(&mut exponential(), |x| 1.0 - (-1.06 * x).exp(), SPEC));
        assert_disagrees(check_distribution(&mut exponential(), |x| 1.0 - (-x / 1.06).exp(), SPEC));
    }

    #[test]
    fn a_small_sample_is_insufficient() {
        assert_insufficient(check_distribution(&mut uniforms(5000), |x| x, SPEC));
        assert_insufficient(check_distribution(&mut [], |x| x, SPEC));
    }

    #[test]
    fn distance_by_hand() {
        // Steps at 0.25, 0.375 and 0.75: the share through the second is 2/3, 7/24 above the uniform distribution.
        let spec = CheckSpec { alpha: 0.5, detects: 2.0 };
        let pass = check_distribution(&mut [0.75, 0.25, 0.375], |x| x, spec).unwrap();
        assert!((pass.observed - 7.0 / 24.0).abs() < 1e-15);
    }

    #[test]
    fn the_bound_has_the_stated_tail() {
        let pass = check_distribution(&mut uniforms(50_000), |x| x, SPEC).unwrap();
        assert!((ks_p_value(pass.bound, 50_000) / SPEC.alpha - 1.0).abs() < 1e-9);
    }

    #[test]
    fn fails_as_often_as_stated() {
        let spec = CheckSpec { alpha: 0.05, detects: 2.0 };
        let mut numbers = uniforms(10_000 * 100);
        let failures =
            numbers.chunks_mut(100).filter_map(|part| check_distribution(part, |x| x, spec).err()).count();
        let spec = CheckSpec { alpha: 1e-6, detects: 0.02 };
        check_rate(failures as u64, 10_000, 0.05, spec).unwrap();
    }

    #[test]
    fn a_shift_of_the_stated_size_is_seen() {
        // The probability mass `detects` is moved from the top of [0, 1] to its bottom.
        let mut shifted: Vec<f64> =
            uniforms(50_000).into_iter().map(|u| (u - SPEC.detects).max(u * 1e-3)).collect();
        assert_disagrees(check_distribution(&mut shifted, |x| x, SPEC));
    }

    #[test]
    fn not_a_number_fails() {
        assert_disagrees(check_distribution(&mut [0.1, f64::NAN, 0.5], |x| x, SPEC));
        assert_disagrees(check_distribution(&mut uniforms(50_000), |_| f64::NAN, SPEC));
        assert!(
            check_distribution(&mut uniforms(50_000), |x| x, CheckSpec { alpha: f64::NAN, ..SPEC }).is_err()
        );
        assert_insufficient(check_distribution(
            &mut uniforms(50_000),
            |x| x,
            CheckSpec { detects: f64::NAN, ..SPEC },
        ));
    }
}

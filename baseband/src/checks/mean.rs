//! Means against their expectation.

use super::{CheckFailure, CheckPass, CheckSpec, POWER};
use crate::special::{normal_quantile, student_t_quantile};
use crate::statistics::Moments;

/// Checks the mean of independent samples.
///
/// ```text
/// passes if |mean - expected| <= t s  and  (t + z) s <= detects
/// s = sqrt(variance / count),   t = student_t_quantile(1 - alpha/2, count - 1),   z = normal_quantile(POWER)
/// ```
///
/// Exact for normal samples; others need a count at which their mean is near normal out to `alpha`.
///
/// # Errors
///
/// [`CheckFailure`]; fewer than two samples are insufficient.
pub fn check_mean(summary: &Moments, expected: f64, spec: CheckSpec) -> Result<CheckPass, CheckFailure> {
    let Moments { count: samples, mean: observed, .. } = *summary;
    let CheckSpec { alpha, detects } = spec;
    if samples < 2 {
        return CheckPass::nothing_to_judge(expected, spec, samples);
    }
    let standard_error = summary.standard_error();
    let quantile = -student_t_quantile(0.5 * alpha, (samples - 1) as f64);
    // Samples that are all equal leave only the rounding of their mean.
    let rounding = 4.0 * f64::EPSILON * expected.abs();
    let bound = quantile * standard_error + rounding;
    let smallest_seen = bound + normal_quantile(POWER) * standard_error;
    CheckPass { observed, expected, bound, alpha, detects, samples }.judge(smallest_seen)
}

/// Checks that paired differences, such as two fidelities on the same draws, have the mean zero.
///
/// ```text
/// passes as check_mean(differences, 0)
/// ```
///
/// # Errors
///
/// As [`check_mean`].
pub fn check_paired(differences: &Moments, spec: CheckSpec) -> Result<CheckPass, CheckFailure> {
    check_mean(differences, 0.0, spec)
}

#[cfg(test)]
mod tests {
    use super::super::check_rate;
    use super::super::tests::{assert_disagrees, assert_insufficient, uniforms};
    use super::*;

    const SPEC: CheckSpec = CheckSpec { alpha: 1e-6, detects: 0.01 };

    #[test]
    fn a_right_mean_passes_and_a_wrong_one_disagrees() {
        let moments = Moments::of(uniforms(60_000));
        let pass = check_mean(&moments, 0.5, SPEC).unwrap();
        assert!(pass.bound < SPEC.detects && pass.samples == 60_000);
        assert_disagrees(check_mean(&moments, 0.5 + SPEC.detects, SPEC));
        assert_disagrees(check_mean(&moments, 0.5 - SPEC.detects, SPEC));
    }

    #[test]
    fn a_small_sample_is_insufficient() {
        let moments = Moments::of(uniforms(6_000));
        assert_insufficient(check_mean(&moments, 0.5, SPEC));
        assert_insufficient(check_mean(&moments, 0.5 + SPEC.detects, SPEC));
        assert_insufficient(check_mean(&Moments::of([0.5]), 0.5, SPEC));
        assert_insufficient(check_mean(&Moments::of([]), 0.5, SPEC));
    }

    #[test]
    fn bounds_are_the_normal_ones_for_many_samples() {
        // z(1 - 5e-7) = 4.8916384757 and z(0.999) = 3.0902323062 (by mpmath); standard error 0.001.
        let moments = Moments { count: 1_000_000_000, mean: 7.0, variance: 1000.0 };
        let pass = check_mean(&moments, 7.0, CheckSpec { alpha: 1e-6, detects: 0.007_981_9 }).unwrap();
        assert!((pass.bound - 0.004_891_638_5).abs() < 1e-9);
        assert_insufficient(check_mean(&moments, 7.0, CheckSpec { alpha: 1e-6, detects: 0.007_981_8 }));
    }

    #[test]
    fn fails_as_often_as_stated() {
        let numbers = uniforms(10_000 * 50);
        let failures = |offset_errors: f64| {
            let fails = |part: &[f64]| {
                let moments = Moments::of(part.iter().copied());
                let expected = 0.5 + offset_errors * (1.0 / 12.0 / 50.0f64).sqrt();
                let spec = CheckSpec { alpha: 0.05, detects: 1.0 };
                check_mean(&moments, expected, spec).is_err()
            };
            numbers.chunks(50).filter(|part| fails(part)).count() as u64
        };
        let spec = CheckSpec { alpha: 1e-6, detects: 0.02 };
        check_rate(failures(0.0), 10_000, 0.05, spec).unwrap();
        // t(0.975, 49) + z(0.999) standard errors off, the smallest error seen.
        let spec = CheckSpec { alpha: 1e-6, detects: 0.008 };
        check_rate(failures(2.01 + 3.09), 10_000, POWER, spec).unwrap();
    }

    #[test]
    fn equal_samples_pass_on_their_value_only() {
        let moments = Moments::of([0.1; 10]);
        assert!(check_mean(&moments, 0.1, SPEC).is_ok());
        assert_disagrees(check_mean(&moments, 0.100_001, SPEC));
    }

    #[test]
    fn paired_differences() {
        let numbers = uniforms(20_000);
        let differences =
            |offset: f64| Moments::of(numbers.chunks(2).map(move |pair| 0.1 * (pair[0] - pair[1]) + offset));
        assert!(check_paired(&differences(0.0), SPEC).is_ok());
        assert_disagrees(check_paired(&differences(0.01), SPEC));
        assert_insufficient(check_paired(&differences(0.0), CheckSpec { detects: 1e-4, ..SPEC }));
    }

    #[test]
    fn not_a_number_fails() {
        let moments = Moments::of(uniforms(60_000));
        assert_disagrees(check_mean(&moments, f64::NAN, SPEC));
        assert_disagrees(check_mean(&Moments::of([f64::NAN, 1.0, 2.0]), 1.0, SPEC));
        assert_disagrees(check_mean(&moments, 0.5, CheckSpec { alpha: f64::NAN, ..SPEC }));
        assert_insufficient(check_mean(&moments, 0.5, CheckSpec { detects: f64::NAN, ..SPEC }));
    }
}

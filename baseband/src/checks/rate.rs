//! Rates of events against their probability.

use super::{CheckFailure, CheckPass, CheckSpec, POWER, threshold};
use crate::special::regularised_beta;

/// Checks the rate of independent events against its probability, by the exact binomial distribution.
///
/// ```text
/// passes if P(X >= successes) > alpha/2 and P(X <= successes) > alpha/2  at  expected_probability,
///        and at expected_probability + detects and - detects a count fails with the probability POWER
/// ```
///
/// Valid for any count and probability, 0 and 1 included. A side on which `detects` would leave [0, 1] has no error to
/// see; if both sides would, the check is insufficient.
///
/// # Errors
///
/// [`CheckFailure`]; no trials are insufficient.
pub fn check_rate(
    successes: u64,
    trials: u64,
    expected_probability: f64,
    spec: CheckSpec,
) -> Result<CheckPass, CheckFailure> {
    let CheckSpec { alpha, detects } = spec;
    let expected = expected_probability;
    if trials == 0 {
        return CheckPass::nothing_to_judge(expected, spec, trials);
    }
    // Too few successes are too many of the opposite event.
    let too_many = first_significant(trials, expected, alpha);
    let too_many_opposite = first_significant(trials, 1.0 - expected, alpha);
    let rate = |count: u64| count as f64 / trials as f64;
    let observed = rate(successes);
    let bound = if !(0.0..=1.0).contains(&expected) {
        f64::NAN
    } else if observed >= expected {
        rate(too_many - 1) - expected
    } else {
        expected - rate(trials + 1 - too_many_opposite)
    };
    let sides = [(expected, too_many), (1.0 - expected, too_many_opposite)];
    let smallest_seen = sides
        .into_iter()
        .filter(|(probability, _)| probability + detects <= 1.0)
        .map(|(probability, critical)| smallest_excess(critical, trials, probability))
        .reduce(f64::max)
        .unwrap_or(f64::INFINITY);
    CheckPass { observed, expected, bound, alpha, detects, samples: trials }.judge(smallest_seen)
}

/// Returns the probability of `successes` or more, a tail of the binomial distribution.
fn at_least(successes: u64, trials: u64, probability: f64) -> f64 {
    match successes {
        0 => 1.0,
        _ if successes > trials => 0.0,
        _ => regularised_beta(successes as f64, (trials - successes + 1) as f64, probability),
    }
}

/// Returns the least count that is too large for `probability`, `trials + 1` if none is.
fn first_significant(trials: u64, probability: f64, alpha: f64) -> u64 {
    let (mut low, mut high) = (1, trials + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if at_least(middle, trials, probability) <= 0.5 * alpha { high = middle } else { low = middle + 1 }
    }
    low
}

/// Returns how far above `probability` the true one must lie to give `critical` successes or more with the probability
/// `POWER`; infinite if even certainty does not.
fn smallest_excess(critical: u64, trials: u64, probability: f64) -> f64 {
    if critical > trials {
        return f64::INFINITY;
    }
    threshold(probability, 1.0, |truth| at_least(critical, trials, truth) >= POWER) - probability
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_disagrees, assert_insufficient, uniforms};
    use super::*;

    const SPEC: CheckSpec = CheckSpec { alpha: 1e-6, detects: 0.02 };

    #[test]
    fn a_right_rate_passes_and_a_wrong_one_disagrees() {
        for probability in [0.0, 0.01, 0.3, 0.5, 0.99, 1.0] {
            let successes = uniforms(50_000).into_iter().filter(|&u| u < probability).count() as u64;
            let pass = check_rate(successes, 50_000, probability, SPEC).unwrap();
            assert!(pass.bound < SPEC.detects);
            for wrong in [probability - SPEC.detects, probability + SPEC.detects] {
                if (0.0..=1.0).contains(&wrong) {
                    assert_disagrees(check_rate(successes, 50_000, wrong, SPEC));
                }
            }
        }
    }

    #[test]
    fn a_small_sample_is_insufficient() {
        assert_insufficient(check_rate(300, 1000, 0.3, SPEC));
        assert_insufficient(check_rate(0, 100, 0.0, SPEC));
        assert_insufficient(check_rate(0, 0, 0.3, SPEC));
        assert_insufficient(check_rate(500, 1000, 0.5, CheckSpec { detects: 0.6, ..SPEC }));
    }

    #[test]
    fn small_counts_by_hand() {
        // Ten tosses of a fair coin: P(X >= 9) = 11/1024 and P(X >= 10) = 1/1024.
        let spec = CheckSpec { alpha: 2.0 * 11.0 / 1024.0 + 1e-9, detects: 0.5 };
        assert!(check_rate(8, 10, 0.5, spec).is_ok());
        assert!(check_rate(2, 10, 0.5, spec).is_ok());
        assert_disagrees(check_rate(9, 10, 0.5, spec));
        assert_disagrees(check_rate(1, 10, 0.5, spec));
        // An event that cannot happen: one is too many, and (1 - detects)^trials must be below 1 - POWER.
        assert_disagrees(check_rate(1, 1000, 0.0, SPEC));
        let needed = ((1.0f64 - POWER).ln() / (1.0 - SPEC.detects).ln()).ceil() as u64;
        assert!(check_rate(0, needed, 0.0, SPEC).is_ok());
        assert_insufficient(check_rate(0, needed - 1, 0.0, SPEC));
    }

    #[test]
    fn many_trials_meet_the_normal_bound() {
        let trials = 100_000_000;
        let pass = check_rate(trials / 5, trials, 0.2, CheckSpec { alpha: 1e-6, detects: 0.001 }).unwrap();
        let normal = 4.891_638_475_698_59 * (0.2 * 0.8 / trials as f64).sqrt();
        assert!((pass.bound / normal - 1.0).abs() < 1e-3, "{pass}, normal bound {normal:e}");
    }

    #[test]
    fn not_a_number_fails() {
        assert_disagrees(check_rate(300, 1000, f64::NAN, SPEC));
        assert_disagrees(check_rate(300, 1000, 1.5, SPEC));
        assert_insufficient(check_rate(15_000, 50_000, 0.3, CheckSpec { alpha: f64::NAN, ..SPEC }));
        assert_insufficient(check_rate(15_000, 50_000, 0.3, CheckSpec { detects: f64::NAN, ..SPEC }));
    }
}

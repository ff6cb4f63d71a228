//! How a simulation is held against a formula, and the special function that the formulas need.

use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::run::Trial;
use std::time::Instant;

/// The chance that a check fails though all is right.
pub const ALPHA: f64 = 1e-6;

/// The smallest error that a mean must show: 3 % of it, beside a standard error of at most 1 %.
pub const DETECTS: f64 = 0.03;

/// Holds the mean of `values` against a formula.
///
/// The standard error must be at most 1 % of the formula and the mean within 4 of it; the check must be able to see an
/// error of [`DETECTS`], and as controls the formula that much higher and lower must fail.
#[track_caller]
pub fn assert_mean(what: &str, values: impl IntoIterator<Item = f64>, expected: f64, since: Instant) {
    assert_mean_seeing(what, values, expected, (DETECTS, since));
}

/// As [`assert_mean`], for a check that need only see an error of the given share of the formula.
#[track_caller]
pub fn assert_mean_seeing(
    what: &str,
    values: impl IntoIterator<Item = f64>,
    expected: f64,
    (detects, since): (f64, Instant),
) {
    let moments = Moments::of(values);
    let (error, z) = (moments.standard_error(), (moments.mean - expected) / moments.standard_error());
    println!(
        "{what}: {:.6e} against {expected:.6e}, z {z:+.2}, {} samples, {:.2} s",
        moments.mean,
        moments.count,
        since.elapsed().as_secs_f64()
    );
    assert!(error <= 0.01 * expected.abs(), "{what}: the standard error is {error:e} of {expected:e}");
    assert!(z.abs() <= 4.0, "{what}: {} against {expected}, z = {z}", moments.mean);
    let spec = CheckSpec { alpha: ALPHA, detects: detects * expected.abs() };
    check_mean(&moments, expected, spec).unwrap_or_else(|e| panic!("{what}: {e}"));
    for wrong in [expected * (1.0 - detects), expected * (1.0 + detects)] {
        let control = check_mean(&moments, wrong, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{what}: control passed");
    }
}

/// Holds the error per device of trials against a formula.
#[track_caller]
pub fn assert_error(what: &str, trials: &[Trial], expected: f64, since: Instant) {
    assert_mean(what, trials.iter().map(|t| t.mse_per_device()), expected, since);
}

/// Asserts that the mean of `values` is not `wrong`: a control.
#[track_caller]
pub fn assert_differs(what: &str, values: impl IntoIterator<Item = f64>, wrong: f64) {
    let spec = CheckSpec { alpha: ALPHA, detects: f64::INFINITY };
    let control = check_mean(&Moments::of(values), wrong, spec);
    assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{what}: {control:?}");
}

/// Asserts that two computations of one number agree to 1e-9 of it.
#[track_caller]
pub fn assert_equal(what: &str, value: f64, expected: f64) {
    assert!((value / expected - 1.0).abs() <= 1e-9, "{what}: {value:e} against {expected:e}");
}

/// Returns the exponential integral by its series, `E1(x) = -gamma - ln x - sum_n (-x)^n / (n n!)`, for x up to about 5.
pub fn e1(x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for n in 1..200 {
        term *= -x / f64::from(n);
        sum += term / f64::from(n);
    }
    -0.577_215_664_901_532_9 - x.ln() - sum
}

/// Returns the power ratio of decibels.
pub fn ratio(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// Integrates by Simpson's rule over `steps` (even) intervals.
pub fn simpson(f: impl Fn(f64) -> f64, a: f64, b: f64, steps: usize) -> f64 {
    let h = (b - a) / steps as f64;
    let weight = |i: usize| {
        if i == 0 || i == steps {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    (0..=steps).map(|i| weight(i) * f(a + h * i as f64)).sum::<f64>() * h / 3.0
}

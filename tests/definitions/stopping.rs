//! When a run ends: after a number of trials, or when the interval is narrow at 64, 128, 256, ... trials.

use crate::setup::*;
use airloop::baseband::Estimate;
use airloop::experiment::Experiment;
use airloop::report::{Fidelity, Report};

fn make(stop: &str) -> Experiment {
    let settings = "link.snr_db=8; scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain";
    load(&[&gaussian(5, 96), "channel.model=rayleigh", settings, stop])
}

fn run(stop: &str) -> Report {
    report(&make(stop), Fidelity::Symbol)
}

fn half_width(estimate: &Estimate) -> f64 {
    (estimate.high.unwrap() - estimate.low.unwrap()) / 2.0 / estimate.mean.unwrap()
}

#[test]
fn a_number_of_trials_is_that_number() {
    for trials in [1, 63, 64, 100, 257] {
        let report = run(&format!("stop.trials={trials}"));
        assert_eq!((report.trials, report.stop_reason.as_str()), (trials, "trials"));
        assert_eq!(report.metrics.nmse.unwrap().count, trials);
    }
    assert_eq!(run("").trials, 256, "the default");
}

#[test]
fn a_half_width_is_judged_at_doublings_only_and_ends_at_the_first_that_holds() {
    let mut counts = Vec::new();
    for target in [0.2, 0.1, 0.05, 0.025] {
        for metric in ["nmse", "mse_per_device"] {
            let rule =
                format!("stop.metric={metric}; stop.relative_half_width={target}; stop.max_trials=1000000");
            let report = run(&rule);
            assert_eq!(report.stop_reason, "half-width");
            assert!(
                report.trials.is_multiple_of(64) && (report.trials / 64).is_power_of_two(),
                "{}",
                report.trials
            );
            let of = |report: &Report| {
                let m = &report.metrics;
                half_width(
                    if metric == "nmse" { m.nmse.as_ref() } else { m.mse_per_device.as_ref() }.unwrap(),
                )
            };
            assert!(of(&report) <= target);
            // The trials are the first of the same sequence: half as many were not enough.
            if report.trials > 64 {
                assert!(of(&run(&format!("stop.trials={}", report.trials / 2))) > target);
            }
            let same = run(&format!("stop.trials={}", report.trials));
            assert_eq!(same.metrics, report.metrics);
            counts.push(report.trials);
        }
    }
    assert!(counts.first() < counts.last(), "{counts:?}");
}

#[test]
fn the_most_trials_end_a_run_that_stays_wide() {
    let report = run("stop.relative_half_width=0.001; stop.max_trials=300");
    assert_eq!((report.trials, report.stop_reason.as_str()), (300, "max-trials"));
}

#[test]
fn the_fewest_trials_are_kept() {
    let report = run("stop.relative_half_width=0.9; stop.min_trials=200; stop.max_trials=5000");
    assert_eq!((report.trials, report.stop_reason.as_str()), (256, "half-width"));
}

#[test]
fn the_level_widens_the_interval_and_moves_nothing_else() {
    let (narrow, wide) = (run("stop.trials=128; stop.level=0.9"), run("stop.trials=128; stop.level=0.99"));
    let (narrow, wide) = (narrow.metrics.nmse.unwrap(), wide.metrics.nmse.unwrap());
    assert_eq!((narrow.mean, narrow.median, narrow.q90), (wide.mean, wide.median, wide.q90));
    // Quantiles of Student's t with n = 127 degrees of freedom, z + (z^3 + z)/(4 n) + (5 z^5 + 16 z^3 + 3 z)/(96 n^2) + ...
    // with z = 1.644854 and 2.575829: 1.65694 and 2.61510.
    assert!((half_width(&wide) / half_width(&narrow) - 2.615_10 / 1.656_94).abs() < 1e-5);
}

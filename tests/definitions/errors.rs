//! The two errors and how they hang together, measured correlation, and the doubts that go with them.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::{Fidelity, Report};
use airloop::run::TrialContext;

const SCHEME: &str =
    "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain; link.snr_db=5";

fn codes(report: &Report) -> Vec<&str> {
    report.warnings.iter().map(|w| w.code.as_str()).collect()
}

fn short(settings: &[&str]) -> Experiment {
    let mut experiment = load(settings);
    experiment.stop.rule = airloop::experiment::sections::Rule::Trials(8);
    experiment
}

#[test]
fn both_errors_are_what_their_definitions_say_of_the_vectors() {
    for payload in [gaussian(5, 960), shipped()] {
        let experiment = load(&[&payload, RAYLEIGH, SCHEME]);
        let context = TrialContext::new(&experiment, Fidelity::Symbol).unwrap();
        let (k, n) = (experiment.payload.devices() as f64, experiment.payload.length() as f64);
        for trial in 0..3 {
            let (result, vectors) = context.run_with_vectors(trial).unwrap();
            // The truth is the sum of what the devices hold, read independently.
            let mut sum = vec![0.0f64; n as usize];
            let mut row = vec![0.0f32; n as usize];
            for device in 0..k as usize {
                experiment.payload.read(trial, device, 0, &mut row).unwrap();
                sum.iter_mut().zip(&row).for_each(|(s, v)| *s += f64::from(*v));
            }
            let error: Vec<f64> = vectors.estimate.iter().zip(&sum).map(|(e, s)| f64::from(*e) - s).collect();
            // The library's own sum is in single precision: 1e-5 of an error not far below the target.
            let powers: f64 = (0..k as usize).map(|d| experiment.payload.gram().power(d)).sum();
            assert!((product(&error, &error) / powers / result.mse_per_device() - 1.0).abs() < 1e-5);
            assert!((product(&error, &error) / product(&sum, &sum) / result.nmse() - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn nmse_is_mse_per_device_times_the_devices_powers_over_the_power_of_the_sum() {
    let rows = raw_gradients();
    let sum = sum_of(&rows);
    let powers: f64 = rows.iter().map(|row| product(row, row)).sum();
    let ratio = powers / product(&sum, &sum);
    assert!((ratio - 4.0).abs() < 0.2, "the shipped gradients nearly cancel: {ratio}");
    for trial in trials(&load(&[&shipped(), RAYLEIGH, SCHEME]), Fidelity::Symbol, 3) {
        assert!((trial.nmse() / trial.mse_per_device() / ratio - 1.0).abs() < 1e-5);
    }
    // Independent synthetic values: equal up to the random energy of the target, N - 2 for N.
    let since = std::time::Instant::now();
    let found = trials(&load(&[&gaussian(5, 960), RAYLEIGH, SCHEME]), Fidelity::Symbol, 512);
    let mean = found.iter().map(|t| t.mse_per_device()).sum::<f64>() / 512.0;
    assert_mean("nmse against mse", found.iter().map(|t| t.nmse()), mean, since);
}

#[test]
fn the_shipped_gradients_nearly_cancel_and_the_report_says_so() {
    let rows = raw_gradients();
    let trace: f64 = rows.iter().map(|row| product(row, row)).sum();
    let mut others = 0.0;
    for (i, a) in rows.iter().enumerate() {
        others += rows.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, b)| product(a, b)).sum::<f64>();
    }
    // The mean over pairs of the products, over the mean power.
    let correlation = others / (20.0 * 19.0) / (trace / 20.0);
    assert!((correlation + 0.04).abs() < 0.005, "{correlation}");
    let report = report(&short(&[&shipped(), RAYLEIGH, SCHEME]), Fidelity::Symbol);
    assert!((report.correlation_measured.unwrap() / correlation - 1.0).abs() < 1e-5);
    assert!(codes(&report).contains(&"weak-sum"));
    let times = trace / (trace + others);
    assert!((3.5..4.7).contains(&times), "{times}");
    let message = &report.warnings.iter().find(|w| w.code == "weak-sum").unwrap().message;
    assert!(message.contains(&format!("{times:.1} times")), "{message}");
}

#[test]
fn devices_beyond_the_file_send_its_rows_again_and_the_report_says_so() {
    let rows = raw_gradients();
    for (devices, repeated) in [(7, false), (20, false), (45, true)] {
        let payload = format!("{}; payload.devices={devices}", shipped());
        let report = report(&short(&[&payload, RAYLEIGH, SCHEME]), Fidelity::Symbol);
        assert_eq!(report.devices, devices);
        let sent: Vec<_> = (0..devices).map(|k| &rows[k % 20]).collect();
        let trace: f64 = sent.iter().map(|row| product(row, row)).sum();
        let all: f64 = sent.iter().flat_map(|a| sent.iter().map(|b| product(a, b))).sum();
        let correlation = (all - trace) / (devices * (devices - 1)) as f64 / (trace / devices as f64);
        assert!((report.correlation_measured.unwrap() / correlation - 1.0).abs() < 1e-4, "{devices}");
        assert_eq!(codes(&report).contains(&"repeated-rows"), repeated, "{devices}");
    }
}

#[test]
fn synthetic_values_neither_cancel_nor_are_measured() {
    let report = report(&short(&[&gaussian(5, 960), RAYLEIGH, SCHEME]), Fidelity::Symbol);
    assert_eq!(report.correlation_measured, None);
    assert!(!codes(&report).contains(&"weak-sum"));
}

#[test]
fn where_the_mean_does_not_exist_it_is_null() {
    for fidelity in Fidelity::ALL {
        let fading = report(
            &short(&[&gaussian(3, 96), "channel.model=rayleigh; link.snr_db=5; scheme.kind=full-inversion"]),
            fidelity,
        );
        let nmse = fading.metrics.nmse.as_ref().unwrap();
        assert_eq!((nmse.mean, nmse.low, nmse.high), (None, None, None));
        assert!(nmse.median.is_some() && nmse.q90.is_some());
        assert!(codes(&fading).contains(&"mean-does-not-exist"));
        let json = serde_json::to_value(&fading).unwrap();
        assert!(
            json["metrics"]["nmse"]["mean"].is_null() && json["metrics"]["mse_per_device"]["high"].is_null()
        );
        let constant =
            report(&short(&[&gaussian(3, 96), AWGN, "link.snr_db=5; scheme.kind=full-inversion"]), fidelity);
        assert!(constant.metrics.nmse.as_ref().unwrap().mean.is_some());
        assert!(!codes(&constant).contains(&"mean-does-not-exist"));
    }
}

#[test]
fn a_biased_default_is_named_until_a_scale_is_chosen() {
    let default = "link.snr_db=5; scheme.kind=truncated-inversion; scheme.threshold=0.1";
    let codes_of =
        |settings: &[&str]| short(settings).warnings.iter().map(|w| w.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes_of(&[&gaussian(3, 96), RAYLEIGH, default]), ["biased-default"]);
    assert!(codes_of(&[&gaussian(3, 96), RAYLEIGH, SCHEME]).is_empty());
    assert!(codes_of(&[&gaussian(3, 96), AWGN, default]).is_empty());
}

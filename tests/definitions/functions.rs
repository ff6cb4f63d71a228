//! What the server wants: sum, mean, and mean weighted by a list or by a tensor of the payload's file.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use std::time::Instant;

const SCHEME: &str =
    "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain; link.snr_db=5";

/// Returns what the server wants, in the source's order.
fn target(experiment: &Experiment) -> Vec<f64> {
    let context = TrialContext::new(experiment, Fidelity::Symbol).unwrap();
    let (_, vectors) = context.run_with_vectors(0).unwrap();
    let payload = &experiment.payload;
    let own = |v: &f32| payload.unit() * f64::from(*v) + payload.offset();
    payload.restore_order(&vectors.truth.iter().map(own).collect::<Vec<_>>())
}

fn weighted(weights: &[f64]) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    let row = |(w, row): (&f64, Vec<f64>)| row.iter().map(|v| v * w / total).collect();
    sum_of(&weights.iter().zip(raw_gradients()).map(row).collect::<Vec<Vec<f64>>>())
}

#[track_caller]
fn assert_targets(experiment: &Experiment, expected: &[f64]) {
    let found = target(experiment);
    let error: Vec<f64> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    // Twenty values in single precision: -120 dB.
    assert!(product(&error, &error) < 1e-12 * product(expected, expected));
}

#[test]
fn each_function_has_its_target() {
    let make = |function: &str| load(&[&shipped(), RAYLEIGH, SCHEME, function]);
    assert_targets(&make("payload.function=sum"), &sum_of(&raw_gradients()));
    assert_targets(&make("payload.function=mean"), &weighted(&[1.0; 20]));
    let list: Vec<f64> = (1..=20).map(f64::from).collect();
    let settings = format!("payload.function=weighted-mean; payload.weights={list:?}");
    assert_targets(&make(&settings), &weighted(&list));
    let count = |b: &[u8]| i64::from_le_bytes(b.try_into().unwrap()) as f64;
    let samples: Vec<f64> = raw_tensor("samples").chunks_exact(8).map(count).collect();
    assert_eq!(samples.len(), 20);
    assert_targets(&make("payload.function=weighted-mean; payload.weights=samples"), &weighted(&samples));
}

#[test]
fn weights_are_part_of_what_a_device_sends() {
    // Weighted gradients are normalised by the largest w_k rms_k; over AWGN the noise enters in that unit.
    let since = Instant::now();
    let list: Vec<f64> = (1..=20).map(f64::from).collect();
    let settings = format!("payload.function=weighted-mean; payload.weights={list:?}");
    let experiment = load(&[&shipped(), AWGN, "scheme.kind=full-inversion; link.snr_db=5", &settings]);
    let unit2 =
        raw_gradients().iter().zip(&list).map(|(row, w)| product(row, row) * w * w).fold(0.0, f64::max);
    let target = weighted(&list);
    let expected = unit2 / (210.0 * 210.0) / ratio(5.0) / product(&target, &target);
    let found = trials(&experiment, Fidelity::Symbol, 128);
    assert_mean("weighted nmse", found.iter().map(|t| t.nmse()), expected, since);
}

#[test]
fn sum_and_mean_have_the_same_relative_error() {
    for payload in [gaussian(20, 960), shipped()] {
        let errors = |function: &str| {
            let experiment = load(&[&payload, RAYLEIGH, SCHEME, &format!("payload.function={function}")]);
            trials(&experiment, Fidelity::Symbol, 4)
        };
        for (sum, mean) in errors("sum").iter().zip(errors("mean")) {
            assert!((sum.nmse() / mean.nmse() - 1.0).abs() < 1e-12);
            assert_eq!(sum.mse_per_device(), mean.mse_per_device());
        }
    }
}

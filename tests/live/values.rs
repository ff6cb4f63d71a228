//! What may be handed over, and what becomes of it.

use crate::{GRID, INVERSION, LINK, STATIC, file, relative, values};
use airloop::live::{Air, RoundOptions};
use airloop::report::Fidelity;

const QUIET: &str = "[link]\nsnr_db = 200.0\n";
const PERFECT: &str = "[channel]\nmodel = \"awgn\"\n";

fn air(tables: &[&str]) -> Air {
    Air::from_toml(&file(tables), Fidelity::Symbol).unwrap()
}

/// Weighted mean in double precision.
fn mean(devices: usize, all: &[f32], weights: &[f64]) -> Vec<f64> {
    let length = all.len() / devices;
    let total: f64 = weights.iter().sum();
    let sum = |n: usize| (0..devices).map(|k| weights[k] * f64::from(all[k * length + n])).sum::<f64>();
    (0..length).map(|n| sum(n) / total).collect()
}

#[test]
fn weights_of_a_call_are_those_of_the_mean() {
    let mut air = air(&[GRID, PERFECT, QUIET, INVERSION]);
    let all = values(3, 1000, 1);
    for weights in [None, Some([1.0, 2.0, 5.0]), Some([4.0, 0.5, 1.0]), None] {
        let options = RoundOptions { round: None, weights: weights.as_ref().map(|w| &w[..]) };
        let found = air.aggregate(3, &all, options).unwrap();
        let expected = mean(3, &all, &weights.unwrap_or([1.0; 3]));
        assert!(relative(&found.estimate, &expected) < 1e-12, "{weights:?}");
    }
    let wrong = |weights: &[f64]| {
        let options = RoundOptions { round: None, weights: Some(weights) };
        let mut air = Air::from_toml(&file(&[GRID, PERFECT, QUIET, INVERSION]), Fidelity::Symbol).unwrap();
        air.aggregate(3, &all, options).unwrap_err().to_string()
    };
    assert!(wrong(&[1.0, 2.0]).contains("2 weights were given for 3 devices"), "{}", wrong(&[1.0, 2.0]));
    assert!(wrong(&[1.0, -2.0, 1.0]).contains("-2 among them"), "{}", wrong(&[1.0, -2.0, 1.0]));
}

#[test]
fn silence_is_heard_as_zero() {
    let mut air = air(&[GRID, STATIC, LINK, INVERSION]);
    let silence = air.aggregate(3, &[0.0; 300], RoundOptions::default()).unwrap();
    assert!(silence.estimate.iter().all(|x| *x == 0.0));
    assert!(silence.report.metrics.nmse.is_none() && silence.report.airtime_s > Some(0.0));
    let opposite: Vec<f32> = (0..300).map(|i| if i < 150 { 1.0 } else { -1.0 }).collect();
    let cancelled = air.aggregate(2, &opposite, RoundOptions::default()).unwrap();
    assert!(cancelled.report.metrics.nmse.is_none(), "{:?}", cancelled.report.metrics);
    assert!(cancelled.report.metrics.mse_per_device.is_some());
    // The air is as before.
    let all = values(3, 100, 2);
    assert!(air.aggregate(3, &all, RoundOptions::default()).unwrap().report.metrics.nmse.is_some());
}

#[test]
fn wrong_values_are_named_and_do_no_harm() {
    let mut air = air(&[GRID, STATIC, LINK, INVERSION]);
    let all = values(2, 50, 3);
    air.aggregate(2, &all, RoundOptions::default()).unwrap();
    let mut bad = all.clone();
    bad[57] = f32::NAN;
    let error = air.aggregate(2, &bad, RoundOptions::default()).unwrap_err().to_string();
    assert!(error.contains("device 1, value 7 is NaN"), "{error}");
    let error = air.aggregate(3, &all, RoundOptions::default()).unwrap_err().to_string();
    assert!(error.contains("100 values; 3 devices of 33 values are 99"), "{error}");
    assert!(air.aggregate(0, &[], RoundOptions::default()).is_err());
    let found = air.aggregate(2, &all, RoundOptions::default()).unwrap();
    assert_eq!(found.round, 1, "failed calls are no rounds");
}

#[test]
fn more_devices_may_come_and_values_may_change_their_number() {
    let mut air = air(&[GRID, PERFECT, QUIET, INVERSION]);
    for (devices, length) in [(2, 100), (5, 100), (5, 70_000), (1, 3)] {
        let all = values(devices, length, devices);
        let found = air.aggregate(devices, &all, RoundOptions::default()).unwrap();
        assert!(relative(&found.estimate, &mean(devices, &all, &vec![1.0; devices])) < 1e-12);
    }
}

#[test]
fn threads_change_no_byte() {
    let all = values(8, 200_000, 7);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut air = air(&[GRID, STATIC, LINK, INVERSION]);
            air.aggregate(8, &all, RoundOptions::default()).unwrap().estimate
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn an_interrupted_round_has_not_been() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let stop = Arc::new(AtomicBool::new(true));
    let all = values(2, 500, 4);
    let mut air = air(&[GRID, STATIC, LINK, INVERSION]).interrupted_by(Arc::clone(&stop));
    let error = air.aggregate(2, &all, RoundOptions::default()).unwrap_err().to_string();
    assert_eq!(error, "interrupted");
    stop.store(false, Ordering::Relaxed);
    let found = air.aggregate(2, &all, RoundOptions::default()).unwrap();
    let mut other = Air::from_toml(&file(&[GRID, STATIC, LINK, INVERSION]), Fidelity::Symbol).unwrap();
    assert_eq!(found.estimate, other.aggregate(2, &all, RoundOptions::default()).unwrap().estimate);
}

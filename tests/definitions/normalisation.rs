//! Normalisation of stored payloads: by the largest rms, by the rms over devices, or with budgets of their own; centring.

use crate::agreement::ratio;
use crate::setup::*;
use airloop::experiment::{Experiment, Loader};
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::run::TrialContext;

/// Three devices of 600 values with rms 1, 2 and 4: signs and magnitudes without a pattern in common.
fn rows() -> Vec<Vec<f64>> {
    let row = |k: usize| {
        let values: Vec<f64> = (0..600).map(|n| ((n * (2 * k + 3)) as f64 * 0.7).sin()).collect();
        let rms = product(&values, &values).sqrt();
        values.iter().map(|v| f64::from((v / rms * 2f64.powi(k as i32)) as f32)).collect()
    };
    (0..3).map(row).collect()
}

fn with(rows: &[Vec<f64>], settings: &str) -> Experiment {
    let values: Vec<f32> = rows.iter().flatten().map(|v| *v as f32).collect();
    let loader = Loader::with_source(Source::array(rows.len(), values.into()).unwrap());
    load_with(&loader, &["ofdm.bandwidth_hz=5e6; channel.model=awgn; link.snr_db=10", settings])
}

fn read(experiment: &Experiment, device: usize) -> Vec<f64> {
    let mut values = vec![0.0f32; experiment.payload.length()];
    experiment.payload.read(0, device, 0, &mut values).unwrap();
    values.iter().map(|v| f64::from(*v)).collect()
}

fn close(value: f64, expected: f64) -> bool {
    (value / expected - 1.0).abs() < 1e-6
}

#[test]
fn values_and_budgets_are_as_each_normalisation_says() {
    // Powers 1, 4, 16: global-max divides by 4, global-rms by sqrt 7, per-device by 4 with budgets P/(1/16), P/(1/4), P.
    for (word, divisor, budgets) in [
        ("global-max", 4.0, [1.0, 1.0, 1.0]),
        ("global-rms", 7f64.sqrt(), [1.0, 1.0, 1.0]),
        ("per-device", 4.0, [16.0, 4.0, 1.0]),
    ] {
        let experiment = with(&rows(), &format!("scheme.kind=full-power; payload.normalisation={word}"));
        for (device, row) in rows().iter().enumerate() {
            let sent = read(&experiment, device);
            assert!(close(product(&sent, &sent), product(row, row) / (divisor * divisor)), "{word}");
            assert!(close(experiment.budget.power[device], budgets[device]), "{word}");
        }
        // The target is the mean: sum of what is sent, times the divisor over 3.
        assert!(close(experiment.payload.unit(), divisor / 3.0), "{word}");
    }
}

#[test]
fn devices_spend_what_their_normalisation_leaves_them() {
    // Full power sends sqrt(P_k) u_k: mean power (1 + 4 + 16)/(3 16), 1 and 1; the loudest device P, 16/7 P and P.
    for (word, used, loudest) in
        [("global-max", 21.0 / 48.0, 1.0), ("global-rms", 1.0, 16.0 / 7.0), ("per-device", 1.0, 1.0)]
    {
        let mut experiment = with(&rows(), &format!("scheme.kind=full-power; payload.normalisation={word}"));
        experiment.stop.rule = airloop::experiment::sections::Rule::Trials(2);
        for fidelity in [Fidelity::Symbol, Fidelity::Theory] {
            assert!(close(report(&experiment, fidelity).power_used_mean.unwrap(), used), "{word}");
        }
        let sent = read(&experiment, 2);
        assert!(close(product(&sent, &sent) * experiment.budget.power[2], loudest), "{word}");
    }
}

#[test]
fn the_target_is_the_same_under_every_normalisation() {
    let sum = sum_of(&rows());
    for word in ["global-max", "global-rms", "per-device"] {
        for interleave in ["random", "none"] {
            let settings = format!(
                "scheme.kind=full-inversion; payload.function=sum; payload.normalisation={word}; \
                 payload.interleave={interleave}; link.snr_db=120"
            );
            let experiment = with(&rows(), &settings);
            let (_, vectors) =
                TrialContext::new(&experiment, Fidelity::Symbol).unwrap().run_with_vectors(0).unwrap();
            let own = |v: &[f32]| {
                let scaled: Vec<f64> = v.iter().map(|v| f64::from(*v) * experiment.payload.unit()).collect();
                experiment.payload.restore_order(&scaled)
            };
            for ((truth, estimate), sum) in own(&vectors.truth).iter().zip(own(&vectors.estimate)).zip(&sum) {
                // Three values of up to 6 in single precision; noise of 4e-6 in the estimate.
                assert!(
                    (truth - sum).abs() < 5e-6 && (estimate - sum).abs() < 5e-5,
                    "{truth} {estimate} {sum}"
                );
            }
        }
    }
}

#[test]
fn multiplying_all_values_changes_no_relative_error() {
    let scaled: Vec<Vec<f64>> = rows().iter().map(|row| row.iter().map(|v| v * 1024.0).collect()).collect();
    for word in ["global-max", "global-rms", "per-device"] {
        let settings = format!("scheme.kind=optimal-power; payload.normalisation={word}");
        let errors = |rows: &[Vec<f64>]| trials(&with(rows, &settings), Fidelity::Symbol, 1)[0].nmse();
        assert!((errors(&rows()) / errors(&scaled) - 1.0).abs() < 1e-12, "{word}");
    }
}

#[test]
fn centring_takes_means_off_and_puts_them_back() {
    // Means 3, -1 and 10: kept, they take power; centred, the deviations have the rms of before and the means ride aside.
    let means = [3.0, -1.0, 10.0];
    let shifted: Vec<Vec<f64>> = rows()
        .iter()
        .zip(means)
        .map(|(row, mean)| {
            let own = row.iter().sum::<f64>() / 600.0;
            row.iter().map(|v| f64::from((v - own + mean) as f32)).collect()
        })
        .collect();
    let deviation = |row: &Vec<f64>, mean: f64| product(row, row) - mean * mean;
    let largest = shifted.iter().zip(means).map(|(row, mean)| deviation(row, mean)).fold(0.0, f64::max);
    let centred = with(&shifted, "scheme.kind=full-inversion; payload.center=true");
    for (device, mean) in means.into_iter().enumerate() {
        let sent = read(&centred, device);
        assert!((sent.iter().sum::<f64>() / 600.0).abs() < 1e-6);
        assert!(close(product(&sent, &sent), deviation(&shifted[device], mean) / largest));
    }
    assert!(close(centred.payload.offset(), 12.0 / 3.0));
    // Error over AWGN: the noise P/s2 in units of the largest deviation, against the target with its mean.
    let target: Vec<f64> = sum_of(&shifted).iter().map(|s| s / 3.0).collect();
    let nmse = |deviation2: f64| deviation2 / 9.0 / ratio(10.0) / product(&target, &target);
    let mut count = centred.clone();
    count.stop.rule = airloop::experiment::sections::Rule::Trials(400);
    let found = trials(&count, Fidelity::Symbol, 400);
    crate::agreement::assert_mean(
        "centred",
        found.iter().map(|t| t.nmse()),
        nmse(largest),
        std::time::Instant::now(),
    );
    // Kept, the largest device is the one of mean 10, rms sqrt(116).
    let kept = with(&shifted, "scheme.kind=full-inversion");
    let found = trials(&kept, Fidelity::Symbol, 400);
    let rms2 = shifted.iter().map(|row| product(row, row)).fold(0.0, f64::max);
    crate::agreement::assert_mean(
        "kept",
        found.iter().map(|t| t.nmse()),
        nmse(rms2),
        std::time::Instant::now(),
    );
    assert_eq!(kept.payload.offset(), 0.0);
}

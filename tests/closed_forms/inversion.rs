//! Full inversion, and truncated inversion where nothing fades: `1/(K SNR)` over AWGN, quantiles over flat Rayleigh.

use crate::agreement::*;
use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_distribution};
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

/// An error per device as a function of `v = 1/(K SNR)`.
type Formula = fn(f64) -> f64;

/// Schemes over AWGN with their errors per device for `v = 1/(K SNR)`.
///
/// Every device arrives with amplitude sqrt(P), so that the estimate is the sum plus noise s2/P: plainly v, and v/(1 + v)
/// with the linear factor of least error.
const CONSTANT: [(&str, Formula); 6] = [
    ("scheme.kind=full-inversion", |v| v),
    ("scheme.kind=truncated-inversion; scheme.threshold=0.3; scheme.scale=plain", |v| v),
    ("scheme.kind=truncated-inversion; scheme.threshold=best; scheme.scale=plain", |v| v),
    (
        "scheme.kind=truncated-inversion; scheme.threshold=0; scheme.scale=unbiased; scheme.power_constraint=peak",
        |v| v,
    ),
    ("scheme.kind=truncated-inversion; scheme.threshold=0.3; scheme.scale=lmmse", |v| v / (1.0 + v)),
    // All gains are equal, so the optimal rule and full power are the linear estimate of least error too.
    ("scheme.kind=optimal-power", |v| v / (1.0 + v)),
];

#[test]
fn without_fading_the_error_is_the_noise_over_k_devices() {
    for (scheme, formula) in CONSTANT {
        for (devices, snr_db) in [(10, 10.0), (1, 3.0), (20, -10.0)] {
            let expected = formula(1.0 / (devices as f64 * ratio(snr_db)));
            let link = format!("link.snr_db={snr_db}");
            let experiment = load(&[&gaussian(devices, 960), AWGN, &link, scheme]);
            let settings = format!("{scheme}, K {devices}, {snr_db} dB");
            for (fidelity, count) in [(Fidelity::Symbol, 256), (Fidelity::Waveform, 256)] {
                let since = Instant::now();
                let trials = trials(&experiment, fidelity, count);
                assert_error(&format!("{fidelity}, {settings}"), &trials, expected, since);
            }
            let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
            // Schemes whose theory is conditional see gains of 1 in single precision.
            assert!((theory / expected - 1.0).abs() < 1e-6, "{settings}: {theory} {expected}");
        }
    }
}

#[test]
fn ten_devices_at_ten_decibels_reach_the_printed_analog_error() {
    // Analog against separation over AWGN, K = 10, 10 dB: 1/(1 + K SNR) = .0099010.
    let since = Instant::now();
    let experiment = load(&[&gaussian(10, 960), AWGN, "link.snr_db=10", CONSTANT[4].0]);
    assert_error("lmmse, AWGN", &trials(&experiment, Fidelity::Symbol, 256), 0.009_901_0, since);
}

/// Flat block Rayleigh: `P(NMSE <= t) = exp(-1/(SNR t))` for every K, since K min g is exponential.
fn flat(devices: usize, snr_db: f64, length: usize) -> airloop::experiment::Experiment {
    let link = format!("link.snr_db={snr_db}; channel.model=rayleigh");
    load(&[&gaussian(devices, length), &link, "scheme.kind=full-inversion"])
}

#[test]
fn over_flat_rayleigh_the_quantiles_are_right_and_there_is_no_mean() {
    for (devices, snr_db, fidelity, count) in [
        (1, 10.0, Fidelity::Symbol, 160_000),
        (2, 0.0, Fidelity::Symbol, 160_000),
        (4, 20.0, Fidelity::Symbol, 160_000),
        (1, 10.0, Fidelity::Waveform, 160_000),
    ] {
        let since = Instant::now();
        // 480 values: the noise realised in a trial moves the quantiles by some 1/480.
        let mut experiment = flat(devices, snr_db, 480);
        experiment.stop.rule = airloop::experiment::sections::Rule::Trials(count);
        let measured = report(&experiment, fidelity).metrics.mse_per_device.unwrap();
        assert_eq!((measured.mean, measured.low, measured.high), (None, None, None));
        let quantile = |p: f64| 1.0 / (ratio(snr_db) * (1.0 / p).ln());
        let (median, q90) = (measured.median.unwrap() / quantile(0.5), measured.q90.unwrap() / quantile(0.9));
        println!(
            "{fidelity}, K {devices}, {snr_db} dB: median {median:.5}, q90 {q90:.5} of the formula's, \
             {count} samples, {:.2} s",
            since.elapsed().as_secs_f64()
        );
        assert!((median - 1.0).abs() < 0.01 && (q90 - 1.0).abs() < 0.02, "{median} {q90}");
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
        let theory = theory.metrics.mse_per_device.unwrap();
        assert_eq!(theory.mean, None);
        assert_equal("median", theory.median.unwrap(), quantile(0.5));
        assert_equal("q90", theory.q90.unwrap(), quantile(0.9));
    }
    // Printed: medians 1.44270, .144270, .0144270 at 0, 10 and 20 dB, q90 .9491 at 10 dB.
    assert!((1.0 / (10.0 * 2f64.ln()) - 0.144_270).abs() < 1e-6);
    assert!((1.0 / (10.0 * (1.0f64 / 0.9).ln()) - 0.949_1).abs() < 1e-4);
}

#[test]
fn over_flat_rayleigh_the_whole_distribution_is_right() {
    for devices in [2, 20] {
        let since = Instant::now();
        let trials = trials(&flat(devices, 10.0, 240), Fidelity::Symbol, 30_000);
        let mut errors: Vec<f64> = trials.iter().map(|t| t.mse_per_device()).collect();
        let spec = CheckSpec { alpha: ALPHA, detects: 0.03 };
        let pass = check_distribution(&mut errors, |t| (-1.0 / (10.0 * t)).exp(), spec).unwrap();
        println!("distribution, K {devices}: {pass}, {:.2} s", since.elapsed().as_secs_f64());
        // The control: an SNR 0.5 dB off.
        let wrong = check_distribution(&mut errors, |t| (-1.0 / (10.0 * ratio(0.5) * t)).exp(), spec);
        assert!(matches!(wrong, Err(CheckFailure::Disagrees(_))));
    }
}

#[test]
fn devices_of_different_power_share_one_amplitude_by_the_sum_of_their_inverses() {
    // v = s2 / min P_k g_k; P_k g_k/s2 is exponential of mean SNR_k, so P(K NMSE <= t) = exp(-sum_k (1/SNR_k) / t).
    let since = Instant::now();
    let experiment = load(&[
        &gaussian(3, 240),
        "channel.model=rayleigh; link.snr_db_per_device=[0, 10, 13]; scheme.kind=full-inversion",
    ]);
    let rate = 1.0 + 0.1 + ratio(-13.0);
    let trials = trials(&experiment, Fidelity::Symbol, 30_000);
    let mut errors: Vec<f64> = trials.iter().map(|t| 3.0 * t.mse_per_device()).collect();
    let spec = CheckSpec { alpha: ALPHA, detects: 0.03 };
    let pass = check_distribution(&mut errors, |t| (-rate / t).exp(), spec).unwrap();
    println!("distribution, three SNRs: {pass}, {:.2} s", since.elapsed().as_secs_f64());
    // The control: every device at the mean of the decibels.
    let wrong = check_distribution(&mut errors, |t| (-3.0 * ratio(-23.0 / 3.0) / t).exp(), spec);
    assert!(matches!(wrong, Err(CheckFailure::Disagrees(_))));
    let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap();
    assert_equal("median", theory.median.unwrap(), rate / 2f64.ln() / 3.0);
}

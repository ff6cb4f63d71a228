//! Delay and carrier offset against their Cramer-Rao bounds.

use crate::signals::{assert_disagrees, chips, noise, noisy, on_bins, received};
use airloop_baseband::checks::{CheckSpec, check_mean};
use airloop_baseband::statistics::Moments;
use airloop_baseband::synchronisation::bounds::repetition_cfo_variance_hz2;
use airloop_baseband::synchronisation::{
    CarrierOffset, Preamble, PreambleEstimator, SyncEstimate, SynchronisationBounds, repetition_cfo,
};
use airloop_baseband::units::{amplitude_from_db, power_from_db};
use airloop_baseband::{Complex32, Complex64};

const SAMPLE_RATE_HZ: f64 = 30.72e6;

/// Checks that squared errors have the mean of the bound, and that a bound 1 dB off either way is seen.
#[track_caller]
fn check_bound(errors: &[f64], bound: f64, detects: f64, what: &str) {
    let ratios = Moments::of(errors.iter().map(|error| error * error / bound));
    let spec = CheckSpec { alpha: 1e-6, detects };
    let pass = check_mean(&ratios, 1.0, spec).unwrap_or_else(|failure| panic!("{what}: {failure}"));
    println!("{what}: variance over bound {:.4}, {} trials", pass.observed, pass.samples);
    for db in [-1.0, 1.0] {
        assert_disagrees(check_mean(&ratios, power_from_db(db), spec));
    }
    // No bias: its square is a small part of the variance.
    let bias = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(bias * bias < 25.0 * bound / errors.len() as f64, "{what}: bias {bias:e}, bound {bound:e}");
}

/// Errors of delay (s) and carrier offset (Hz) of `refine` over trials, begun at the nearest sample.
fn refined(
    preamble: &Preamble,
    offset: CarrierOffset,
    cfo_hz: f64,
    snr_db: f64,
    trials: u64,
) -> (Vec<f64>, Vec<f64>) {
    let estimator = PreambleEstimator::new(preamble, SAMPLE_RATE_HZ, 1e-3, offset).unwrap();
    let start = 100.37;
    let count = preamble.samples().len() + 200;
    let amplitude = Complex64::cis(0.9);
    let signal = received(preamble, start, cfo_hz / SAMPLE_RATE_HZ, amplitude, count);
    let coarse_hz = 0.1 * SAMPLE_RATE_HZ / preamble.samples().len() as f64;
    let coarse_hz = if offset == CarrierOffset::Zero { 0.0 } else { cfo_hz + coarse_hz };
    let seed = (snr_db * 1e6) as u64;
    let trial = |trial: u64| {
        let samples = noisy(&signal, amplitude_from_db(snr_db) as f32, trial + seed);
        let SyncEstimate { start_samples, cfo_hz: estimated_hz, .. } =
            estimator.refine(&samples, 100, coarse_hz).unwrap();
        ((start_samples - start) / SAMPLE_RATE_HZ, estimated_hz - cfo_hz)
    };
    (0..trials).map(trial).unzip()
}

fn check_joint(snr_db: f64) {
    let preamble = on_bins(150, 256, 4, 18);
    let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
    let (delays_s, offsets_hz) = refined(&preamble, CarrierOffset::Unknown, 7.7e3, snr_db, 6000);
    let snr = power_from_db(snr_db);
    check_bound(&delays_s, bounds.joint_timing_variance_s2(snr), 0.16, &format!("delay at {snr_db} dB"));
    check_bound(&offsets_hz, bounds.joint_cfo_variance_hz2(snr), 0.16, &format!("offset at {snr_db} dB"));
}

#[test]
fn delay_and_offset_reach_the_joint_bound_at_0_db() {
    check_joint(0.0);
}

#[test]
fn delay_and_offset_reach_the_joint_bound_at_10_db() {
    check_joint(10.0);
}

#[test]
fn delay_and_offset_reach_the_joint_bound_at_20_db() {
    check_joint(20.0);
}

#[test]
fn delay_and_offset_reach_the_joint_bound_at_30_db() {
    check_joint(30.0);
}

#[test]
fn delay_reaches_its_bound_with_a_known_offset() {
    let preamble = on_bins(150, 256, 4, 18);
    let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
    let (delays_s, offsets_hz) = refined(&preamble, CarrierOffset::Zero, 0.0, 10.0, 6000);
    check_bound(&delays_s, bounds.timing_variance_s2(10.0), 0.16, "delay, offset known");
    assert!(offsets_hz.iter().all(|offset| *offset == 0.0));
}

#[test]
fn a_chirp_reaches_the_joint_bounds_but_not_the_single_ones() {
    // One period of root 1 sweeps the band twice by halves: a quarter of the information is shared.
    let preamble = chips(1, 509, 1);
    let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
    let (delays_s, offsets_hz) = refined(&preamble, CarrierOffset::Unknown, 2e3, 10.0, 6000);
    check_bound(&delays_s, bounds.joint_timing_variance_s2(10.0), 0.16, "delay of a chirp");
    check_bound(&offsets_hz, bounds.joint_cfo_variance_hz2(10.0), 0.16, "offset of a chirp");
    let spec = CheckSpec { alpha: 1e-6, detects: 0.22 };
    for (errors, single) in
        [(delays_s, bounds.timing_variance_s2(10.0)), (offsets_hz, bounds.cfo_variance_hz2(10.0))]
    {
        let ratios = Moments::of(errors.iter().map(|error| error * error / single));
        assert_disagrees(check_mean(&ratios, 1.0, spec));
    }
}

#[test]
fn repetitions_reach_their_bound() {
    for (repetitions, snr_db) in [(2, 30.0), (4, 20.0), (5, 20.0), (8, 20.0), (8, 30.0)] {
        let preamble = on_bins(75, 128, repetitions, 0);
        let cfo_hz = 0.3 * SAMPLE_RATE_HZ / 128.0;
        let count = preamble.samples().len();
        let signal = received(&preamble, 0.0, cfo_hz / SAMPLE_RATE_HZ, Complex64::ONE, count);
        let error = |trial| {
            let samples = noisy(&signal, amplitude_from_db(snr_db) as f32, trial);
            repetition_cfo(&samples, 128, repetitions, SAMPLE_RATE_HZ).unwrap() - cfo_hz
        };
        let errors: Vec<f64> = (0..6000).map(error).collect();
        let bound = repetition_cfo_variance_hz2(power_from_db(snr_db), 128, repetitions, SAMPLE_RATE_HZ);
        check_bound(&errors, bound, 0.16, &format!("{repetitions} repetitions at {snr_db} dB"));
    }
}

#[test]
fn multipath_does_not_disturb_the_offset_from_repetitions() {
    let preamble = on_bins(75, 128, 4, 20);
    let frequency = -0.41 / 128.0;
    let direct = received(&preamble, 0.0, frequency, Complex64::ONE, 600);
    let echo = received(&preamble, 13.0, frequency, Complex64::new(0.3, -0.9), 600);
    let sum: Vec<Complex32> = direct.iter().zip(&echo).map(|(a, b)| a + b).collect();
    // The window begins after the echo of the prefix has set in.
    let estimated = repetition_cfo(&sum[16..], 128, 4, 1.0).unwrap();
    assert!((estimated - frequency).abs() < 1e-8);
    assert_eq!(repetition_cfo(&sum, 128, 5, 1.0), None);
    assert_eq!(repetition_cfo(&sum, 128, 1, 1.0), None);
    assert_eq!(repetition_cfo(&sum, 0, 4, 1.0), None);
    assert_eq!(repetition_cfo(&[Complex32::default(); 512], 128, 4, 1.0), None);
}

#[test]
fn without_noise_everything_is_recovered() {
    let preamble = on_bins(150, 256, 4, 18);
    let estimator = PreambleEstimator::new(&preamble, SAMPLE_RATE_HZ, 1e-3, CarrierOffset::Unknown).unwrap();
    let range_hz = estimator.cfo_range_hz();
    assert_eq!(range_hz, SAMPLE_RATE_HZ / 512.0);
    for (start, share) in [(300.0, 0.0), (777.25, 0.5), (901.5, -0.95), (1234.49, 0.95)] {
        let (cfo_hz, amplitude) = (share * range_hz, Complex64::from_polar(0.02, -2.0));
        let samples = received(&preamble, start, cfo_hz / SAMPLE_RATE_HZ, amplitude, 3000);
        let found = estimator.estimate(&samples).unwrap();
        assert!((found.start_samples - start).abs() < 1e-3, "{found:?}, start {start}");
        assert!((found.cfo_hz - cfo_hz).abs() < 0.01, "{found:?}, offset {cfo_hz}");
        assert!((found.amplitude / amplitude - 1.0).norm() < 1e-3, "{found:?}");
        assert!(found.statistic > 0.999);
    }
}

#[test]
fn the_whole_estimate_reaches_the_bound() {
    let preamble = on_bins(150, 256, 4, 18);
    let estimator = PreambleEstimator::new(&preamble, SAMPLE_RATE_HZ, 1e-3, CarrierOffset::Unknown).unwrap();
    let bounds = SynchronisationBounds::new(&preamble, SAMPLE_RATE_HZ);
    let (start, cfo_hz) = (600.71, 0.4 * SAMPLE_RATE_HZ / 256.0);
    let signal = received(&preamble, start, cfo_hz / SAMPLE_RATE_HZ, Complex64::ONE, 2400);
    let estimate = |trial| {
        let samples = noisy(&signal, amplitude_from_db(-3.0) as f32, trial);
        let found = estimator.estimate(&samples).unwrap();
        ((found.start_samples - start) / SAMPLE_RATE_HZ, found.cfo_hz - cfo_hz)
    };
    let (delays_s, offsets_hz): (Vec<f64>, Vec<f64>) = (0..1500).map(estimate).unzip();
    for (errors, bound, what) in [
        (delays_s, bounds.joint_timing_variance_s2(power_from_db(-3.0)), "delay"),
        (offsets_hz, bounds.joint_cfo_variance_hz2(power_from_db(-3.0)), "offset"),
    ] {
        let ratios = Moments::of(errors.iter().map(|error| error * error / bound));
        let spec = CheckSpec { alpha: 1e-6, detects: 0.33 };
        check_mean(&ratios, 1.0, spec).unwrap_or_else(|failure| panic!("{what}: {failure}"));
        assert_disagrees(check_mean(&ratios, power_from_db(2.0), spec));
    }
}

#[test]
fn noise_is_taken_for_a_preamble_no_more_often_than_asked() {
    let preamble = on_bins(40, 64, 2, 0);
    let estimator = PreambleEstimator::new(&preamble, SAMPLE_RATE_HZ, 0.05, CarrierOffset::Unknown).unwrap();
    let windows = 4000;
    let alarms = (0..windows).filter(|trial| estimator.estimate(&noise(*trial, 600)).is_some()).count();
    // Lags of a band-limited preamble depend on each other, so the rate stays below: 5 standard errors above is too many.
    let most = 0.05 * windows as f64 + 5.0 * (0.05 * 0.95 * windows as f64).sqrt();
    assert!(alarms > 0 && (alarms as f64) < most, "{alarms} of {windows}");
}

#[test]
fn windows_without_a_preamble_give_none() {
    let preamble = on_bins(150, 256, 4, 18);
    for offset in [CarrierOffset::Zero, CarrierOffset::Unknown] {
        let estimator = PreambleEstimator::new(&preamble, SAMPLE_RATE_HZ, 1e-6, offset).unwrap();
        assert_eq!(estimator.estimate(&[]), None);
        assert_eq!(estimator.estimate(&vec![Complex32::default(); 4000]), None);
        assert_eq!(estimator.estimate(&vec![Complex32::new(f32::NAN, 1.0); 4000]), None);
        assert_eq!(estimator.estimate(&noise(1, 4000)), None);
        assert_eq!(estimator.refine(&[], 50, 0.0), None);
        assert!(PreambleEstimator::new(&preamble, 0.0, 1e-3, offset).is_err());
        assert!(PreambleEstimator::new(&preamble, 1e6, 1.0, offset).is_err());
    }
}

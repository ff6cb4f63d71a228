//! Rounds over the symbol rung against the formulas.

use super::super::{IntervalNoise, MisalignedRound, Receiver};
use super::plan;
use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
use airloop_baseband::statistics::Moments;
use airloop_baseband::{Complex32, Purpose, Seeds};
use rayon::prelude::*;

/// Values a trial, 64 frames and a short one, and trials.
const LENGTH: usize = 64 * 128 + 50;
const TRIALS: u64 = 120;

/// Relative error that each check must see.
const DETECTS: f64 = 0.06;

/// Runs a receiver, and returns the error of the sum per value by trial, and by formula.
fn run(delays: &[f64], phases: &[f64], receiver: Receiver) -> (Moments, f64) {
    let plan = plan((delays, phases), 0.1, LENGTH, receiver);
    // Channels of several strengths: the weakest sets the amplitude.
    let gains: Vec<Complex32> =
        (0..delays.len()).map(|k| Complex32::from_polar(1.0 + 0.3 * k as f32, 2.0 * k as f32)).collect();
    let link = plan.align(&gains).unwrap();
    let error = |trial: u64| {
        let mut round = MisalignedRound::new(&plan, trial, &gains).unwrap();
        let noise = Seeds::new(5).stream(Purpose::Noise, trial, 0);
        let outcome = round.run_symbol(IntervalNoise::Intervals(noise)).unwrap();
        let pairs = outcome.estimate.iter().zip(&outcome.truth);
        pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / LENGTH as f64
    };
    let errors: Vec<f64> = (0..TRIALS).into_par_iter().map(error).collect();
    (Moments::of(errors), plan.mean_square_error(&link).unwrap())
}

/// Holds every receiver against its own formula, and against the others' as controls.
fn assert_formulas(delays: &[f64], phases: &[f64]) {
    let found: Vec<(Moments, f64)> = super::RECEIVERS.iter().map(|r| run(delays, phases, *r)).collect();
    for (receiver, (moments, expected)) in super::RECEIVERS.iter().zip(&found) {
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(*expected, DETECTS) };
        let pass = check_mean(moments, *expected, spec);
        println!("{receiver:?} {delays:?} {phases:?}: {pass:?}");
        assert!(pass.is_ok(), "{receiver:?}: {pass:?}");
        let others = found.iter().map(|(_, other)| *other);
        let far: Vec<f64> = others.filter(|other| (other / expected - 1.0).abs() > DETECTS).collect();
        assert!(!far.is_empty());
        for other in far {
            let control = check_mean(moments, other, spec);
            assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{receiver:?}: {control:?}");
        }
    }
}

#[test]
fn two_devices_follow_their_formulas() {
    assert_formulas(&[0.0, 0.5], &[0.0, 0.0]);
}

#[test]
fn two_devices_in_quadrature_follow_their_formulas() {
    assert_formulas(&[0.5, 0.0], &[std::f64::consts::FRAC_PI_2, 0.0]);
}

#[test]
fn four_devices_follow_their_formulas() {
    assert_formulas(&[0.0, 0.3, 0.6, 0.9], &[0.0; 4]);
}

#[test]
fn late_devices_follow_their_formulas() {
    assert_formulas(&[0.35, 0.8, 0.35], &[0.2, 0.0, -0.5]);
}

#[test]
fn the_account_tells_what_was_spent() {
    let plan = plan((&[0.0, 0.5], &[0.0; 2]), 0.1, LENGTH, Receiver::AlignedSample);
    let gains = [Complex32::new(0.0, 2.0), Complex32::new(0.5, 0.0)];
    let mut round = MisalignedRound::new(&plan, 0, &gains).unwrap();
    let noise = Seeds::new(5).stream(Purpose::Noise, 0, 0);
    let outcome = round.run_symbol(IntervalNoise::Intervals(noise)).unwrap();
    let account = outcome.account;
    // 64 frames of 65 symbol times, and 25 symbols with their tail.
    assert_eq!((account.elements, account.symbols), (64 * 65 + 26, 64 * 65 + 26));
    assert_eq!(plan.symbol_times().unwrap(), account.elements);
    assert!((account.active_fraction - (LENGTH / 2) as f64 / account.elements as f64).abs() < 1e-12);
    assert!((account.receive_snr.unwrap() - 2.5).abs() < 1e-9, "0.25 over 0.1");
    assert!((account.power_peak - 1.0).abs() < 1e-6, "the weakest device uses its whole budget");
    // |b|^2 is 1/16 and 1; Gaussian values make 2 % of chance.
    let mean = account.active_fraction * (1.0 + 1.0 / 16.0) / 2.0;
    assert!((account.power_used_mean / mean - 1.0).abs() < 0.1, "{} {mean}", account.power_used_mean);
    let tally = round.tally();
    assert!((tally.gain / tally.gain_count as f64 - 2.125).abs() < 1e-6);
    assert!((tally.noise / tally.noise_count as f64 / 0.1 - 1.0).abs() < 0.1);
}

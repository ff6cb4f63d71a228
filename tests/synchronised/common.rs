//! The part that all devices share: the receiver removes it, and nothing else.

use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use std::f64::consts::TAU;

const SYNC: &str = "link.snr_db=30; sync.mode=preamble; impairments.cfo_hz={uniform=[-3e3,3e3]}; \
                    impairments.timing_offset_s={uniform=[-1e-6,1e-6]}";

#[test]
fn a_common_carrier_offset_is_removed() {
    const OFFSET_HZ: f64 = 150.0;
    let with = |common: bool| {
        let settings = format!("sync.snr_db=45; sync.common={common}");
        load(&[GRID, &gaussian(8, 3000), SYNC, &settings])
    };
    let (aware, unaware) = (with(true), with(false));
    let polite = error(&trials(&unaware, 16)).mean;
    let removed = error(&trials_off(&aware, 16, OFFSET_HZ)).mean;
    assert!(removed < 1.3 * polite, "{removed} {polite}");
    // Ten symbols of 304 samples after the beacon and the guard: the phase turns from the start of the round.
    let lead = unaware.sync.as_ref().unwrap().lead_symbols();
    let turned = |symbol: usize| {
        let t = ((lead + symbol) * 304 + 48 + 128) as f64 / RATE_HZ;
        2.0 * (1.0 - (TAU * OFFSET_HZ * t).cos())
    };
    let expected = (0..10).map(turned).sum::<f64>() / 10.0;
    let left = error(&trials_off(&unaware, 64, OFFSET_HZ));
    assert!(left.mean > 20.0 * removed, "{left:?} {removed}");
    assert_mean("common offset", &left, expected, 0.1);
}

#[test]
fn what_each_device_has_of_its_own_stays() {
    // The mean over K devices is the common part: a share 1/K of what the beacons left.
    const DEVICES: usize = 4;
    let with = |common: bool| {
        let settings = format!("sync.snr_db=10; sync.common={common}; sync.repetitions=2");
        load(&[GRID, &gaussian(DEVICES, 1200), SYNC, &settings])
    };
    let lead = |common: bool| with(common).sync.as_ref().unwrap().lead_symbols();
    assert_eq!(lead(true), lead(false) + 2);
    const TRIALS: usize = 250;
    let found = trials(&with(true), TRIALS as u64);
    // What the clocks of a trial would leave at its payload's place, to second order.
    let whole = |trial: &airloop::run::Trial| {
        let clocks = trial.tally.clocks;
        let cfo = clocks.cfo_hz2 / clocks.sent as f64;
        let timing = clocks.timing_s2 / clocks.sent as f64;
        let t2: f64 =
            (0..4).map(|s| (((lead(true) + s) * 304 + 176) as f64 / RATE_HZ).powi(2)).sum::<f64>() / 4.0;
        let f2: f64 =
            (-75..=75).filter(|k| *k != 0).map(|k| (f64::from(k) * 30e3_f64).powi(2)).sum::<f64>() / 150.0;
        TAU * TAU * (cfo * t2 + timing * f2)
    };
    let expected: f64 = found.iter().map(whole).sum::<f64>() / TRIALS as f64;
    println!("removed {:.3} of {expected:.4e}", 1.0 - error(&found).mean / expected);
    let beyond = |left: f64| Moments::of(found.iter().map(|t| t.mse_per_device() - left * whole(t)));
    let spec = CheckSpec { alpha: 1e-6, detects: 0.15 * expected };
    check_mean(&beyond(0.75), 0.0, spec).unwrap_or_else(|e| panic!("three quarters are left: {e}"));
    for wrong in [0.5, 1.0] {
        let control = check_mean(&beyond(wrong), 0.0, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{wrong} is left: {control:?}");
    }
    let single = load(&[GRID, &gaussian(1, 1200), SYNC, "sync.snr_db=10; sync.common=true; link.snr_db=40"]);
    let all = error(&trials(&single, 50)).mean;
    assert!(all < 0.1 * expected, "the only device's errors are all common: {all} of {expected}");
}

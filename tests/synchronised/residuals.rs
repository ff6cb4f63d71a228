//! What a beacon leaves of timing and carrier errors, and devices that miss it.

use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::baseband::synchronisation::{Combining, PreambleSearch, SynchronisationBounds};
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, Trial, run};
use std::f64::consts::TAU;

const OFF: &str =
    "impairments.timing_offset_s={uniform=[-2.6e-6,2.6e-6]}; impairments.cfo_hz={uniform=[-9e3,9e3]}";

/// Mean squared timing and carrier errors of the devices of each trial.
fn squares(trials: &[Trial]) -> [Moments; 2] {
    let clocks = || trials.iter().map(|t| t.tally.clocks);
    assert!(clocks().all(|c| c.sent == c.detected && c.listened > 0));
    [
        Moments::of(clocks().map(|c| c.timing_s2 / c.sent as f64)),
        Moments::of(clocks().map(|c| c.cfo_hz2 / c.sent as f64)),
    ]
}

/// SNR per sample of a beacon.
fn sample_snr(experiment: &Experiment) -> f64 {
    let sync = experiment.sync.as_ref().unwrap();
    sync.used_share / sync.noise_power
}

fn reach_the_bounds(sequence: &str, snr_db: f64) {
    let sync = format!("link.snr_db=30; sync.mode=preamble; sync.sequence={sequence}; sync.snr_db={snr_db}");
    let experiment = load(&[GRID, &gaussian(25, 300), OFF, &sync]);
    let bounds = SynchronisationBounds::new(&experiment.sync.as_ref().unwrap().preamble, RATE_HZ);
    let snr = sample_snr(&experiment);
    let [timing, cfo] = squares(&trials(&experiment, 200));
    // 10 % of the root is 20 % of the square.
    let what = format!("{sequence} at {snr_db} dB");
    assert_mean(&format!("timing, {what}"), &timing, bounds.joint_timing_variance_s2(snr), 0.2);
    assert_mean(&format!("carrier, {what}"), &cfo, bounds.joint_cfo_variance_hz2(snr), 0.2);
}

#[test]
fn residuals_reach_the_bounds_in_noise() {
    reach_the_bounds("zadoff-chu", -4.0);
}

#[test]
fn residuals_reach_the_bounds_at_middle_snr() {
    reach_the_bounds("zadoff-chu", 6.0);
}

#[test]
fn residuals_reach_the_bounds_at_high_snr() {
    reach_the_bounds("zadoff-chu", 20.0);
}

#[test]
fn residuals_reach_the_bounds_of_golay_sequences() {
    reach_the_bounds("golay", 6.0);
}

#[test]
fn right_carriers_are_left_alone() {
    let sync = "link.snr_db=30; sync.mode=preamble; sync.snr_db=0; \
                impairments.timing_offset_s={uniform=[-2.6e-6,2.6e-6]}";
    let experiment = load(&[GRID, &gaussian(25, 300), sync]);
    let bounds = SynchronisationBounds::new(&experiment.sync.as_ref().unwrap().preamble, RATE_HZ);
    let [timing, cfo] = squares(&trials(&experiment, 200));
    assert_mean("timing alone", &timing, bounds.timing_variance_s2(sample_snr(&experiment)), 0.2);
    assert_eq!(cfo.mean, 0.0);
}

#[test]
fn one_oscillator_is_corrected_in_carrier_and_clock() {
    let sync = "link.snr_db=40; sync.mode=preamble; sync.snr_db=50; impairments.oscillator_ppm={uniform=[-4,4]}; \
                impairments.timing_offset_s={uniform=[-2.6e-6,2.6e-6]}; impairments.phase_rad={normal=0.01}";
    let experiment = load(&[GRID, &gaussian(10, 6000), sync]);
    let found = trials(&experiment, 16);
    let [timing, cfo] = squares(&found);
    // 4 ppm of 3.5 GHz are 14 kHz; a hundred thousandth of it is left.
    assert!(cfo.mean.sqrt() < 10.0 && timing.mean.sqrt() * RATE_HZ < 0.01, "{cfo:?} {timing:?}");
    assert!(error(&found).mean < 2e-4, "{:?}", error(&found));
    let drifting =
        load(&[GRID, &gaussian(10, 6000), "link.snr_db=40; impairments.oscillator_ppm={uniform=[-4,4]}"]);
    assert!(error(&trials(&drifting, 4)).mean > 1.0);
}

#[test]
fn devices_that_miss_the_beacon_keep_silent() {
    // One place to search, so that the law holds as it stands.
    let base = "link.snr_db=40; sync.mode=preamble; sync.search_window_s=0; sync.false_alarm_rate=1e-6";
    for (carrier, combining) in
        [("", Combining::Coherent), ("impairments.cfo_hz={uniform=[-50,50]}", Combining::NonCoherent)]
    {
        let experiment = load(&[GRID, &gaussian(50, 300), base, carrier, "sync.snr_db=-13"]);
        let sync = experiment.sync.as_ref().unwrap();
        let law = PreambleSearch::new(&sync.preamble, combining).law();
        let snr = sample_snr(&experiment);
        let expected = law.detection_probability(snr, law.threshold(1e-6, 1));
        let found = trials(&experiment, 160);
        let share = Moments::of(found.iter().map(|t| t.tally.clocks.detected_share().unwrap()));
        println!("{combining:?}: {:.4} against {expected:.4}", share.mean);
        let spec = CheckSpec { alpha: 1e-6, detects: 0.06 };
        check_mean(&share, expected, spec).unwrap_or_else(|e| panic!("{combining:?}: {e}"));
        for off in [0.794, 1.259] {
            let wrong = law.detection_probability(snr * off, law.threshold(1e-6, 1));
            let control = check_mean(&share, wrong, spec);
            assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{combining:?}: {wrong}");
        }
        // Each silent device is missing from the sum: its error is its own power. The others turn by what is left.
        let bounds = SynchronisationBounds::new(&sync.preamble, RATE_HZ);
        let (timing, cfo) = match combining {
            Combining::Coherent => (bounds.timing_variance_s2(snr), 0.0),
            Combining::NonCoherent => {
                (bounds.joint_timing_variance_s2(snr), bounds.joint_cfo_variance_hz2(snr))
            }
        };
        let t = experiment.numerology.symbol_centre_s(sync.lead_symbols());
        let frequencies = experiment.numerology.frequencies_hz();
        let turned = |f: &f64| 2.0 * (1.0 - (-0.5 * TAU * TAU * (timing * f * f + cfo * t * t)).exp());
        let sending = frequencies.iter().map(turned).sum::<f64>() / frequencies.len() as f64;
        let (errors, silent) = (error(&found), 1.0 - expected);
        println!("{combining:?}: {:.4} against {silent:.4} + {expected:.4} {sending:.4}", errors.mean);
        let predicted = silent + expected * sending;
        let spec = CheckSpec { alpha: 1e-6, detects: 0.15 * predicted };
        check_mean(&errors, predicted, spec).unwrap_or_else(|e| panic!("{combining:?}: {e}"));
        let control = check_mean(&errors, expected * sending, spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "silence costs nothing: {control:?}");
    }
}

#[test]
fn a_beacon_that_nobody_hears_leaves_nothing_of_the_sum() {
    let experiment = load(&[
        GRID,
        &gaussian(5, 300),
        "link.snr_db=20; sync.mode=preamble; sync.snr_db=-60; stop.trials=8",
    ]);
    let report = run(&experiment, Fidelity::Waveform, &RunOptions::default()).unwrap();
    assert!(report.sync_detected_share.unwrap() < 0.1);
    let nmse = report.metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((0.9..1.1).contains(&nmse), "{nmse}");
    assert!(report.warnings.iter().any(|w| w.code == "beacon-missed"), "{:?}", report.warnings);
}

#[test]
fn a_device_that_knows_its_channel_knows_what_it_does_to_a_beacon() {
    let settings = "channel.model=exponential; channel.delay_spread_s=2e-7; link.snr_db=30; sync.mode=preamble; \
                    sync.snr_db=40; scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain; \
                    impairments.timing_offset_s={uniform=[-2e-6,2e-6]}; impairments.cfo_hz={uniform=[-5e3,5e3]}";
    let mut experiment = load(&[GRID, &gaussian(20, 300), settings]);
    let median = |experiment: &Experiment| {
        let mut all: Vec<f64> =
            trials(experiment, 24).iter().map(|t| RATE_HZ * t.tally.clocks.rms().unwrap().0).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let known = median(&experiment);
    let mut sync = (**experiment.sync.as_ref().unwrap()).clone();
    sync.knows_channel = false;
    experiment.sync = Some(std::sync::Arc::new(sync));
    let unknown = median(&experiment);
    // The delay spread is 1.5 samples: what the strongest path leaves without knowledge is of that size.
    assert!(known < 0.05 && unknown > 0.5, "{known} {unknown}");
}

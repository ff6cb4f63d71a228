//! Grids whose prefix is shorter than the filters of the emulator: the window lies where both ends lose least.

use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, TrialContext, run};
use airloop_baseband::{Complex32, Complex64};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// 48 subcarriers of 64 and a prefix of 16: as many samples as one filter of fractional delays is long.
const SHORT: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                     ofdm.used_subcarriers=48; payload.source=gaussian; payload.length=960; link.snr_db=40";

const TDL_D: &str = "channel.model=tdl-d; channel.delay_spread_s=1e-7";
const PHASE: &str = "scheme.kind=phase-only";
const INVERSION: &str = "scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain";
const EARLY_OR_LATE: &str = "impairments.timing_offset_s={uniform=[-1e-9,1e-9]}";
const PREAMBLE: &str = "sync.mode=preamble; sync.snr_db=60";

/// Errors of trials that differ in the clocks alone.
fn errors(experiment: &Experiment, fidelity: Fidelity) -> Vec<f64> {
    let context = TrialContext::new(experiment, fidelity).unwrap();
    (0..64u64).into_par_iter().map(|trial| context.run(trial).unwrap().mse_per_device()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Returns the interference that the report warns of, in decibels.
fn warned_db(experiment: &Experiment) -> Option<f64> {
    let report = run(experiment, Fidelity::Waveform, &RunOptions::default()).unwrap();
    let warning = report.warnings.iter().find(|w| w.code == "prefix-shorter-than-channel")?;
    let db = warning.message.split("interference of ").nth(1)?.split(' ').next()?;
    Some(db.parse().unwrap())
}

#[test]
fn clocks_that_are_right_but_for_a_nanosecond_cost_nothing() {
    for (scheme, bound) in [(PHASE, 0.01), (INVERSION, 0.3)] {
        let with = |clocks: &str| load(&[SHORT, "payload.devices=10", TDL_D, scheme, clocks]);
        let right = mean(&errors(&with(""), Fidelity::Waveform));
        for clocks in [EARLY_OR_LATE, PREAMBLE] {
            let found = mean(&errors(&with(clocks), Fidelity::Waveform));
            println!("{scheme}, {clocks}: {found:.5} against {right:.5}");
            assert!((found / right - 1.0).abs() < bound, "{scheme}, {clocks}: {found} {right}");
        }
        // Control: a window that opens as early as all filters answer takes in a part of the symbol before.
        let window = with(EARLY_OR_LATE).receive_window().unwrap();
        assert!(window.advance_samples <= 12, "{window:?}");
    }
}

/// Returns what a received grid has beside the sent one, late by some samples, over the sent one's power.
fn beside_db(experiment: &Experiment, late_samples: f64) -> f64 {
    let grid = |fidelity: Fidelity| {
        let context = TrialContext::new(experiment, fidelity).unwrap().paired();
        context.run_with_vectors(0).unwrap().1.grids.unwrap()
    };
    let (sent, received) = (grid(Fidelity::Symbol), grid(Fidelity::Waveform));
    let offsets = experiment.numerology.offsets();
    let (mut beside, mut power) = (0.0, 0.0);
    for (i, (x, y)) in sent.iter().zip(&received).enumerate() {
        let turn = Complex64::cis(-TAU * f64::from(offsets[i % offsets.len()]) * late_samples / 64.0);
        let wide = |z: &Complex32| Complex64::new(z.re.into(), z.im.into());
        beside += (wide(y) - wide(x) * turn).norm_sqr();
        power += x.norm_sqr() as f64;
    }
    10.0 * (beside / power).log10()
}

#[test]
fn the_interference_that_is_warned_of_is_what_is_seen() {
    // One device without fading and with hardly any noise: what falls outside of the window is left.
    for late_samples in [-12.5, -9.3, 8.4, 10.5, 12.5, 14.0, 18.0, 20.5] {
        let late_s = late_samples / 1.92e6;
        let clocks = format!("impairments.timing_offset_s={late_s:e}");
        let settings = "payload.devices=1; payload.length=19200; channel.model=awgn; scheme.kind=full-inversion; \
                        link.snr_db=120; stop.trials=1";
        let experiment = load(&[SHORT, settings, &clocks]);
        let (warned, found) = (warned_db(&experiment), beside_db(&experiment, late_samples));
        let window = experiment.receive_window().unwrap();
        println!("{late_samples} samples: {found:.2} dB, {warned:?}, {window:?}");
        // The figure is a bound: what of it lies outside of the used subcarriers does not disturb.
        match warned {
            Some(warned) => {
                assert!((-6.0..0.1).contains(&(found - warned)), "{late_samples}: {found} {warned}")
            }
            None => assert!(found < -60.0, "{late_samples}: {found}"),
        }
        // Control: a window that is ready for the last coefficient of the filters, but not for these clocks.
        let nominal = load(&[SHORT, settings]).receive_window().unwrap();
        assert_eq!((nominal.advance_samples, nominal.interference), (0, 0.0));
    }
}

#[test]
fn with_a_preamble_what_is_left_of_the_offsets_counts() {
    let settings = "payload.devices=10; channel.model=awgn; scheme.kind=full-inversion; sync.mode=preamble; sync.snr_db=70; \
                    impairments.timing_offset_s={uniform=[-1e-6,1e-6]}; stop.trials=16";
    let experiment = load(&[SHORT, settings]);
    // Noise alone: 1/(K SNR).
    let found = mean(&errors(&experiment, Fidelity::Waveform));
    assert!((found / 1e-5 - 1.0).abs() < 0.1, "{found}");
    assert_eq!(warned_db(&experiment), None);
    // Control: without the preamble, larger offsets stay.
    let raw = settings.replace("sync.mode=preamble; sync.snr_db=70; ", "").replace("1e-6", "8e-6");
    assert!(warned_db(&load(&[SHORT, &raw])).unwrap() > -40.0);
}

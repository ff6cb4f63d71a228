//! The ladder's effect of imperfect clocks, against the floors of each.

use crate::setup::*;
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_mean};
use airloop::baseband::statistics::Moments;
use airloop::baseband::synchronisation::SynchronisationBounds;
use airloop::experiment::Experiment;
use airloop::ladder::effect::paired_effect;
use airloop::ladder::law::waveform_against_symbol;
use airloop::report::Fidelity;
use airloop::run::TrialContext;
use airloop::theory::floors::{Spread, misalignment};
use rayon::prelude::*;
use std::f64::consts::TAU;

/// Every subcarrier of 64 and a prefix of 16.
pub const FULL: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                    ofdm.used_subcarriers=64; ofdm.dc=true; channel.model=awgn; scheme.kind=full-inversion";

/// 600 subcarriers of 1024.
const WIDE: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=15.36e6; ofdm.fft_size=1024; \
                    ofdm.cyclic_prefix_samples=72; ofdm.used_subcarriers=600; channel.model=awgn; \
                    scheme.kind=full-inversion";

/// Every subcarrier of 512 and a prefix of 144: room for filters in the prefix, none in the band.
const FULL_WIDE: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=15.36e6; ofdm.fft_size=512; \
                         ofdm.cyclic_prefix_samples=144; ofdm.used_subcarriers=512; ofdm.dc=true; channel.model=awgn; \
                         scheme.kind=full-inversion";

/// Returns the error that the waveform rung adds to the symbol rung's, trial by trial on the same draws, which is what the
/// ladder's effect says too.
pub fn added(experiment: &Experiment, count: u64) -> Moments {
    let symbol = TrialContext::new(experiment, Fidelity::Symbol).unwrap().paired();
    let waveform = TrialContext::new(experiment, Fidelity::Waveform).unwrap().paired();
    let of = |context: &TrialContext<'_>, trial| context.run(trial).unwrap().mse_per_device();
    let pairs: Vec<(f64, f64)> =
        (0..count).into_par_iter().map(|t| (of(&waveform, t), of(&symbol, t))).collect();
    let added = Moments::of(pairs.iter().map(|(w, s)| w - s));
    let below = pairs.iter().map(|p| p.1).sum::<f64>() / count as f64;
    let effect = paired_effect(&pairs).db;
    assert!((10f64.powf(effect / 10.0) * below / (below + added.mean) - 1.0).abs() < 1e-9, "{effect} dB");
    added
}

/// Holds what is added against a floor: the check fails by chance once in a thousand, sees a floor 0.4 dB off, and lies within
/// 0.2 dB; as controls floors 0.5 dB up and down must fail.
#[track_caller]
pub fn assert_floor(what: &str, added: &Moments, floor: f64) {
    let db = 10.0 * (added.mean / floor).log10();
    println!("{what}: {:.5e} +- {:.1e} against {floor:.5e}, {db:+.3} dB", added.mean, added.standard_error());
    assert!(db.abs() < 0.2, "{what}: {db} dB");
    let spec = CheckSpec { alpha: 1e-3, detects: (10f64.powf(0.04) - 1.0) * floor };
    check_mean(added, floor, spec).unwrap_or_else(|e| panic!("{what}: {e}"));
    for off_db in [-0.5, 0.5] {
        let control = check_mean(added, floor * 10f64.powf(off_db / 10.0), spec);
        assert!(matches!(control, Err(CheckFailure::Disagrees(_))), "{what}: {off_db} dB passed");
    }
}

#[test]
fn phases_leave_their_floor() {
    for degrees in [5.0_f64, 10.0, 20.0] {
        let sd = degrees.to_radians();
        let phase = format!("link.snr_db=20; impairments.phase_rad={{normal={sd}}}");
        let experiment = load(&[FULL, &gaussian(150, 512), &phase]);
        let floor = misalignment::phase(Spread::Normal { sd }).independent();
        assert_floor(&format!("{degrees} degrees"), &added(&experiment, 256), floor);
    }
}

#[test]
fn carrier_offsets_leave_their_floor() {
    // A thousandth of the spacing either way, 20 symbols.
    let half_hz = 30.0;
    let cfo = format!("link.snr_db=20; impairments.cfo_hz={{uniform=[-{half_hz},{half_hz}]}}");
    let experiment = load(&[FULL, &gaussian(150, 2560), &cfo]);
    let found = added(&experiment, 256);
    let phase = |t: f64| TAU * 0.001 * t;
    let turned = |t: f64| 2.0 * (1.0 - phase(t).sin() / phase(t));
    let grid = (0..20).map(|m| turned(f64::from(80 * m + 48) / 64.0)).sum::<f64>() / 20.0;
    assert_floor("carrier, symbol by symbol", &found, grid);
    let frame_s = 1600.0 / 1.92e6;
    let floor = misalignment::carrier_offset(Spread::Uniform { half_width: half_hz }, frame_s).independent();
    assert_floor("carrier, over the frame", &found, floor);
    // After 20 symbols it is 0.00854.
    assert!((turned(25.5) - 0.00854).abs() < 1e-5, "{}", turned(25.5));
}

#[test]
fn timing_offsets_leave_their_floor() {
    let half_s = 0.5 / 15.36e6;
    let timing = format!("link.snr_db=20; impairments.timing_offset_s={{uniform=[-{half_s},{half_s}]}}");
    let experiment = load(&[WIDE, &gaussian(80, 1200), &timing]);
    let frequencies = experiment.numerology.frequencies_hz();
    let floor =
        misalignment::timing_on_grid(Spread::Uniform { half_width: half_s }, &frequencies).independent();
    assert!((floor - 0.0922).abs() < 1e-4, "{floor}");
    assert_floor("timing", &added(&experiment, 256), floor);
    // A tenth of it is small: the square of band and offset.
    let small = format!("link.snr_db=40; impairments.timing_offset_s={{uniform=[-{0},{0}]}}", half_s / 10.0);
    let experiment = load(&[WIDE, &gaussian(80, 1200), &small]);
    let spread = Spread::Uniform { half_width: half_s / 10.0 };
    let floor = misalignment::timing(spread, 600.0 * 15e3).independent();
    assert_floor("small timing", &added(&experiment, 256), floor);
}

#[test]
fn oscillators_leave_their_floor() {
    // At a low carrier the slip of the sample clock and the turn of the carrier are alike.
    for (carrier_hz, ppm) in [(3.5e9, 0.02), (4e6, 12.0)] {
        let settings = format!(
            "link.snr_db=30; channel.carrier_hz={carrier_hz}; impairments.oscillator_ppm={{uniform=[-{ppm},{ppm}]}}"
        );
        let experiment = load(&[WIDE, &gaussian(60, 6000), &settings]);
        let (numerology, e) = (&experiment.numerology, 1e-6 * ppm);
        let frequencies = numerology.frequencies_hz();
        let mut floor = 0.0;
        for symbol in 0..5 {
            let t = numerology.symbol_centre_s(symbol);
            for f in &frequencies {
                let x = TAU * e * t * (carrier_hz + f);
                floor += if x == 0.0 { 0.0 } else { 2.0 * (1.0 - x.sin() / x) / 3000.0 };
            }
        }
        assert_floor(&format!("{ppm} ppm at {carrier_hz} Hz"), &added(&experiment, 256), floor);
    }
}

/// What an oscillator, a delay and a phase leave after a beacon: the variances of its bounds, turned from the round's start to
/// the middle of the window, which opens early inside the prefix.
fn floor_of_bounds(experiment: &Experiment, symbols: usize, sd_rad: f64) -> f64 {
    let sync = experiment.sync.as_ref().unwrap();
    let numerology = &experiment.numerology;
    let bounds = SynchronisationBounds::new(&sync.preamble, numerology.sample_rate_hz());
    let snr = sync.used_share / sync.noise_power;
    let (timing, cfo) = (bounds.joint_timing_variance_s2(snr), bounds.joint_cfo_variance_hz2(snr));
    let frequencies = numerology.frequencies_hz();
    let early_s = experiment.receive_window().unwrap().advance_samples as f64 / numerology.sample_rate_hz();
    let mut floor = 0.0;
    for symbol in 0..symbols {
        let t = numerology.symbol_centre_s(sync.lead_symbols() + symbol) - early_s;
        for f in &frequencies {
            let variance = sd_rad * sd_rad + TAU * TAU * (cfo * t * t + timing * f * f);
            floor += 2.0 * (1.0 - (-0.5 * variance).exp());
        }
    }
    floor / (symbols * frequencies.len()) as f64
}

#[test]
fn with_a_preamble_drifting_clocks_of_a_full_grid_leave_what_the_bounds_allow() {
    // 3 ppm of 3.5 GHz are 10.5 kHz of 30 kHz.
    let settings = "link.snr_db=50; sync.mode=preamble; sync.snr_db=10; channel.carrier_hz=3.5e9; \
                    impairments.oscillator_ppm={uniform=[-3,3]}; \
                    impairments.timing_offset_s={uniform=[-5e-7,5e-7]}";
    let experiment = load(&[FULL_WIDE, &gaussian(40, 1024), settings]);
    let floor = floor_of_bounds(&experiment, 1, 0.0);
    assert_floor("drifting clocks, full grid", &added(&experiment, 288), floor);
}

#[test]
fn with_a_preamble_drifting_clocks_leave_what_the_bounds_allow() {
    const SD_RAD: f64 = 0.03;
    let settings = format!(
        "link.snr_db=30; sync.mode=preamble; sync.snr_db=5; impairments.phase_rad={{normal={SD_RAD}}}; \
         impairments.oscillator_ppm={{uniform=[-3,3]}}; impairments.timing_offset_s={{uniform=[-2.6e-6,2.6e-6]}}"
    );
    let experiment = load(&[GRID, &gaussian(40, 1500), &settings]);
    let floor = floor_of_bounds(&experiment, 5, SD_RAD);
    assert_floor("drifting clocks", &added(&experiment, 288), floor);
    // The law between the rungs knows nothing of clocks.
    let mut polite = experiment.clone();
    polite.impairments = airloop::experiment::sections::ImpairmentsSection::ideal();
    polite.sync = None;
    assert!(waveform_against_symbol(&polite).unwrap().holds());
    assert!(!waveform_against_symbol(&experiment).unwrap().holds(), "clocks change nothing");
}

#[test]
fn random_phases_leave_twice_the_power() {
    // E|exp(j phi) - 1|^2 = 2, whatever the number of devices.
    for devices in [1, 20] {
        let random = "link.snr_db=20; impairments.phase_rad={uniform=[0,6.283185307179586]}";
        let experiment = load(&[FULL, &gaussian(devices, 256), random]);
        let found = error(&trials(&experiment, 4000 / devices as u64));
        assert_mean("random phases", &found, 2.0 + 0.01 / devices as f64, 0.2);
    }
}

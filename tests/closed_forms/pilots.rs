//! Pilots over selective and moving channels: interpolation in frequency, prediction in time, airtime, other errors.

use crate::agreement::*;
use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::report::{Fidelity, TheoryKind};
use std::time::Instant;

fn estimated(settings: &[&str]) -> Experiment {
    let scheme = "link.snr_db=10; scheme.kind=truncated-inversion; scheme.threshold=0.1; scheme.scale=plain; \
                  link.csi=estimated";
    load(&[&[&gaussian(40, 960)[..], scheme], settings].concat())
}

/// Returns the ensemble value of theory.
#[track_caller]
fn ensemble(experiment: &Experiment) -> f64 {
    let theory = report(experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
    theory.metrics.mse_per_device.unwrap().mean.unwrap()
}

/// The error of inverting an MMSE estimate of error power `q`.
fn mmse_error(q: f64, devices: usize) -> f64 {
    let at = 0.1 / (1.0 - q);
    let inverse = e1(at) / (1.0 - q);
    1.0 - (-at).exp() + q * inverse + inverse / (devices as f64 * 10.0)
}

#[test]
fn all_pilots_of_a_flat_channel_serve_its_one_gain() {
    // q = 1/(1 + pilots symbols SNR_p): 48 subcarriers, every fourth a pilot, two symbols, at -10 dB each.
    let settings =
        "channel.model=rayleigh; pilots.spacing_subcarriers=4; pilots.symbols=2; pilots.snr_db=-10";
    let experiment = estimated(&[settings]);
    let expected = mmse_error(1.0 / (1.0 + 24.0 * 0.1), 40);
    assert_equal("flat mmse", ensemble(&experiment), expected);
    let since = Instant::now();
    assert_error("flat mmse", &trials(&experiment, Fidelity::Symbol, 6000), expected, since);
}

#[test]
fn interpolation_between_pilots_of_a_selective_channel() {
    for estimator in ["ls", "mmse"] {
        for (spacing, snr_db) in [(1, 10.0), (4, 15.0), (6, 25.0)] {
            let since = Instant::now();
            let settings = format!(
                "pilots.estimator={estimator}; pilots.spacing_subcarriers={spacing}; pilots.snr_db={snr_db}"
            );
            let experiment = estimated(&[SELECTIVE, &settings]);
            let what = format!("{estimator}, every {spacing}, {snr_db} dB");
            assert_error(&what, &trials(&experiment, Fidelity::Symbol, 2000), ensemble(&experiment), since);
        }
    }
}

#[test]
fn least_squares_on_a_two_pilot_line() {
    // By hand for the middle of two pilots of a two-path profile is what the general formula must give; here the whole
    // band of an exponential profile by direct double sums over pilots and paths.
    let experiment =
        estimated(&[SELECTIVE, "pilots.estimator=ls; pilots.spacing_subcarriers=4; pilots.snr_db=15"]);
    let airloop::medium::ChannelModel::Taps { fading, .. } = &experiment.channel else { panic!("taps") };
    let paths: Vec<(f64, f64)> = fading.profile().paths().iter().map(|p| (p.delay_s, p.power)).collect();
    let frequencies = experiment.numerology.frequencies_hz();
    // Real and imaginary part of E[H(f) H(f')^*].
    let correlation = |lag: f64| {
        let part = |f: fn(f64) -> f64| {
            paths.iter().map(|(d, p)| p * f(-std::f64::consts::TAU * lag * d)).sum::<f64>()
        };
        (part(f64::cos), part(f64::sin))
    };
    let noise = 1.0 / ratio(15.0);
    let mut elements: Vec<(f64, f64, f64)> = Vec::new();
    for (index, f) in frequencies.iter().enumerate() {
        let before = index / 4 * 4;
        let (a, b) = (frequencies[before], *frequencies.get(before + 4).unwrap_or(&frequencies[before]));
        let w = if a == b { 0.0 } else { (f - a) / (b - a) };
        let power = (1.0 - w).powi(2) * (1.0 + noise)
            + w * w * (1.0 + noise)
            + 2.0 * w * (1.0 - w) * correlation(a - b).0;
        let (near, far) = (correlation(f - a), correlation(f - b));
        elements.push((power, (1.0 - w) * near.0 + w * far.0, (1.0 - w) * near.1 + w * far.1));
    }
    let share: f64 = 1.0 / elements.len() as f64;
    let inverse: f64 = elements.iter().map(|e| share * e1(0.1 / e.0) / e.0).sum();
    let error: f64 = elements
        .iter()
        .map(|(power, re, im)| {
            let active = (-0.1 / power).exp();
            let off = (1.0 - re / power).powi(2) + (im / power).powi(2);
            let rest = 1.0 - (re * re + im * im) / power;
            share * (1.0 - active + active * off + rest * e1(0.1 / power) / power)
        })
        .sum();
    assert_equal("interpolated least squares", ensemble(&experiment), error + inverse / 400.0);
}

#[test]
fn prediction_over_a_moving_channel() {
    let moving = "channel.model=exponential; channel.delay_spread_s=5e-7; channel.delays=rounded; \
                  channel.speed_m_s=30; payload.devices=100; payload.length=288; pilots.snr_db=15";
    for settings in [
        "pilots.estimator=mmse; pilots.symbols=2; pilots.spacing_subcarriers=3",
        "pilots.estimator=ls; pilots.symbols=1",
        "pilots.estimator=mmse; pilots.period_symbols=5; link.csi_age_s=5e-5",
    ] {
        let since = Instant::now();
        let experiment = estimated(&[moving, settings]);
        let found = trials(&experiment, Fidelity::Symbol, 300);
        let errors = found.iter().map(|t| t.mse_per_device());
        assert_mean_seeing(settings, errors, ensemble(&experiment), (0.08, since));
    }
}

#[test]
fn pilots_and_feedback_take_airtime() {
    // 960 values on 48 subcarriers: ten symbols of payload.
    let base = "channel.model=rayleigh; pilots.spacing_subcarriers=4";
    let symbol_s = 80.0 / 1.92e6;
    let overhead = |settings: &str, fidelity| {
        let experiment = estimated(&[base, settings, "stop.trials=2"]);
        let report = report(&experiment, fidelity);
        assert_equal(
            settings,
            report.airtime_s.unwrap() - report.airtime_overhead_s.unwrap(),
            10.0 * symbol_s,
        );
        report.airtime_overhead_s.unwrap() / symbol_s
    };
    for fidelity in Fidelity::ALL {
        assert_equal("downlink", overhead("pilots.symbols=3", fidelity), 3.0);
        // 40 devices by one symbol, and 40 * 12 pilots * 2 parts * 8 bits at 2 bits an element on 48 subcarriers.
        let uplink = "pilots.sounding=uplink; link.csi_bits=8";
        assert_equal("uplink", overhead(uplink, fidelity), 40.0 + 80.0);
        let four = "pilots.sounding=uplink; link.csi_bits=8; pilots.feedback_bits_per_element=4";
        assert_equal("uplink at four bits", overhead(four, fidelity), 40.0 + 40.0);
    }
}

#[test]
fn what_needs_no_knowledge_is_not_sounded() {
    let experiment =
        estimated(&["channel.model=rayleigh; scheme.kind=truncated-inversion; link.csi=perfect"]);
    assert_eq!(report(&experiment, Fidelity::Symbol).airtime_overhead_s, None);
}

#[test]
fn waveform_pilots_are_symbol_pilots() {
    let base = "channel.delays=rounded; pilots.spacing_subcarriers=4; pilots.snr_db=15";
    for settings in
        ["pilots.estimator=ls", "pilots.estimator=mmse", "pilots.sounding=uplink; link.csi_bits=10"]
    {
        let experiment = estimated(&[SELECTIVE, base, settings]);
        let law = airloop::ladder::law::waveform_against_symbol(&experiment).unwrap();
        println!("{settings}: {law:?}");
        assert!(law.holds(), "{settings}: {law:?}");
    }
}

#[test]
fn reciprocity_errors_leave_their_floor() {
    // A common static gain known up to A exp(j phi): the plain estimate errs by E|exp(-j phi)/A - 1|^2 at high SNR.
    //   E[A^-2] - 2 E[1/A] exp(-s^2/2) + 1, with ln A Gaussian of standard deviation d: E[A^-n] = exp(n^2 d^2 / 2)
    let since = Instant::now();
    let settings = "channel.model=awgn; link.snr_db=80; link.csi=perfect; link.reciprocity_error_db=0.8; \
                    link.reciprocity_error_rad=0.15; scheme.threshold=0; payload.devices=100; payload.length=256";
    let experiment = estimated(&[settings]);
    let d = 0.8 / 20.0 * 10f64.ln();
    let expected = (2.0 * d * d).exp() - 2.0 * (d * d / 2.0 - 0.15f64.powi(2) / 2.0).exp() + 1.0;
    assert_error("reciprocity", &trials(&experiment, Fidelity::Symbol, 2400), expected, since);
    let theory = report(&experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Conditional));
}

#[test]
fn quantised_knowledge_errs_by_its_step() {
    // Gain 1 plus two uniform errors of step D: E|1/(1+e) - 1|^2 = E|e|^2 + O(e^4), E|e|^2 = D^2/6, D = 8 sqrt(1/2)/2^b.
    let since = Instant::now();
    let settings = "channel.model=awgn; link.snr_db=90; link.csi=perfect; link.csi_bits=7; scheme.threshold=0.01; \
                    payload.devices=100";
    let experiment = estimated(&[settings]);
    let step = 8.0 * 0.5f64.sqrt() / 128.0;
    let expected = step * step / 6.0;
    assert_error("quantised", &trials(&experiment, Fidelity::Symbol, 200), expected, since);
    // It is no Gaussian error, so theory goes by the channels of each trial.
    assert_eq!(report(&experiment, Fidelity::Theory).theory_kind, Some(TheoryKind::Conditional));
}

#[test]
fn conditional_theory_follows_what_is_known_trial_by_trial() {
    let never = std::sync::atomic::AtomicBool::new(false);
    for settings in [
        "channel.model=tdl-d; channel.delay_spread_s=3e-7; pilots.estimator=mmse; pilots.snr_db=12",
        "channel.model=rician; channel.k_factor_db=6; link.csi=imperfect; link.csi_error=0.05; link.csi_bits=6",
        "channel.model=rayleigh; channel.speed_m_s=50; pilots.estimator=ls; scheme.kind=optimal-power",
        "channel.model=rayleigh; channel.speed_m_s=50; pilots.estimator=mmse; scheme.kind=full-power; rounds=3",
    ] {
        let kind = if settings.contains("kind") { "" } else { "scheme.kind=truncated-inversion" };
        let mut lists = vec![settings, kind, "payload.devices=8"];
        if settings.contains("kind") {
            lists.push("link.csi=estimated");
        }
        let experiment = inverse_of(&lists);
        let (law, _) = airloop::ladder::law::symbol_against_theory(&experiment, &never).unwrap();
        println!("{settings}: {law:?}");
        assert!(law.holds(), "{settings}: {law:?}");
    }
}

/// An experiment with estimated knowledge unless said otherwise, whose threshold is left out where a scheme has none.
fn inverse_of(settings: &[&str]) -> Experiment {
    let threshold = if settings.iter().any(|s| s.contains("-power")) {
        ""
    } else {
        "scheme.threshold=0.1; scheme.scale=plain"
    };
    let csi = if settings.iter().any(|s| s.contains("link.csi=")) { "" } else { "link.csi=estimated" };
    load(&[&[&gaussian(8, 480)[..], "link.snr_db=10", threshold, csi], settings].concat())
}

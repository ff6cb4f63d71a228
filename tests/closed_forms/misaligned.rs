//! Misaligned frames through an experiment file: the figures of every receiver, what a round costs, and what is refused.
//!
//! Figures for frames of 64 symbols are of the literature's catalogue: closed forms and a Monte-Carlo of another program.

use super::agreement::{ALPHA, assert_differs, assert_equal, assert_error};
use super::setup::{AWGN, gaussian, load, report, trials};
use airloop::baseband::checks::{CheckFailure, CheckSpec, check_rate};
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::{Experiment, Loader};
use airloop::ladder::{Law, climb, law::symbol_against_theory};
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::TrialContext;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const TWO: &str = "scheme.delays_symbols=[0.0, 0.5]";
const QUADRATURE: &str = "scheme.delays_symbols=[0.5, 0.0]; scheme.phases_rad=[1.5707963267948966, 0.0]";
const FOUR: &str = "scheme.delays_symbols=[0.0, 0.3, 0.6, 0.9]";

/// Makes an experiment over constant gains; keys in `more` prevail.
fn misaligned(devices: usize, receiver: &str, more: &str) -> Experiment {
    let scheme = format!("link.snr_db=10; scheme.kind=misaligned; scheme.receiver={receiver}");
    load(&[&gaussian(devices, 2048), AWGN, &scheme, more])
}

/// Holds theory and simulation of an experiment against a figure of six digits, at a rung.
#[track_caller]
fn assert_figure(what: &str, experiment: &Experiment, figure: f64, (fidelity, count): (Fidelity, u64)) {
    let theory = report(experiment, Fidelity::Theory);
    assert_eq!(theory.theory_kind, Some(TheoryKind::Ensemble));
    let mean = theory.metrics.mse_per_device.unwrap().mean.unwrap();
    assert!((mean / figure - 1.0).abs() < 5e-6, "{what}: {mean} against {figure}");
    let since = Instant::now();
    assert_error(what, &trials(experiment, fidelity, count), figure, since);
}

#[test]
fn two_devices_half_a_symbol_apart() {
    // The frame's first symbol has none before it: 2 - 1/64 squared delays.
    let full = ((2.0 - 1.0 / 64.0) * 0.25 + 0.1) / 2.0;
    for (receiver, figure) in
        [("aligned-sample", 0.1), ("ml", 0.099_224_8), ("lmmse", 0.077_961_2), ("full-symbol", full)]
    {
        assert_figure(receiver, &misaligned(2, receiver, TWO), figure, (Fidelity::Symbol, 256));
    }
}

#[test]
fn two_devices_in_quadrature() {
    for (receiver, snr_db, figure, count) in [
        ("aligned-sample", 10, 1.1, 512),
        ("ml", 10, 4.333_33, 2048),
        ("lmmse", 10, 0.215_830, 256),
        ("ml", 40, 0.004_333_33, 2048),
        ("aligned-sample", 40, 1.0001, 512),
    ] {
        let more = format!("{QUADRATURE}; link.snr_db={snr_db}");
        let what = format!("{receiver} at {snr_db} dB");
        assert_figure(&what, &misaligned(2, receiver, &more), figure, (Fidelity::Symbol, count));
    }
}

#[test]
fn four_devices() {
    for (receiver, figure) in [("aligned-sample", 0.25), ("ml", 0.246_490), ("lmmse", 0.115_932)] {
        assert_figure(receiver, &misaligned(4, receiver, FOUR), figure, (Fidelity::Symbol, 256));
    }
}

#[test]
fn one_long_frame_has_the_integrators_figure() {
    for (devices, delays, figure) in [(2, TWO, 0.3), (4, FOUR, 0.655)] {
        let more = format!("{delays}; payload.length=40000; scheme.symbols_per_frame=20000");
        let experiment = misaligned(devices, "full-symbol", &more);
        let theory = report(&experiment, Fidelity::Theory).metrics.mse_per_device.unwrap().mean.unwrap();
        assert!((theory / figure - 1.0).abs() < 5e-5, "{theory}");
        assert_error("full-symbol", &trials(&experiment, Fidelity::Symbol, 16), figure, Instant::now());
    }
}

#[test]
fn figures_hold_for_samples() {
    for (receiver, figure) in [("aligned-sample", 0.25), ("ml", 0.246_490), ("lmmse", 0.115_932)] {
        assert_figure(receiver, &misaligned(4, receiver, FOUR), figure, (Fidelity::Waveform, 192));
    }
    let late = misaligned(4, "lmmse", FOUR);
    let mut context = TrialContext::new(&late, Fidelity::Waveform).unwrap();
    context.late_samples = 1;
    let values = (0..64).map(|trial| context.run(trial).unwrap().mse_per_device());
    assert_differs("a sample late", values, 0.115_932);
}

#[test]
fn rayleigh_channels_have_the_median_of_full_inversion() {
    // K min |h|^2 is exponential; the last interval is half a symbol, so noise counts twice: 2/(SNR ln 2).
    let settings = format!("{TWO}; channel.model=rayleigh");
    let experiment = misaligned(2, "aligned-sample", &settings);
    let median = 2.0 / (10.0 * std::f64::consts::LN_2);
    let trials = trials(&experiment, Fidelity::Symbol, 2000);
    let below = trials.iter().filter(|t| t.mse_per_device() <= median).count() as u64;
    let spec = CheckSpec { alpha: ALPHA, detects: 0.1 };
    check_rate(below, 2000, 0.5, spec).unwrap();
    let single = trials.iter().filter(|t| t.mse_per_device() <= median / 2.0).count() as u64;
    assert!(matches!(check_rate(single, 2000, 0.5, spec), Err(CheckFailure::Disagrees(_))));
    let report = report(&experiment, Fidelity::Symbol);
    assert!(report.metrics.nmse.as_ref().unwrap().mean.is_none());
    assert!(report.warnings.iter().any(|w| w.code == "mean-does-not-exist"));
}

#[test]
fn airtime_is_counted_in_symbols_of_the_used_band() {
    // 1024 symbols in 16 frames of 64, each with one symbol time more: 48 subcarriers 30 kHz apart.
    for (delays, times) in [(TWO, 1040.0), ("scheme.delays_symbols=0", 1024.0)] {
        let experiment =
            misaligned(2, "lmmse", &format!("{delays}; stop.trials=4; link.transmit_power_w=0.2"));
        for fidelity in [Fidelity::Theory, Fidelity::Symbol, Fidelity::Waveform] {
            let report = report(&experiment, fidelity);
            assert_equal("airtime", report.airtime_s.unwrap(), times / 1.44e6);
            assert_equal("elements", report.elements.unwrap(), times);
            assert_equal("active", report.active_fraction.unwrap(), 1024.0 / times);
            // Two devices at 0.2 W while they send.
            let joules = 2.0 * 0.2 * 1024.0 / 1.44e6;
            let error = if fidelity == Fidelity::Theory { 1e-9 } else { 0.1 };
            assert!((report.energy_j.unwrap() / joules - 1.0).abs() < error);
        }
    }
}

#[test]
fn rounds_are_trials_of_their_own() {
    let more = "scheme.delays_symbols={ uniform = [0.0, 1.0] }; channel.model=rician; channel.k_factor_db=6";
    let one = misaligned(3, "ml", more);
    let three = misaligned(3, "ml", &format!("{more}; rounds=3"));
    for fidelity in [Fidelity::Symbol, Fidelity::Waveform] {
        let alone: f64 = trials(&one, fidelity, 6)[3..].iter().map(|t| t.nmse()).sum();
        let together = trials(&three, fidelity, 2)[1].errors;
        assert_equal("mean", together.nmse.unwrap(), alone / 3.0);
    }
}

/// Makes a tree of settings over constant gains.
fn tree(settings: &[&str]) -> Node {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    let common = "channel.model=awgn; link.snr_db=10; scheme.kind=misaligned; stop.trials=64";
    for setting in [&[common], settings].concat().iter().flat_map(|list| list.split(';')) {
        let (path, value) = parse_set(setting.trim()).unwrap();
        node.set(&path, value).unwrap();
    }
    node
}

/// Climbs the ladder; both laws hold, and their controls fail.
#[track_caller]
fn assert_laws(settings: &[&str]) {
    let ladder = climb(&tree(settings), &Loader::default(), &AtomicBool::new(false)).unwrap();
    println!("{settings:?}: {:?} {:?}", ladder.symbol_law, ladder.waveform_law);
    assert!(matches!(ladder.symbol_law, Law::ZScore(_)) && matches!(ladder.waveform_law, Law::Equality(_)));
    assert!(ladder.holds(), "{settings:?}: {:?} {:?}", ladder.symbol_law, ladder.waveform_law);
}

/// Delays, phases and gains that each trial draws anew.
const DRAWN: &str = "scheme.delays_symbols={ uniform = [0.0, 1.0] }; scheme.phases_rad={ normal = 0.3 }; \
                     channel.model=rician; channel.k_factor_db=3";

#[test]
fn both_laws_of_the_ladder_hold_for_the_best_receiver() {
    assert_laws(&[&gaussian(4, 501), "scheme.receiver=lmmse", DRAWN]);
    assert_laws(&[&gaussian(4, 501), "scheme.receiver=lmmse", FOUR]);
}

#[test]
fn both_laws_of_the_ladder_hold_without_a_prior() {
    assert_laws(&[&gaussian(4, 501), "scheme.receiver=ml", DRAWN]);
}

#[test]
fn both_laws_of_the_ladder_hold_for_plain_receivers() {
    assert_laws(&[&gaussian(4, 501), "scheme.receiver=aligned-sample", DRAWN]);
    assert_laws(&[&gaussian(4, 501), "scheme.receiver=full-symbol", FOUR]);
}

#[test]
fn stored_values_are_held_value_by_value() {
    let settings = [&super::setup::shipped(), "scheme.receiver=full-symbol; link.snr_db=0", DRAWN];
    let experiment = Loader::default().load(&tree(&settings)).unwrap();
    let (law, _) = symbol_against_theory(&experiment, &AtomicBool::new(false)).unwrap();
    assert!(matches!(law, Law::ZScore(_)) && law.holds(), "{law:?}");
    // The covariance that LMMSE errors follow from takes neighbouring symbols as independent.
    let lmmse = [&super::setup::shipped(), "scheme.receiver=lmmse", DRAWN];
    let report = report(&Loader::default().load(&tree(&lmmse)).unwrap(), Fidelity::Theory);
    assert_eq!(report.stop_reason, "no-formula");
}

#[test]
fn a_delay_between_samples_has_no_waveform() {
    let between = misaligned(2, "ml", "scheme.delays_symbols=[0.0, 0.33]");
    let error = TrialContext::new(&between, Fidelity::Waveform).err().unwrap().to_string();
    for part in ["0.33", "device 1", "1/20", "0.35", "waveform fidelity"] {
        assert!(error.contains(part), "{error}");
    }
    let tree = tree(&[&gaussian(2, 501), "scheme.receiver=ml; scheme.delays_symbols=[0.0, 0.33]"]);
    let ladder = climb(&tree, &Loader::default(), &AtomicBool::new(false)).unwrap();
    assert!(matches!(&ladder.waveform_law, Law::NotApplicable(why) if why.contains("0.33")));
    assert!(ladder.holds(), "{:?}", ladder.symbol_law);
    let finer = misaligned(2, "ml", "scheme.delays_symbols=[0.0, 0.33]; scheme.oversampling=100");
    assert!(TrialContext::new(&finer, Fidelity::Waveform).is_ok());
}

#[test]
fn what_does_not_go_with_misaligned_frames_is_refused() {
    let refused = |more: &str, parts: &[&str]| {
        let node = tree(&[&gaussian(2, 64), "scheme.receiver=ml", TWO, more]);
        let error =
            Loader::default().load(&node).err().unwrap_or_else(|| panic!("{more} is taken")).to_string();
        parts.iter().for_each(|part| assert!(error.contains(part), "{more}: {error}"));
    };
    for (more, parts) in [
        ("scheme.receiver=best", &["scheme.receiver", "full-symbol"][..]),
        ("scheme.delays_symbols=[0.0, 1.0]", &["scheme.delays_symbols", "below 1"]),
        ("scheme.delays_symbols=[0.0, -0.1]", &["scheme.delays_symbols", "-0.1"]),
        ("scheme.delays_symbols=[0.0, 0.1, 0.2]", &["scheme.delays_symbols", "2 devices"]),
        ("scheme.delays_symbols={ normal = 0.1 }", &["scheme.delays_symbols", "uniform"]),
        ("scheme.phases_rad=[0.1]", &["scheme.phases_rad", "2 devices"]),
        ("scheme.symbols_per_frame=0", &["scheme.symbols_per_frame"]),
        ("scheme.oversampling=5000", &["scheme.oversampling", "1024"]),
        ("scheme.threshold=0.1", &["scheme.threshold", "truncated-inversion"]),
        ("scheme.kind=full-inversion", &["scheme.receiver", "misaligned"]),
        ("channel.model=tdl-a; channel.delay_spread_s=1e-7", &["channel.model", "flat"]),
        ("channel.model=rayleigh; channel.fading=per-element", &["channel.fading", "block"]),
        ("channel.model=rayleigh; channel.speed_m_s=3", &["channel.speed_m_s"]),
        ("link.receive_antennas=2", &["link.receive_antennas"]),
        ("link.csi=imperfect; link.csi_error=0.1; channel.model=rayleigh", &["link.csi", "phases_rad"]),
        ("link.csi=none", &["link.csi"]),
        ("budget.elements=4000", &["budget.elements", "airtime_s"]),
        ("impairments.cfo_hz=10", &["impairments", "delays_symbols"]),
    ] {
        refused(more, parts);
    }
    let mut node = tree(&[&gaussian(2, 64)]);
    for (key, value) in [("receiver", "scheme.receiver=ml"), ("delays_symbols", "scheme.delays_symbols=0")] {
        let error = Loader::default().load(&node).err().unwrap().to_string();
        assert!(error.contains(key), "{error}");
        let (path, value) = parse_set(value).unwrap();
        node.set(&path, value).unwrap();
    }
    assert!(Loader::default().load(&node).unwrap().misaligned().is_some());
}

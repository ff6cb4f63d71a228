//! Energy aggregation, rung against rung, and what experiments it refuses.

use crate::setup::*;
use airloop::config::{Node, overrides::parse_set};
use airloop::experiment::Loader;
use airloop::ladder::law::{symbol_against_theory, waveform_against_symbol};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const ENERGY: &str = "scheme.kind=energy; scheme.sequence_length=7";
const DIGITS: &str = "scheme.kind=balanced-number; scheme.digits=3";
const PAYLOAD: &str = "payload.devices=5; payload.length=301; link.snr_db=12; link.snr_spread_db=6";

#[test]
fn trials_follow_the_formula_for_their_channels_and_payload() {
    for settings in [
        // Gaussian values are clipped at sqrt 3; sequences of 7 elements are cut by the slots.
        &["payload.source=gaussian", ENERGY, SELECTIVE][..],
        &["payload.source=gaussian; payload.correlation=0.4", DIGITS, SELECTIVE, "link.receive_antennas=3"],
        &["payload.source=uniform", ENERGY, AWGN, "link.receive_antennas=2"],
        &[
            "payload.source=uniform",
            ENERGY,
            SELECTIVE,
            "scheme.channel_scaling=magnitude; scheme.threshold=0.1",
        ],
        &[
            "payload.source=uniform; link.csi=imperfect; link.csi_error=0.1",
            DIGITS,
            RAYLEIGH,
            "scheme.channel_scaling=magnitude; scheme.threshold=0.2",
        ],
        &[
            "payload.source=gaussian; rounds=3; payload.round_decay=0.8",
            ENERGY,
            "channel.model=rayleigh; channel.speed_m_s=30",
        ],
    ] {
        let experiment = load(&[&[PAYLOAD], settings].concat());
        let (law, _) = symbol_against_theory(&experiment, &AtomicBool::new(false)).unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
}

#[test]
fn samples_carry_the_grids() {
    for settings in [
        &[ENERGY, SELECTIVE, "link.receive_antennas=2"][..],
        &[DIGITS, SELECTIVE, "scheme.channel_scaling=magnitude; scheme.threshold=0.3"],
    ] {
        let law = waveform_against_symbol(&load(&[&[PAYLOAD, "payload.source=uniform"], settings].concat()))
            .unwrap();
        println!("{settings:?}: {law:?}");
        assert!(law.holds(), "{settings:?}: {law:?}");
    }
}

fn refused(settings: &[&str]) -> String {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap();
        node.set(&path, value).unwrap();
    }
    match Loader::default().load(&node) {
        Ok(_) => panic!("{settings:?} is taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let rest = [PAYLOAD, "payload.source=uniform", RAYLEIGH];
    for (settings, words) in [
        ("scheme.kind=energy", &["sequence_length"][..]),
        ("scheme.kind=energy; scheme.sequence_length=0", &["sequence_length"]),
        ("scheme.kind=energy; scheme.sequence_length=100000", &["sequence_length", "65536"]),
        ("scheme.kind=energy; scheme.sequence_length=4; scheme.range=0", &["range"]),
        ("scheme.kind=energy; scheme.sequence_length=4; scheme.base=3", &["base", "balanced-number"]),
        ("scheme.kind=energy; scheme.sequence_length=4; scheme.threshold=0.1", &["threshold", "magnitude"]),
        ("scheme.kind=energy; scheme.sequence_length=4; scheme.power_constraint=peak", &["power_constraint"]),
        ("scheme.kind=energy; scheme.sequence_length=4; budget.elements=100000", &["kind", "[budget]"]),
        (
            "scheme.kind=energy; scheme.sequence_length=4; scheme.channel_scaling=magnitude",
            &["threshold", "infinite power"],
        ),
        (
            "scheme.kind=energy; scheme.sequence_length=4; scheme.channel_scaling=magnitude; scheme.threshold=0.1; \
             link.receive_antennas=2",
            &["receive_antennas", "magnitude"],
        ),
        (
            "scheme.kind=energy; scheme.sequence_length=4; scheme.channel_scaling=magnitude; scheme.threshold=0.1; \
             link.csi=none",
            &["csi", "none"],
        ),
        ("scheme.kind=balanced-number", &["digits"]),
        ("scheme.kind=balanced-number; scheme.digits=2; scheme.base=4", &["base", "odd"]),
        ("scheme.kind=balanced-number; scheme.digits=2; scheme.base=1", &["base"]),
        ("scheme.kind=balanced-number; scheme.digits=13", &["digits", "12"]),
        ("scheme.kind=balanced-number; scheme.digits=100000000000", &["digits", "12"]),
        ("scheme.kind=balanced-number; scheme.digits=2; scheme.copies=0", &["copies"]),
        (
            "scheme.kind=balanced-number; scheme.digits=2; scheme.sequence_length=3",
            &["sequence_length", "energy"],
        ),
        ("scheme.kind=full-power; scheme.range=2", &["range", "energy"]),
    ] {
        let message = refused(&[&rest[..], &[settings]].concat());
        for word in words {
            assert!(message.contains(word), "{settings}: {message}");
        }
    }
    // Nothing need be known where nothing is scaled.
    load(&[&rest[..], &[ENERGY, "link.csi=none"]].concat());
}

#[test]
fn clipped_values_are_told() {
    let share = |settings: &str| {
        let experiment = load(&[PAYLOAD, RAYLEIGH, ENERGY, settings]);
        experiment.warnings.iter().find(|w| w.code == "values-clipped").map(|w| w.message.clone())
    };
    assert_eq!(share("payload.source=uniform"), None);
    // P(|u| > sqrt 3) = 8.326 % of a standard normal; a uniform value passes sqrt(3)/2 half of the time.
    assert!(share("payload.source=gaussian").unwrap().starts_with("8.326 %"));
    assert!(
        share("payload.source=uniform; scheme.range=0.8660254037844386").unwrap().starts_with("50.000 %")
    );
    let gradients = |range: f64| {
        let range = format!("scheme.range={range}");
        let experiment = load(&[&shipped(), AWGN, ENERGY, "link.snr_db=10", &range]);
        experiment.warnings.iter().any(|w| w.code == "values-clipped")
    };
    let experiment = load(&[&shipped(), AWGN, ENERGY, "link.snr_db=10"]);
    let largest = (0..20).filter_map(|k| experiment.payload.largest(k)).fold(0.0, f64::max);
    assert!(gradients(0.999 * largest) && !gradients(largest));
}

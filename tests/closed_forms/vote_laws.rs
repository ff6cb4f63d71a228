//! Votes on the ladder: each trial against the formula for its own channels and votes, or all against the ensemble.

use crate::setup::*;
use airloop::experiment::Experiment;
use airloop::ladder::Law;
use airloop::ladder::law::symbol_against_theory;
use airloop::report::{Fidelity, TheoryKind};
use airloop::run::point::NEVER;

const VOTES: &str = "payload.source=sign; payload.devices=7; payload.length=192; payload.agreement=0.7";

#[track_caller]
fn assert_law(what: &str, experiment: &Experiment) {
    let (law, _) = symbol_against_theory(experiment, &NEVER).unwrap();
    println!("{what}: {law:?}");
    assert!(matches!(law, Law::ZScore(_)) && law.holds(), "{what}: {law:?}");
}

#[test]
fn every_coherent_scheme_follows_the_formula_for_its_channels() {
    let schemes = [
        "scheme.kind=one-bit-majority; scheme.threshold=0.2",
        "scheme.kind=truncated-inversion; scheme.threshold=0.2; scheme.scale=lmmse",
        "scheme.kind=optimal-power",
        "scheme.kind=full-power",
        "scheme.kind=full-inversion",
    ];
    for scheme in schemes {
        for channel in [RAYLEIGH, "channel.model=rayleigh", AWGN] {
            if channel == AWGN && scheme.contains("inversion") {
                continue;
            }
            assert_law(&format!("{scheme} {channel}"), &load(&[VOTES, scheme, channel, "link.snr_db=3"]));
        }
    }
}

#[test]
fn votes_over_channels_that_are_known_badly_follow_the_conditional_formula() {
    for knowledge in [
        "link.csi=imperfect; link.csi_error=0.2",
        "link.csi=estimated; pilots.estimator=ls",
        "link.reciprocity_error_rad=0.6",
    ] {
        let scheme = "scheme.kind=one-bit-majority; scheme.threshold=0.2; link.snr_db=6";
        let experiment = load(&[VOTES, scheme, "channel.model=rayleigh", knowledge, "stop.trials=64"]);
        assert_law(knowledge, &experiment);
        let theory = report(&experiment, Fidelity::Theory);
        assert_eq!(theory.theory_kind, Some(TheoryKind::Conditional), "{knowledge}");
    }
}

#[test]
fn keyed_votes_follow_the_ensemble() {
    for settings in [
        "scheme.kind=fsk-majority; link.snr_db=0",
        "scheme.kind=fsk-majority; link.snr_db=20; scheme.copies=4",
        "scheme.kind=fsk-majority; link.snr_db=10; link.receive_antennas=2",
    ] {
        assert_law(settings, &load(&[VOTES, settings, RAYLEIGH]));
    }
    // Copies over one fade have no formula.
    let same =
        load(&[VOTES, "scheme.kind=fsk-majority; link.snr_db=0; scheme.copies=2; channel.model=rayleigh"]);
    let (law, _) = symbol_against_theory(&same, &NEVER).unwrap();
    assert!(matches!(law, Law::NotApplicable(_)), "{law:?}");
}

#[test]
fn votes_by_bits_take_the_airtime_of_their_formula_and_abstentions_have_none() {
    let settings = [VOTES, "scheme.kind=digital; scheme.bits=1; link.snr_db=10", AWGN, "stop.trials=8"];
    let digital = load(&settings);
    let (theory, symbol) = (report(&digital, Fidelity::Theory), report(&digital, Fidelity::Symbol));
    assert_eq!(theory.airtime_s, symbol.airtime_s);
    // An abstention has no level of its own with one bit.
    let abstaining = "payload.source=gaussian; payload.devices=7; payload.length=192; payload.function=majority; \
                      payload.abstain_below=0.5";
    let theory = report(&load(&[&[abstaining], &settings[1..]].concat()), Fidelity::Theory);
    assert!(theory.metrics.leading().is_none() && theory.airtime_s.unwrap() > 0.0);
}

//! Known splits, what interacts, and what is refused; draws that stay, floors, and targets by hand.

mod floors;
mod knowledge;
mod switches;
mod targets;

use super::*;
use crate::config::overrides::parse_set;
use crate::run::RunOptions;
use airloop_baseband::special::exponential_integral_e1;
use airloop_baseband::units::power_from_db;
use std::path::Path;

/// Every subcarrier of 64, a prefix of 16, no fading.
const FULL: &str = "ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                    ofdm.used_subcarriers=64; ofdm.dc=true; channel.model=awgn; scheme.kind=full-inversion";

/// Truncated inversion of flat Rayleigh channels, a twentieth of them silent.
const INVERSION: &str = "payload.source=gaussian; payload.devices=20; payload.length=1000; channel.model=rayleigh; \
                         link.snr_db=10; scheme.kind=truncated-inversion; scheme.threshold=0.05; scheme.scale=plain; \
                         channel.fading=per-element";

fn tree(settings: &[&str]) -> Node {
    let mut node = Node::parse_toml("", Path::new("test.toml")).unwrap();
    for setting in settings.iter().flat_map(|list| list.split(';')).filter(|s| !s.trim().is_empty()) {
        let (path, value) = parse_set(setting.trim()).unwrap_or_else(|e| panic!("{setting}: {e}"));
        node.set(&path, value).unwrap();
    }
    node
}

fn budget_to(settings: &[&str], target_db: Option<f64>) -> ErrorBudget {
    let config = BudgetConfig { fidelity: None, target_db };
    error_budget(&tree(settings), &Loader::default(), &config, &RunOptions::default())
        .unwrap_or_else(|e| panic!("{settings:?}: {e}"))
}

fn budget(settings: &[&str]) -> ErrorBudget {
    let budget = budget_to(settings, None);
    for row in &budget.rows {
        println!(
            "{:<20} alone {:.4e} [{:.4e}, {:.4e}] removed {:.4e} floor {:.4e}",
            row.cause,
            row.alone,
            row.alone_low.unwrap_or(f64::NAN),
            row.alone_high.unwrap_or(f64::NAN),
            row.removed.unwrap_or(f64::NAN),
            row.floor.unwrap_or(f64::NAN)
        );
    }
    println!("total {:.4e}, rest {:.4e}, adds up {:?}", budget.total, budget.rest, budget.adds_up);
    budget
}

fn row<'a>(budget: &'a ErrorBudget, cause: &str) -> &'a BudgetRow {
    budget.rows.iter().find(|row| row.cause == cause).unwrap_or_else(|| panic!("no {cause}"))
}

fn names(budget: &ErrorBudget) -> Vec<&str> {
    budget.rows.iter().map(|row| row.cause.as_str()).collect()
}

/// Holds what a cause adds alone against its floor, within `share_db` and the interval; a floor 1 dB off lies outside of both.
#[track_caller]
fn assert_floor(row: &BudgetRow, expected: f64, share_db: f64) {
    let (low, high) = (row.alone_low.unwrap(), row.alone_high.unwrap());
    let (narrower, wider) = (power_from_db(-share_db), power_from_db(share_db));
    let holds = |floor: f64| low * narrower <= floor && floor <= high * wider;
    assert!(holds(expected), "{}: {expected:e} is not within {low:e} to {high:e}", row.cause);
    for off in [0.794, 1.259] {
        assert!(!holds(off * expected), "{}: the control {:e} passed", row.cause, off * expected);
    }
}

#[test]
fn truncated_inversion_splits_into_silent_devices_and_noise() {
    let split = budget(&[INVERSION, "stop.trials=64; stop.level=0.999999"]);
    assert_eq!((names(&split), split.fidelity), (vec!["truncation", "noise"], Fidelity::Symbol));
    let silent = 1.0 - (-0.05f64).exp();
    let noise = exponential_integral_e1(0.05) / 200.0;
    for (cause, expected) in [("truncation", silent), ("noise", noise)] {
        let row = row(&split, cause);
        // A drawn target of N values has the mean reciprocal N/(N - 2).
        assert!(
            (row.floor.unwrap() / (expected * 1000.0 / 998.0) - 1.0).abs() < 1e-3,
            "{cause}: {:?}",
            row.floor
        );
        assert_floor(row, expected, 0.05);
    }
    assert!((silent + noise - 0.061_110_1).abs() < 1e-7);
    assert!(
        split.adds_up == Some(true) && split.interactions.is_empty() && split.rest.abs() < 1e-3 * split.total
    );
}

#[test]
fn small_phases_and_carrier_offsets_leave_their_floors_and_add_up() {
    let sizes = "payload.source=gaussian; payload.devices=40; payload.length=640; link.snr_db=20";
    let errors = "impairments.phase_rad={normal=0.05}; impairments.cfo_hz={uniform=[-60,60]}; \
                  impairments.dac_bits=6; impairments.image_rejection_db=30";
    let split = budget(&[FULL, sizes, errors, "stop.trials=64; stop.level=0.999"]);
    assert_eq!(split.fidelity, Fidelity::Waveform);
    assert_eq!(names(&split), ["scheme", "carrier-offset", "phase", "iq-image", "dac", "noise"]);
    let phase = 2.0 * -(-0.5 * 0.05f64 * 0.05).exp_m1();
    assert_floor(row(&split, "phase"), phase, 0.2);
    assert!((row(&split, "phase").floor.unwrap() / phase - 1.0).abs() < 4e-3);
    for cause in ["carrier-offset", "iq-image", "dac", "noise"] {
        let row = row(&split, cause);
        assert_floor(row, row.floor.unwrap_or_else(|| panic!("no floor of {cause}")), 0.2);
    }
    assert!(row(&split, "scheme").alone < 1e-9);
    assert!(split.adds_up == Some(true) && split.interactions.is_empty(), "{:?}", split.interactions);
    let sum: f64 = split.rows.iter().map(|row| row.alone).sum();
    let (low, high) = (split.total_low.unwrap(), split.total_high.unwrap());
    assert!((low..=high).contains(&sum), "{sum} of {low} to {high}");
    // As a control, a sum without one of them lies outside.
    assert!(!(low..=high).contains(&(sum - 2.0 * phase)));
}

#[test]
fn large_phases_and_wrong_channels_interact_and_are_named() {
    let sizes = "payload.source=gaussian; payload.devices=60; payload.length=64; link.snr_db=20; stop.trials=100; \
                 stop.level=0.999";
    let large = "link.reciprocity_error_rad=0.8; impairments.phase_rad={normal=0.8}";
    let split = budget(&[FULL, sizes, large]);
    assert_eq!(split.adds_up, Some(false));
    let strongest = &split.interactions[0];
    assert_eq!(strongest.causes, ["phase", "channel-knowledge"]);
    assert!(row(&split, "phase").interacts && row(&split, "channel-knowledge").interacts);
    // Both leave 2 (1 - r^2), each alone 2 (1 - r), r = E cos phi; drawn targets of N values make it N/(N - 2) times that.
    let r = (-0.5 * 0.8f64 * 0.8).exp();
    let expected = -2.0 * (1.0 - r).powi(2) * 64.0 / 62.0;
    let holds = |value: f64| {
        strongest.interaction_low.unwrap() <= value && value <= strongest.interaction_high.unwrap()
    };
    assert!(holds(expected) && !holds(0.5 * expected) && !holds(2.0 * expected), "{strongest:?}, {expected}");
    assert_eq!(split.waterfall().len(), 6);
    // Small ones do not.
    let small = "link.reciprocity_error_rad=0.02; impairments.phase_rad={normal=0.02}";
    let split = budget(&[FULL, sizes, small]);
    assert!(split.adds_up == Some(true) && split.interactions.is_empty(), "{:?}", split.interactions);
    // Nor do errors of estimates, whatever their size: their mean is none.
    let inversion = INVERSION.replace("fading=per-element", "fading=block");
    let estimates = "link.snr_db=30; link.csi=imperfect; link.csi_error=0.2; impairments.phase_rad={normal=1}; payload.length=72; \
                     ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                     ofdm.used_subcarriers=36; stop.trials=60";
    assert!(budget(&[&inversion, estimates]).adds_up == Some(true));
}

#[test]
fn delays_beyond_the_prefix_and_motion_within_a_symbol_are_told_apart() {
    let long = "payload.source=gaussian; payload.devices=4; payload.length=144; channel.model=tdl-a; \
                channel.delay_spread_s=2e-6; channel.doppler_hz=900; scheme.kind=truncated-inversion; scheme.threshold=0.1; \
                link.snr_db=30; ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
                ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=36; stop.trials=100";
    let split = budget(&[long]);
    assert_eq!(names(&split), ["truncation", "inter-carrier", "inter-symbol", "noise"]);
    let ici = row(&split, "inter-carrier");
    let db = 10.0 * (ici.alone / ici.floor.unwrap()).log10();
    assert!(db.abs() < 1.5, "{db} dB");
    let isi = row(&split, "inter-symbol");
    assert!(isi.alone_low.unwrap() > 0.0 && isi.alone > ici.alone, "{isi:?}");
    // What is too little for a file to have it is told alone all the same, where devices make the path of each sample.
    let slow = "channel.delay_spread_s=1e-7; channel.doppler_hz=30; impairments.phase_rad={normal=0.1}; stop.trials=64";
    let split = budget(&[long, slow]);
    let ici = row(&split, "inter-carrier");
    assert!(ici.alone > 0.0 && (ici.alone / ici.floor.unwrap()).log10().abs() < 0.3, "{ici:?}");
    // Within the prefix and at rest there is neither.
    let short = budget(&[long, "channel.delay_spread_s=1e-7; channel.doppler_hz=0; stop.trials=4"]);
    assert_eq!((names(&short), short.fidelity), (vec!["truncation", "noise"], Fidelity::Symbol));
}

#[test]
fn a_preamble_and_misaligned_frames_have_causes_of_their_own() {
    let sizes = "payload.source=gaussian; payload.devices=10; payload.length=512; link.snr_db=30";
    let preamble = "sync.mode=preamble; sync.snr_db=10; impairments.cfo_hz={uniform=[-300,300]}; \
                    impairments.timing_offset_s={uniform=[-1e-6,1e-6]}; impairments.phase_rad={normal=0.05}; stop.trials=32";
    let split = budget(&[FULL, "ofdm.used_subcarriers=48", sizes, preamble]);
    assert_eq!(names(&split), ["scheme", "synchronisation", "phase", "noise"]);
    assert!(row(&split, "synchronisation").alone_low.unwrap() > 0.0);
    assert!((row(&split, "phase").alone / 0.0025).log10().abs() < 0.1);
    let frames = "payload.source=gaussian; payload.devices=2; payload.length=128; channel.model=awgn; link.snr_db=10; \
                  scheme.kind=misaligned; scheme.receiver=aligned-sample; scheme.delays_symbols=[0,0.5]; \
                  scheme.phases_rad=[0,0.3]; stop.trials=32";
    let split = budget(&[frames]);
    assert_eq!(
        (names(&split), split.fidelity),
        (vec!["scheme", "timing", "phase", "noise"], Fidelity::Symbol)
    );
    // |exp(j 0.3) - 1|^2 of one of two devices.
    let phase = 1.0 - 0.3f64.cos();
    let found = row(&split, "phase");
    assert!((found.alone / phase - 1.0).abs() < 0.2, "{found:?}");
}

#[test]
fn what_does_not_split_is_refused() {
    let refuse = |settings: &[&str], config: BudgetConfig| {
        error_budget(&tree(settings), &Loader::default(), &config, &RunOptions::default())
            .unwrap_err()
            .to_string()
    };
    let none = BudgetConfig::default();
    let message = refuse(&[INVERSION], BudgetConfig { fidelity: Some(Fidelity::Theory), ..none });
    assert!(message.contains("theory draws nothing"), "{message}");
    let full = INVERSION.replace("truncated-inversion", "full-inversion");
    let full = full.replace("scheme.threshold=0.05; scheme.scale=plain;", "");
    let message = refuse(&[&full], none);
    assert!(message.contains("medians of parts do not sum"), "{message}");
    let message = refuse(&[INVERSION], BudgetConfig { target_db: Some(f64::NAN), ..none });
    assert!(message.contains("--target-db NaN"), "{message}");
}

#[test]
fn votes_and_schemes_that_send_nothing_have_a_budget_too() {
    let votes = "payload.source=sign; payload.devices=11; payload.length=400; payload.agreement=0.7; \
                 payload.function=majority; channel.model=rayleigh; scheme.kind=one-bit-majority; scheme.threshold=0.1; \
                 link.snr_db=0; stop.trials=16";
    let split = budget(&[votes]);
    assert_eq!((names(&split), split.metric.as_str()), (vec!["truncation", "noise"], "vote_error_rate"));
    assert!(row(&split, "noise").alone_low.unwrap() > 0.0);
    // What is left where nobody is silent is the scheme's.
    for kind in ["full-power", "phase-only", "optimal-power"] {
        let few = "payload.source=gaussian; payload.devices=4; payload.length=200; channel.model=rayleigh; \
                   link.snr_db=10; stop.trials=4";
        assert_eq!(names(&budget(&[few, &format!("scheme.kind={kind}")])), ["scheme", "noise"]);
    }
    let cotaf = INVERSION.replace("truncated-inversion", "cotaf").replace("scheme.scale=plain;", "");
    assert_eq!(names(&budget(&[&cotaf, "stop.trials=4"])), ["truncation", "noise"]);
    let digital = "payload.source=gaussian; payload.devices=4; payload.length=200; channel.model=rayleigh; \
                   scheme.kind=digital; scheme.bits=4; link.snr_db=10; stop.trials=8";
    let split = budget(&[digital]);
    assert_eq!((names(&split), split.rest, split.adds_up), (vec!["scheme"], 0.0, Some(true)));
    assert_eq!(split.waterfall().len(), 3);
    let alone = budget(&[
        FULL,
        "payload.source=gaussian; payload.devices=3; payload.length=64; link.snr_db=10; stop.trials=1",
    ]);
    assert!(alone.remarks.iter().any(|remark| remark.contains("one trial has no interval")));
    let phases = "impairments.phase_rad={normal=0.5}; impairments.power_error_db=2; payload.length=64; payload.devices=3";
    let alone = budget(&[FULL, "payload.source=gaussian; link.snr_db=10; stop.trials=1", phases]);
    assert!(alone.adds_up.is_none() && alone.rest != 0.0 && alone.interactions.is_empty());
}

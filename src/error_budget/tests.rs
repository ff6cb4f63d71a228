//! Known splits, what interacts, draws that stay, and targets by hand.

use super::target::{how_many, report, shrink_db};
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
    println!("total {:.4e}, rest {:.4e}, adds up {}", budget.total, budget.rest, budget.adds_up);
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
    assert!(split.adds_up && split.interactions.is_empty() && split.rest.abs() < 1e-3 * split.total);
}

#[test]
fn imperfect_knowledge_takes_what_inverting_it_costs() {
    let split =
        budget(&[INVERSION, "link.csi=imperfect; link.csi_error=0.01; stop.trials=128; stop.level=0.999999"]);
    // q/(1-q) E1(g') less the fewer silent devices of a narrower threshold.
    let (q, g) = (0.01, 0.05f64);
    let narrowed = g / (1.0 - q);
    let expected = q / (1.0 - q) * exponential_integral_e1(narrowed) + (-g).exp() - (-narrowed).exp();
    assert_floor(row(&split, "channel-knowledge"), expected, 0.1);
    assert!((row(&split, "channel-knowledge").floor.unwrap() / expected - 1.0).abs() < 3e-3);
}

#[test]
fn small_phases_and_carrier_offsets_leave_their_floors_and_add_up() {
    let sizes = "payload.source=gaussian; payload.devices=40; payload.length=640; link.snr_db=20";
    let errors = "impairments.phase_rad={normal=0.05}; impairments.cfo_hz={uniform=[-60,60]}; \
                  impairments.dac_bits=6; impairments.image_rejection_db=30";
    let split = budget(&[FULL, sizes, errors, "stop.trials=64; stop.level=0.999"]);
    assert_eq!(split.fidelity, Fidelity::Waveform);
    assert_eq!(names(&split), ["truncation", "carrier-offset", "phase", "iq-image", "dac", "noise"]);
    let phase = 2.0 * -(-0.5 * 0.05f64 * 0.05).exp_m1();
    assert_floor(row(&split, "phase"), phase, 0.2);
    assert!((row(&split, "phase").floor.unwrap() / phase - 1.0).abs() < 4e-3);
    for cause in ["carrier-offset", "iq-image", "dac", "noise"] {
        let row = row(&split, cause);
        assert_floor(row, row.floor.unwrap_or_else(|| panic!("no floor of {cause}")), 0.2);
    }
    assert!(row(&split, "truncation").alone < 1e-9);
    assert!(split.adds_up && split.interactions.is_empty(), "{:?}", split.interactions);
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
    assert!(!split.adds_up);
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
    assert!(split.adds_up && split.interactions.is_empty(), "{:?}", split.interactions);
    // Nor do errors of estimates, whatever their size: their mean is none.
    let inversion = INVERSION.replace("fading=per-element", "fading=block");
    let estimates = "link.snr_db=30; link.csi=imperfect; link.csi_error=0.2; impairments.phase_rad={normal=1}; payload.length=72; \
                     ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; ofdm.cyclic_prefix_samples=16; \
                     ofdm.used_subcarriers=36; stop.trials=60";
    assert!(budget(&[&inversion, estimates]).adds_up);
}

#[test]
fn old_knowledge_leaves_its_floor() {
    let inversion = INVERSION.replace("channel.fading=per-element", "channel.fading=block");
    let old = "channel.doppler_hz=20; link.csi_age_s=1e-3; link.snr_db=40; payload.length=72; payload.devices=40; \
               stop.trials=1500; stop.level=0.99; ofdm.numerology=custom; ofdm.sample_rate_hz=1.92e6; ofdm.fft_size=64; \
               ofdm.cyclic_prefix_samples=16; ofdm.used_subcarriers=36";
    let config = BudgetConfig { fidelity: Some(Fidelity::Symbol), target_db: None };
    let split =
        error_budget(&tree(&[&inversion, old]), &Loader::default(), &config, &RunOptions::default()).unwrap();
    let r = airloop_baseband::special::bessel_j0(std::f64::consts::TAU * 0.02);
    let (share, inverse) = ((-0.05f64).exp(), exponential_integral_e1(0.05));
    let expected = share * (1.0 - r).powi(2) + (1.0 - r * r) * inverse;
    let ageing = row(&split, "ageing");
    assert!((ageing.floor.unwrap() / expected - 1.0).abs() < 0.05, "{:?}, {expected}", ageing.floor);
    assert_floor(ageing, ageing.floor.unwrap(), 0.2);
}

/// Calls with what runs an experiment at waveform fidelity without causes.
fn with_bench(settings: &[&str], of: impl FnOnce(&mut dyn FnMut(&[Cause]) -> Vec<f64>)) {
    let (tree, loader) = (tree(settings), Loader::default());
    let experiment = loader.load(&tree).unwrap();
    let options = RunOptions::default();
    let metric = BudgetMetric::of(&experiment).unwrap();
    let mut bench = Bench::new((&tree, &loader), &experiment, (Fidelity::Waveform, metric), 1, &options);
    bench.total().unwrap();
    of(&mut |off| bench.without(&off.iter().copied().collect(), Air::Own).unwrap().to_vec());
}

/// Returns the errors of the trials of an experiment at waveform fidelity.
fn errors(settings: &[&str]) -> Vec<f64> {
    let mut found = Vec::new();
    with_bench(settings, |without| found = without(&[]));
    found
}

#[test]
fn switching_off_what_is_next_to_nothing_leaves_every_trial_as_it_was() {
    let moving = "payload.source=gaussian; payload.devices=3; payload.length=600; channel.model=tdl-a; \
                  channel.delay_spread_s=1e-7; scheme.kind=truncated-inversion; scheme.threshold=0.1; link.snr_db=20; \
                  ofdm.numerology=custom; ofdm.sample_rate_hz=7.68e6; ofdm.fft_size=256; ofdm.cyclic_prefix_samples=48; \
                  ofdm.used_subcarriers=150; channel.doppler_hz=1e-3; link.csi=estimated; pilots.snr_db=20; \
                  impairments.phase_rad={normal=0.2}; impairments.cfo_hz={normal=20}; \
                  impairments.power_error_db=1e-5; impairments.dc_offset_dbc=-150; impairments.phase_noise_linewidth_hz=1e-9; \
                  receiver.adc_bits=16; impairments.dac_bits=16; waveform.path=per-sample; stop.trials=4";
    let perfect = errors(&[moving, "pilots.snr_db=90"]);
    let other_seed = errors(&[moving, "seed=2"]);
    // Through another receive window pilots hear other noise, and noise arrives turned otherwise: both are taken away.
    let late = "link.csi=perfect; impairments.timing_offset_s={normal=1e-13}";
    with_bench(&[&moving.replace("link.csi=estimated; pilots.snr_db=20;", ""), late], |without| {
        let quiet = without(&[Cause::Noise]);
        for (found, expected) in without(&[Cause::Timing, Cause::Noise]).iter().zip(&quiet) {
            assert!((found / expected - 1.0).abs() < 1e-3, "timing: {found} {expected}");
        }
    });
    with_bench(&[moving], |without| {
        let whole = without(&[]);
        for cause in [
            Cause::Ageing,
            Cause::InterCarrierInterference,
            Cause::PowerControl,
            Cause::DcOffset,
            Cause::PhaseNoise,
            Cause::Adc,
            Cause::Dac,
        ] {
            for (found, expected) in without(&[cause]).iter().zip(&whole) {
                assert!((found / expected - 1.0).abs() < 1e-3, "{}: {found} {expected}", cause.name());
            }
        }
        // Without perfect pilots the symbols of pilots stay: clocks have drifted as far.
        for (found, expected) in without(&[Cause::ChannelKnowledge]).iter().zip(&perfect) {
            assert!((found / expected - 1.0).abs() < 0.02, "channel-knowledge: {found} {expected}");
        }
        // The control: what is not next to nothing, and another seed, change every trial.
        for other in [without(&[Cause::CarrierOffset]), other_seed] {
            assert!(other.iter().zip(&whole).all(|(a, b)| (a / b - 1.0).abs() > 1e-3));
        }
    });
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
    assert_eq!(names(&split), ["truncation", "synchronisation", "phase", "noise"]);
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
fn targets_by_hand() {
    // Of 10, 6 may go: what contributes 8 must shrink to 2, a factor of 4; what contributes 5 cannot.
    assert!((shrink_db(10.0, 4.0, 8.0).unwrap() - 10.0 * 4f64.log10()).abs() < 1e-12);
    assert_eq!(shrink_db(10.0, 4.0, 5.0), None);
    assert_eq!(shrink_db(10.0, 4.0, 6.0), None);
    assert_eq!(shrink_db(10.0, 4.0, -1.0), None);
    assert_eq!(shrink_db(3.0, 4.0, 1.0), Some(0.0));
    assert_eq!(how_many(10.0, 4.0, &[5.0, 3.0, 2.0]), Some(2));
    assert_eq!(how_many(10.0, 5.0, &[5.0, 3.0, 2.0]), Some(1));
    assert_eq!(how_many(10.0, 0.5, &[5.0, 3.0, 1.0]), None);
    assert_eq!(how_many(10.0, 4.0, &[5.0, -3.0]), None);
    assert_eq!(how_many(3.0, 4.0, &[5.0]), Some(0));
}

#[test]
fn a_target_is_met_or_says_what_reaches_it() {
    let base = [INVERSION, "stop.trials=32"];
    // -12.14 dB in all: 0.0488 of silent devices, 0.0123 of noise.
    let met = budget_to(&base, Some(-10.0)).target.unwrap();
    assert!(met.met && met.needs.is_empty() && met.together.is_empty() && met.margin_db > 1.5, "{met:?}");
    let near = budget_to(&base, Some(-12.5)).target.unwrap();
    let need = |target: &TargetReport, cause: &str| {
        target.needs.iter().find(|need| need.cause == cause).unwrap().shrink_db
    };
    assert!(need(&near, "noise").unwrap() > 0.5 && need(&near, "truncation").unwrap() > 0.2);
    assert_eq!(near.together, ["truncation"]);
    let far = budget_to(&base, Some(-18.0)).target.unwrap();
    assert_eq!(need(&far, "noise"), None);
    assert!(need(&far, "truncation").unwrap() > 5.0, "{far:?}");
    let beyond = budget_to(&base, Some(-30.0)).target.unwrap();
    assert!(
        need(&beyond, "truncation").is_none() && beyond.together == ["truncation", "noise"],
        "{beyond:?}"
    );
}

#[test]
fn lists_grow_until_what_is_left_is_measured_to_reach_the_target() {
    let split = budget(&[INVERSION, "link.csi=imperfect; link.csi_error=0.1; stop.trials=16"]);
    let mut asked = Vec::new();
    // Causes that overlap: the removal of any two leaves more than the sums say.
    let found = report(-30.0, 1.0, &split.rows, |off, scheme| {
        asked.push((off.len(), scheme));
        Ok::<f64, BudgetError>(if off.len() == 2 && scheme { 1e-4 } else { 0.5 })
    });
    assert_eq!(found.unwrap().together.len(), 3);
    let never = report(-30.0, 1.0, &split.rows, |_, _| Ok::<f64, BudgetError>(0.5)).unwrap();
    assert!(never.together.is_empty() && never.together_left_db.is_none());
    assert_eq!(asked.last(), Some(&(2, true)));
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
    let digital = "payload.source=gaussian; payload.devices=4; payload.length=200; channel.model=rayleigh; \
                   scheme.kind=digital; scheme.bits=4; link.snr_db=10; stop.trials=8";
    let split = budget(&[digital]);
    assert_eq!((names(&split), split.rest, split.adds_up), (vec!["scheme"], 0.0, true));
    assert_eq!(split.waterfall().len(), 2);
    let alone = budget(&[
        FULL,
        "payload.source=gaussian; payload.devices=3; payload.length=64; link.snr_db=10; stop.trials=1",
    ]);
    assert!(alone.remarks.iter().any(|remark| remark.contains("one trial has no interval")));
}

//! Plans of whole experiments, against what theory and waveform make of them.

use super::*;
use crate::experiment::{Experiment, Loader};
use crate::plan::beacon::Clocks;
use crate::plan::noise::Inversion;
use crate::report::{Fidelity, Report};
use crate::run::{RunOptions, run};
use crate::theory::floors::{Spread, misalignment};
use airloop_baseband::units::db_from_power;

fn experiment(text: &str) -> Experiment {
    let root = crate::config::Node::parse_toml(text, "plan.toml".as_ref()).unwrap();
    Loader::default().load(&root).unwrap()
}

fn ran(experiment: &Experiment, fidelity: Fidelity) -> Report {
    run(experiment, fidelity, &RunOptions::default()).unwrap()
}

#[test]
fn experiments_say_what_there_is() {
    let text = |rest: &str, csi: &str| {
        format!(
            "[payload]\nsource = \"gaussian\"\ndevices = 4\nlength = 2000\n[channel]\nmodel = \"rayleigh\"\nspeed_m_s = 1.0\n\
             [link]\nsnr_db = 10.0\n{csi}\n[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.05\n{rest}\n"
        )
    };
    let given = |text: &str, asked: Given| {
        let root = crate::config::Node::parse_toml(text, "plan.toml".as_ref()).unwrap();
        let experiment = Loader::default().load(&root).unwrap();
        PlanInput::from_experiment(&experiment, &Asked { given: asked, ..Asked::default() }).unwrap().given
    };
    assert_eq!(given(&text("", ""), Given::default()), Given::default());
    let impaired = "[impairments]\noscillator_ppm = { normal = 2.0 }\ntiming_offset_s = { uniform = [-3e-9, 3e-9] }\n\
                    phase_rad = { normal = 0.1 }\ncfo_hz = [3.0, -3.0, 3.0, 3.0]\n";
    let there_is =
        given(&text(impaired, "csi = \"imperfect\"\ncsi_error = 0.02\ncsi_age_s = 1e-3"), Given::default());
    assert_eq!(
        (there_is.oscillator_ppm, there_is.phase_sd_rad, there_is.cfo_hz),
        (Some(2.0), Some(0.1), Some(3.0))
    );
    assert_eq!((there_is.csi_error, there_is.csi_age_s), (Some(0.02), Some(1e-3)));
    assert!((there_is.timing_rms_s.unwrap() - 3e-9 / 3f64.sqrt()).abs() < 1e-20);
    assert!((there_is.carrier_rms_hz(3.5e9).unwrap() - 7000f64.hypot(3.0)).abs() < 1e-9);
    // What is asked goes first.
    let asked = Given { oscillator_ppm: Some(0.1), ..Given::default() };
    assert_eq!(given(&text(impaired, ""), asked).oscillator_ppm, Some(0.1));
    // One pilot symbol at 10 dB: the estimate is at most as bad as one pilot alone, and ages over the round.
    let estimated = given(&text("", "csi = \"estimated\""), Given::default());
    let error = estimated.csi_error.unwrap();
    assert!(error > 0.0 && error < 1.0 / 11.0, "{error}");
    assert!(estimated.csi_age_s.unwrap() > 0.0);
}

/// Loads a shipped experiment with keys changed.
fn shipped(name: &str, changes: &[&str]) -> Experiment {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments").join(name);
    let mut root = crate::config::Node::read_toml(&path).unwrap();
    ["sweep", "curve"].iter().for_each(|key| drop(root.take(key)));
    for change in changes {
        let (path, value) = crate::config::overrides::parse_set(change).unwrap();
        root.set(&path, value).unwrap();
    }
    Loader::default().load(&root).unwrap()
}

#[test]
fn noise_is_what_theory_says_of_the_experiment() {
    let drawn = |scale: &str, model: &str, constraint: &str, devices: usize| {
        experiment(&format!(
            "[payload]\nsource = \"gaussian\"\ndevices = {devices}\nlength = 2000\ncorrelation = 0.3\n[channel]\n{model}\n\
             [link]\nsnr_db = 10.0\n[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.05\nscale = \"{scale}\"\n\
             power_constraint = \"{constraint}\"\n"
        ))
    };
    let rician = "model = \"rician\"\nk_factor_db = 3.0";
    let mut files = vec![
        shipped("quickstart.toml", &[]),
        shipped("quickstart.toml", &["scheme.scale=unbiased", "payload.normalisation=global-rms"]),
        shipped("quickstart.toml", &["payload.center=true", "channel.delay_spread_s=30e-9"]),
    ];
    for scale in ["plain", "unbiased", "lmmse"] {
        files.push(drawn(scale, "model = \"rayleigh\"", "average", 20));
        files.push(drawn(scale, rician, "peak", 5));
    }
    for file in &files {
        let theory = ran(file, Fidelity::Theory).metrics.nmse.unwrap().mean.unwrap();
        let input = PlanInput::from_experiment(file, &Asked::default()).unwrap();
        let target_nmse_db = Some(db_from_power(0.99));
        let planned =
            |input: &PlanInput| plan(&PlanInput { target_nmse_db, ..input.clone() }).unwrap().noise_nmse_db;
        let db = db_from_power(theory);
        assert!((planned(&input) - db).abs() < 1e-9, "{} {db}", planned(&input));
        // The plan's own formula says the same, and says something else of independent payloads.
        let own = PlanInput { noise_nmse: None, ..input.clone() };
        assert!((planned(&own) - db).abs() < 1e-6, "{} {db}", planned(&own));
        let other = PlanInput { weights: Weights::INDEPENDENT, ..own };
        assert!((planned(&other) - db).abs() > 0.3, "{} {db}", planned(&other));
    }
    // Without a target: twice the noise.
    let plan = plan(&PlanInput::from_experiment(&files[0], &Asked::default()).unwrap()).unwrap();
    assert!((plan.target_nmse_db - plan.noise_nmse_db - db_from_power(2.0)).abs() < 1e-9);
}

#[test]
fn other_coherent_schemes_have_their_own_theory_and_others_the_best_inversion() {
    let text = |kind: &str| {
        format!(
            "[payload]\nsource = \"gaussian\"\ndevices = 5\nlength = 4000\n[channel]\nmodel = \"rayleigh\"\n[link]\nsnr_db = 10.0\n\
             [scheme]\n{kind}\n[stop]\ntrials = 16\n"
        )
    };
    let planned = |kind: &str| {
        let input = PlanInput::from_experiment(&experiment(&text(kind)), &Asked::default()).unwrap();
        plan(&PlanInput { target_nmse_db: Some(-0.1), ..input }).unwrap()
    };
    let optimal = planned("kind = \"optimal-power\"");
    let theory = ran(&experiment(&text("kind = \"optimal-power\"")), Fidelity::Theory)
        .metrics
        .nmse
        .unwrap()
        .mean
        .unwrap();
    assert!((optimal.noise_nmse_db - db_from_power(theory)).abs() < 1e-9, "{}", optimal.noise_nmse_db);
    assert!(
        optimal.lines[0].source.contains("theory of the file's optimal-power"),
        "{}",
        optimal.lines[0].source
    );
    let digital = planned("kind = \"digital\"\nbits = 8");
    let best = Inversion::best(50.0).nmse(0.0, 50.0, &Weights::INDEPENDENT);
    assert!((digital.noise_nmse_db - db_from_power(best)).abs() < 0.01, "{}", digital.noise_nmse_db);
    assert!(digital.lines[0].source.contains("in place of digital"), "{}", digital.lines[0].source);
}

#[test]
fn parts_weigh_as_much_as_phases_put_on_the_values_themselves() {
    // Phases of plus or minus 0.3 rad at random: of two kinds, so that the sums over both can be taken one by one.
    let file = shipped("quickstart.toml", &[]);
    let (payload, phase) = (&file.payload, 0.3f64);
    let length = payload.length().min(4096);
    let rows: Vec<Vec<f64>> = (0..payload.devices())
        .map(|k| payload.ready(k, 0, payload.length()).unwrap().iter().map(|x| f64::from(*x)).collect())
        .collect();
    assert!(length > 1000);
    // Signs that are orthogonal over the draws, so that their mean is exact: E s_j s_k = 0.
    let draws = 32usize;
    let sign =
        |draw: usize, k: usize| if (draw & (k + 1)).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 };
    let (mut error, mut target) = (0.0, 0.0);
    for n in 0..payload.length() {
        let sum: f64 = rows.iter().map(|row| row[n]).sum();
        target += sum * sum;
        for draw in 0..draws {
            let turned: f64 = rows.iter().enumerate().map(|(k, row)| sign(draw, k) * row[n]).sum();
            let (real, imaginary) = ((phase.cos() - 1.0) * sum, phase.sin() * turned);
            error += (real * real + imaginary * imaginary) / draws as f64;
        }
    }
    let floor = crate::theory::floors::Floor {
        mean_square: 2.0 * (1.0 - phase.cos()),
        squared_mean: (1.0 - phase.cos()).powi(2),
    };
    let weights = Weights::of(payload);
    assert!((weights.nmse(floor) / (error / target) - 1.0).abs() < 1e-4, "{weights:?} {}", error / target);
    assert!(floor.independent() < 0.5 * error / target, "the sum is weak");
}

const SYNCHRONISED: &str = "[payload]\nsource = \"gaussian\"\ndevices = 6\nlength = 600\n[ofdm]\nbandwidth_hz = 5e6\n\
     subcarrier_spacing_hz = 15e3\n[channel]\nmodel = \"awgn\"\n[link]\nsnr_db = 25.0\n[scheme]\n\
     kind = \"truncated-inversion\"\nthreshold = 0.01\n[stop]\ntrials = 128\n[impairments]\n\
     oscillator_ppm = { normal = 0.1 }\n";

const BEACON: &str = "[sync]\nmode = \"preamble\"\nsnr_db = 20.0\n";

#[test]
fn a_beacon_leaves_what_the_waveform_measures() {
    let file = experiment(&format!("{SYNCHRONISED}{BEACON}"));
    let input = PlanInput::from_experiment(&file, &Asked::default()).unwrap();
    let clocks = Clocks::of(&input);
    let measured = ran(&file, Fidelity::Waveform);
    let (cfo_hz, timing_s) = (measured.cfo_error_rms_hz.unwrap(), measured.timing_error_rms_s.unwrap());
    // 768 errors: their rms is off by 2.6 %.
    assert!((cfo_hz / clocks.carrier_rms_hz.unwrap() - 1.0).abs() < 0.12, "{cfo_hz} {clocks:?}");
    assert!((timing_s / clocks.timing_rms_s.unwrap() - 1.0).abs() < 0.12, "{timing_s} {clocks:?}");
    // What is left makes the error that the floors say, counted from the beacon and not from the first value.
    let normal = |sd| Spread::Normal { sd };
    let until =
        |t: f64| misalignment::carrier_offset(normal(clocks.carrier_rms_hz.unwrap()), t).independent();
    let (lead_s, frame_s) = (input.lead_s, input.round_s);
    let turned = ((lead_s + frame_s) * until(lead_s + frame_s) - lead_s * until(lead_s)) / frame_s;
    let late = misalignment::timing(normal(clocks.timing_rms_s.unwrap()), input.occupied_hz).independent();
    let noise = input.noise_nmse.unwrap();
    let nmse = measured.metrics.nmse.unwrap().mean.unwrap();
    assert!(((noise + turned + late) / nmse - 1.0).abs() < 0.08, "{noise} {turned} {late}: {nmse}");
    assert!((noise + until(frame_s) + late) / nmse < 0.8, "from the first value: {}", until(frame_s));
}

#[test]
fn a_beacon_takes_the_place_of_raw_clocks() {
    let planned = |rest: &str, asked: Given| {
        let asked = Asked { target_nmse_db: Some(-20.0), given: asked };
        let input =
            PlanInput::from_experiment(&experiment(&format!("{SYNCHRONISED}{rest}")), &asked).unwrap();
        plan(&input).unwrap()
    };
    let given = |plan: &Plan, quantity: &str| {
        plan.lines
            .iter()
            .find(|l| l.quantity == quantity)
            .unwrap_or_else(|| panic!("no line {quantity}"))
            .given
    };
    let raw = planned("", Given::default());
    let told = planned(BEACON, Given::default());
    // Its only symbol is longer than the carriers hold: no reference can be put inside.
    assert_eq!(raw.advice.verdict, Verdict::NonCoherent);
    assert_eq!(told.advice.verdict, Verdict::Coherent, "{:?}", told.advice);
    let (before, after) =
        (given(&raw, "residual CFO, rms").unwrap(), given(&told, "residual CFO, rms").unwrap());
    assert!((before - 350.0).abs() < 1e-9 && (5.0..20.0).contains(&after), "{before} {after}");
    let ppm = given(&told, "clock error, rms").unwrap();
    assert!((ppm - after / 3500.0).abs() < 1e-12, "one oscillator: {ppm}");
    assert!(given(&told, "timing error, rms").is_some() && given(&raw, "timing error, rms").is_none());
    let line = told.lines.iter().find(|l| l.quantity == "CFO that the beacon leaves").unwrap();
    assert!(line.source.contains("20.00 dB, instead of 350 Hz"), "{}", line.source);
    // A better beacon leaves less, and none tells what lies beyond half a turn of a period.
    let better = planned(&BEACON.replace("20.0", "40.0"), Given::default());
    assert!((after / given(&better, "residual CFO, rms").unwrap() - 10.0).abs() < 1e-6);
    let far = planned(BEACON, Given { oscillator_ppm: Some(25.0), ..Given::default() });
    assert_eq!(far.advice.verdict, Verdict::NonCoherent);
    assert!(
        far.advice.reasons[0].contains("carriers 87.5 kHz off are beyond the 7.5 kHz"),
        "{:?}",
        far.advice
    );
}

#[test]
fn fading_takes_from_a_flat_beacon() {
    let beacon = |model: &str| {
        let text = format!("{SYNCHRONISED}{BEACON}").replace("model = \"awgn\"", model);
        PlanInput::from_experiment(&experiment(&text), &Asked::default()).unwrap().beacon.unwrap()
    };
    let (constant, flat) = (beacon("model = \"awgn\""), beacon("model = \"rayleigh\""));
    // E1(0.01) = 4.037929577 over the devices that send.
    let factor = 4.037_929_577 / (-0.01f64).exp();
    assert!(((flat.cfo_rms_hz / constant.cfo_rms_hz).powi(2) / factor - 1.0).abs() < 1e-6);
    let wide = beacon("model = \"tdl-c\"\ndelay_spread_s = 100e-9");
    assert!((wide.cfo_rms_hz / constant.cfo_rms_hz - 1.0).abs() < 1e-9);
}

#[test]
fn what_the_floors_do_not_speak_of_is_refused() {
    let refused = |text: &str| {
        PlanInput::from_experiment(&experiment(text), &Asked::default()).unwrap_err().to_string()
    };
    let text = |payload: &str, scheme: &str| {
        format!(
            "[payload]\ndevices = 5\nlength = 64\n{payload}\n[channel]\nmodel = \"awgn\"\n[link]\nsnr_db = 10.0\n[scheme]\n{scheme}\n"
        )
    };
    let votes = refused(&text(
        "source = \"sign\"\nagreement = 0.8\nfunction = \"majority\"",
        "kind = \"one-bit-majority\"\nthreshold = 0.05",
    ));
    assert!(
        votes.starts_with("payload.function = \"majority\" cannot be planned: no closed form"),
        "{votes}"
    );
    let single = refused(&text(
        "source = \"gaussian\"",
        "kind = \"misaligned\"\nreceiver = \"ml\"\ndelays_symbols = [0.0, 0.1, 0.2, 0.3, 0.4]",
    ));
    assert!(
        single.starts_with("scheme.kind = \"misaligned\" cannot be planned: frames of a single carrier"),
        "{single}"
    );
    let norm = refused(&text(
        "source = \"gaussian\"\nfunction = \"norm\"\nnorm_order = 2.0",
        "kind = \"truncated-inversion\"\nthreshold = 0.05",
    ));
    assert!(norm.starts_with("payload.function = \"norm\" cannot be planned"), "{norm}");
}

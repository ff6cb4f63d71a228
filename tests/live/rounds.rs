//! Rounds go on in time as those of a trial do.

use crate::{GRID, INVERSION, LINK, MOVING, RUNGS, STATIC, file, relative, tree, values};
use airloop::config::{Node, Origin, Value};
use airloop::experiment::Loader;
use airloop::live::{Air, RoundOptions};
use airloop::payload::Source;
use airloop::report::Fidelity;
use airloop::run::TrialContext;

const SPARSE: &str =
    "[scheme]\nkind = \"a-dsgd\"\nthreshold = 0.2\nrows = 100\nsparsity = 0.04\nerror_feedback = true\n";
const CODED: &str = "[mcs]\nindex = 4\n[scheme]\nkind = \"digital\"\nquantiser = \"top-k\"\nkept = 30\nerror_feedback = true\n";

/// Returns the estimates and NMSEs of rounds of one trial.
fn by_trial(text: &str, fidelity: Fidelity, (devices, all): (usize, &[f32]), rounds: i64) -> f64 {
    let mut tree = tree(text);
    tree.set("rounds", Node::new(Value::Integer(rounds), Origin::Default)).unwrap();
    let source = Source::array(devices, all.into()).unwrap();
    let experiment = Loader::with_source(source).load(&tree).unwrap();
    TrialContext::new(&experiment, fidelity).unwrap().run(0).unwrap().nmse()
}

fn nmse(air: &mut Air, devices: usize, all: &[f32]) -> f64 {
    let found = air.aggregate(devices, all, RoundOptions::default()).unwrap();
    found.report.metrics.nmse.unwrap().mean.unwrap()
}

#[test]
fn calls_are_the_rounds_of_a_trial() {
    let (devices, length) = (4, 300);
    let all = values(devices, length, 1);
    for (name, channel, scheme) in [
        ("static", STATIC, INVERSION),
        ("moving", MOVING, INVERSION),
        (
            "own budgets",
            MOVING,
            "[payload]\nnormalisation = \"per-device\"\n[scheme]\nkind = \"truncated-inversion\"\nthreshold = 0.2\n",
        ),
        ("optimal power", MOVING, "[scheme]\nkind = \"optimal-power\"\n"),
        ("what is not sent is remembered", MOVING, SPARSE),
    ] {
        let text = file(&[GRID, channel, LINK, scheme]);
        for fidelity in RUNGS {
            let expected = by_trial(&text, fidelity, (devices, &all), 3);
            let mut air = Air::from_toml(&text, fidelity).unwrap();
            let mean = (0..3).map(|_| nmse(&mut air, devices, &all)).sum::<f64>() / 3.0;
            assert!((mean / expected - 1.0).abs() < 1e-6, "{name} {fidelity}: {mean} for {expected}");
        }
    }
}

#[test]
fn devices_of_a_digital_link_remember_too() {
    let (devices, length) = (2, 400);
    let all = values(devices, length, 2);
    let text = file(&[
        "[ofdm]\nbandwidth_hz = 5e6\nsubcarrier_spacing_hz = 15e3\n",
        STATIC,
        "[link]\nsnr_db = 25.0\n",
        CODED,
    ]);
    let expected = by_trial(&text, Fidelity::Symbol, (devices, &all), 3);
    let mut air = Air::from_toml(&text, Fidelity::Symbol).unwrap();
    let mean = (0..3).map(|_| nmse(&mut air, devices, &all)).sum::<f64>() / 3.0;
    assert!((mean / expected - 1.0).abs() < 1e-6, "{mean} for {expected}");
    // Without memory the rounds are all alike but for the channel.
    let text = text.replace("error_feedback = true", "error_feedback = false");
    assert!((by_trial(&text, Fidelity::Symbol, (devices, &all), 3) / expected - 1.0).abs() > 0.01);
}

#[test]
fn a_later_round_sees_the_channel_aged() {
    // Flat fading at 100 Hz: J0(2 pi f t) of a symbol (41.7 us) is 0.9998, of 2.4 ms 0.51.
    let channel = "[channel]\nmodel = \"rayleigh\"\ndoppler_hz = 100.0\n";
    let text = file(&[GRID, channel, "[link]\nsnr_db = 200.0\n[scheme]\nkind = \"phase-only\"\n"]);
    let all = values(1, 96, 3);
    let gain = |wait_s: f64| {
        let mut air = Air::from_toml(&text, Fidelity::Symbol).unwrap();
        let first = air.aggregate(1, &all, RoundOptions::default()).unwrap().estimate;
        air.wait(wait_s).unwrap();
        let second = air.aggregate(1, &all, RoundOptions::default()).unwrap();
        (relative(&second.estimate, &first), second.start_s)
    };
    let ((near, near_s), (far, far_s)) = (gain(0.0), gain(2.4e-3));
    assert!(far_s - near_s >= 2.4e-3 && far_s - near_s < 2.45e-3, "{near_s} {far_s}");
    assert!(far > 10.0 * near, "{near} after a symbol, {far} after 2.4 ms");
}

#[test]
fn rounds_that_are_left_out_take_their_time() {
    let text = file(&[GRID, MOVING, LINK, INVERSION]);
    let all = values(3, 500, 4);
    let mut each = Air::from_toml(&text, Fidelity::Symbol).unwrap();
    let all_rounds: Vec<_> =
        (0..4).map(|_| each.aggregate(3, &all, RoundOptions::default()).unwrap()).collect();
    let third = RoundOptions { round: Some(3), weights: None };
    for before in [None, Some(0), Some(2)] {
        let mut some = Air::from_toml(&text, Fidelity::Symbol).unwrap();
        before.map(|round| {
            some.aggregate(3, &all, RoundOptions { round: Some(round), weights: None }).unwrap()
        });
        let found = some.aggregate(3, &all, third).unwrap();
        assert_eq!((found.round, found.start_s), (3, all_rounds[3].start_s));
        assert_eq!(found.estimate, all_rounds[3].estimate);
    }
    let error = each.aggregate(3, &all, third).unwrap_err().to_string();
    assert!(error.contains("round 3 is over: the next is round 4"), "{error}");
}

#[test]
fn rounds_begin_at_their_interval() {
    let text = file(&[GRID, MOVING, LINK, INVERSION]);
    let all = values(2, 100, 5);
    let mut air = Air::from_toml(&text, Fidelity::Symbol).unwrap().every_s(5e-3).unwrap();
    let starts: Vec<f64> =
        (0..3).map(|_| air.aggregate(2, &all, RoundOptions::default()).unwrap().start_s).collect();
    let symbol_s = 80.0 / 1.92e6;
    assert!(
        starts.iter().enumerate().all(|(i, s)| (s - 5e-3 * i as f64).abs() <= i as f64 * symbol_s),
        "{starts:?}"
    );
    assert!(Air::from_toml(&text, Fidelity::Symbol).unwrap().every_s(-1.0).is_err());
    let error = air.wait(f64::NAN).unwrap_err().to_string();
    assert!(error.contains("0 or more"), "{error}");
}

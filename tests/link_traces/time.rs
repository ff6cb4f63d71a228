//! Rounds in time: channels that stand still are drawn anew, channels that move go on; bytes do not depend on threads.

use super::setup::{SLOT_S, plan, rows, rows_of};
use airloop::trace::{TraceFormat, TraceRow};
use rayon::ThreadPoolBuilder;

const LEGS: &str = "payload.devices=2; mcs.index=6; link.snr_db=9; uplink.values=300; downlink.values=200; downlink.snr_db=12";

fn text(rows: &[TraceRow]) -> String {
    let mut out = String::new();
    rows.iter().for_each(|row| TraceFormat::Csv.write_row(row, &mut out).unwrap());
    out
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let moving =
        "channel.model=tdl-c; channel.delay_spread_s=1e-7; channel.speed_m_s=3; channel.carrier_hz=3.5e9";
    let still = "channel.model=rayleigh";
    let hurried = format!("trace.round_interval_s={}", 3.0 * SLOT_S);
    let paced = "trace.round_interval_s=0.01";
    for settings in
        [[moving, ""], [moving, paced], [moving, &hurried], [still, ""], [still, paced], [still, &hurried]]
    {
        let plan = plan(&[LEGS, "trace.rounds=23", settings[0], settings[1]]);
        let run = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            text(&pool.install(|| rows_of(&plan)))
        };
        let one = run(1);
        assert_eq!(one.lines().count(), 23 * 4);
        assert_eq!(run(3), one, "{settings:?}");
    }
}

#[test]
fn rounds_keep_their_rhythm_or_follow_each_other() {
    let still = [LEGS, "trace.rounds=4; channel.model=awgn"];
    let starts = |settings: &str| -> Vec<f64> {
        let trace = rows(&[&still[..], &[settings]].concat());
        trace.chunks(4).map(|round| round[0].t_start_s / SLOT_S).collect()
    };
    let near = |found: Vec<f64>, expected: [f64; 4]| {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?} {expected:?}");
    };
    let interval = |slots: f64| format!("trace.round_interval_s={}", slots * SLOT_S);
    let length = rows(&[&still[..], &[""]].concat())[3].clone();
    let slots = (length.t_start_s + length.latency_s) / SLOT_S;
    near(starts(""), [0.0, slots, 2.0 * slots, 3.0 * slots]);
    near(starts(&interval(50.0)), [0.0, 50.0, 100.0, 150.0]);
    near(starts(&interval(2.0)), [0.0, slots, 2.0 * slots, 3.0 * slots]);
}

/// Slowly moving channels hardly change from round to round, fast ones do; those that stand still are drawn anew in every round, and both
/// directions of a round have the same one.
#[test]
fn channels_go_on_in_time() {
    let sinrs = |settings: &str| -> Vec<[f64; 2]> {
        let base = "mcs.index=0; link.snr_db=15; uplink.values=100; downlink.values=100; trace.rounds=30; \
                    trace.round_interval_s=0.02; channel.carrier_hz=3.5e9";
        let trace = rows(&[base, settings]);
        trace.chunks(2).map(|r| [r[0].sinr_eff_db.unwrap(), r[1].sinr_eff_db.unwrap()]).collect()
    };
    let step =
        |s: &[[f64; 2]]| s.windows(2).map(|w| (w[1][0] - w[0][0]).abs()).sum::<f64>() / (s.len() - 1) as f64;
    let slow = sinrs("channel.model=rayleigh; channel.speed_m_s=0.02");
    let fast = sinrs("channel.model=rayleigh; channel.speed_m_s=10");
    let still = sinrs("channel.model=rayleigh");
    assert!(
        step(&slow) < 0.5 && step(&fast) > 2.0 && step(&still) > 2.0,
        "{} {} {}",
        step(&slow),
        step(&fast),
        step(&still)
    );
    // Up and down of a round: the same channel where it stands still, nearly the same where it moves slowly.
    assert!(still.iter().all(|[up, down]| (up - down).abs() < 1e-9));
    assert!(slow.iter().all(|[up, down]| (up - down).abs() < 0.5));
}

#[test]
fn noise_of_a_round_is_its_own() {
    let trace = rows(&[
        "channel.model=awgn; mcs.index=9; link.snr_db=3.6; uplink.bytes=600; downlink.bytes=600; trace.rounds=40",
    ]);
    let lost = |way: usize| trace.chunks(2).map(|r| r[way].bytes_delivered).collect::<Vec<u64>>();
    assert_ne!(lost(0), lost(1));
    assert!(lost(0).iter().any(|bytes| *bytes != lost(0)[0]));
}

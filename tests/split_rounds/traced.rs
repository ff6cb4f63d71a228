//! Rounds over the rates of a trace.

use super::setup::{BASE, close, read, report};
use airloop::split::link::TracedRates;
use airloop::split::run;
use airloop::trace::{Carriage, Direction, Stage, TraceRow, TraceWriter};
use std::path::PathBuf;
use std::sync::Arc;

const ROUNDS: u64 = 5;
const UP: [f64; 2] = [10e6, 20e6];
const DOWN: [f64; 2] = [40e6, 50e6];

fn row(round: u64, device: u32, leg: (Direction, Stage), rate_bps: f64) -> TraceRow {
    let mut row = TraceRow::empty(&Arc::from("run"), 1, round, device, (leg.0, leg.1, Carriage::Digital));
    (row.rate_bps, row.latency_s, row.outage) = (rate_bps, 0.1, rate_bps == 0.0);
    row.bytes_offered = (rate_bps * 0.1 / 8.0) as u64;
    row.bytes_delivered = row.bytes_offered;
    row
}

/// Writes a trace of both directions, whose rates a function changes from round to round.
fn file(name: &str, factor: impl Fn(u64, usize) -> f64) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("split_rounds");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let mut writer = TraceWriter::create(&path).unwrap();
    for round in 0..ROUNDS {
        for device in 0..2 {
            let scale = factor(round, device);
            let up = row(round, device as u32, (Direction::Up, Stage::Act), UP[device] * scale);
            let down = row(round, device as u32, (Direction::Down, Stage::Grad), DOWN[device] * scale);
            writer.write(&up).unwrap();
            writer.write(&down).unwrap();
        }
    }
    writer.flush().unwrap();
    path
}

fn over(path: &std::path::Path, more: &str) -> String {
    let trace = path.display();
    format!(
        "uplink.rate_bps=none; downlink.rate_bps=none; uplink.trace=\"{trace}\"; downlink.trace=\"{trace}\"; split.rounds={ROUNDS}; {more}"
    )
}

#[test]
fn a_static_trace_equals_the_closed_form() {
    let path = file("static.csv", |_, _| 1.0);
    let (traced, closed) = (report(BASE, &over(&path, "")), report(BASE, "split.rounds=5"));
    assert_eq!(traced.first_round, closed.first_round);
    assert_eq!(traced.total_s, closed.total_s);
    let slotted = report(BASE, &over(&path, "uplink.slot_s=0.0005; downlink.slot_s=0.0005"));
    let more = slotted.round_s.mean - closed.round_s.mean;
    assert!(
        (0.0..0.001).contains(&more),
        "two transfers exceed their closed form by less than a slot each: {more}"
    );
}

#[test]
fn rounds_follow_the_trace() {
    let path = file("moving.jsonl", |round, _| 1.0 / (1.0 + round as f64));
    let config = read(BASE, &over(&path, "")).unwrap();
    let mut ups = Vec::new();
    run(&config, &mut |_, round| {
        ups.push(round.devices[1].stages.activations_up_s);
        Ok(())
    })
    .unwrap();
    for (round, up) in ups.iter().enumerate() {
        close(*up, ups[0] * (1.0 + round as f64), 1e-12);
    }
}

#[test]
fn a_device_in_outage_sits_the_round_out() {
    let path = file("outage.csv", |round, device| if (round, device) == (2, 0) { 0.0 } else { 1.0 });
    let config = read(BASE, &over(&path, "")).unwrap();
    let mut parts = Vec::new();
    let report = run(&config, &mut |_, round| {
        parts.push((round.devices[0].takes_part, round.server_backward_samples, round.round_s));
        Ok(())
    })
    .unwrap();
    assert_eq!(report.absences, 1);
    assert_eq!((parts[2].0, parts[2].1), (false, 8));
    assert!(parts[2].2 < parts[1].2);
    assert_eq!(parts[1].2, parts[3].2);
}

#[test]
fn what_a_trace_lacks_is_named() {
    let path = file("short.csv", |_, _| 1.0);
    let fails = |more: &str| {
        let config = read(BASE, &over(&path, more)).unwrap();
        run(&config, &mut |_, _| Ok(())).unwrap_err().to_string()
    };
    assert!(fails("split.rounds=6").contains("short.csv: no row has round = 5, device = 0, direction = ul"));
    let third = "device.count=3; device.rate_flop_s=1e11; split.rounds=1";
    assert!(fails(third).contains("device = 2"));
    let missing = read(BASE, &over(&path.with_file_name("nothing.csv"), "")).unwrap();
    let error = run(&missing, &mut |_, _| Ok(())).unwrap_err().to_string();
    assert!(error.contains("nothing.csv"), "{error}");
    let silent = file("silent.csv", |_, _| 0.0);
    let config = read(BASE, &over(&silent, "")).unwrap();
    assert!(run(&config, &mut |_, _| Ok(())).unwrap_err().to_string().contains("round 0: no device's link"));
}

#[test]
fn rows_out_of_order_are_refused() {
    use airloop::split::link::{LinkRates, Payload, Transfer};
    let leg = (Direction::Up, Stage::Adapter);
    let rows = [(1, 5.0), (0, 6.0)].map(|(round, rate)| Ok(row(round, 0, leg, rate)));
    let mut rates = TracedRates::new("rows".into(), rows.into_iter());
    let error = rates.rate_bps(&Transfer { round: 1, device: 0, payload: Payload::Activations });
    assert!(error.unwrap_err().to_string().contains("rows: round 1 comes before round 0"));
    // A row of another stage of the same direction stands for one that is missing.
    let mut rates = TracedRates::new("rows".into(), [Ok(row(0, 0, leg, 7.0))].into_iter());
    assert_eq!(
        rates.rate_bps(&Transfer { round: 0, device: 0, payload: Payload::Activations }).unwrap(),
        7.0
    );
    assert!(rates.rate_bps(&Transfer { round: 0, device: 0, payload: Payload::Gradients }).is_err());
}

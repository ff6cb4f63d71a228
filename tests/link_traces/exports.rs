//! Exports, read by parsers that follow each format's own documentation.

use super::setup::{folder, rows};
use airloop::trace::export::{Exporter, Mahimahi, RoundLink, RxPacketTrace};
use airloop::trace::{Carriage, Direction, Stage, TraceRow};
use std::path::Path;
use std::sync::Arc;

fn export(mut exporter: impl Exporter, rows: &[TraceRow]) -> Result<(), String> {
    rows.iter().try_for_each(|row| exporter.take(row)).map_err(|e| e.to_string())?;
    exporter.finish().map_err(|e| e.to_string())
}

/// Reads a trace as `mm-link` does: a whole number of milliseconds a line, none empty, never descending, one at least, and the last
/// later than 0.
fn schedule(path: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'), "{}", path.display());
    let lines: Vec<u64> = text.lines().map(|line| line.parse().expect("a whole number")).collect();
    assert!(lines.windows(2).all(|pair| pair[0] <= pair[1]), "descends");
    assert!(*lines.last().expect("no valid timestamps") > 0, "must last for a nonzero time");
    lines
}

/// A row of a link with a rate, from a start on.
fn row(round: u64, device: u32, start_s: f64, rate_bps: f64) -> TraceRow {
    let leg = (Direction::Up, Stage::Act, Carriage::Digital);
    let latency_s = 0.02;
    let bytes = (rate_bps * latency_s / 8.0) as u64;
    TraceRow {
        t_start_s: start_s,
        latency_s,
        airtime_s: latency_s,
        rate_bps,
        bytes_offered: bytes.max(1),
        bytes_delivered: bytes,
        ..TraceRow::empty(&Arc::from("r"), 1, round, device, leg)
    }
}

/// 12 Mbit/s is one packet a millisecond, 6 Mbit/s one every other: the manual page's own example.
#[test]
fn packets_leave_at_the_rate_of_the_link() {
    let dir = folder("mahimahi");
    let trace = [row(0, 0, 0.0, 12e6), row(1, 0, 0.1, 6e6), row(2, 0, 0.2, 0.0), row(3, 0, 0.3, 24e6)];
    export(Mahimahi::create(&dir).unwrap(), &trace).unwrap();
    let lines = schedule(&dir.join("device-0-ul.trace"));
    let expected: Vec<u64> = (1..=100)
        .chain((1..=50).map(|n| 100 + 2 * n))
        .chain((1..=200u64).map(|n| 300 + n.div_ceil(2)))
        .collect();
    assert_eq!(lines, expected);
}

/// The packets of a recorded trace carry what its rates do, to a packet a row.
#[test]
fn packets_of_a_recorded_trace_carry_its_bytes() {
    let settings = "channel.model=rayleigh; mcs.index=8; link.snr_db=14; payload.devices=2; uplink.bytes=20000; downlink.bytes=9000; \
                    downlink.snr_db=20; trace.rounds=12; trace.round_interval_s=0.5";
    let (trace, dir) = (rows(&[settings]), folder("recorded"));
    export(Mahimahi::create(&dir).unwrap(), &trace).unwrap();
    for device in 0..2 {
        for direction in [Direction::Up, Direction::Down] {
            let own: Vec<&TraceRow> =
                trace.iter().filter(|row| row.device == device && row.direction == direction).collect();
            let lines = schedule(&dir.join(format!("device-{device}-{direction}.trace")));
            let step = |pair: &[&TraceRow]| (pair[1].t_start_s - pair[0].t_start_s) * pair[0].rate_bps / 8.0;
            let last = own[own.len() - 1];
            let held = (last.t_start_s - own[own.len() - 2].t_start_s) * last.rate_bps / 8.0;
            let bytes = own.windows(2).map(step).sum::<f64>() + held;
            assert!((lines.len() as f64 - (bytes / 1500.0).floor()).abs() <= 1.0, "{} {bytes}", lines.len());
            let end_ms = (last.t_start_s + 0.5) * 1e3;
            assert!(*lines.last().unwrap() as f64 <= end_ms + 2.0);
        }
    }
}

#[test]
fn links_that_carry_no_packet_are_refused() {
    let dir = folder("silent");
    let error =
        export(Mahimahi::create(&dir).unwrap(), &[row(0, 3, 0.0, 0.0), row(1, 3, 0.1, 0.0)]).unwrap_err();
    assert!(error.contains("device 3") && error.contains("1500"), "{error}");
    let error =
        export(Mahimahi::create(&dir).unwrap(), &[row(0, 3, 0.5, 1e6), row(1, 3, 0.1, 1e6)]).unwrap_err();
    assert!(error.contains("round 1") && error.contains("t_start_s"), "{error}");
}

/// Columns by name, tabs between them, a number or DL or UL in each.
#[test]
fn the_packet_table_holds_the_rows() {
    let settings = "channel.model=rayleigh; mcs.index=8; link.snr_db=8; payload.devices=2; uplink.bytes=300; downlink.bytes=200; \
                    downlink.snr_db=20; trace.rounds=30";
    let (trace, path) = (rows(&[settings]), folder("packets").join("RxPacketTrace.txt"));
    export(RxPacketTrace::create(&path, 30e3).unwrap(), &trace).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let names = "Time direction frame subF slot 1stSym nSymbol cellId bwpId rnti tbSize mcs rank rv SINR(dB) CQI corrupt TBler";
    assert_eq!(header, names.split(' ').collect::<Vec<_>>());
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), trace.len());
    let mut corrupt = 0;
    for (cells, row) in lines.iter().zip(&trace) {
        let cell = |name: &str| cells[header.iter().position(|h| *h == name).unwrap()];
        let number =
            |name: &str| -> f64 { cell(name).parse().unwrap_or_else(|_| panic!("{name}: {}", cell(name))) };
        let end_s = row.t_start_s + row.latency_s;
        assert_eq!(cell("direction"), if row.direction == Direction::Up { "UL" } else { "DL" });
        assert!((number("Time") - end_s).abs() < 1e-12);
        // The slot that the numbers name holds the instant.
        let slot_s = 0.5e-3;
        let begin = number("frame") * 10e-3 + number("subF") * 1e-3 + number("slot") * slot_s;
        assert!((begin..begin + slot_s).contains(&(end_s % 10.24 + 1e-9)), "{begin} {end_s}");
        assert!(number("subF") < 10.0 && number("slot") < 2.0);
        assert_eq!(number("rnti"), f64::from(row.device + 1));
        assert_eq!((number("tbSize"), number("mcs")), (row.bytes_offered as f64, 8.0));
        assert_eq!(number("SINR(dB)"), row.sinr_eff_db.unwrap());
        assert_eq!(number("corrupt"), f64::from(u8::from(row.bytes_delivered < row.bytes_offered)));
        corrupt += number("corrupt") as u32;
    }
    assert!(corrupt > 0, "the link loses something");
}

#[test]
fn rounds_of_links_hold_rates_and_losses() {
    let settings = "channel.model=rayleigh; mcs.index=8; link.snr_db=8; payload.devices=3; uplink.bytes=300; downlink.bytes=200; \
                    downlink.snr_db=20; trace.rounds=10";
    let (trace, path) = (rows(&[settings]), folder("rounds").join("round_link.csv"));
    export(RoundLink::create(&path).unwrap(), &trace).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().next(), Some("round,device,ul_bps,dl_bps,ul_loss,dl_loss"));
    assert_eq!(text.lines().count(), 1 + 30);
    for (line, number) in text.lines().skip(1).zip(0..) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let (round, device) = (number / 3, number % 3);
        assert_eq!((cells[0], cells[1]), (f64::from(round), f64::from(device)));
        for (way, at) in [(Direction::Up, 2), (Direction::Down, 3)] {
            let row = trace
                .iter()
                .find(|r| r.round == round as u64 && r.device == device as u32 && r.direction == way)
                .unwrap();
            assert!((cells[at] - row.rate_bps).abs() <= 1e-9 * row.rate_bps, "{line}");
            let loss = 1.0 - row.bytes_delivered as f64 / row.bytes_offered as f64;
            assert!((cells[at + 2] - loss).abs() < 1e-12, "{line}");
        }
    }
    // A direction without a leg has empty cells.
    let path = folder("one-way").join("round_link.csv");
    export(RoundLink::create(&path).unwrap(), &[row(4, 1, 0.0, 8e6)]).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().nth(1), Some("4,1,8000000,,0,"));
}

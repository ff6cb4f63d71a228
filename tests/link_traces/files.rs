//! Files: read back exactly, and refused where they are none.

use super::setup::{folder, rows};
use airloop::trace::{
    COLUMNS, Carriage, Direction, Peer, Source, Stage, TraceError, TraceFormat, TraceReader, TraceRow,
    TraceWriter,
};
use std::path::Path;
use std::sync::Arc;

/// A row in which every cell is filled with what is hard to read back.
fn full(round: u64) -> TraceRow {
    let odd = |n: f64| Some(0.1 + n * 1e-17 + 1.0 / 3.0 * n);
    TraceRow {
        peer: Peer::Device(7),
        t_start_s: 1.0 / 3.0 + round as f64,
        bytes_offered: u64::MAX,
        bytes_delivered: 3,
        n_re: 1 << 60,
        airtime_s: 5e-324,
        latency_s: f64::MAX,
        rate_bps: 1e23,
        snr_db: Some(-0.0),
        sinr_eff_db: odd(1.0),
        mcs_table: Some(4),
        mcs: Some(27.5),
        rank: Some(255),
        bler: odd(2.0),
        tbler: odd(3.0),
        harq_tx: Some(u64::MAX),
        outage: false,
        elem_loss_p: odd(4.0),
        nmse_db: odd(-5.0),
        evm_pct: odd(6.0),
        cfo_hz: odd(-7e9),
        timing_err_s: odd(8e-9),
        csi_nmse_db: odd(9.0),
        tx_power_dbm: odd(10.0),
        tx_energy_j: odd(11e-300),
        source: Source::Hardware,
        calib_id: Some(Arc::from("bench 3/ä")),
        ..TraceRow::empty(
            &Arc::from("run-1"),
            u64::MAX,
            round,
            3,
            (Direction::DeviceToDevice, Stage::Prompt, Carriage::Analog),
        )
    }
}

fn write(path: &Path, rows: &[TraceRow]) {
    let mut writer = TraceWriter::create(path).unwrap();
    rows.iter().for_each(|row| writer.write(row).unwrap());
    writer.flush().unwrap();
}

fn bits(row: &TraceRow) -> Vec<Option<u64>> {
    let given =
        [Some(row.t_start_s), Some(row.airtime_s), Some(row.latency_s), Some(row.rate_bps), row.snr_db];
    let more = [
        row.sinr_eff_db,
        row.mcs,
        row.bler,
        row.tbler,
        row.elem_loss_p,
        row.nmse_db,
        row.evm_pct,
        row.cfo_hz,
    ];
    let last = [row.timing_err_s, row.csi_nmse_db, row.tx_power_dbm, row.tx_energy_j];
    given.into_iter().chain(more).chain(last).map(|x| x.map(f64::to_bits)).collect()
}

#[test]
fn what_was_written_is_read_back_to_the_last_bit() {
    let sparse = TraceRow::empty(&Arc::from("r"), 0, 1, 0, (Direction::Air, Stage::Model, Carriage::Aircomp));
    let recorded = rows(&[
        "channel.model=rayleigh; mcs.index=4; link.snr_db=5; payload.devices=2; trace.rounds=9; uplink.values=99",
    ]);
    let all = [vec![full(0), sparse], recorded, (2..40).map(full).collect()].concat();
    for name in ["trace.csv", "trace.jsonl"] {
        let path = folder("exact").join(name);
        write(&path, &all);
        let read = TraceReader::read(&path).unwrap();
        assert_eq!(read, all, "{name}");
        assert!(read.iter().zip(&all).all(|(a, b)| bits(a) == bits(b)), "{name}");
        // A second writing gives the same bytes.
        let again = folder("again").join(name);
        write(&again, &read);
        assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(&path).unwrap(), "{name}");
    }
}

/// The columns are those of the schema that split-training programs read.
#[test]
fn the_schema_is_as_published() {
    let expected = "run_id seed round t_start_s device peer direction stage scheme bytes_offered bytes_delivered n_re airtime_s \
        latency_s rate_bps snr_db sinr_eff_db mcs_table mcs rank bler tbler harq_tx outage elem_loss_p nmse_db evm_pct cfo_hz \
        timing_err_s csi_nmse_db tx_power_dbm tx_energy_j source calib_id";
    assert_eq!(COLUMNS, expected.split_whitespace().collect::<Vec<_>>());
    let path = folder("schema").join("t.csv");
    write(&path, &[full(0)]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("schema,run_id,seed,"), "{text}");
    assert!(text.lines().nth(1).unwrap().starts_with("1,run-1,18446744073709551615,0,"), "{text}");
    let mut line = String::new();
    TraceFormat::Jsonl.write_row(&full(0), &mut line).unwrap();
    let json: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&json["schema"], &json["direction"], &json["peer"]), (&1.into(), &"d2d".into(), &"7".into()));
    assert_eq!(json.as_object().unwrap().len(), COLUMNS.len() + 1);
}

/// Whole numbers with a fraction of 0 are what programs make of columns with gaps.
#[test]
fn whole_numbers_may_look_like_floats() {
    let path = folder("floats").join("t.csv");
    write(&path, &[full(0)]);
    let text = std::fs::read_to_string(&path).unwrap().replace(",4,27.5,255,", ",4.0,27.5,255.0,");
    std::fs::write(&path, text).unwrap();
    assert_eq!(TraceReader::read(&path).unwrap(), [full(0)]);
}

fn changed(name: &str, change: impl Fn(String) -> String) -> String {
    let path = folder("changed").join(name);
    write(&path, &[full(0), full(1)]);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
    match TraceReader::read(&path) {
        Ok(_) => panic!("{name} is read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wrong_files_are_refused_by_file_line_and_column() {
    let csv = |change: &dyn Fn(String) -> String, parts: &[&str]| {
        let error = changed("t.csv", change);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        assert!(!error.contains('\n'), "{error}");
    };
    csv(&|text| text.replace("\n1,run-1,", "\n2,run-1,"), &["t.csv:2: schema is 2", "reads 1"]);
    csv(&|text| text.replace("rate_bps", "rate_mbps"), &["t.csv:1:", "\"rate_mbps\"", "rate_bps"]);
    csv(&|text| text.replace(",calib_id\n", "\n"), &["t.csv:1:", "ends too early", "calib_id"]);
    csv(&|text| text.replace(",calib_id\n", ",calib_id,more\n"), &["t.csv:1:", "\"more\""]);
    csv(&|text| text[..text.len() - 40].into(), &["t.csv:3:", "ends in its middle", "torn"]);
    csv(&|text| text[..text.len() - 40].to_owned() + "\n", &["t.csv:3:", "cells"]);
    csv(&|text| text.replace(",27.5,", ",many,"), &["t.csv:2: mcs is \"many\"", "a number is expected"]);
    csv(&|text| text.replace(",27.5,", ",NaN,"), &["t.csv:2: mcs is \"NaN\"", "a number is expected"]);
    csv(&|text| text.replace(",prompt,", ",guess,"), &["t.csv:2: stage is \"guess\"", "act, grad, adapter"]);
    csv(&|text| text.replace(",255,", ",256,"), &["t.csv:2: rank is \"256\"", "0 to 255"]);
    csv(
        &|text| text.replace("run-1,18446744073709551615,1,", ",18446744073709551615,1,"),
        &["t.csv:3: run_id is empty"],
    );
    csv(&|_| String::new(), &["t.csv:1: the file is empty"]);
    csv(&|text| text + "\n", &["t.csv:4:", "a row of 1 cells"]);
    csv(&|text| text + &"x".repeat(1 << 17), &["t.csv:4:", "longer than any row"]);
    let json = |change: &dyn Fn(String) -> String, parts: &[&str]| {
        let error = changed("t.jsonl", change);
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    };
    json(&|text| text.replace("\"schema\":1", "\"schema\":9"), &["t.jsonl:1: schema is 9"]);
    json(&|text| text.replace("\"rate_bps\"", "\"rate\""), &["t.jsonl:1:", "\"rate\""]);
    json(&|text| text.replace("\"rank\":255,", ""), &["t.jsonl:1:", "no field \"rank\""]);
    json(&|text| text[..text.len() - 9].into(), &["t.jsonl:2:", "ends in its middle"]);
    json(&|_| "[1]\n".into(), &["t.jsonl:1: no JSON object"]);
    let error = TraceReader::read(Path::new("trace.txt")).unwrap_err();
    assert!(error.to_string().contains(".csv or .jsonl"), "{error}");
    let error = TraceReader::read(Path::new("none/trace.csv")).unwrap_err();
    assert!(
        matches!(error, TraceError::Io { .. }) && error.to_string().contains("none/trace.csv"),
        "{error}"
    );
}

#[test]
fn what_no_file_can_hold_is_not_written() {
    let wrong = [
        (TraceRow { rate_bps: f64::NAN, ..full(4) }, "rate_bps is NaN"),
        (TraceRow { nmse_db: Some(f64::INFINITY), ..full(4) }, "nmse_db"),
        (TraceRow { calib_id: Some(Arc::from("a,b")), ..full(4) }, "calib_id"),
        (TraceRow { run_id: Arc::from("a\nb"), ..full(4) }, "run_id"),
    ];
    for (row, part) in wrong {
        for format in [TraceFormat::Csv, TraceFormat::Jsonl] {
            let error = format.write_row(&row, &mut String::new()).unwrap_err().to_string();
            assert!(error.contains("round 4, device 3") && error.contains(part), "{error}");
        }
    }
}

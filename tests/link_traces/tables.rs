//! Traces as tables of columns: there and back, and refused where they are none.

use super::setup::rows;
use airloop::trace::{COLUMNS, Column, Peer, SCHEMA, TraceRow, UNITS, rows_of_columns};
use std::path::Path;
use std::sync::Arc;

/// Columns by their names.
type Table = Vec<(String, Column)>;

fn recorded() -> Vec<TraceRow> {
    let mut rows = rows(&[
        "channel.model=rayleigh; mcs.index=4; link.snr_db=5; payload.devices=3; trace.rounds=5; uplink.values=99; air.values=9; \
         air.scheme.kind=truncated-inversion; air.scheme.threshold=0.1",
    ]);
    (rows[4].peer, rows[5].calib_id, rows[6].calib_id) =
        (Peer::Device(7), Some(Arc::from("a")), Some(Arc::from("b")));
    rows[7].seed = u64::MAX;
    rows
}

fn table(rows: &[TraceRow]) -> Table {
    let names = std::iter::once(SCHEMA).chain(COLUMNS.iter().copied());
    names.map(|name| (name.to_string(), Column::of(rows, name).unwrap())).collect()
}

fn set(table: &mut [(String, Column)], name: &str, column: Column) {
    table.iter_mut().find(|(found, _)| found == name).unwrap().1 = column;
}

#[test]
fn columns_become_the_very_rows_again() {
    let recorded = recorded();
    let mut table = table(&recorded);
    assert_eq!(rows_of_columns(Path::new("t"), &table).unwrap(), recorded);
    // In any order, and of numbers that other programs made real where there are gaps.
    table.reverse();
    let real = |of: &dyn Fn(&TraceRow) -> Option<f64>| {
        Column::Real(recorded.iter().map(|row| of(row).unwrap_or(f64::NAN)).collect())
    };
    set(&mut table, "harq_tx", real(&|row| row.harq_tx.map(|x| x as f64)));
    set(&mut table, "rank", real(&|row| row.rank.map(f64::from)));
    assert_eq!(rows_of_columns(Path::new("t"), &table).unwrap(), recorded);
    assert!(rows_of_columns(Path::new("t"), &self::table(&[])).unwrap().is_empty());
    assert_eq!((COLUMNS.len(), Column::of(&recorded, "rate")), (UNITS.len(), None));
}

#[test]
fn columns_hold_what_their_rows_do() {
    let recorded = recorded();
    let Some(Column::Real(rates)) = Column::of(&recorded, "rate_bps") else { panic!("rates are real") };
    assert!(rates.iter().zip(&recorded).all(|(rate, row)| *rate == row.rate_bps));
    let Some(Column::Whole { values, known: Some(known), bits: 64 }) = Column::of(&recorded, "harq_tx")
    else {
        panic!("transmissions are whole numbers, or not known")
    };
    for ((value, known), row) in values.iter().zip(&known).zip(&recorded) {
        assert_eq!(known.then_some(*value), row.harq_tx);
    }
    let Some(Column::Word { codes, words }) = Column::of(&recorded, "peer") else {
        panic!("peers are words")
    };
    assert_eq!(words.iter().map(|word| &**word).collect::<Vec<_>>(), ["server", "7"]);
    assert!(codes.iter().enumerate().all(|(at, code)| *code == i32::from(at == 4)));
}

/// Each units' name stands at the end of its columns' names.
#[test]
fn units_are_those_of_the_names() {
    let ends = [
        ("_s", "s"),
        ("_bps", "bit/s"),
        ("_db", "dB"),
        ("_hz", "Hz"),
        ("_dbm", "dBm"),
        ("_j", "J"),
        ("_pct", "%"),
    ];
    for (name, unit) in COLUMNS.iter().zip(UNITS) {
        let expected = ends.iter().find(|(end, _)| name.ends_with(end)).map_or("", |(_, unit)| unit);
        let expected = if name.starts_with("bytes_") { "byte" } else { expected };
        assert_eq!(*unit, expected, "{name}");
    }
}

#[test]
fn wrong_tables_are_refused_by_row_and_column() {
    let recorded = recorded();
    let refused = |change: &dyn Fn(&mut Table), parts: &[&str]| {
        let mut table = table(&recorded);
        change(&mut table);
        let error = rows_of_columns(Path::new("t.parquet"), &table).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    };
    let reals = |name: &'static str, at: usize, value: f64| {
        let mut values = vec![1.0; recorded.len()];
        values[at] = value;
        move |table: &mut Table| set(table, name, Column::Real(values.clone()))
    };
    refused(&|t| drop(t.pop()), &["t.parquet: there is no column \"calib_id\"", "35"]);
    refused(&|t| t[9].0 = "speed".into(), &["\"speed\""]);
    refused(&|t| set(t, "mcs", Column::Real(vec![1.0])), &["\"mcs\" has 1 rows"]);
    refused(&reals("rate_bps", 3, f64::INFINITY), &["t.parquet:4: rate_bps is inf", "a number is expected"]);
    refused(&reals("rate_bps", 2, f64::NAN), &["t.parquet:3: rate_bps is empty"]);
    refused(&reals("device", 2, 1.5), &["t.parquet:3: device is 1.5", "whole number"]);
    refused(&reals("rank", 1, 256.0), &["t.parquet:2: rank is 256.0", "0 to 255"]);
    refused(&reals("stage", 0, 1.0), &["t.parquet:1: stage is 1.0", "act, grad"]);
    refused(&reals("schema", 1, 2.0), &["t.parquet:2: schema is 2.0", "reads 1"]);
    refused(
        &|t| set(t, "outage", Column::Word { codes: vec![0; recorded.len()], words: vec![Arc::from("no")] }),
        &["t.parquet:1: outage is \"no\"", "0 or 1"],
    );
}

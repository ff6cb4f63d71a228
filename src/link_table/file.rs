//! Files of link tables: JSON and CSV, written whole and read with every field checked.

use super::csv;
use super::curve_report::CurveReport;
use super::entry::{BlerEntry, Coordinate, NmseEntry};
use super::error::LinkTableError;
use super::field::Fields;
use super::sionna;
use crate::effective_sinr::BetaTable;
use crate::report::Report;
use crate::sweep::table::write_whole;
use crate::sweep::{Header, Journal, PointRecord, Rows, SweepError};
use serde_json::{Map, Value as Json};
use std::path::{Path, PathBuf};

/// Name of the table as JSON in a result folder.
pub const JSON_NAME: &str = "link-table.json";

/// Name of the table as CSV in a result folder.
pub const CSV_NAME: &str = "link-table.csv";

/// Name of the parameters of the exponential effective SINR in a result folder.
pub const BETAS_NAME: &str = "eesm-betas.json";

/// What the field `schema` says.
const SCHEMA: &str = "airloop-link-table";

/// Version of the schema.
const VERSION: u64 = 1;

/// Columns of a CSV file before those of its entries.
const FIRST: [&str; 3] = ["schema", "version", "kind"];

/// Which kind of table a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Bler,
    Nmse,
}

impl FileKind {
    fn word(self) -> &'static str {
        match self {
            Self::Bler => "bler",
            Self::Nmse => "nmse",
        }
    }
}

fn write(
    dir: &Path,
    kind: FileKind,
    entries: &[String],
    rows: (&[String], Vec<Vec<String>>),
    more: &str,
) -> Result<(), SweepError> {
    let entries = entries.join(",\n");
    let json = format!(
        "{{\n\"schema\": \"{SCHEMA}\",\n\"version\": {VERSION},\n\"kind\": \"{}\",\n\"entries\": [\n{entries}\n]{more}\n}}\n",
        kind.word()
    );
    let first = [SCHEMA.to_string(), VERSION.to_string(), kind.word().to_string()];
    let header: Vec<String> = FIRST.map(String::from).into_iter().chain(rows.0.iter().cloned()).collect();
    let rows = rows.1.into_iter().map(|row| first.iter().cloned().chain(row).collect());
    write_whole(&dir.join(JSON_NAME), json.as_bytes())?;
    write_whole(&dir.join(CSV_NAME), csv::text(&header, rows).as_bytes())
}

/// Writes the block error rates of finished curves.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn write_bler(dir: &Path, rows: &Rows<'_, CurveReport>) -> Result<(), SweepError> {
    let curves: Vec<Vec<BlerEntry>> = rows.points().iter().map(|point| point.report.entries()).collect();
    let all: Vec<&BlerEntry> = curves.iter().flatten().collect();
    let lines: Vec<String> =
        all.iter().map(|entry| serde_json::to_string(entry).expect("entries are plain data")).collect();
    let columns = BlerEntry::FIELDS.map(String::from);
    let cells = all.iter().map(|entry| entry.cells()).collect();
    let slices: Vec<&[BlerEntry]> = curves.iter().map(Vec::as_slice).collect();
    let more = format!(",\n\"category\": {}", sionna::category(&slices));
    write(dir, FileKind::Bler, &lines, (&columns, cells), &more)?;
    write_betas(dir, rows)
}

/// Writes the parameters of the exponential map, those of each scheme's largest block, if every scheme from 0 on has one.
fn write_betas(dir: &Path, rows: &Rows<'_, CurveReport>) -> Result<(), SweepError> {
    let mut fitted: Vec<&CurveReport> =
        rows.points().iter().map(|point| &point.report).filter(|r| r.effective_sinr.is_some()).collect();
    fitted.sort_by_key(|report| report.block_bits);
    let mut betas = BetaTable::new();
    for (report, fit) in fitted.iter().filter_map(|report| Some((report, report.effective_sinr.as_ref()?))) {
        betas.set((report.mcs_table, report.mcs), fit.exponential.beta);
    }
    let comment =
        "Parameters of the exponential effective SINR by MCS table and index, fitted by airloop link-table";
    match betas.to_json(comment) {
        Ok(text) if !fitted.is_empty() => Ok(write_whole(&dir.join(BETAS_NAME), text.as_bytes())?),
        _ => Ok(()),
    }
}

/// Writes the table of aggregation errors of a result folder, from its journal.
///
/// # Errors
/// When there is no journal of aggregation rounds, or the folder cannot be written.
pub fn write_nmse(dir: &Path) -> Result<PathBuf, SweepError> {
    let (header, points) = Journal::<Report>::read(dir)?;
    let rows = Rows::new(&header, &points);
    let entries: Vec<NmseEntry> = rows.points().iter().map(|point| nmse_entry(&header, point)).collect();
    let columns: Vec<String> = entries.first().map_or_else(Vec::new, |entry| {
        let names = entry.coordinates.iter().map(|coordinate| coordinate.0.clone());
        names.chain(NmseEntry::FIELDS.map(String::from)).collect()
    });
    let lines: Vec<String> = entries.iter().map(NmseEntry::json).collect();
    let cells = entries.iter().map(NmseEntry::cells).collect();
    write(dir, FileKind::Nmse, &lines, (&columns, cells), "")?;
    Ok(dir.join(JSON_NAME))
}

/// Axes that a report itself tells of under a shorter name.
const REPORTED: [&str; 3] = ["scheme.kind", "payload.devices", "link.snr_db"];

fn nmse_entry(header: &Header, point: &PointRecord<Report>) -> NmseEntry {
    let report = &point.report;
    let swept = |path: &str| header.axes.iter().any(|axis| axis.0 == path);
    let word = |text: &str| Coordinate::Word(text.into());
    let mut coordinates: Vec<(String, Coordinate)> = Vec::new();
    if header.curves.iter().any(|curve| !curve.0.is_empty()) {
        coordinates.push(("curve".into(), word(&point.curve)));
    }
    coordinates.push(("scheme".into(), word(&report.scheme)));
    coordinates.push(("fidelity".into(), word(report.fidelity.word())));
    coordinates.push(("devices".into(), Coordinate::Number(report.devices as f64)));
    // Where another SNR is swept, this one follows from it.
    if !swept("link.receive_snr_db") {
        coordinates.push(("snr_db".into(), Coordinate::Number(report.snr_db)));
    }
    let others = header.axes.iter().filter(|axis| !REPORTED.contains(&axis.0.as_str()));
    let value = |path: &str| point.values.iter().find(|value| value.0 == path).map(|value| &value.1);
    coordinates.extend(others.filter_map(|axis| Some((axis.0.clone(), Coordinate::of(value(&axis.0)?)))));
    let nmse = report.metrics.nmse.as_ref();
    NmseEntry {
        coordinates,
        nmse: nmse.and_then(|e| e.mean),
        nmse_low: nmse.and_then(|e| e.low),
        nmse_high: nmse.and_then(|e| e.high),
        nmse_median: nmse.and_then(|e| e.median),
        nmse_q95: nmse.and_then(|e| e.q95),
        trials: report.trials,
        experiment_id: report.experiment_id.clone(),
    }
}

/// Reads the entries of a file of a kind; `.csv` files hold rows, all others JSON.
///
/// # Errors
/// When it cannot be read, or is no table of this kind and version.
pub(super) fn read<T>(
    path: &Path,
    kind: FileKind,
    entry: impl Fn(&Fields<'_>) -> Result<T, LinkTableError>,
) -> Result<Vec<T>, LinkTableError> {
    let io = |source| LinkTableError::Io { path: path.to_path_buf(), action: "read the table", source };
    let text = std::fs::read_to_string(path).map_err(io)?;
    let objects = match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
        true => rows(path, kind, &text)?,
        false => objects(path, kind, &text)?,
    };
    if objects.is_empty() {
        return Err(wrong(path, "entries", "empty", "one entry or more are expected".into()));
    }
    let read = |(i, object): (usize, &Map<String, Json>)| entry(&Fields::new(path, i, object));
    objects.iter().enumerate().map(read).collect()
}

fn wrong(path: &Path, field: &str, found: impl Into<String>, expected: String) -> LinkTableError {
    LinkTableError::Field { path: path.to_path_buf(), field: field.into(), found: found.into(), expected }
}

fn objects(path: &Path, kind: FileKind, text: &str) -> Result<Vec<Map<String, Json>>, LinkTableError> {
    let not_json = |error: serde_json::Error| {
        wrong(
            path,
            "the file",
            format!("no JSON ({error})"),
            "a table of `airloop link-table` is expected".into(),
        )
    };
    let Json::Object(mut root) = serde_json::from_str(text).map_err(not_json)? else {
        return Err(wrong(
            path,
            "the file",
            "no object",
            "a table of `airloop link-table` is expected".into(),
        ));
    };
    if !root.contains_key("schema") && root.contains_key("category") {
        let found =
            "missing, and the file has the fields of a Sionna SYS table, which holds no counts and intervals";
        return Err(wrong(path, "schema", found, format!("\"{SCHEMA}\" is expected")));
    }
    check_head(path, kind, &root)?;
    match root.remove("entries") {
        Some(Json::Array(entries)) => {
            let object = |(i, entry): (usize, Json)| match entry {
                Json::Object(object) => Ok(object),
                other => Err(wrong(
                    path,
                    &format!("entries[{i}]"),
                    other.to_string(),
                    "an object is expected".into(),
                )),
            };
            entries.into_iter().enumerate().map(object).collect()
        }
        other => {
            let found = other.map_or("missing", |_| "no list");
            Err(wrong(path, "entries", found, "a list of entries is expected".into()))
        }
    }
}

/// Returns the rows of a CSV file without what says its schema.
fn rows(path: &Path, kind: FileKind, text: &str) -> Result<Vec<Map<String, Json>>, LinkTableError> {
    let mut rows = csv::parse(path, text)?;
    for row in &mut rows {
        check_head(path, kind, row)?;
        FIRST.iter().for_each(|name| {
            row.remove(*name);
        });
    }
    Ok(rows)
}

fn check_head(path: &Path, kind: FileKind, head: &Map<String, Json>) -> Result<(), LinkTableError> {
    let expected = [Json::from(SCHEMA), Json::from(VERSION), Json::from(kind.word())];
    for (name, expected) in FIRST.iter().zip(expected) {
        let found = head.get(*name);
        if found != Some(&expected) {
            let found = found.map_or("missing".into(), Json::to_string);
            let what = match *name {
                "kind" => format!("a table of kind {expected} is expected here"),
                _ => format!("this version of airloop reads {expected}"),
            };
            return Err(wrong(path, name, found, what));
        }
    }
    Ok(())
}

//! The table: one row a point, in canonical order, derived from the journal alone.

use super::journal::{Header, PointRecord, row_key};
use super::plan::combinations;
use super::{RowReport, SweepError};
use crate::experiment::id::SCHEMA;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Name of the table in a result folder.
pub const FILE_NAME: &str = "table.csv";

/// Columns of every table before those of its reports.
const FIRST: [&str; 4] = ["schema", "experiment_id", "curve", "fidelity"];

/// Returns the column of an axis path in a table of reports.
pub fn column_of_axis<R: RowReport>(path: &str) -> &str {
    R::COVERED.iter().find(|c| c.0 == path).map_or(path, |c| c.1)
}

/// Returns all columns of a table of reports with these axes, in order.
pub fn columns<'a, R: RowReport>(axes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut columns: Vec<String> = FIRST.map(String::from).to_vec();
    columns.extend(R::given());
    columns.extend(axes.filter(|a| column_of_axis::<R>(a) == *a).map(String::from));
    columns.extend(R::measured());
    columns.push("warnings".into());
    columns
}

/// The finished rows of a sweep, in canonical order.
pub struct Rows<'a, R> {
    header: &'a Header,
    rows: Vec<&'a PointRecord<R>>,
    /// Points that the sweep has, finished or not.
    pub planned: usize,
}

impl<'a, R: RowReport> Rows<'a, R> {
    /// Orders the finished points of a sweep; the newest of equal points stands.
    pub fn new(header: &'a Header, points: &'a [PointRecord<R>]) -> Self {
        let by_key: HashMap<String, &PointRecord<R>> = points.iter().map(|p| (p.key(), p)).collect();
        let counts: Vec<usize> = header.axes.iter().map(|a| a.1.len()).collect();
        let (mut rows, mut planned) = (Vec::new(), 0);
        for (label, _) in &header.curves {
            for combination in combinations(&counts) {
                let axes = header.axes.iter().zip(&combination);
                let values: Vec<(String, Json)> =
                    axes.map(|((path, values), i)| (path.clone(), values[*i].clone())).collect();
                for fidelity in &header.fidelities {
                    planned += 1;
                    rows.extend(by_key.get(&row_key(label, &values, fidelity.word(), &header.stop)).copied());
                }
            }
        }
        Self { header, rows, planned }
    }

    /// Returns the finished points.
    pub fn points(&self) -> &[&'a PointRecord<R>] {
        &self.rows
    }

    /// Returns the table as CSV text.
    pub fn csv(&self) -> String {
        let axes: Vec<&str> = self.header.axes.iter().map(|a| a.0.as_str()).collect();
        let mut out = columns::<R>(axes.iter().copied()).join(",");
        out.push('\n');
        for row in &self.rows {
            write_row(&mut out, row, &axes);
        }
        out
    }
}

/// Writes the table of a journal into its folder, by a temporary file renamed into place, and what lies beside it.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_table<R: RowReport>(dir: &Path, rows: &Rows<'_, R>) -> Result<PathBuf, SweepError> {
    let path = dir.join(FILE_NAME);
    write_whole(&path, rows.csv().as_bytes())?;
    R::write_beside(dir, rows)?;
    Ok(path)
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When the folder cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), SweepError> {
    let temporary = path.with_extension("part");
    let written = std::fs::write(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(&temporary);
        SweepError::Io { path: path.to_path_buf(), action: "write", source }
    })
}

fn write_row<R: RowReport>(out: &mut String, point: &PointRecord<R>, axes: &[&str]) {
    let report = &point.report;
    let mut cells: Vec<String> = vec![
        SCHEMA.to_string(),
        report.experiment_id().to_string(),
        point.curve.clone(),
        report.fidelity().to_string(),
    ];
    cells.extend(report.given_cells());
    for axis in axes.iter().filter(|a| column_of_axis::<R>(a) == **a) {
        let value = point.values.iter().find(|v| v.0 == **axis).map(|v| &v.1);
        cells.push(value.map_or(String::new(), plain));
    }
    cells.extend(report.measured_cells());
    cells.push(report.warnings().iter().map(|w| w.code.as_str()).collect::<Vec<_>>().join(";"));
    let quoted: Vec<String> = cells.iter().map(|c| quote(c)).collect();
    let _ = writeln!(out, "{}", quoted.join(","));
}

/// Returns a number in its shortest form that reads back the same; empty when it is none.
pub fn number(x: f64) -> String {
    let size = x.abs();
    if !x.is_finite() {
        String::new()
    } else if size == 0.0 || (1e-4..1e15).contains(&size) {
        format!("{x}")
    } else {
        format!("{x:e}")
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.as_f64().map_or_else(|| other.to_string(), number),
    }
}

/// Returns a cell as it stands in a file.
pub(crate) fn quote(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into()
    }
}

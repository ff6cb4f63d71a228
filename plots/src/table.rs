//! A result table as it lies on disk: named columns of text.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::error::PlotError;

/// Axes that every table has, in the order in which they are tried as a figure's x.
const COMMON_AXES: [&str; 8] =
    ["snr_db", "bandwidth_hz", "devices", "length", "scheme", "mcs", "block_bits", "layers"];

/// The first column after the axes, of aggregation rounds and of digital links.
const FIRST_MEASURED: [&str; 2] = ["nmse", "bler"];

/// The rows of a `table.csv`, all cells as text; an empty cell means that no value is defined.
#[derive(Clone, Debug)]
pub struct Table {
    path: PathBuf,
    columns: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a comma-separated table with one header line from a file, or from `table.csv` in a directory.
    ///
    /// # Errors
    /// [`PlotError::Io`] when the file cannot be read, [`PlotError::Table`] when it is no table: rows of
    /// different lengths, a repeated column, no column at all.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PlotError> {
        let mut path = path.as_ref().to_path_buf();
        if path.is_dir() {
            path.push("table.csv");
        }
        let text =
            std::fs::read_to_string(&path).map_err(|source| PlotError::Io { path: path.clone(), source })?;
        Self::parse(path, &text)
    }

    fn parse(path: PathBuf, text: &str) -> Result<Self, PlotError> {
        let fail = |message: String| PlotError::Table { path: path.clone(), message };
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| fail(e.to_string()))?;
        let columns: Vec<String> = header.iter().map(str::to_owned).collect();
        let mut seen = HashSet::new();
        if columns.iter().all(String::is_empty) {
            return Err(fail("the file has no header line".to_owned()));
        }
        if let Some(twice) = columns.iter().find(|c| !seen.insert(c.as_str())) {
            return Err(fail(format!("column `{twice}` appears twice")));
        }
        let rows: Result<Vec<_>, _> = reader.records().collect();
        let rows = rows.map_err(|e| fail(e.to_string()))?;
        Ok(Self { path, columns, rows })
    }

    /// Returns the file that the table was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the column names in file order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn index(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == column)
    }

    /// Returns the text of one cell.
    pub(crate) fn text(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).unwrap_or("").trim()
    }

    /// Returns the number in one cell, `None` where the cell is empty.
    pub(crate) fn number(&self, row: usize, column: usize) -> Result<Option<f64>, PlotError> {
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(PlotError::NotANumber {
                path: self.path.clone(),
                line: self.rows[row].position().map_or(0, |p| p.line() as usize),
                column: self.columns[column].clone(),
                text: text.to_owned(),
            }),
        }
    }

    /// Returns whether a column holds at least one number and nothing but numbers.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut numbers = (0..self.rows()).map(|row| self.number(row, column));
        numbers.clone().all(|n| n.is_ok()) && numbers.any(|n| matches!(n, Ok(Some(_))))
    }

    /// Returns the distinct non-empty texts of a column, in order of first appearance.
    pub(crate) fn distinct(&self, column: usize) -> Vec<&str> {
        let mut seen = HashSet::new();
        (0..self.rows())
            .map(|row| self.text(row, column))
            .filter(|text| !text.is_empty() && seen.insert(*text))
            .collect()
    }

    /// Returns the columns that a sweep may run over: the common ones and those between `stop_reason` and what is measured.
    pub(crate) fn axes(&self) -> Vec<usize> {
        let common = COMMON_AXES.iter().filter_map(|name| self.index(name));
        let between =
            match (self.index("stop_reason"), FIRST_MEASURED.iter().find_map(|name| self.index(name))) {
                (Some(first), Some(end)) => first + 1..end.max(first + 1),
                _ => 0..0,
            };
        let mut axes: Vec<usize> = Vec::new();
        for column in common.chain(between) {
            if !axes.contains(&column) {
                axes.push(column);
            }
        }
        axes
    }
}

//! Rows of comma-separated values as entries.

use super::error::LinkTableError;
use crate::sweep::table::quote;
use serde_json::{Map, Value as Json};
use std::path::Path;

/// Returns rows under a header, one entry each.
pub(super) fn text(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| cells.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(",") + "\n";
    std::iter::once(line(header)).chain(rows.map(|row| line(&row))).collect()
}

/// Returns the rows of a text as objects: cells that read as numbers are numbers, empty ones are null.
///
/// # Errors
/// When there is no header, or a row has another number of cells.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Map<String, Json>>, LinkTableError> {
    let mut lines = records(text).into_iter();
    let header = lines.next().unwrap_or_default();
    let mut rows = Vec::new();
    for (number, cells) in lines.enumerate() {
        if cells.len() != header.len() {
            return Err(LinkTableError::Field {
                path: path.to_path_buf(),
                field: format!("entries[{number}]"),
                found: format!("a row of {} cells", cells.len()),
                expected: format!("the {} columns of the header are expected", header.len()),
            });
        }
        rows.push(header.iter().cloned().zip(cells.iter().map(|cell| value(cell))).collect());
    }
    Ok(rows)
}

fn value(cell: &str) -> Json {
    let whole = cell.parse::<u64>().map(Json::from);
    let number = || cell.parse::<f64>().ok().filter(|x| x.is_finite()).map(Json::from);
    match cell {
        "" => Json::Null,
        _ => whole.ok().or_else(number).unwrap_or_else(|| Json::from(cell)),
    }
}

/// Splits a text into rows of cells; quoted cells may hold commas, ends of lines and doubled quotes.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let header = ["a", "b,c", "d"].map(String::from);
        let rows = [["1", "x \"y\"\nz", ""], ["-2.5", "true", "18446744073709551615"]];
        let written = text(&header, rows.iter().map(|row| row.map(String::from).to_vec()));
        let read = parse(Path::new("t.csv"), &written).unwrap();
        assert_eq!(read[0]["a"], Json::from(1u64));
        assert_eq!(read[0]["b,c"], Json::from("x \"y\"\nz"));
        assert_eq!(read[0]["d"], Json::Null);
        assert_eq!((&read[1]["a"], &read[1]["d"]), (&Json::from(-2.5), &Json::from(u64::MAX)));
        assert!(parse(Path::new("t.csv"), "a,b\n1\n").is_err());
    }
}

//! Positions as a list of `[x_m, y_m]` or a file of two columns.

use crate::config::{Bound, ConfigError, Node, TableReader, Value};
use crate::tensor::TensorFile;
use std::path::Path;

const EXPECTED: &str =
    "a list of [x_m, y_m] or { file = \"..\" } is expected, for example [[50.0, 0.0], [0.0, 80.0]]";

/// Coordinates, in metres.
const COORDINATE: Bound = Bound::between(-1e6, 1e6);

/// Reads the positions of all devices.
///
/// # Errors
/// When they are missing, no pairs of numbers, or a file cannot be read.
pub fn read(reader: &TableReader<'_>, key: &str) -> Result<Vec<[f64; 2]>, ConfigError> {
    let Some(node) = reader.node(key) else {
        return Err(reader.invalid(key, format!("is missing: {EXPECTED}")));
    };
    match &node.value {
        Value::Array(rows) => {
            let points =
                rows.iter().map(|row| pair(reader, key, row)).collect::<Result<Vec<[f64; 2]>, _>>()?;
            reader.record(key, None, Some(json(&points)));
            Ok(points)
        }
        Value::Table(_) => from_file(&reader.section(key)?),
        _ => Err(reader.invalid(key, EXPECTED)),
    }
}

fn pair(reader: &TableReader<'_>, key: &str, row: &Node) -> Result<[f64; 2], ConfigError> {
    let Value::Array(cells) = &row.value else { return Err(reader.invalid(key, EXPECTED)) };
    let [x, y] = &cells[..] else { return Err(reader.invalid(key, EXPECTED)) };
    let number = |cell: &Node| cell.number(&reader.path(key), COORDINATE, 50.0);
    Ok([number(x)?, number(y)?])
}

fn from_file(table: &TableReader<'_>) -> Result<Vec<[f64; 2]>, ConfigError> {
    let Some(file) = table.node("file") else { return Err(table.invalid("file", EXPECTED)) };
    let text = file.text(&table.path("file"), "a path to a file of two columns is expected")?;
    let path = match file.origin.file() {
        Some(written_in) => written_in.parent().unwrap_or(Path::new("")).join(text),
        None => text.into(),
    };
    let wrong = |why: String| table.invalid("file", why);
    let matrix = TensorFile::open(&path, None).map_err(|e| wrong(e.to_string()))?;
    if matrix.columns() != 2 {
        let (rows, columns) = (matrix.rows(), matrix.columns());
        return Err(wrong(format!(
            "holds {rows} x {columns} values; K x 2, x_m and y_m of a device a row, is expected"
        )));
    }
    let mut points = Vec::with_capacity(matrix.rows());
    for row in 0..matrix.rows() {
        let mut cells = [0f32; 2];
        matrix.read(row, 0..2, &mut cells).map_err(|e| wrong(e.to_string()))?;
        let point = cells.map(f64::from);
        if !point.iter().all(|x| COORDINATE.allows(*x)) {
            return Err(wrong(format!("row {row} is {point:?}: a coordinate {COORDINATE}")));
        }
        points.push(point);
    }
    // The values are the content, not the path.
    table.record("file", None, Some(json(&points)));
    Ok(points)
}

fn json(points: &[[f64; 2]]) -> serde_json::Value {
    points.iter().map(|point| serde_json::Value::from(point.to_vec())).collect()
}

//! `channel.correlation` and its keys: how antennas depend on each other.

use crate::config::{Bound, ConfigError, Node, TableReader, Value};
use crate::tensor::{ComplexMatrix, read_complex_matrix};
use airloop_baseband::Complex64;
use airloop_channels::correlation::{Correlation, CorrelationError, CorrelationLevel};
use airloop_channels::fading::Antennas;
use std::path::Path;

/// The keys of the ends: the receiver's and the devices'.
const ENDS: [&str; 2] = ["receive_correlation", "device_correlation"];

/// Rows of a matrix.
type Rows = Vec<Vec<Complex64>>;

/// How antennas depend on each other, before their number is known.
#[derive(Clone, Debug, PartialEq)]
pub enum CorrelationKeys {
    /// Not at all.
    None,
    /// By a level of TS 36.101.
    Level(CorrelationLevel),
    /// By a coefficient between neighbours, at the receiver and at devices.
    Exponential([f64; 2]),
    /// By matrices, at the receiver and at devices; none for antennas that do not depend on each other.
    Matrices([Option<Rows>; 2]),
}

impl CorrelationKeys {
    /// Reads the keys.
    ///
    /// # Errors
    /// When a value is wrong, or a key does not go with `channel.correlation`.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let words = ["none", "low", "medium", "high", "exponential", "matrices"];
        let word = reader.choice("correlation", Some("none"), &words)?;
        if !matches!(word, "exponential" | "matrices") {
            for key in ENDS {
                let why =
                    "goes with channel.correlation = \"exponential\" (a number) or \"matrices\" (a matrix)";
                reader.require_absent(key, why)?;
            }
        } else if ENDS.iter().all(|key| !reader.has(key)) {
            let message = format!(
                "\"{word}\" says nothing alone; channel.{} or channel.{} is expected",
                ENDS[0], ENDS[1]
            );
            return Err(reader.invalid("correlation", message));
        }
        Ok(match word {
            "low" => Self::Level(CorrelationLevel::Low),
            "medium" => Self::Level(CorrelationLevel::Medium),
            "high" => Self::Level(CorrelationLevel::High),
            "exponential" => {
                let bound = Bound::between(0.0, 1.0).open_high();
                let coefficient = |key: &str| reader.f64_in(key, Some(0.0), bound);
                Self::Exponential([coefficient(ENDS[0])?, coefficient(ENDS[1])?])
            }
            "matrices" => Self::Matrices([matrix(reader, ENDS[0])?, matrix(reader, ENDS[1])?]),
            _ => Self::None,
        })
    }

    /// Makes the correlations at the receiver and at devices, for their numbers of antennas.
    ///
    /// # Errors
    /// When the standard has no matrix for so many antennas, or a matrix does not fit them or cannot be a correlation.
    pub fn ends(
        &self,
        reader: &TableReader<'_>,
        antennas: Antennas,
    ) -> Result<[Correlation; 2], ConfigError> {
        let counts = [antennas.receive, antennas.device];
        let links = ["link.receive_antennas", "link.device_antennas"];
        let end = |i: usize, of: Result<Correlation, CorrelationError>, key: &str, advice: &str| {
            of.map_err(|error| reader.invalid(key, format!("{error}; {} = {}{advice}", links[i], counts[i])))
        };
        match self {
            Self::None => Ok(counts.map(Correlation::identity)),
            Self::Level(level) => {
                let (alpha, beta) = level.coefficients();
                let advice = ", and \"exponential\" holds for any number";
                let of = |i: usize, coefficient| {
                    end(i, Correlation::standard(coefficient, counts[i]), "correlation", advice)
                };
                Ok([of(0, alpha)?, of(1, beta)?])
            }
            Self::Exponential(coefficients) => {
                let of = |i: usize| end(i, Correlation::exponential(coefficients[i], counts[i]), ENDS[i], "");
                Ok([of(0)?, of(1)?])
            }
            Self::Matrices(matrices) => {
                let of = |i: usize| match &matrices[i] {
                    Some(rows) => end(i, Correlation::from_rows(counts[i], rows), ENDS[i], ""),
                    None => Ok(Correlation::identity(counts[i])),
                };
                Ok([of(0)?, of(1)?])
            }
        }
    }
}

/// Reads a matrix: rows of real numbers, or `{ file = ".." }` with a real or complex one.
fn matrix(reader: &TableReader<'_>, key: &str) -> Result<Option<Rows>, ConfigError> {
    let Some(node) = reader.node(key) else { return Ok(None) };
    let rows = match &node.value {
        Value::Array(rows) => {
            let each = rows.iter().map(|row| numbers(reader, key, row));
            let rows = each.collect::<Result<Rows, ConfigError>>()?;
            reader.record(key, None, Some(content(&rows)));
            rows
        }
        Value::Table(_) => from_file(&reader.section(key)?)?,
        _ => return Err(ConfigError::wrong_type(&reader.path(key), node, EXPECTED)),
    };
    Ok(Some(rows))
}

/// What a matrix may be.
const EXPECTED: &str =
    "rows of numbers are expected, for example [[1.0, 0.5], [0.5, 1.0]], or { file = \"matrix.npy\" }";

fn numbers(reader: &TableReader<'_>, key: &str, row: &Node) -> Result<Vec<Complex64>, ConfigError> {
    let path = reader.path(key);
    let Value::Array(entries) = &row.value else { return Err(ConfigError::wrong_type(&path, row, EXPECTED)) };
    entries.iter().map(|entry| entry.number(&path, Bound::any(), 0.5).map(Complex64::from)).collect()
}

/// Reads the matrix of the file that a table names; its values are its content, not its path.
fn from_file(table: &TableReader<'_>) -> Result<Rows, ConfigError> {
    let Some(file) = table.node("file") else {
        return Err(table.invalid("file", format!("is missing: {EXPECTED}")));
    };
    let text = file.text(&table.path("file"), "a path to an .npy file is expected")?;
    let path = file.origin.file().and_then(Path::parent).unwrap_or(Path::new("")).join(text);
    if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npy")) {
        return Err(table.invalid("file", format!("{text}: a path to an .npy file is expected")));
    }
    let ComplexMatrix { columns, values, .. } =
        read_complex_matrix(&path).map_err(|e| table.invalid("file", e.to_string()))?;
    let rows: Rows = values.chunks(columns.max(1)).map(<[Complex64]>::to_vec).collect();
    table.record("file", None, Some(content(&rows)));
    Ok(rows)
}

/// Returns what a matrix says, as real and imaginary parts.
fn content(rows: &Rows) -> serde_json::Value {
    let row = |row: &Vec<Complex64>| row.iter().map(|z| vec![z.re, z.im]).collect::<Vec<_>>();
    rows.iter().map(row).collect::<Vec<_>>().into()
}

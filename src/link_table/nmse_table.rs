//! Errors of aggregation by the coordinates of a sweep.

use super::entry::{Coordinate, NmseEntry};
use super::error::LinkTableError;
use super::file::{FileKind, read};
use super::grid::Grid;
use airloop_baseband::units::{db_from_power, power_from_db};
use std::path::Path;

/// A table of aggregation errors over all axes of a sweep.
///
/// [`NmseTable::curve`] chooses the words, such as the scheme, once; what it gives answers for numbers without allocation.
#[derive(Clone, Debug, PartialEq)]
pub struct NmseTable {
    entries: Vec<NmseEntry>,
}

/// The part of a table with one choice of all words: a grid over numbers.
///
/// ```text
/// 10 log10(NMSE) is linear along each coordinate between neighbours of the grid (multilinear)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NmseCurve {
    grid: Grid<5>,
}

/// The error at a point; what is not defined at a neighbour is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NmseValues {
    /// Mean over trials.
    pub mean: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// Median over trials.
    pub median: Option<f64>,
    /// 95 % quantile over trials.
    pub q95: Option<f64>,
}

impl NmseTable {
    /// Reads a table that `airloop link-table` wrote, JSON or (by its ending) CSV.
    ///
    /// # Errors
    /// When the file cannot be read, its schema or version is unknown, or an entry is not as it must be.
    pub fn read(path: &Path) -> Result<Self, LinkTableError> {
        Self::checked(read(path, FileKind::Nmse, NmseEntry::read)?, path)
    }

    /// Makes a table of entries, which all have the same coordinates.
    ///
    /// # Errors
    /// When there are none, or their coordinates differ.
    pub fn new(entries: Vec<NmseEntry>) -> Result<Self, LinkTableError> {
        Self::checked(entries, Path::new("link table"))
    }

    fn checked(entries: Vec<NmseEntry>, path: &Path) -> Result<Self, LinkTableError> {
        let kind = |value: &Coordinate| matches!(value, Coordinate::Number(_));
        let wrong = |field: String, found: String, expected: &str| LinkTableError::Field {
            path: path.to_path_buf(),
            field,
            found,
            expected: expected.into(),
        };
        let Some(first) = entries.first() else {
            return Err(wrong("entries".into(), "empty".into(), "one entry or more are expected"));
        };
        for (i, entry) in entries.iter().enumerate() {
            let pairs = || entry.coordinates.iter().zip(&first.coordinates);
            let same = entry.coordinates.len() == first.coordinates.len() && pairs().all(|(a, b)| a.0 == b.0);
            if !same {
                let names = entry.coordinates.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(", ");
                let expected = "all entries have the coordinates of the first";
                return Err(wrong(format!("entries[{i}]"), format!("of coordinates {names}"), expected));
            }
            if let Some((odd, _)) = pairs().find(|(a, b)| kind(&a.1) != kind(&b.1)) {
                let expected = "a coordinate is a number in all entries or in none";
                return Err(wrong(format!("entries[{i}].{}", odd.0), format!("{:?}", odd.1), expected));
            }
        }
        Ok(Self { entries })
    }

    /// Returns the entries, in the order of the file.
    pub fn entries(&self) -> &[NmseEntry] {
        &self.entries
    }

    /// Returns the part of the table with these words; coordinates that have one word in the whole table may be left out.
    ///
    /// # Errors
    /// When a coordinate or word is not there, one must be chosen and is not, or the entries left do not fill a grid.
    pub fn curve(&self, words: &[(&str, &str)]) -> Result<NmseCurve, LinkTableError> {
        let wrong = |name: &str, problem: String| LinkTableError::Coordinate { name: name.into(), problem };
        let coordinates = || self.entries[0].coordinates.iter().enumerate();
        let is_word = |value: &Coordinate| matches!(value, Coordinate::Word(_));
        for (name, _) in words {
            if !coordinates().any(|(_, (there, value))| there == name && is_word(value)) {
                let known: Vec<&str> =
                    coordinates().filter(|(_, c)| is_word(&c.1)).map(|(_, c)| c.0.as_str()).collect();
                return Err(wrong(
                    name,
                    format!("is no word of the table; its words are {}", known.join(", ")),
                ));
            }
        }
        let mut left: Vec<&NmseEntry> = self.entries.iter().collect();
        for (place, (name, _)) in coordinates().filter(|(_, c)| is_word(&c.1)) {
            let word = |entry: &NmseEntry| match &entry.coordinates[place].1 {
                Coordinate::Word(word) => word.clone(),
                Coordinate::Number(x) => x.to_string(),
            };
            let mut known: Vec<String> = self.entries.iter().map(word).collect();
            known.sort();
            known.dedup();
            match words.iter().find(|choice| choice.0 == name) {
                Some((_, choice)) if known.iter().any(|word| word == choice) => {
                    left.retain(|entry| word(entry) == *choice)
                }
                Some((_, choice)) => {
                    return Err(wrong(
                        name,
                        format!("\"{choice}\" is not in the table; it has {}", known.join(", ")),
                    ));
                }
                None if known.len() == 1 => {}
                None => {
                    return Err(wrong(name, format!("must be chosen: the table has {}", known.join(", "))));
                }
            }
        }
        let numbers = |entry: &NmseEntry| -> Vec<f64> {
            let number = |value: &Coordinate| match value {
                Coordinate::Number(x) => Some(*x),
                Coordinate::Word(_) => None,
            };
            entry.coordinates.iter().filter_map(|(_, value)| number(value)).collect()
        };
        let names = coordinates().filter(|(_, c)| !is_word(&c.1)).map(|(_, c)| c.0.clone()).collect();
        let planes =
            |entry: &NmseEntry| entry.figures().map(|x| x.map_or(f64::NAN, |x| db_from_power(x.max(0.0))));
        let points: Vec<(Vec<f64>, [f64; 5])> =
            left.iter().map(|entry| (numbers(entry), planes(entry))).collect();
        Ok(NmseCurve { grid: Grid::new(names, &points)? })
    }
}

impl NmseCurve {
    /// Returns the numeric coordinates: names, in the order in which [`Self::nmse`] takes values, and the values of the grid.
    pub fn coordinates(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.grid.coordinates()
    }

    /// Returns the error at a point of as many values as there are coordinates.
    ///
    /// # Errors
    /// When there are more or fewer values, or one lies outside of the grid.
    pub fn nmse(&self, at: &[f64]) -> Result<NmseValues, LinkTableError> {
        let defined = |db: f64| (!db.is_nan()).then(|| power_from_db(db));
        let [mean, low, high, median, q95] = self.grid.at(at)?.map(defined);
        Ok(NmseValues { mean, low, high, median, q95 })
    }
}

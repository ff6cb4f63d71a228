//! Traces as tables: column by column, as programs that work on arrays hold them.

use super::cell::{Cell, Kind, Slot};
use super::columns::{COLUMNS, SCHEMA, SCHEMA_VERSION, gather_column, read_row};
use super::error::TraceError;
use super::row::TraceRow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers of double precision; NaN is what is not known.
    Real(Vec<f64>),
    /// Whole numbers from 0.
    Whole {
        /// The numbers; 0 where they are not known.
        values: Vec<u64>,
        /// Which are known; `None` where all must be.
        known: Option<Vec<bool>>,
        /// Bits that the column's numbers have room in.
        bits: u32,
    },
    /// Words.
    Word {
        /// The place of each cell's word among the words; -1 is what is not known.
        codes: Vec<i32>,
        /// The words, each once.
        words: Vec<Arc<str>>,
    },
}

impl Column {
    /// Returns the column of a name, `schema` among them; none of a name that no column has.
    pub fn of(rows: &[TraceRow], name: &str) -> Option<Self> {
        if name != SCHEMA {
            return gather_column(rows, name);
        }
        let version = SCHEMA_VERSION.parse().ok()?;
        Some(Self::Whole { values: vec![version; rows.len()], known: None, bits: u8::BITS })
    }

    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Real(values) => values.len(),
            Self::Whole { values, .. } => values.len(),
            Self::Word { codes, .. } => codes.len(),
        }
    }

    /// Returns whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slot(&self, at: usize) -> Slot<'_> {
        match self {
            Self::Real(values) if values[at].is_nan() => Slot::MISSING,
            Self::Real(values) => Slot::Real(values[at]),
            Self::Whole { known: Some(known), .. } if !known[at] => Slot::MISSING,
            Self::Whole { values, .. } => Slot::Whole(values[at]),
            Self::Word { codes, words } => {
                let word = usize::try_from(codes[at]).ok().and_then(|code| words.get(code));
                word.map_or(Slot::MISSING, |word| Slot::Text(word))
            }
        }
    }
}

/// Gathers the cells of a column.
pub(super) fn gather<'a, C: Cell + 'a>(cells: impl ExactSizeIterator<Item = &'a C>) -> Column {
    match C::KIND {
        Kind::Real => {
            let number = |cell: &C| if let Slot::Real(x) = cell.slot() { x } else { f64::NAN };
            Column::Real(cells.map(number).collect())
        }
        Kind::Whole(bits) => {
            let number = |cell: &C| if let Slot::Whole(x) = cell.slot() { Some(x) } else { None };
            let (values, known): (Vec<u64>, Vec<bool>) =
                cells.map(|cell| (number(cell).unwrap_or(0), number(cell).is_some())).unzip();
            Column::Whole { values, known: C::OPTIONAL.then_some(known), bits }
        }
        Kind::Word => words(cells),
    }
}

fn words<'a, C: Cell + 'a>(cells: impl ExactSizeIterator<Item = &'a C>) -> Column {
    let (mut codes, mut words) = (Vec::with_capacity(cells.len()), Vec::<Arc<str>>::new());
    let mut places: HashMap<Arc<str>, i32> = HashMap::new();
    let mut last = -1i32;
    let mut code = |word: &str| {
        if usize::try_from(last).is_ok_and(|last| *words[last] == *word) {
            return last;
        }
        last = places.get(word).copied().unwrap_or_else(|| {
            let (word, place) = (Arc::from(word), words.len() as i32);
            words.push(Arc::clone(&word));
            places.insert(word, place);
            place
        });
        last
    };
    codes.extend(cells.map(|cell| match cell.slot() {
        Slot::Text("") | Slot::Real(_) => -1,
        Slot::Text(word) => code(word),
        Slot::Whole(number) => code(&number.to_string()),
    }));
    Column::Word { codes, words }
}

/// Returns the rows of a table's columns, which must be those of a file, `schema` among them, in any order. `path` is what errors call
/// the table; its rows are counted from 1.
///
/// # Errors
/// When a column is missing, unknown or of another length, or a cell does not hold what it must.
pub fn rows_of_columns(path: &Path, named: &[(String, Column)]) -> Result<Vec<TraceRow>, TraceError> {
    let wrong = |what: String| TraceError::Rows { what: format!("{}: {what}", path.display()) };
    let find = |name: &str| {
        let found = named.iter().find(|(found, _)| found == name);
        found.map(|(_, column)| column).ok_or_else(|| {
            wrong(format!("there is no column {name:?}; all {} of a trace are expected", COLUMNS.len() + 1))
        })
    };
    let schema = find(SCHEMA)?;
    if let Some((name, _)) =
        named.iter().find(|(name, _)| name != SCHEMA && !COLUMNS.contains(&name.as_str()))
    {
        return Err(wrong(format!("a column {name:?}; the columns of a trace have no such name")));
    }
    let columns = COLUMNS.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
    if let Some((name, column)) = named.iter().find(|(_, column)| column.len() != schema.len()) {
        let (long, expected) = (column.len(), schema.len());
        return Err(wrong(format!(
            "column {name:?} has {long} rows; {expected}, as in the first, are expected"
        )));
    }
    let mut run_id: Arc<str> = Arc::from("");
    (0..schema.len())
        .map(|at| {
            let cell = |column: &str, found: String, expected: String| TraceError::Cell {
                path: path.into(),
                line: at as u64 + 1,
                column: column.into(),
                found,
                expected,
            };
            let version = u32::read(schema.slot(at)).unwrap_or(0).to_string();
            if version != SCHEMA_VERSION {
                let expected = format!("this version of airloop reads {SCHEMA_VERSION}");
                return Err(cell(SCHEMA, schema.slot(at).to_string(), expected));
            }
            let mut row = read_row(|column| columns[column].slot(at))
                .map_err(|(column, found, expected)| cell(COLUMNS[column], found, expected))?;
            if row.run_id == run_id {
                row.run_id = Arc::clone(&run_id);
            } else {
                run_id = Arc::clone(&row.run_id);
            }
            Ok(row)
        })
        .collect()
}

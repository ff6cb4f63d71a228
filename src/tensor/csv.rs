//! Plain numbers in lines: `.csv`, one device a row.
//!
//! Values are separated by commas, semicolons, tabs or spaces, whichever the line of the first
//! numbers uses, looked for in that order but semicolons first. A first line without any number is
//! taken as names; empty lines and lines that begin with `#` are passed over.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::str::FromStr;

use super::Result;
use super::error::{Place, TensorError, quoted};
use super::input::InputFile;

/// Holds a whole table in memory.
#[derive(Debug)]
pub(super) struct Table<T> {
    pub(super) values: Vec<T>,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Reads a table of numbers.
pub(super) fn read<T: FromStr>(path: &Path) -> Result<Table<T>> {
    InputFile::open(path)?;
    let file = File::open(path).map_err(|source| TensorError::Open { path: path.to_path_buf(), source })?;
    let mut parser =
        Parser { path, table: Table { values: Vec::new(), rows: 0, columns: 0 }, separator: None };
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    let mut named = false;
    for line in 1.. {
        bytes.clear();
        let read = reader.read_until(b'\n', &mut bytes);
        if read.map_err(|source| TensorError::Read { path: path.to_path_buf(), source })? == 0 {
            break;
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| parser.wrong(line, 1, "the line is not UTF-8 text; expected numbers"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if !named && parser.table.rows == 0 && is_names::<T>(text) {
            named = true;
            continue;
        }
        parser.row(line, text)?;
    }
    if parser.table.rows == 0 {
        return Err(TensorError::Malformed {
            place: Place::file(path),
            what: "there is no line of numbers".to_owned(),
            right: "one line a device",
        });
    }
    Ok(parser.table)
}

#[derive(Clone, Copy)]
enum Separator {
    Mark(char),
    Space,
}

impl Separator {
    fn of(text: &str) -> Self {
        [';', ',', '\t'].into_iter().find(|&mark| text.contains(mark)).map_or(Self::Space, Self::Mark)
    }

    /// Hands each field to `each` until it fails.
    fn split<'a, E>(
        self,
        text: &'a str,
        each: impl FnMut(&'a str) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        match self {
            Self::Mark(mark) => text.split(mark).map(str::trim).try_for_each(each),
            Self::Space => text.split_whitespace().try_for_each(each),
        }
    }
}

/// Tells whether a line is one of names: no field of it is a number.
fn is_names<T: FromStr>(text: &str) -> bool {
    let number = |field: &str| {
        if field.parse::<T>().is_ok() { Err(()) } else { Ok(()) }
    };
    Separator::of(text).split(text, number).is_ok()
}

struct Parser<'a, T> {
    path: &'a Path,
    table: Table<T>,
    separator: Option<Separator>,
}

impl<T: FromStr> Parser<'_, T> {
    fn row(&mut self, line: usize, text: &str) -> Result<()> {
        let separator = *self.separator.get_or_insert_with(|| Separator::of(text));
        let before = self.table.values.len();
        separator.split(text, |field| {
            let Ok(value) = field.parse() else {
                let what = format!(
                    "{} is not a number; expected one such as -1.5e-3, with a point and no quotes",
                    quoted(field)
                );
                return Err(self.wrong(line, self.table.values.len() - before + 1, &what));
            };
            self.table.values.push(value);
            Ok(())
        })?;
        let columns = self.table.values.len() - before;
        if self.table.rows == 0 {
            self.table.columns = columns;
        } else if columns != self.table.columns {
            let wanted = self.table.columns;
            let what = format!("the row has {columns} values; expected {wanted}, as in the first row");
            return Err(self.wrong(line, columns.min(wanted) + 1, &what));
        }
        self.table.rows += 1;
        Ok(())
    }

    fn wrong(&self, line: usize, column: usize, what: &str) -> TensorError {
        TensorError::Csv { path: self.path.to_path_buf(), line, column, what: what.to_owned() }
    }
}

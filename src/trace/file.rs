//! Files of traces: CSV and JSONL, a row a line, written and read a row at a time.

use super::cell::Slot;
use super::columns::{COLUMNS, SCHEMA, SCHEMA_VERSION, WrongCell, each_cell, read_row};
use super::error::TraceError;
use super::json;
use super::row::TraceRow;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest line that can be one of a trace, in bytes.
const LONGEST_LINE: usize = 1 << 16;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceFormat {
    /// Cells between commas under a header; an empty cell is what is not known.
    Csv,
    /// An object a line; `null` is what is not known.
    Jsonl,
}

impl TraceFormat {
    /// Returns the format that the ending of a file's name says.
    ///
    /// # Errors
    /// When it is neither `.csv` nor `.jsonl`.
    pub fn of(path: &Path) -> Result<Self, TraceError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(ending) if ending.eq_ignore_ascii_case("csv") => Ok(Self::Csv),
            Some(ending) if ending.eq_ignore_ascii_case("jsonl") => Ok(Self::Jsonl),
            _ => Err(TraceError::Ending { path: path.into() }),
        }
    }

    /// Appends the line above all rows, where there is one.
    pub fn write_header(self, out: &mut String) {
        if self == Self::Csv {
            out.push_str(SCHEMA);
            COLUMNS.iter().for_each(|column| {
                out.push(',');
                out.push_str(column);
            });
            out.push('\n');
        }
    }

    /// Appends a row's line. Reading it back gives the very same row.
    ///
    /// # Errors
    /// When a number is not finite, or a text holds what parts cells.
    pub fn write_row(self, row: &TraceRow, out: &mut String) -> Result<(), TraceError> {
        let json = self == Self::Jsonl;
        if json {
            out.push_str("{\"schema\":");
        }
        out.push_str(SCHEMA_VERSION);
        each_cell(row, |head, value, write| {
            out.push(',');
            if json {
                out.push_str(head.key);
            }
            let begin = out.len();
            let quote = json && head.text;
            if quote {
                out.push('"');
            }
            if let Err(expected) = write(out) {
                let (round, device, column) = (row.round, row.device, head.name);
                let found = format!("{value:?}");
                return Err(TraceError::Unwritable { round, device, column, found, expected });
            }
            match (json, out.len() - begin) {
                (true, length) if length == usize::from(quote) => {
                    out.truncate(begin);
                    out.push_str("null");
                }
                (true, _) if quote => out.push('"'),
                _ => {}
            }
            Ok(())
        })?;
        out.push_str(if json { "}\n" } else { "\n" });
        Ok(())
    }
}

/// Writes a trace, row by row.
pub struct TraceWriter {
    path: PathBuf,
    format: TraceFormat,
    out: BufWriter<File>,
    line: String,
}

impl TraceWriter {
    /// Begins a file, in place of what was there; its ending says the format.
    ///
    /// # Errors
    /// When the ending is neither `.csv` nor `.jsonl`, or the file cannot be written.
    pub fn create(path: &Path) -> Result<Self, TraceError> {
        let format = TraceFormat::of(path)?;
        let io = |source| TraceError::Io { path: path.into(), action: "write the trace", source };
        let out = BufWriter::new(File::create(path).map_err(io)?);
        let mut line = String::new();
        format.write_header(&mut line);
        let mut writer = Self { path: path.into(), format, out, line };
        writer.send()?;
        Ok(writer)
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it holds what a file cannot, or the file cannot be written.
    pub fn write(&mut self, row: &TraceRow) -> Result<(), TraceError> {
        self.line.clear();
        self.format.write_row(row, &mut self.line)?;
        self.send()
    }

    fn send(&mut self) -> Result<(), TraceError> {
        let io = |source| TraceError::Io { path: self.path.clone(), action: "write the trace", source };
        self.out.write_all(self.line.as_bytes()).map_err(io)
    }

    /// Hands what was written so far to the system.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), TraceError> {
        let io = |source| TraceError::Io { path: self.path.clone(), action: "write the trace", source };
        self.out.flush().map_err(io)
    }
}

/// Reads a trace, row by row.
pub struct TraceReader {
    path: PathBuf,
    format: TraceFormat,
    input: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    run_id: Arc<str>,
}

impl TraceReader {
    /// Opens a file; its ending says the format.
    ///
    /// # Errors
    /// When the ending is neither `.csv` nor `.jsonl`, the file cannot be read, or its header is not that of a trace.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let format = TraceFormat::of(path)?;
        let io = |source| TraceError::Io { path: path.into(), action: "read the trace", source };
        let input = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
        let mut reader =
            Self { path: path.into(), format, input, line: Vec::new(), number: 0, run_id: Arc::from("") };
        if format == TraceFormat::Csv {
            reader.header()?;
        }
        Ok(reader)
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// As [`TraceReader::open`], and when a row is not as it must be.
    pub fn read(path: &Path) -> Result<Vec<TraceRow>, TraceError> {
        Self::open(path)?.collect()
    }

    fn wrong(&self, found: impl Into<String>, expected: impl Into<String>) -> TraceError {
        TraceError::Line {
            path: self.path.clone(),
            line: self.number,
            found: found.into(),
            expected: expected.into(),
        }
    }

    /// Reads the next line without its end; returns whether there was one.
    fn next_line(&mut self) -> Result<bool, TraceError> {
        self.line.clear();
        self.number += 1;
        let io = |source| TraceError::Io { path: self.path.clone(), action: "read the trace", source };
        let mut limited = std::io::Read::take(&mut self.input, LONGEST_LINE as u64);
        let read = limited.read_until(b'\n', &mut self.line).map_err(io)?;
        if read == 0 {
            return Ok(false);
        }
        if self.line.pop_if(|end| *end == b'\n').is_none() {
            let what = if read == LONGEST_LINE {
                "the line is longer than any row"
            } else {
                "the line ends in its middle"
            };
            return Err(self.wrong(what, "whole lines of a trace are expected: take the torn line off"));
        }
        self.line.pop_if(|end| *end == b'\r');
        Ok(true)
    }

    fn header(&mut self) -> Result<(), TraceError> {
        self.number = 0;
        if !self.next_line()? {
            return Err(self.wrong("the file is empty", "the header of a trace is expected"));
        }
        let line = String::from_utf8_lossy(&self.line).into_owned();
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line);
        let mut found = line.split(',');
        for expected in std::iter::once(&SCHEMA).chain(COLUMNS) {
            let name = found.next();
            if name != Some(expected) {
                let there =
                    name.map_or("a header that ends too early".into(), |name| format!("the column {name:?}"));
                return Err(
                    self.wrong(there, format!("the column {expected} of a trace is expected in this place"))
                );
            }
        }
        match found.next() {
            None => Ok(()),
            Some(more) => {
                Err(self.wrong(format!("a further column {more:?}"), "the columns of a trace end before it"))
            }
        }
    }

    fn row(&mut self) -> Result<TraceRow, TraceError> {
        let Ok(line) = std::str::from_utf8(&self.line) else {
            return Err(self.wrong("bytes that are no text", "text in UTF-8 is expected"));
        };
        let mut row = match self.format {
            TraceFormat::Csv => self.csv_row(line),
            TraceFormat::Jsonl => self.json_row(line),
        }?;
        if row.run_id == self.run_id {
            row.run_id = Arc::clone(&self.run_id);
        } else {
            self.run_id = Arc::clone(&row.run_id);
        }
        Ok(row)
    }

    fn csv_row(&self, line: &str) -> Result<TraceRow, TraceError> {
        let (mut cells, mut count, mut begin) = ([""; json::CELLS], 0, 0);
        let ends = line.bytes().enumerate().filter(|(_, byte)| *byte == b',').map(|(at, _)| at);
        for end in ends.chain([line.len()]) {
            if let Some(cell) = cells.get_mut(count) {
                *cell = &line[begin..end];
            }
            (count, begin) = (count + 1, end + 1);
        }
        if count != cells.len() {
            let expected = format!("the {} of the header are expected", cells.len());
            return Err(self.wrong(format!("a row of {count} cells"), expected));
        }
        self.version(cells[0])?;
        self.checked(read_row(|column| Slot::Text(cells[column + 1])))
    }

    fn json_row(&self, line: &str) -> Result<TraceRow, TraceError> {
        if let Some(cells) = json::cut(line) {
            self.version(cells[0])?;
            return self.checked(read_row(|column| Slot::Text(cells[column + 1])));
        }
        let cells = json::parsed(line).map_err(|(found, expected)| self.wrong(found, expected))?;
        self.version(&cells[0])?;
        self.checked(read_row(|column| Slot::Text(&cells[column + 1])))
    }

    fn version(&self, found: &str) -> Result<(), TraceError> {
        if found == SCHEMA_VERSION {
            return Ok(());
        }
        let found = if found.is_empty() { "missing" } else { found };
        Err(TraceError::Cell {
            path: self.path.clone(),
            line: self.number,
            column: SCHEMA.into(),
            found: found.into(),
            expected: format!("this version of airloop reads {SCHEMA_VERSION}"),
        })
    }

    fn checked(&self, read: Result<TraceRow, WrongCell>) -> Result<TraceRow, TraceError> {
        read.map_err(|(column, found, expected)| TraceError::Cell {
            path: self.path.clone(),
            line: self.number,
            column: COLUMNS[column].into(),
            found,
            expected,
        })
    }
}

impl Iterator for TraceReader {
    type Item = Result<TraceRow, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_line() {
            Ok(false) => None,
            Ok(true) => Some(self.row()),
            Err(error) => Some(Err(error)),
        }
    }
}

//! From text to nodes: TOML documents, dotted paths, and the values of command-line flags.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::axis_values::AxisValues;
use super::error::{ConfigError, Origin, shortened};
use super::tree::{Entry, MAX_DEPTH, Node, Table, Value};

/// Parses the text of `--set path=value`.
///
/// The value is TOML; a bare word that is not (`digital`, `tdl-c`, `data/x.npy`) is a string.
///
/// # Errors
/// Fails when there is no `=`, the path is malformed, or the value is neither TOML nor a bare word.
pub fn parse_set(text: &str) -> Result<(String, Node), ConfigError> {
    let origin = Origin::flag(format!("--set {text}"));
    let (path, value) = split_flag(text, &origin, "--set link.snr_db=10")?;
    Ok((path.to_owned(), parse_bare(value, &origin)?))
}

/// Parses the text of `--over path=values` into the values of one axis.
///
/// The values are a TOML array or what [`AxisValues::parse`] reads from a string.
///
/// # Errors
/// Fails as [`parse_set`] and [`AxisValues::parse`] do.
pub fn parse_over(text: &str) -> Result<(String, Vec<Node>), ConfigError> {
    let origin = Origin::flag(format!("--over {text}"));
    let (path, values) = split_flag(text, &origin, "--over link.snr_db=-5:5:25")?;
    let node = if values.starts_with('[') {
        Node::parse_value(values, &origin)?
    } else {
        Node::new(Value::String(values.to_owned()), origin)
    };
    Ok((path.to_owned(), AxisValues::parse(&node)?))
}

fn split_flag<'a>(text: &'a str, origin: &Origin, example: &str) -> Result<(&'a str, &'a str), ConfigError> {
    let refuse = |message: String| {
        let origin = origin.clone();
        Err(ConfigError::Syntax { origin, message })
    };
    let Some((path, value)) = text.split_once('=') else {
        return refuse(format!("a path, \"=\" and a value are expected, as {example}"));
    };
    let (path, value) = (path.trim(), value.trim());
    if split_path(path).is_none() {
        let path = shortened(path, 60);
        return refuse(format!("{path:?} is not a dotted path, as in {example}"));
    }
    if value.is_empty() {
        return refuse(format!("no value after \"=\", as in {example}"));
    }
    Ok((path, value))
}

/// Parses a value as TOML, else as a bare string.
pub(crate) fn parse_bare(text: &str, origin: &Origin) -> Result<Node, ConfigError> {
    let must_be_toml = text.starts_with(['"', '\'', '[', '{']);
    match Node::parse_value(text, origin) {
        Ok(node) => Ok(node),
        Err(error) if must_be_toml || is_number(text) => Err(error),
        Err(_) => Ok(Node::new(Value::String(text.to_owned()), origin.clone())),
    }
}

/// Tells whether the text reads as a decimal number, though perhaps not one TOML allows.
pub(crate) fn is_number(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit()) && text.replace('_', "").parse::<f64>().is_ok()
}

/// Splits a dotted path into its keys, at most [`MAX_DEPTH`]; `"` quotes a key that holds a dot.
pub fn split_path(path: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = path;
    loop {
        let (part, tail) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        if part.is_empty() || part.trim() != part || parts.len() == MAX_DEPTH {
            return None;
        }
        parts.push(part.to_owned());
        if tail.is_empty() {
            return Some(parts);
        }
        rest = tail.strip_prefix('.')?;
    }
}

/// Appends a key to a dotted path, quoted if it needs to be.
pub fn join_path(path: &str, key: &str) -> String {
    let key = quote_key(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// Writes a key as it stands in a dotted path.
pub(crate) fn quote_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let short = shortened(key, 60);
    if !key.is_empty() && key.chars().all(bare) { short } else { format!("{short:?}") }
}

impl Node {
    /// Parses a TOML document; `name` is the path shown in messages.
    ///
    /// # Errors
    /// Fails on text that is not TOML, on a date or time, on a number that does not fit and on
    /// nesting deeper than [`MAX_DEPTH`].
    pub fn parse_toml(text: &str, name: &Path) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let parser = Parser::in_file(text, name);
        parser.with_room(|| match DeTable::parse(text) {
            Ok(table) => {
                let table = parser.table(table.into_inner(), 0)?;
                Ok(Self::new(Value::Table(table), parser.origin(0)))
            }
            Err(error) => parser.refuse_toml(&error),
        })
    }

    /// Reads and parses a TOML file.
    ///
    /// # Errors
    /// Fails when the file cannot be read or is not UTF-8, and as [`Node::parse_toml`] does.
    pub fn read_toml(path: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse_toml(&text, path),
            Err(source) => {
                let path = path.to_owned();
                Err(ConfigError::Read { path, source })
            }
        }
    }

    /// Parses one TOML value, all of it from one place.
    ///
    /// # Errors
    /// Fails as [`Node::parse_toml`] does.
    pub fn parse_value(text: &str, origin: &Origin) -> Result<Self, ConfigError> {
        let place = Place::Fixed(origin.clone());
        let parser = Parser { text, place };
        parser.with_room(|| match DeValue::parse(text) {
            Ok(value) => parser.node(value, 0),
            Err(error) => parser.refuse_toml(&error),
        })
    }
}

/// Parses TOML text into nodes, taking byte offsets to places.
struct Parser<'a> {
    text: &'a str,
    place: Place,
}

enum Place {
    File { path: Arc<Path>, lines: Vec<usize>, chars: Vec<usize> },
    Fixed(Origin),
}

/// Counts characters up to every so many bytes, so that a column costs the same on any line.
const STRIDE: usize = 256;

impl<'a> Parser<'a> {
    fn in_file(text: &'a str, name: &Path) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(i, _)| i + 1)).collect();
        let mut chars = vec![0];
        for chunk in text.as_bytes().chunks(STRIDE) {
            chars.push(chars[chars.len() - 1] + count_chars(chunk));
        }
        let path = Arc::from(name);
        let place = Place::File { path, lines, chars };
        Self { text, place }
    }

    /// Runs `work` with stack enough for the deepest tree the TOML parser lets through: some
    /// 6,400 levels, 80 dotted keys in each of 80 inline tables, built and dropped by recursion.
    fn with_room(
        &self,
        work: impl FnOnce() -> Result<Node, ConfigError> + Send,
    ) -> Result<Node, ConfigError> {
        const SHALLOW: usize = 500;
        const STACK: usize = 64 << 20;
        let levels = self.text.bytes().filter(|b| b".[{".contains(b)).count();
        if levels <= SHALLOW {
            return work();
        }
        std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(STACK);
            match builder.spawn_scoped(scope, work) {
                Ok(thread) => thread.join().unwrap_or_else(|e| std::panic::resume_unwind(e)),
                Err(error) => self.refuse(0, format!("no thread to parse in: {error}")),
            }
        })
    }

    fn origin(&self, offset: usize) -> Origin {
        match &self.place {
            Place::Fixed(origin) => origin.clone(),
            Place::File { path, lines, chars } => {
                let offset = offset.min(self.text.len());
                let line = lines.partition_point(|start| *start <= offset);
                let before = |at: usize| {
                    let block = at / STRIDE;
                    chars[block] + count_chars(&self.text.as_bytes()[block * STRIDE..at])
                };
                let column = before(offset) - before(lines[line - 1]) + 1;
                let path = Arc::clone(path);
                Origin::File { path, line, column }
            }
        }
    }

    fn refuse<T>(&self, offset: usize, message: impl Into<String>) -> Result<T, ConfigError> {
        Err(ConfigError::Syntax { origin: self.origin(offset), message: message.into() })
    }

    fn refuse_toml<T>(&self, error: &toml::de::Error) -> Result<T, ConfigError> {
        let span = error.span().unwrap_or(self.text.len()..self.text.len());
        let found = match self.text.get(span.clone()).map(str::trim) {
            None | Some("") => String::new(),
            Some(found) => format!("; found {:?}", shortened(found, 40)),
        };
        let message = format!("not valid TOML: {}{found}", error.message());
        self.refuse(span.start, message)
    }

    fn table(&self, table: DeTable<'_>, depth: usize) -> Result<Table, ConfigError> {
        let mut parsed: Vec<_> = table.into_iter().collect();
        parsed.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(parsed.len());
        for (key, value) in parsed {
            entries.push(Entry {
                key_origin: self.origin(key.span().start),
                key: key.into_inner().into_owned(),
                node: self.node(value, depth + 1)?,
            });
        }
        Ok(Table { entries })
    }

    fn node(&self, spanned: Spanned<DeValue<'_>>, depth: usize) -> Result<Node, ConfigError> {
        let at = spanned.span().start;
        if depth > MAX_DEPTH {
            return self.refuse(at, format!("tables and arrays nest deeper than {MAX_DEPTH}"));
        }
        let value = match spanned.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Boolean(value) => Value::Boolean(value),
            DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
                Ok(value) => Value::Integer(value),
                Err(_) => {
                    return self
                        .refuse(at, format!("integer {digits} is outside {} to {}", i64::MIN, i64::MAX));
                }
            },
            DeValue::Float(digits) => match digits.as_str().parse::<f64>() {
                Ok(value) if value.is_finite() || !digits.as_str().contains(['e', 'E', '.']) => {
                    Value::Float(value)
                }
                _ => {
                    return self.refuse(at, format!("number {digits} is too large for a 64-bit float"));
                }
            },
            DeValue::Datetime(_) => {
                return self
                    .refuse(at, "no key takes a date or time; write it in quotes to make it a string");
            }
            DeValue::Array(items) => {
                let items = items.into_iter().map(|item| self.node(item, depth + 1));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => Value::Table(self.table(table, depth)?),
        };
        Ok(Node::new(value, self.origin(at)))
    }
}

fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b as i8) >= -0x40).count()
}

#[cfg(test)]
#[path = "overrides_tests.rs"]
mod tests;

//! A line of a JSONL trace, taken apart into the texts of its cells.

use super::columns::{COLUMNS, HEADS, SCHEMA, SCHEMA_VERSION};
use serde_json::{Map, Value as Json};

/// Cells of a line: `schema`, and the columns.
pub(super) const CELLS: usize = HEADS.len() + 1;

/// What is wrong with a line: what is there, and what would be right.
type WrongLine = (String, String);

/// Cuts a line into the texts of its cells, `schema` first; empty where there is `null`. `None` of a line that takes more than cutting: one
/// with escapes, say, or one that is wrong, which [`parsed`] reads or refuses.
pub(super) fn cut(line: &str) -> Option<[&str; CELLS]> {
    Cursor(line).cut()
}

/// Parses a line of any JSON; returns the texts of its cells, as [`cut`] does.
///
/// # Errors
/// When the line is no object, or does not have every column of a trace and no other.
pub(super) fn parsed(line: &str) -> Result<[String; CELLS], WrongLine> {
    let object: Map<String, Json> = serde_json::from_str(line).map_err(|error| {
        (format!("no JSON object ({error})"), "an object with the columns of a trace is expected".to_string())
    })?;
    let text = |name: &str| match object.get(name) {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut cells = [const { String::new() }; CELLS];
    cells[0] = text(SCHEMA);
    if cells[0] != SCHEMA_VERSION {
        // Other columns are those of another version, and the version is what is wrong.
        return Ok(cells);
    }
    let names = || std::iter::once(&SCHEMA).chain(COLUMNS);
    if let Some(unknown) = object.keys().find(|key| !names().any(|name| name == key)) {
        return Err((format!("a field {unknown:?}"), "the columns of a trace have no such name".into()));
    }
    if let Some(missing) = COLUMNS.iter().find(|column| !object.contains_key(**column)) {
        return Err((
            format!("no field {missing:?}"),
            "every column is expected, null where it is not known".into(),
        ));
    }
    cells.iter_mut().zip(names()).for_each(|(cell, name)| *cell = text(name));
    Ok(cells)
}

/// What is left of a line. Every method returns `None` for what takes more than cutting: escapes, nesting, and all that is wrong.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// Cuts a flat object into its cells.
    fn cut(mut self) -> Option<[&'a str; CELLS]> {
        let (mut cells, mut seen, mut guess) = ([""; CELLS], 0u64, 0);
        self.pass("{")?;
        loop {
            let place = self.key(guess)?;
            if seen >> place & 1 == 1 {
                return None;
            }
            (cells[place], seen, guess) = (self.scalar()?, seen | 1 << place, place + 1);
            if self.pass(",").is_none() {
                break;
            }
        }
        self.pass("}")?;
        self.skip_space();
        (self.0.is_empty() && seen == (1 << CELLS) - 1).then_some(cells)
    }

    /// Passes a key and its colon; returns its place among the cells, which is looked for at the place guessed first.
    fn key(&mut self, guess: usize) -> Option<usize> {
        self.skip_space();
        if let Some(rest) = guess.checked_sub(1).and_then(|at| self.0.strip_prefix(HEADS.get(at)?.key)) {
            self.0 = rest;
        } else {
            let name = self.string()?;
            self.pass(":")?;
            let column = || HEADS.iter().position(|head| head.name == name).map(|at| at + 1);
            return if name == SCHEMA { Some(0) } else { column() };
        }
        Some(guess)
    }

    /// Passes a string, a number or `null`; returns its text.
    fn scalar(&mut self) -> Option<&'a str> {
        self.skip_space();
        match self.0.as_bytes().first()? {
            b'"' => self.string(),
            b'n' => self.pass("null").map(|()| ""),
            _ => self.number(),
        }
    }

    /// Passes a string without escapes.
    fn string(&mut self) -> Option<&'a str> {
        self.pass("\"")?;
        let end = self.0.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('"')?;
        Some(text)
    }

    /// Passes a number of JSON's grammar: `-`, digits without a leading 0, `.` and digits, `e` and digits.
    fn number(&mut self) -> Option<&'a str> {
        let bytes = self.0.as_bytes();
        let at = |place: usize| bytes.get(place).copied().unwrap_or(b' ');
        let digits =
            |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let begin = usize::from(at(0) == b'-');
        let mut end = digits(begin);
        if end == begin || (at(begin) == b'0' && end > begin + 1) {
            return None;
        }
        if at(end) == b'.' {
            let from = end + 1;
            end = digits(from);
            (end > from).then_some(())?;
        }
        if matches!(at(end), b'e' | b'E') {
            let from = end + 1 + usize::from(matches!(at(end + 1), b'+' | b'-'));
            end = digits(from);
            (end > from).then_some(())?;
        }
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(text)
    }

    /// Passes a text, after space.
    fn pass(&mut self, text: &str) -> Option<()> {
        self.skip_space();
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    fn skip_space(&mut self) {
        if self.0.as_bytes().first().is_some_and(|byte| *byte <= b' ') {
            self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\n']);
        }
    }
}

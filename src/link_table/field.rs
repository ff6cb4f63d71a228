//! The fields of an entry of a file, with errors that name file, field, what is there and what would be right.

use super::error::LinkTableError;
use crate::report::Fidelity;
use serde_json::{Map, Value as Json};
use std::path::Path;

/// One entry of a file.
pub(super) struct Fields<'a> {
    path: &'a Path,
    entry: usize,
    fields: &'a Map<String, Json>,
}

impl<'a> Fields<'a> {
    /// Looks at an entry, counted from 0.
    pub fn new(path: &'a Path, entry: usize, fields: &'a Map<String, Json>) -> Self {
        Self { path, entry, fields }
    }

    /// Returns all fields.
    pub fn all(&self) -> &'a Map<String, Json> {
        self.fields
    }

    /// Makes the error that a field is not as it must be.
    pub fn wrong(&self, name: &str, expected: impl Into<String>) -> LinkTableError {
        let found = self.fields.get(name).map_or("missing".into(), Json::to_string);
        LinkTableError::Field {
            path: self.path.to_path_buf(),
            field: format!("entries[{}].{name}", self.entry),
            found,
            expected: expected.into(),
        }
    }

    pub fn text(&self, name: &str) -> Result<&'a str, LinkTableError> {
        let text = self.fields.get(name).and_then(Json::as_str);
        text.ok_or_else(|| self.wrong(name, "a text is expected"))
    }

    pub fn number(&self, name: &str, least: f64, most: f64) -> Result<f64, LinkTableError> {
        let inside = |x: &f64| (least..=most).contains(x);
        self.fields.get(name).and_then(Json::as_f64).filter(inside).ok_or_else(|| {
            let range = if least == f64::MIN { String::new() } else { format!(" from {least} to {most}") };
            let range =
                if most == f64::MAX && least > f64::MIN { format!(" of at least {least}") } else { range };
            self.wrong(name, format!("a number{range} is expected"))
        })
    }

    /// Reads a number that may be empty.
    pub fn optional(&self, name: &str, least: f64, most: f64) -> Result<Option<f64>, LinkTableError> {
        match self.fields.get(name) {
            Some(Json::Null) => Ok(None),
            _ => self.number(name, least, most).map(Some),
        }
    }

    pub fn whole(&self, name: &str, least: u64, most: u64) -> Result<u64, LinkTableError> {
        let inside = |x: &u64| (least..=most).contains(x);
        self.fields.get(name).and_then(Json::as_u64).filter(inside).ok_or_else(|| {
            let range = if most == u64::MAX {
                format!("of at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            self.wrong(name, format!("a whole number {range} is expected"))
        })
    }

    pub fn fidelity(&self, name: &str) -> Result<Fidelity, LinkTableError> {
        let words = Fidelity::ALL.map(Fidelity::word);
        let expected = || self.wrong(name, format!("one of {} is expected", words.join(", ")));
        Fidelity::from_word(self.text(name)?).ok_or_else(expected)
    }
}

//! Keys of metadata, read with errors that name them.

use super::error::RecordingError;
use super::{MAX_DB, MAX_HZ, MAX_INDEX};
use serde_json::{Map, Value};
use std::path::Path;

/// Longest value that an error shows, in characters.
const SHOWN: usize = 60;

/// An object of a metadata file.
pub(super) struct Fields<'a> {
    path: &'a Path,
    place: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Takes a value that must be an object.
    pub fn new(path: &'a Path, place: String, value: &'a Value) -> Result<Self, RecordingError> {
        match value.as_object() {
            Some(map) => Ok(Self { path, place, map }),
            None => Err(wrong(path, &place, shown(value), "an object")),
        }
    }

    /// Takes the object of a key, which must be there.
    pub fn object(&self, key: &str) -> Result<Self, RecordingError> {
        match self.map.get(key) {
            Some(value) => Fields::new(self.path, self.key(key), value),
            None => Err(self.wrong(key, "missing", "an object")),
        }
    }

    /// Takes the objects of a key's list; none where it is not there.
    pub fn objects(&self, key: &str) -> Result<Vec<Self>, RecordingError> {
        let Some(value) = self.map.get(key) else { return Ok(Vec::new()) };
        let Some(list) = value.as_array() else { return Err(self.wrong(key, shown(value), "a list")) };
        let fields = |(i, value)| Fields::new(self.path, format!("{}[{i}]", self.key(key)), value);
        list.iter().enumerate().map(fields).collect()
    }

    /// Returns the error of a key's value.
    pub fn wrong(&self, key: &str, found: impl Into<String>, right: impl Into<String>) -> RecordingError {
        wrong(self.path, &self.key(key), found, right)
    }

    /// Returns the error of a key that is missing.
    pub fn missing(&self, key: &str, right: &str) -> RecordingError {
        self.wrong(key, "missing", right)
    }

    /// Returns whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    /// Returns a text.
    pub fn text(&self, key: &str) -> Result<Option<String>, RecordingError> {
        self.read(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// Returns whether something is so.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, RecordingError> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// Returns an index or a count.
    pub fn whole(&self, key: &str) -> Result<Option<u64>, RecordingError> {
        let right = "a whole number from 0 to 9223372036854775807";
        self.read(key, right, |value| value.as_u64().filter(|value| *value <= MAX_INDEX))
    }

    /// Returns a whole number of either sign.
    pub fn signed(&self, key: &str) -> Result<Option<i64>, RecordingError> {
        self.read(key, "a whole number below 2^63", Value::as_i64)
    }

    /// Returns a frequency, in hertz.
    pub fn hertz(&self, key: &str, positive: bool) -> Result<Option<f64>, RecordingError> {
        let right = if positive { "a number above 0, at most 1e12" } else { "a number from -1e12 to 1e12" };
        let least = if positive { f64::MIN_POSITIVE } else { -MAX_HZ };
        self.read(key, right, |value| value.as_f64().filter(|value| (least..=MAX_HZ).contains(value)))
    }

    /// Returns a gain, in decibels.
    pub fn decibels(&self, key: &str) -> Result<Option<f64>, RecordingError> {
        self.read(key, "a number from -1000 to 1000", |value| {
            value.as_f64().filter(|gain| MAX_DB.contains(gain))
        })
    }

    fn read<T>(
        &self,
        key: &str,
        right: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, RecordingError> {
        let Some(value) = self.map.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| self.wrong(key, shown(value), right))
    }

    fn key(&self, key: &str) -> String {
        if self.place.is_empty() { key.into() } else { format!("{}.{key}", self.place) }
    }
}

/// Returns the error of a key's value.
pub(super) fn wrong(
    path: &Path,
    key: &str,
    found: impl Into<String>,
    right: impl Into<String>,
) -> RecordingError {
    RecordingError::Wrong {
        path: path.to_path_buf(),
        key: if key.is_empty() { "the metadata".into() } else { key.into() },
        found: found.into(),
        right: right.into(),
    }
}

/// Returns what an error shows of a value.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(map) => format!("an object of {}", map.len()),
        Value::String(text) => format!("{:?}", cut(text)),
        other => cut(&other.to_string()),
    }
}

/// Cuts a text that is long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text.into(),
    }
}

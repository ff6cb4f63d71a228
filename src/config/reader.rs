//! Reading one table of a configuration: typed keys, bounds, unknown keys, canonical content.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value as Json;

pub use super::axis_values::{Bound, NumberOrWord};
use super::error::{ConfigError, Origin, meant};
use super::overrides::join_path;
use super::tree::{Node, Table, Value};

/// Reads the keys of one table, remembering which it was asked for and their defaults.
///
/// Readers of inner tables share their record with the reader that made them, so that
/// [`TableReader::finish`] and [`TableReader::canonical`] on the outermost cover all of them.
#[derive(Debug, Clone)]
pub struct TableReader<'a>(Rc<Inner<'a>>);

#[derive(Debug)]
struct Inner<'a> {
    table: Option<&'a Table>,
    origin: Origin,
    path: String,
    known: RefCell<Vec<String>>,
    asked: RefCell<Vec<Asked>>,
    children: RefCell<Vec<TableReader<'a>>>,
}

/// Records one key that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The key's dotted path.
    pub path: String,
    /// The default offered, if any.
    pub default: Option<Json>,
    /// The value read, if the key was given.
    pub value: Option<Json>,
}

impl<'a> TableReader<'a> {
    /// Opens a table for reading; `path` is its dotted path, empty for the whole file.
    ///
    /// # Errors
    /// Fails when the node is not a table.
    pub fn new(node: &'a Node, path: &str) -> Result<Self, ConfigError> {
        let table = node.as_table();
        let table = table.ok_or_else(|| ConfigError::not_a_table(path, node))?;
        let (origin, path) = (node.origin.clone(), path.to_owned());
        Ok(Self::over(Some(table), origin, path))
    }

    fn over(table: Option<&'a Table>, origin: Origin, path: String) -> Self {
        Self(Rc::new(Inner {
            table,
            origin,
            path,
            known: RefCell::default(),
            asked: RefCell::default(),
            children: RefCell::default(),
        }))
    }

    /// Gives the dotted path of a key of this table.
    pub fn path(&self, key: &str) -> String {
        join_path(&self.0.path, key)
    }

    /// Gives the place of a key's value, or of the table when the key was not given.
    pub fn origin(&self, key: &str) -> &Origin {
        let node = self.0.table.and_then(|t| t.get(key));
        node.map_or(&self.0.origin, |n| &n.origin)
    }

    /// Gives the node under a key, unread; see [`TableReader::record`].
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        let mut known = self.0.known.borrow_mut();
        if !known.iter().any(|k| k == key) {
            known.push(key.to_owned());
        }
        self.0.table?.get(key)
    }

    /// Tells whether a key was given.
    pub fn has(&self, key: &str) -> bool {
        self.node(key).is_some()
    }

    /// Records what a key read through [`TableReader::node`] means, for the canonical content.
    pub fn record(&self, key: &str, default: Option<Json>, value: Option<Json>) {
        let path = self.path(key);
        let mut asked = self.0.asked.borrow_mut();
        asked.retain(|a| a.path != path);
        asked.push(Asked { path, default, value });
    }

    /// Makes the error that a key's value cannot be right.
    pub fn invalid(&self, key: &str, message: impl Into<String>) -> ConfigError {
        ConfigError::Invalid {
            origin: self.origin(key).clone(),
            path: self.path(key),
            message: message.into(),
        }
    }

    /// Refuses a key that has no meaning beside the others, with the reason.
    ///
    /// # Errors
    /// Fails when the key was given.
    pub fn require_absent(&self, key: &str, why: &str) -> Result<(), ConfigError> {
        match self.0.table.and_then(|t| t.get(key)) {
            Some(_) => Err(self.invalid(key, why)),
            None => Ok(()),
        }
    }

    /// Opens an inner table, if it was given; that it was given counts as content.
    ///
    /// # Errors
    /// Fails when the key holds something else.
    pub fn table(&self, key: &str) -> Result<Option<Self>, ConfigError> {
        let Some(node) = self.node(key) else {
            return Ok(None);
        };
        Self::new(node, &self.path(key))?;
        self.record(key, None, Some(Json::Object(serde_json::Map::new())));
        self.section(key).map(Some)
    }

    /// Opens an inner table that reads as empty when it was not given.
    ///
    /// # Errors
    /// Fails when the key holds something else.
    pub fn section(&self, key: &str) -> Result<Self, ConfigError> {
        let (node, path) = (self.node(key), self.path(key));
        let mut children = self.0.children.borrow_mut();
        if let Some(child) = children.iter().find(|child| child.0.path == path) {
            return Ok(child.clone());
        }
        let child = match node {
            Some(node) => Self::new(node, &path)?,
            None => Self::over(None, self.0.origin.clone(), path),
        };
        children.push(child.clone());
        Ok(child)
    }

    /// Opens each table of an array of tables, once; none when the key was not given.
    ///
    /// # Errors
    /// Fails when the key holds something else.
    pub fn table_array(&self, key: &str) -> Result<Vec<Self>, ConfigError> {
        let Some(node) = self.node(key) else {
            return Ok(Vec::new());
        };
        let path = self.path(key);
        let Value::Array(items) = &node.value else {
            let expected = format!("an array of tables is expected, each headed [[{path}]]");
            return Err(ConfigError::wrong_type(&path, node, expected));
        };
        let each = items.iter().enumerate();
        let open = |(i, item)| Self::new(item, &format!("{path}[{i}]"));
        let tables = each.map(open).collect::<Result<Vec<_>, _>>()?;
        self.record(key, Some(0.into()), Some(tables.len().into()));
        let mut children = self.0.children.borrow_mut();
        children.extend(tables.iter().cloned());
        Ok(tables)
    }

    /// Lists every key asked for, here and in inner tables, sorted by path.
    pub fn asked(&self) -> Vec<Asked> {
        let mut all = self.0.asked.borrow().clone();
        for child in self.0.children.borrow().iter() {
            all.extend(child.asked());
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        all.dedup();
        all
    }

    /// Lists the keys whose value differs from the default, with that value, sorted by path.
    pub fn canonical(&self) -> Vec<(String, Json)> {
        let differs = |a: Asked| Some((a.path, a.value.filter(|v| a.default.as_ref() != Some(v))?));
        self.asked().into_iter().filter_map(differs).collect()
    }

    /// Checks that every key given was asked for, here and in inner tables.
    ///
    /// # Errors
    /// Fails on the first unknown key.
    pub fn finish(&self) -> Result<(), ConfigError> {
        self.finish_among(&[])
    }

    /// Checks as [`TableReader::finish`] does, and looks for the key meant among `all` dotted
    /// paths too.
    ///
    /// # Errors
    /// Fails on the first unknown key.
    pub fn finish_among(&self, all: &[&str]) -> Result<(), ConfigError> {
        let known = self.0.known.borrow();
        for entry in self.0.table.into_iter().flatten() {
            if !known.contains(&entry.key) {
                let mut known = known.clone();
                known.sort();
                return Err(ConfigError::UnknownKey {
                    origin: entry.key_origin.clone(),
                    path: self.path(&entry.key),
                    suggestion: meant(&self.0.path, &entry.key, &known, all),
                    known,
                });
            }
        }
        let children = self.0.children.borrow();
        children.iter().try_for_each(|child| child.finish_among(all))
    }
}

impl TableReader<'_> {
    pub(super) fn read<T: Clone + Into<Json>>(
        &self,
        key: &str,
        default: Option<T>,
        convert: impl FnOnce(&Node, &str) -> Result<T, ConfigError>,
    ) -> Result<Option<T>, ConfigError> {
        let found = self.node(key).map(|node| convert(node, &self.path(key)));
        let found = found.transpose()?;
        let json = |value: &Option<T>| value.clone().map(Into::into);
        self.record(key, json(&default), json(&found));
        Ok(found.or(default))
    }

    pub(super) fn need<T>(&self, key: &str, found: Option<T>, expected: String) -> Result<T, ConfigError> {
        found.ok_or_else(|| ConfigError::Missing {
            origin: self.0.origin.clone(),
            path: self.path(key),
            expected,
        })
    }

    /// Reads a finite number; without a default the key must be given.
    ///
    /// # Errors
    /// Fails on a missing key, another type, and `nan` or `inf`.
    pub fn f64(&self, key: &str, default: Option<f64>) -> Result<f64, ConfigError> {
        self.f64_in(key, default, Bound::any())
    }

    /// Reads a number within bounds.
    ///
    /// # Errors
    /// Fails as [`TableReader::f64`] does, and out of bounds.
    pub fn f64_in(&self, key: &str, default: Option<f64>, bound: Bound) -> Result<f64, ConfigError> {
        let example = default.unwrap_or_else(|| bound.example());
        let found = self.read(key, default, |node, path| node.number(path, bound, example))?;
        self.need(key, found, format!("a number is expected, for example {example:?}"))
    }

    /// Reads a number that may be left out.
    ///
    /// # Errors
    /// Fails on another type and out of bounds.
    pub fn optional_f64(&self, key: &str, bound: Bound) -> Result<Option<f64>, ConfigError> {
        self.read(key, None, |node, path| node.number(path, bound, bound.example()))
    }

    /// Reads a whole number of at least `min`.
    ///
    /// # Errors
    /// Fails on a missing key, another type, a fraction and a number too small.
    pub fn u64(&self, key: &str, default: Option<u64>, min: u64) -> Result<u64, ConfigError> {
        let example = default.unwrap_or(min.max(1));
        let found = self.read(key, default, |node, path| node.whole(path, min, example))?;
        self.need(key, found, format!("a whole number is expected, for example {example}"))
    }

    /// Reads a whole number that may be left out.
    ///
    /// # Errors
    /// Fails on another type, a fraction and a number too small.
    pub fn optional_u64(&self, key: &str, min: u64) -> Result<Option<u64>, ConfigError> {
        self.read(key, None, |node, path| node.whole(path, min, min.max(1)))
    }

    /// Reads a count of at least `min`.
    ///
    /// # Errors
    /// Fails as [`TableReader::u64`] does.
    pub fn usize(&self, key: &str, default: Option<usize>, min: usize) -> Result<usize, ConfigError> {
        let value = self.u64(key, default.map(|d| d as u64), min as u64)?;
        usize::try_from(value).map_err(|_| self.invalid(key, "too large for this machine"))
    }

    /// Reads a count that may be left out.
    ///
    /// # Errors
    /// Fails as [`TableReader::usize`] does.
    pub fn optional_usize(&self, key: &str, min: usize) -> Result<Option<usize>, ConfigError> {
        let given = self.has(key).then(|| self.usize(key, None, min));
        given.transpose()
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// Fails on a missing key and another type.
    pub fn bool(&self, key: &str, default: Option<bool>) -> Result<bool, ConfigError> {
        let expected = "true or false is expected, without quotes";
        let found = self.read(key, default, |node, path| match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(ConfigError::wrong_type(path, node, expected)),
        })?;
        self.need(key, found, expected.to_owned())
    }

    /// Reads a string.
    ///
    /// # Errors
    /// Fails on a missing key and another type.
    pub fn string(&self, key: &str, default: Option<&str>) -> Result<String, ConfigError> {
        let expected = format!("a string is expected, for example {:?}", default.unwrap_or("text"));
        let found = self.read(key, default.map(str::to_owned), |node, path| {
            node.text(path, &expected).map(str::to_owned)
        })?;
        self.need(key, found, expected)
    }

    /// Reads a string that may be left out.
    ///
    /// # Errors
    /// Fails on another type.
    pub fn optional_string(&self, key: &str) -> Result<Option<String>, ConfigError> {
        let expected = "a string is expected";
        let text = |node: &Node, path: &str| node.text(path, expected).map(str::to_owned);
        self.read(key, None, text)
    }

    /// Reads one of the words in `choices`.
    ///
    /// # Errors
    /// Fails on a missing key, another type and another word.
    pub fn choice<'c>(
        &self,
        key: &str,
        default: Option<&'c str>,
        choices: &[&'c str],
    ) -> Result<&'c str, ConfigError> {
        let expected = format!("one of these is expected: \"{}\"", choices.join("\", \""));
        let found = self.read(key, default, |node, path| {
            let word = node.text(path, &expected)?;
            let known = choices.iter().find(|choice| **choice == word);
            known.copied().ok_or_else(|| ConfigError::bad_choice(path, node, word, choices))
        })?;
        self.need(key, found, expected)
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;

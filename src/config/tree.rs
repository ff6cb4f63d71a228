//! The configuration as a tree of values that know where they came from.

use super::axis_values::Bound;
use super::error::shortened;
pub use super::error::{ConfigError, Origin};
use super::overrides::{is_number, join_path, split_path};

/// Limits how deep tables and arrays may nest.
pub const MAX_DEPTH: usize = 64;

/// Holds one value and the place it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// The place the value came from.
    pub origin: Origin,
}

/// Holds a TOML value; dates and times are not used in a configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A table, in the order written.
    Table(Table),
    /// An array, or an array of tables.
    Array(Vec<Node>),
    /// A string.
    String(String),
    /// An integer.
    Integer(i64),
    /// A float; `nan` and `inf` can be written, and are refused when read as a number.
    Float(f64),
    /// A boolean.
    Boolean(bool),
}

/// Names the TOML type of a value; displays with its article, as `a string`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table.
    Table,
    /// An array.
    Array,
    /// A string.
    String,
    /// An integer.
    Integer,
    /// A float.
    Float,
    /// A boolean.
    Boolean,
}

/// Holds the entries of a table in the order they were written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    pub(super) entries: Vec<Entry>,
}

/// Holds one key of a table, the place of the key itself, and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The place of the key.
    pub key_origin: Origin,
    /// The value.
    pub node: Node,
}

impl Table {
    /// Looks up a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.node)
    }

    /// Looks up a key together with its place.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// Looks up a key for a change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let entry = self.entries.iter_mut().find(|e| e.key == key);
        entry.map(|e| &mut e.node)
    }

    /// Puts a value under a key, in the place of the old one if there is one, else at the end.
    pub fn insert(&mut self, key: &str, node: Node) -> Option<Node> {
        let key_origin = node.origin.clone();
        if let Some(entry) = self.entries.iter_mut().find(|e| e.key == key) {
            entry.key_origin = key_origin;
            return Some(std::mem::replace(&mut entry.node, node));
        }
        let key = key.to_owned();
        self.entries.push(Entry { key, key_origin, node });
        None
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|e| e.key == key)?;
        Some(self.entries.remove(at).node)
    }

    /// Lists the entries in the order written.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    /// Counts the keys.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Tells whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Table {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Value {
    /// Names the TOML type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Table(_) => Kind::Table,
            Self::Array(_) => Kind::Array,
            Self::String(_) => Kind::String,
            Self::Integer(_) => Kind::Integer,
            Self::Float(_) => Kind::Float,
            Self::Boolean(_) => Kind::Boolean,
        }
    }
}

impl Node {
    /// Makes a node.
    pub fn new(value: Value, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Makes an empty table.
    pub fn empty_table(origin: Origin) -> Self {
        Self::new(Value::Table(Table::default()), origin)
    }

    /// Views the node as a table.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Views the node as a table for a change.
    pub fn as_table_mut(&mut self) -> Option<&mut Table> {
        match &mut self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Finds the value at a dotted path; a part that itself holds a dot is quoted.
    pub fn get(&self, path: &str) -> Option<&Self> {
        let parts = split_path(path)?;
        parts.iter().try_fold(self, |n, part| n.as_table()?.get(part))
    }

    /// Puts `node` at a dotted path and makes the tables on the way.
    ///
    /// # Errors
    /// Fails when the path is malformed or deeper than [`MAX_DEPTH`], or passes through a value
    /// that is not a table.
    pub fn set(&mut self, path: &str, node: Self) -> Result<(), ConfigError> {
        let Some((last, parents)) = split_path(path).and_then(|mut p| Some((p.pop()?, p))) else {
            return Err(ConfigError::Invalid {
                origin: node.origin,
                path: shortened(path, 60),
                message: format!("not a dotted path of 1 to {MAX_DEPTH} keys, as link.snr_db"),
            });
        };
        let mut table = self;
        let mut walked = String::new();
        for part in &parents {
            let entries = table.table_of(&walked, &node.origin)?;
            if entries.get(part).is_none() {
                entries.insert(part, Self::empty_table(node.origin.clone()));
            }
            table = entries.get_mut(part).expect("just put there");
            walked = join_path(&walked, part);
        }
        table.table_of(&walked, &node.origin)?.insert(&last, node);
        Ok(())
    }

    /// Puts `node` under a key of this table, whole.
    ///
    /// # Errors
    /// Fails when this node is not a table.
    pub fn replace_table(&mut self, key: &str, node: Self) -> Result<(), ConfigError> {
        self.table_of("", &node.origin)?.insert(key, node);
        Ok(())
    }

    /// Takes out the value at a dotted path.
    pub fn take(&mut self, path: &str) -> Option<Self> {
        let mut parts = split_path(path)?;
        let last = parts.pop()?;
        let mut table = self.as_table_mut()?;
        for part in &parts {
            table = table.get_mut(part)?.as_table_mut()?;
        }
        table.remove(&last)
    }

    /// Adds the keys of `other` that this table lacks, table by table; keys here win.
    pub fn fill_from(&mut self, other: &Self) {
        let (Value::Table(mine), Value::Table(theirs)) = (&mut self.value, &other.value) else {
            return;
        };
        for entry in theirs {
            match mine.get_mut(&entry.key) {
                Some(node) => node.fill_from(&entry.node),
                None => mine.entries.push(entry.clone()),
            }
        }
    }

    /// Lists the dotted path of every value below that is not a table, in the order written.
    ///
    /// A quoted dotted key (`"link.snr_db" = 1`) and the same key bare give the same path.
    pub fn leaves(&self) -> Vec<(String, &Self)> {
        let mut out = Vec::new();
        if let Value::Table(table) = &self.value {
            for entry in table {
                if entry.node.as_table().is_none() {
                    out.push((entry.key.clone(), &entry.node));
                } else {
                    let below = entry.node.leaves().into_iter();
                    out.extend(below.map(|(path, node)| (format!("{}.{path}", entry.key), node)));
                }
            }
        }
        out
    }

    /// Reads a finite number within `bound`; `path` and `example` are for the message.
    ///
    /// # Errors
    /// Fails on another type and on a number out of bounds.
    pub fn number(&self, path: &str, bound: Bound, example: f64) -> Result<f64, ConfigError> {
        let value = match &self.value {
            Value::Float(value) => *value,
            Value::Integer(value) => *value as f64,
            other => {
                let quoted = matches!(other, Value::String(text) if is_number(text));
                let hint = if quoted { ", without quotes" } else { "" };
                let expected = format!("a number is expected, for example {example:?}{hint}");
                return Err(ConfigError::wrong_type(path, self, expected));
            }
        };
        if bound.allows(value) {
            return Ok(value + 0.0);
        }
        Err(ConfigError::out_of_range(path, self, bound.to_string()))
    }

    /// Reads a whole number of at least `min`; a float such as `1e6` will do.
    ///
    /// # Errors
    /// Fails on another type, on a fraction and on a number too small.
    pub fn whole(&self, path: &str, min: u64, example: u64) -> Result<u64, ConfigError> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let value = match self.value {
            Value::Integer(value) => u64::try_from(value).ok(),
            Value::Float(x) if x.fract() == 0.0 && (0.0..=EXACT).contains(&x) => Some(x as u64),
            Value::Float(_) => None,
            _ => {
                let expected = format!("a whole number is expected, for example {example}");
                return Err(ConfigError::wrong_type(path, self, expected));
            }
        };
        value.filter(|v| *v >= min).ok_or_else(|| {
            let bound = format!("must be a whole number, at least {min}");
            ConfigError::out_of_range(path, self, bound)
        })
    }

    /// Reads a string.
    ///
    /// # Errors
    /// Fails on another type.
    pub fn text(&self, path: &str, expected: &str) -> Result<&str, ConfigError> {
        match &self.value {
            Value::String(text) => Ok(text),
            _ => Err(ConfigError::wrong_type(path, self, expected)),
        }
    }

    /// Gives this node and all below it another origin.
    pub fn with_origin(mut self, origin: &Origin) -> Self {
        self.relabel(&|_| origin.clone());
        self
    }

    /// Changes the origin of this node, of all below it and of their keys.
    pub fn relabel(&mut self, label: &dyn Fn(&Origin) -> Origin) {
        self.origin = label(&self.origin);
        match &mut self.value {
            Value::Table(table) => table.entries.iter_mut().for_each(|entry| {
                entry.key_origin = label(&entry.key_origin);
                entry.node.relabel(label);
            }),
            Value::Array(nodes) => nodes.iter_mut().for_each(|node| node.relabel(label)),
            _ => {}
        }
    }

    fn table_of(&mut self, path: &str, by: &Origin) -> Result<&mut Table, ConfigError> {
        if self.as_table().is_none() {
            let mut here = self.clone();
            here.origin = by.clone();
            return Err(ConfigError::not_a_table(path, &here));
        }
        Ok(self.as_table_mut().expect("checked to be a table"))
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;

//! Parameters of the exponential map by scheme, as Sionna SYS reads them.

use super::error::EffectiveSinrError;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is expected of a text.
const EXPECTED: &str =
    "{\"index\": {\"1\": [betas of mcs 0, 1, ..]}} is expected, with positive numbers and table numbers";

/// Parameters of the exponential map by MCS table and index.
///
/// The text is that of the beta tables of Sionna SYS (`EESM(load_beta_table_from = FILE)`): under `index`, by the number of the MCS
/// table, a list with one parameter for each scheme from 0 on. Other keys beside `index` are left alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BetaTable {
    betas: BTreeMap<(u8, u8), f64>,
}

impl BetaTable {
    /// Makes an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the parameter of a scheme.
    pub fn set(&mut self, (table, index): (u8, u8), beta: f64) {
        self.betas.insert((table, index), beta);
    }

    /// Returns the parameter of a scheme of a table.
    pub fn beta(&self, table: u8, index: u8) -> Option<f64> {
        self.betas.get(&(table, index)).copied()
    }

    /// Writes the table; `comment` goes with it.
    ///
    /// # Errors
    /// When a table has a parameter, but not one for every scheme before it.
    pub fn to_json(&self, comment: &str) -> Result<String, EffectiveSinrError> {
        let mut tables = BTreeMap::<u8, Vec<f64>>::new();
        for ((table, index), beta) in &self.betas {
            let list = tables.entry(*table).or_default();
            if list.len() != usize::from(*index) {
                let (missing, last) = (list.len() as u8, *index);
                return Err(EffectiveSinrError::Gap { table: *table, missing, last });
            }
            list.push(*beta);
        }
        let index: Map<String, Value> =
            tables.into_iter().map(|(table, list)| (table.to_string(), json!(list))).collect();
        Ok(format!("{:#}\n", json!({ "_comment": comment, "index": index })))
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When the text is no such table.
    pub fn from_json(text: &str) -> Result<Self, EffectiveSinrError> {
        let wrong = |place: &str, found: &str| EffectiveSinrError::BetaTable {
            place: place.into(),
            found: found.into(),
            expected: EXPECTED,
        };
        let root: Value = serde_json::from_str(text).map_err(|e| wrong("the text", &e.to_string()))?;
        let Some(index) = root.get("index").and_then(Value::as_object) else {
            return Err(wrong("index", "no such table is there"));
        };
        let mut read = Self::new();
        for (name, list) in index {
            let place = format!("index.{name}");
            let table = name.parse::<u8>().ok().filter(|table| *table >= 1);
            let table = table.ok_or_else(|| wrong(&place, "its name is no number of a table"))?;
            let list = list.as_array().filter(|list| !list.is_empty());
            let list = list.ok_or_else(|| wrong(&place, "it is no list of numbers"))?;
            for (i, beta) in list.iter().enumerate() {
                let place = format!("{place}[{i}]");
                let found = beta.as_f64().filter(|beta| beta.is_finite() && *beta > 0.0);
                let found = found.ok_or_else(|| wrong(&place, &beta.to_string()))?;
                let i = u8::try_from(i).map_err(|_| wrong(&place, "more schemes than a table has"))?;
                read.set((table, i), found);
            }
        }
        Ok(read)
    }
}

//! Figure files: TOML with the keys of [`Figure`](crate::Figure).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{PlotError, nearest_to};
use crate::figure::{Figure, Legend, Scale, Width};

const KEYS: [&str; 17] = [
    "table",
    "x",
    "y",
    "series",
    "join",
    "highest_of",
    "fidelity",
    "filter",
    "x_scale",
    "y_scale",
    "x_label",
    "y_label",
    "title",
    "width",
    "height_mm",
    "legend",
    "bands",
];

#[derive(Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings")]
enum Names {
    One(String),
    Many(Vec<String>),
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        match names {
            Names::One(name) => vec![name],
            Names::Many(names) => names,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ScaleWord {
    Linear,
    Log,
    Db,
}

#[derive(Deserialize)]
enum WidthWord {
    #[serde(rename = "ieee-1")]
    Ieee1,
    #[serde(rename = "ieee-2")]
    Ieee2,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum LegendWord {
    Auto,
    Below,
    Right,
    None,
}

/// The file as written.
#[derive(Deserialize)]
struct FigureSpec {
    table: Option<PathBuf>,
    x: String,
    y: Names,
    series: Option<Names>,
    join: Option<Names>,
    highest_of: Option<Names>,
    fidelity: Option<Names>,
    filter: Option<BTreeMap<String, toml::Value>>,
    x_scale: Option<ScaleWord>,
    y_scale: Option<ScaleWord>,
    x_label: Option<String>,
    y_label: Option<String>,
    title: Option<String>,
    width: Option<WidthWord>,
    height_mm: Option<f64>,
    legend: Option<LegendWord>,
    bands: Option<bool>,
}

pub(crate) fn read(path: &Path) -> Result<Figure, PlotError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| PlotError::Io { path: path.to_path_buf(), source })?;
    let fail = |message: String| PlotError::Figure { path: path.to_path_buf(), message };
    let tree: toml::Table = toml::from_str(&text).map_err(|e| fail(e.to_string()))?;
    let real = &KEYS;
    if let Some(key) = tree.keys().find(|key| !real.contains(&key.as_str())) {
        return Err(PlotError::UnknownKey {
            path: path.to_path_buf(),
            key: key.clone(),
            nearest: nearest_to(key, real.iter().copied()),
            known: real.join(", "),
        });
    }
    let spec: FigureSpec = toml::from_str(&text).map_err(|e| fail(e.to_string()))?;
    figure(spec, path).map_err(fail)
}

fn figure(spec: FigureSpec, path: &Path) -> Result<Figure, String> {
    let list = |names: Option<Names>| names.map_or(Vec::new(), Vec::from);
    let scale = |word: ScaleWord| match word {
        ScaleWord::Linear => Scale::Linear,
        ScaleWord::Log => Scale::Log,
        ScaleWord::Db => Scale::Db,
    };
    let y = Vec::from(spec.y);
    if y.is_empty() {
        return Err("`y` is an empty list; name at least one column, such as y = \"nmse\"".into());
    }
    if let Some(height) = spec.height_mm.filter(|h| !(20.0..=400.0).contains(h)) {
        return Err(format!("`height_mm` = {height}: a figure is 20 to 400 mm high"));
    }
    let mut filter = BTreeMap::new();
    for (column, value) in spec.filter.unwrap_or_default() {
        add_filter(&mut filter, column, value)?;
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(Figure {
        table: spec.table.map(|table| folder.join(table)),
        y,
        series: list(spec.series),
        join: list(spec.join),
        highest_of: list(spec.highest_of),
        fidelity: list(spec.fidelity),
        filter,
        x_scale: spec.x_scale.map(scale),
        y_scale: spec.y_scale.map(scale),
        x_label: spec.x_label,
        y_label: spec.y_label,
        title: spec.title,
        width: match spec.width {
            Some(WidthWord::Ieee2) => Width::Ieee2,
            _ => Width::Ieee1,
        },
        height_mm: spec.height_mm,
        legend: match spec.legend {
            Some(LegendWord::Below) => Legend::Below,
            Some(LegendWord::Right) => Legend::Right,
            Some(LegendWord::None) => Legend::None,
            Some(LegendWord::Auto) | None => Legend::Auto,
        },
        bands: spec.bands.unwrap_or(true),
        origin: Some(path.to_path_buf()),
        ..Figure::new(spec.x, "")
    })
}

/// Adds one filter; a nested table is a column with dots in its name.
fn add_filter(
    filter: &mut BTreeMap<String, Vec<String>>,
    column: String,
    value: toml::Value,
) -> Result<(), String> {
    let texts = match value {
        toml::Value::Table(nested) => {
            for (key, value) in nested {
                add_filter(filter, format!("{column}.{key}"), value)?;
            }
            return Ok(());
        }
        toml::Value::Array(values) => values.into_iter().map(text).collect(),
        value => text(value).map(|one| vec![one]),
    };
    let texts = texts.map_err(|found| {
        format!("`filter.{column}` = {found}: give a string, a number, true or false, or a list of them")
    })?;
    filter.insert(column, texts);
    Ok(())
}

fn text(value: toml::Value) -> Result<String, toml::Value> {
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(truth) => Ok(truth.to_string()),
        other => Err(other),
    }
}

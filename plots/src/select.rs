//! Which rows of a table belong to a figure, and which columns tell its series apart.

use std::collections::HashMap;

use crate::error::{PlotError, nearest_to};
use crate::figure::Figure;
use crate::table::Table;

/// Returns a column that a figure's key names.
pub(crate) fn column(figure: &Figure, table: &Table, key: &str, name: &str) -> Result<usize, PlotError> {
    table.index(name).ok_or_else(|| {
        let names = table.columns().iter().map(String::as_str);
        PlotError::UnknownColumn {
            origin: figure.name(),
            key: key.to_owned(),
            column: name.to_owned(),
            nearest: nearest_to(name, names),
            known: format!("{} has {}", table.path().display(), table.columns().join(", ")),
        }
    })
}

/// Returns the rows that pass the figure's fidelities and filters, in table order.
pub(crate) fn rows(figure: &Figure, table: &Table) -> Result<Vec<usize>, PlotError> {
    let mut rows: Vec<usize> = (0..table.rows()).collect();
    let fidelity = (!figure.fidelity.is_empty()).then_some(("fidelity", &figure.fidelity));
    let filters = figure.filter.iter().map(|(name, v)| (name.as_str(), v));
    for (name, allowed) in fidelity.into_iter().chain(filters) {
        let key = match name {
            "fidelity" => name.to_owned(),
            name => format!("filter.{name}"),
        };
        let index = column(figure, table, &key, name)?;
        for value in allowed {
            if !table.distinct(index).iter().any(|t| same(t, value)) && !value.is_empty() {
                return Err(PlotError::NoRows {
                    origin: figure.name(),
                    key,
                    value: value.clone(),
                    known: table.distinct(index).join(", "),
                });
            }
        }
        rows.retain(|row| allowed.iter().any(|v| same(table.text(*row, index), v)));
        if rows.is_empty() {
            return Err(PlotError::NoRows {
                origin: figure.name(),
                key,
                value: allowed.join(", "),
                known: "none that also passes the other filters".to_owned(),
            });
        }
    }
    Ok(rows)
}

/// Returns whether two texts are equal, or the same number.
fn same(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => a == b,
    }
}

/// Returns the axes, the curve first, that are needed to tell rows apart which share a value of `along`.
pub(crate) fn distinguishing(table: &Table, rows: &[usize], along: usize) -> Vec<usize> {
    let curve = table.index("curve");
    let mut chosen: Vec<usize> = Vec::new();
    for axis in curve.into_iter().chain(table.axes()) {
        if axis != along && splits(table, rows, &chosen, along, axis) {
            chosen.push(axis);
        }
    }
    chosen
}

fn splits(table: &Table, rows: &[usize], chosen: &[usize], along: usize, axis: usize) -> bool {
    let mut seen: HashMap<Vec<&str>, &str> = HashMap::new();
    rows.iter().any(|row| {
        let keys = chosen.iter().chain([&along]);
        let key = keys.map(|c| table.text(*row, *c)).collect();
        let value = table.text(*row, axis);
        *seen.entry(key).or_insert(value) != value
    })
}

/// Returns the column that a parametric plot runs through: the SNR if it varies, else the first axis that does.
pub(crate) fn parameter(table: &Table) -> Option<usize> {
    let axes = table.axes();
    let varies = |c: &usize| table.is_numeric(*c) && table.distinct(*c).len() > 1;
    axes.iter().copied().find(varies)
}

/// Returns the columns that tell a figure's series apart.
pub(crate) fn series_columns(
    figure: &Figure,
    table: &Table,
    rows: &[usize],
    x: usize,
) -> Result<Vec<usize>, PlotError> {
    for (key, names) in [("series", &figure.series), ("join", &figure.join)] {
        if !names.is_empty() {
            let columns = names.iter().map(|name| column(figure, table, key, name));
            return columns.collect();
        }
    }
    let along = match table.axes().contains(&x) {
        true => x,
        false => parameter(table).unwrap_or(x),
    };
    let highest_of = figure.highest_of.iter().map(|name| column(figure, table, "highest_of", name));
    let highest_of = highest_of.collect::<Result<Vec<_>, _>>()?;
    let told_apart = distinguishing(table, rows, along).into_iter();
    Ok(told_apart.filter(|column| !highest_of.contains(column)).collect())
}

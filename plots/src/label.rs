//! What legends and notes call a series.

use std::collections::HashMap;

use crate::chart::Trace;
use crate::figure::Figure;
use crate::group::{Columns, Group};
use crate::names;
use crate::note::Note;
use crate::style::Fidelity;
use crate::table::Table;

/// Returns the name of a series: its curve, its values of other columns, its column along y if there are several.
pub(crate) fn series(table: &Table, figure: &Figure, columns: &Columns, group: &Group<'_>) -> String {
    let value = |(column, cell): (&usize, &&str)| {
        let name = &table.columns()[*column];
        match name.as_str() {
            "curve" => (*cell).to_owned(),
            name => names::value_label(name, cell),
        }
    };
    let mut parts: Vec<String> = columns.series.iter().zip(&group.cells).map(value).collect();
    if figure.y.len() > 1 {
        parts.push(names::title(&figure.y[group.y], 0));
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() {
        let curve = table.index("curve").map(|c| table.distinct(c));
        return match curve.as_deref() {
            Some([only]) => (*only).to_owned(),
            _ => names::title(&figure.y[group.y], 0),
        };
    }
    parts.join(", ")
}

/// Adds to a name that medians stand in for means, and remarks on it.
pub(crate) fn with_median(name: String, traces: &[Trace]) -> (String, Option<Note>) {
    let points = || traces.iter().flat_map(|t| &t.points);
    let (medians, of) = (points().filter(|p| p.median).count(), points().count());
    let text = match medians {
        0 => return (name, None),
        all if all == of => format!("{name} (median)"),
        _ => format!("{name} (median if no mean)"),
    };
    let note = Note::Median { series: name, points: medians, of };
    (text, Some(note))
}

/// Remarks on lines that go through one x twice, with a column that would tell the rows apart.
pub(crate) fn ambiguous(table: &Table, name: &str, traces: &[Trace]) -> Option<Note> {
    let mut seen: HashMap<(Fidelity, u64), usize> = HashMap::new();
    let mut pair = None;
    let mut points = 0;
    for trace in traces {
        for point in &trace.points {
            let first = *seen.entry((trace.fidelity, point.x.to_bits())).or_insert(point.row);
            if first != point.row {
                points += 1;
                pair.get_or_insert((first, point.row));
            }
        }
    }
    let (a, b) = pair?;
    let known = ["curve", "theory_kind"].map(|c| table.index(c));
    let candidates = known.into_iter().flatten().chain(table.axes());
    let column = candidates
        .into_iter()
        .find(|c| table.text(a, *c) != table.text(b, *c))
        .map(|c| table.columns()[c].clone());
    Some(Note::Ambiguous { series: name.to_owned(), points, column })
}

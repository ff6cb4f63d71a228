//! The series of a figure in the units of its axes, with labels and looks.

use std::collections::BTreeSet;

use crate::axis::Axis;
use crate::error::PlotError;
use crate::figure::{Figure, Scale};
use crate::group::{self, Columns, Group, Point};
use crate::label;
use crate::mapping::Mapping;
use crate::note::Note;
use crate::select;
use crate::style::{self, Fidelity, Style};
use crate::table::Table;

/// The points of one line on one rung, in the order in which it joins them.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub fidelity: Fidelity,
    pub points: Vec<Point>,
}

/// What one legend entry stands for.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub label: String,
    pub style: Style,
    pub traces: Vec<Trace>,
}

/// All that is drawn, before it has a place on the page.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<Series>,
    pub fidelities: BTreeSet<Fidelity>,
}

/// Collects the points of a figure and chooses its axes.
pub(crate) fn chart(figure: &Figure, table: &Table) -> Result<(Chart, Vec<Note>), PlotError> {
    let columns = columns(figure, table)?;
    let rows = select::rows(figure, table)?;
    let columns = Columns { series: select::series_columns(figure, table, &rows, columns.x)?, ..columns };
    let groups = group::groups(figure, table, &rows, &columns)?;
    let (x, y) = mappings(figure, &groups);
    let mut notes = Vec::new();
    let mut series = Vec::new();
    let styles = styles(table, &columns, &groups);
    for (group, style) in groups.iter().zip(styles) {
        let name = label::series(table, figure, &columns, group);
        let mut left_out = [0, 0];
        let traces = traces(group, &x, &y, &mut left_out);
        for (points, column) in left_out.into_iter().zip([&figure.x, &figure.y[group.y]]) {
            if points > 0 {
                notes.push(Note::NotPositive { series: name.clone(), column: column.clone(), points });
            }
        }
        if columns.join.is_empty() && table.axes().contains(&columns.x) {
            notes.extend(label::ambiguous(table, &name, &traces));
        }
        if traces.is_empty() {
            if left_out == [0, 0] {
                notes.push(Note::NoValues { series: name });
            }
            continue;
        }
        let (label, note) = label::with_median(name, &traces);
        notes.extend(note);
        series.push(Series { label, style, traces });
    }
    if series.is_empty() {
        return Err(PlotError::NothingToDraw {
            origin: figure.name(),
            x: figure.x.clone(),
            y: figure.y.join(", "),
            why: notes.iter().map(Note::to_string).collect(),
        });
    }
    let fidelities = series.iter().flat_map(|s| &s.traces).map(|t| t.fidelity);
    Ok((
        Chart {
            x: axis(&x, &series, figure, true),
            y: axis(&y, &series, figure, false),
            fidelities: fidelities.collect(),
            series,
        },
        notes,
    ))
}

fn columns(figure: &Figure, table: &Table) -> Result<Columns, PlotError> {
    let all = |key: &str, names: &[String]| -> Result<Vec<usize>, PlotError> {
        let columns = names.iter().map(|n| select::column(figure, table, key, n));
        columns.collect()
    };
    let units: Vec<_> = figure.y.iter().map(|n| crate::names::unit(n)).collect();
    if units.windows(2).any(|pair| pair[0] != pair[1]) {
        return Err(PlotError::MixedUnits { origin: figure.name(), columns: figure.y.join(", ") });
    }
    Ok(Columns {
        x: select::column(figure, table, "x", &figure.x)?,
        y: all("y", &figure.y)?,
        series: Vec::new(),
        join: all("join", &figure.join)?,
    })
}

fn mappings(figure: &Figure, groups: &[Group<'_>]) -> (Mapping, Mapping) {
    let lines = || groups.iter().flat_map(|g| &g.lines);
    let xs = lines().flat_map(|l| &l.points).map(|p| p.x);
    let ys = lines().flat_map(|l| &l.points).map(|p| p.y);
    let x = std::slice::from_ref(&figure.x);
    (
        Mapping::choose(x, xs, figure.x_scale, figure.x_label.as_deref()),
        Mapping::choose(&figure.y, ys, figure.y_scale, figure.y_label.as_deref()),
    )
}

/// Converts the lines of a group; counts the points that x or y cannot show.
fn traces(group: &Group<'_>, x: &Mapping, y: &Mapping, left_out: &mut [usize; 2]) -> Vec<Trace> {
    let mut convert = |point: &Point| {
        let (shown_x, shown_y) = (x.shown(point.x), y.shown(point.y));
        left_out[0] += usize::from(shown_x.is_none());
        left_out[1] += usize::from(shown_y.is_none());
        let (shown_x, shown_y) = shown_x.zip(shown_y)?;
        let interval = point.interval.and_then(|(low, high)| {
            // A lower end that has no logarithm reaches down to the frame.
            let low = y.shown(low).unwrap_or(f64::NEG_INFINITY);
            Some((low, y.shown(high)?))
        });
        Some(Point { x: shown_x, y: shown_y, interval, ..*point })
    };
    let mut traces: Vec<Trace> = group
        .lines
        .iter()
        .map(|line| Trace {
            fidelity: line.fidelity,
            points: line.points.iter().filter_map(&mut convert).collect(),
        })
        .filter(|trace| !trace.points.is_empty())
        .collect();
    traces.sort_by_key(|trace| trace.fidelity);
    traces
}

/// Gives each curve a colour and each value of the other series columns a shade, a dash and a marker.
fn styles(table: &Table, columns: &Columns, groups: &[Group<'_>]) -> Vec<Style> {
    let curve = columns.series.iter().position(|c| table.columns()[*c] == "curve");
    let several = |place: &usize| groups.iter().any(|g| g.cells[*place] != groups[0].cells[*place]);
    let hue_at = curve.filter(several);
    let mut hues: Vec<&str> = Vec::new();
    let mut variants: Vec<(Vec<&str>, usize)> = Vec::new();
    let mut places = Vec::new();
    for group in groups {
        let (hue, rest) = match hue_at {
            Some(place) => {
                let mut rest = group.cells.clone();
                let hue = rest.remove(place);
                (index_in(&mut hues, hue), (rest, group.y))
            }
            None => (places.len(), (Vec::new(), 0)),
        };
        places.push((hue, index_in(&mut variants, rest)));
    }
    let count = variants.len();
    places.into_iter().map(|(hue, variant)| style::style(hue, variant, count)).collect()
}

fn index_in<T: PartialEq>(known: &mut Vec<T>, value: T) -> usize {
    known.iter().position(|k| *k == value).unwrap_or_else(|| {
        known.push(value);
        known.len() - 1
    })
}

fn axis(mapping: &Mapping, series: &[Series], figure: &Figure, along_x: bool) -> Axis {
    let points = series.iter().flat_map(|s| &s.traces).flat_map(|t| &t.points);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for point in points {
        let value = if along_x { point.x } else { point.y };
        (low, high) = (low.min(value), high.max(value));
        if let Some((below, above)) = point.interval.filter(|_| !along_x && figure.bands) {
            let below = if below.is_finite() { below } else { low };
            (low, high) = (low.min(below), high.max(above));
        }
    }
    let most = match (along_x, figure.width.mm() > 100.0) {
        (true, true) => 14,
        (true, false) => 8,
        (false, _) => 7,
    };
    let log = mapping.scale == Scale::Log;
    Axis { title: mapping.title.clone(), ..Axis::new(log, low, high, mapping.physical, most) }
}

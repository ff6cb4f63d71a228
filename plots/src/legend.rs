//! Legends: what they list, how large they are, and where they may stand.

use std::collections::BTreeSet;

use crate::chart::{Chart, Series};
use crate::font;
use crate::geometry::{Place, Rect, at};
use crate::mark::{Mark, is_joined, line_width};
use crate::style::{self, Colour, Fidelity, LEGEND_PT, Shape};

/// Length of the piece of line beside an entry, and the white around things, in points.
pub(crate) const SAMPLE_PT: f64 = 20.0;
const DOT_PT: f64 = 9.0;
const GAP_PT: f64 = 3.0;
const ROW_PT: f64 = 9.2;
const BETWEEN_PT: f64 = 9.0;
const PAD_PT: f64 = 3.0;
const INSET_PT: f64 = 4.0;
/// The least distance of a legend inside the plot from any ink.
pub(crate) const CLEARANCE_PT: f64 = 2.0;

/// One line of a legend: a piece of line, a marker, a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub text: String,
    /// Length of the line and of the room around the marker, in points.
    pub sample: f64,
    pub line: Option<(Colour, usize, f64)>,
    pub marker: Option<(Colour, Shape, Fidelity)>,
}

impl Entry {
    /// Returns the entry with as much room for its sample as those with lines have.
    fn aligned(&self) -> Self {
        Self { sample: SAMPLE_PT, ..self.clone() }
    }

    fn width(&self) -> f64 {
        self.sample + GAP_PT + font::width(&self.text, LEGEND_PT)
    }
}

/// An entry at its place: the left end of its sample, half-way up the row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub entry: Entry,
    pub left: Place,
    pub text_left: f64,
}

/// A legend at its place on the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    pub rect: Rect,
    pub items: Vec<Item>,
    pub inside: bool,
}

/// The entries for series, and those for rungs.
#[derive(Clone, Debug)]
pub(crate) struct Entries {
    series: Vec<Entry>,
    rungs: Vec<Entry>,
}

impl Entries {
    pub fn of(chart: &Chart) -> Self {
        let single = chart.series.len() == 1;
        let says_more = chart.series[0].label.ends_with(')');
        let series = match single && !says_more {
            true => Vec::new(),
            false => chart.series.iter().map(series_entry).collect(),
        };
        let look = match single {
            true => (chart.series[0].style.colour, chart.series[0].style.shape),
            false => (style::KEY, Shape::Circle),
        };
        let rungs = match chart.fidelities.len() {
            1 => Vec::new(),
            _ => rung_entries(&chart.fidelities, look),
        };
        Self { series, rungs }
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty() && self.rungs.is_empty()
    }

    /// Returns the legend as one column with its corner at the origin, at most `room` points wide.
    pub fn column(&self, room: f64) -> Placed {
        let series = cut(&self.series, room - 2.0 * PAD_PT);
        let widest = series.iter().map(Entry::width).fold(0.0, f64::max);
        let in_a_row = row_width(&self.rungs);
        let rows = match in_a_row <= widest.max(0.45 * room) || self.series.is_empty() && in_a_row < room {
            true => vec![self.rungs.clone()],
            false => self.rungs.iter().map(|e| vec![e.aligned()]).collect(),
        };
        let rows = series.into_iter().map(|e| vec![e]).chain(rows);
        stacked(rows.filter(|row| !row.is_empty()).collect(), false)
    }

    /// Returns the legend as rows of equal columns with its corner at the origin, at most `room` points wide.
    pub fn rows(&self, room: f64) -> Placed {
        let inner = room - 2.0 * PAD_PT;
        let series = cut(&self.series, inner);
        let cell = series.iter().map(Entry::width).fold(1.0, f64::max);
        let fit = ((inner + BETWEEN_PT) / (cell + BETWEEN_PT)).floor().max(1.0) as usize;
        let lines = series.len().div_ceil(fit).max(1);
        let columns = series.len().div_ceil(lines).max(1);
        let mut rows: Vec<Vec<Entry>> = series.chunks(columns).map(<[Entry]>::to_vec).collect();
        if !self.rungs.is_empty() {
            rows.push(self.rungs.clone());
        }
        stacked(rows, true)
    }
}

fn series_entry(series: &Series) -> Entry {
    let look = &series.style;
    let first = &series.traces[0];
    let simulated = series.traces.iter().find(|t| t.fidelity != Fidelity::Theory);
    let lined =
        is_joined(series, first.fidelity) && (first.fidelity == Fidelity::Theory || first.points.len() > 1);
    Entry {
        text: series.label.clone(),
        sample: SAMPLE_PT,
        line: lined.then(|| (look.colour, look.dash, line_width(first.fidelity))),
        marker: simulated.map(|t| (look.colour, look.shape, t.fidelity)),
    }
}

fn rung_entries(rungs: &BTreeSet<Fidelity>, (colour, shape): (Colour, Shape)) -> Vec<Entry> {
    let entry = |rung: &Fidelity| Entry {
        text: rung.word().to_owned(),
        sample: match rung {
            Fidelity::Theory => SAMPLE_PT,
            _ => DOT_PT,
        },
        line: (*rung == Fidelity::Theory).then_some((colour, 0, style::LINE_PT)),
        marker: (*rung != Fidelity::Theory).then_some((colour, shape, *rung)),
    };
    rungs.iter().map(entry).collect()
}

fn cut(entries: &[Entry], room: f64) -> Vec<Entry> {
    let shortened = |entry: &Entry| Entry {
        text: font::cut(&entry.text, LEGEND_PT, room - SAMPLE_PT - GAP_PT),
        ..entry.clone()
    };
    entries.iter().map(shortened).collect()
}

fn row_width(row: &[Entry]) -> f64 {
    let widths: f64 = row.iter().map(Entry::width).sum();
    widths + BETWEEN_PT * row.len().saturating_sub(1) as f64
}

/// Puts rows of entries under each other; entries of equal rows stand in columns when `aligned`.
fn stacked(rows: Vec<Vec<Entry>>, aligned: bool) -> Placed {
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_rung = |row: &[Entry]| row.iter().all(|e| Fidelity::from_word(&e.text).is_some());
    let cell = rows.iter().filter(|row| !is_rung(row)).flatten().map(Entry::width).fold(0.0, f64::max);
    let full = rows.iter().filter(|row| !is_rung(row)).map(Vec::len).max();
    let grid = full.map_or(0.0, |n| cell * n as f64 + BETWEEN_PT * (n - 1) as f64);
    let inner = rows.iter().map(|row| row_width(row)).fold(grid, f64::max);
    let mut items = Vec::with_capacity(longest * rows.len());
    for (line, row) in rows.iter().enumerate() {
        let middle = PAD_PT + ROW_PT * (line as f64 + 0.5);
        let in_grid = aligned && !is_rung(row);
        let used = if in_grid { grid } else { row_width(row) };
        let mut x = PAD_PT + if aligned { (inner - used) / 2.0 } else { 0.0 };
        for entry in row {
            items.push(Item {
                left: at(x, middle),
                text_left: x + entry.sample + GAP_PT,
                entry: entry.clone(),
            });
            x += BETWEEN_PT + if in_grid { cell } else { entry.width() };
        }
    }
    let height = 2.0 * PAD_PT + ROW_PT * rows.len() as f64;
    Placed { rect: Rect::sized(0.0, 0.0, inner + 2.0 * PAD_PT, height), items, inside: false }
}

impl Placed {
    /// Moves the legend so that its corner comes to a place.
    pub fn moved(mut self, left: f64, top: f64) -> Self {
        let (dx, dy) = (left - self.rect.left, top - self.rect.top);
        self.rect = Rect::sized(left, top, self.rect.width(), self.rect.height());
        for item in &mut self.items {
            item.left = at(item.left.x + dx, item.left.y + dy);
            item.text_left += dx;
        }
        self
    }

    /// Moves the legend to the corner of the plot that is furthest from all ink, or half-way between two
    /// corners if all four are taken, or nowhere if it would cover any.
    pub fn inside(&self, plot: &Rect, marks: &[Mark]) -> Option<Self> {
        let (width, height) = (self.rect.width(), self.rect.height());
        let room = plot.grown(-INSET_PT);
        if width > room.width() || height > room.height() {
            return None;
        }
        let (left, right) = (room.left, room.right - width);
        let (top, bottom) = (room.top, room.bottom - height);
        let (middle, half) = ((left + right) / 2.0, (top + bottom) / 2.0);
        let corners = [(right, top), (left, bottom), (left, top), (right, bottom)];
        let edges = [(middle, top), (middle, bottom), (left, half), (right, half)];
        let placed = [corners, edges].into_iter().find_map(|places| {
            let mut best: Option<(f64, Self)> = None;
            for (left, top) in places {
                let rect = Rect::sized(left, top, width, height);
                let distances = marks.iter().map(|mark| mark.distance(&rect));
                let clear = distances.fold(f64::INFINITY, f64::min);
                if clear >= CLEARANCE_PT && best.as_ref().is_none_or(|(most, _)| clear > *most) {
                    best = Some((clear, self.clone().moved(left, top)));
                }
            }
            best
        });
        placed.map(|(_, placed)| Self { inside: true, ..placed })
    }
}

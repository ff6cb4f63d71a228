//! Waterfalls: a bar a row, each between two columns' values, names at the left and a text behind each bar.

use std::path::Path;

use crate::axis::Axis;
use crate::error::PlotError;
use crate::figure::Width;
use crate::font;
use crate::geometry::{Rect, at};
use crate::layout::{Anchor, Layout, PT_PER_MM, Text};
use crate::mark::Mark;
use crate::names;
use crate::page::{column, write};
use crate::style::{self, Colour, LABEL_PT, TICK_PT};
use crate::table::Table;

/// Height of a row and of its bar, in points.
const ROW_PT: f64 = 12.0;
const BAR_PT: f64 = 7.5;
/// White around texts and at the page's edges, in points.
const GAP_PT: f64 = 3.0;
/// Height of capitals over the size of the text.
const CAP: f64 = 0.73;
/// The least width of the bars' part of the page, in points.
const LEAST_PT: f64 = 60.0;
/// Labels of the axis, at most about so many.
const TICKS: usize = 5;
/// Bars that rise, bars that fall, and bars that begin at 0 at the end of the page.
const RISING: Colour = style::PALETTE[0];
const FALLING: Colour = style::PALETTE[1];
const WHOLE: Colour = style::KEY;

/// A waterfall over the columns of one table; every field may be set after [`Waterfall::new`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Waterfall {
    /// The column that names the bars.
    pub name: String,
    /// The column with where bars begin.
    pub from: String,
    /// The column with where bars end.
    pub to: String,
    /// The column of texts behind the bars, if there is one.
    pub label: Option<String>,
    /// The name of the bar that is the whole.
    pub whole: Option<String>,
    /// The title along the values.
    pub title: String,
    /// The printed width.
    pub width: Width,
}

impl Waterfall {
    /// Creates a waterfall of bars between two columns, named by a third.
    pub fn new(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        let to = to.into();
        Self {
            name: name.into(),
            from: from.into(),
            title: names::title(&to, 0),
            to,
            label: None,
            whole: None,
            width: Width::default(),
        }
    }
}

/// A bar before it has a place.
struct Bar {
    name: String,
    from: f64,
    to: f64,
    label: String,
}

/// Draws a waterfall of a table into a file, in the format that the file's extension names, a row of the table from the top down.
///
/// `.svg`, `.png` (300 dpi) and `.pdf` look the same. Equal tables give equal bytes.
///
/// # Errors
/// [`PlotError::UnknownColumn`] and [`PlotError::NotANumber`] when figure and table do not fit, [`PlotError::NothingToDraw`] without
/// rows, [`PlotError::Format`] for another extension, [`PlotError::Io`] when the file cannot be written.
pub fn render_waterfall(figure: &Waterfall, table: &Table, out: &Path) -> Result<(), PlotError> {
    write(&layout(figure, &bars(figure, table)?), out)
}

fn bars(figure: &Waterfall, table: &Table) -> Result<Vec<Bar>, PlotError> {
    let column = |key: &str, name: &str| column(table, ("waterfall", key), name);
    let (name, from, to) =
        (column("name", &figure.name)?, column("from", &figure.from)?, column("to", &figure.to)?);
    let label = figure.label.as_ref().map(|label| column("label", label)).transpose()?;
    let mut bars = Vec::new();
    for row in 0..table.rows() {
        let (Some(from), Some(to)) = (table.number(row, from)?, table.number(row, to)?) else { continue };
        let label = label.map_or(String::new(), |label| table.text(row, label).replace('-', "−"));
        bars.push(Bar { name: table.text(row, name).to_owned(), from, to, label });
    }
    if bars.is_empty() {
        return Err(PlotError::NothingToDraw {
            origin: "waterfall".to_owned(),
            x: figure.to.clone(),
            y: figure.name.clone(),
            why: Vec::new(),
        });
    }
    Ok(bars)
}

fn layout(figure: &Waterfall, bars: &[Bar]) -> Layout {
    let page = figure.width.mm() * PT_PER_MM;
    let widest =
        |of: &dyn Fn(&Bar) -> &str| bars.iter().map(|bar| font::width(of(bar), TICK_PT)).fold(0.0, f64::max);
    let labels = widest(&|bar| &bar.label) + 2.0 * GAP_PT;
    let names = (widest(&|bar| &bar.name) + 2.0 * GAP_PT).min(page - labels - LEAST_PT);
    let plot = Rect::sized(names, GAP_PT, page - names - GAP_PT, ROW_PT * bars.len() as f64 + GAP_PT);
    let (low, high) = bars.iter().fold((0.0_f64, 0.0_f64), |(low, high), bar| {
        (low.min(bar.from).min(bar.to), high.max(bar.from).max(bar.to))
    });
    let mut axis = Axis::new(false, low, high, false, TICKS);
    // Bars stand on the left edge, and the widest text has room behind the longest bar.
    if low == 0.0 {
        axis.low = 0.0;
    }
    let share = (1.0 - labels / plot.width()).max(0.3);
    let reach = high.max(f64::MIN_POSITIVE) - axis.low;
    axis.high = axis.low + reach / share;
    let along = |value: f64| plot.left + axis.share(value) * plot.width();
    let mut layout = Layout {
        width: page,
        height: plot.bottom + 1.15 * TICK_PT + 1.3 * LABEL_PT + 2.0 * GAP_PT,
        plot,
        grid: Vec::new(),
        ticks: Vec::new(),
        texts: Vec::new(),
        marks: Vec::new(),
        legend: None,
    };
    for tick in axis.ticks.iter().filter(|tick| (axis.low..=axis.high).contains(&tick.at)) {
        let x = along(tick.at);
        layout.grid.push((at(x, plot.top), at(x, plot.bottom)));
        layout.ticks.push((at(x, plot.bottom), at(x, plot.bottom - 3.0)));
        let base = plot.bottom + GAP_PT + CAP * TICK_PT;
        layout.texts.push(text(&tick.text, (x, base), TICK_PT, Anchor::Middle));
    }
    let base = layout.height - GAP_PT - 0.24 * LABEL_PT;
    let middle = 0.5 * (plot.left + plot.right);
    layout.texts.push(text(&figure.title, (middle, base), LABEL_PT, Anchor::Middle));
    for (row, bar) in bars.iter().enumerate() {
        let centre = plot.top + 0.5 * GAP_PT + ROW_PT * (row as f64 + 0.5);
        let (left, right) = (along(bar.from.min(bar.to)), along(bar.from.max(bar.to)));
        // A bar that is too short to be seen is a stroke.
        let width = (right - left).max(style::LINE_PT);
        let colour = match () {
            () if figure.whole.as_ref() == Some(&bar.name) => WHOLE,
            () if bar.to < bar.from => FALLING,
            () => RISING,
        };
        let rect = Rect::sized(left, centre - 0.5 * BAR_PT, width, BAR_PT);
        layout.marks.push(Mark::Bar { outline: rect.corners(), colour });
        if let Some(next) = bars.get(row + 1)
            && next.from == bar.to
        {
            let x = along(bar.to);
            let points = vec![at(x, centre + 0.5 * BAR_PT), at(x, centre + ROW_PT - 0.5 * BAR_PT)];
            layout.marks.push(Mark::Line { points, colour: style::KEY, width: style::JOIN_PT, dash: 0 });
        }
        let base = centre + 0.5 * CAP * TICK_PT;
        let name = font::cut(&bar.name, TICK_PT, names - GAP_PT);
        layout.texts.push(text(&name, (plot.left - GAP_PT, base), TICK_PT, Anchor::End));
        layout.texts.push(text(&bar.label, (left + width + GAP_PT, base), TICK_PT, Anchor::Start));
    }
    layout
}

fn text(text: &str, (x, base): (f64, f64), size: f64, anchor: Anchor) -> Text {
    Text { text: text.to_owned(), at: at(x, base), size, anchor, turned: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, from: f64, to: f64) -> Bar {
        Bar { name: name.into(), from, to, label: "−23.4 dB, 41.0 %".into() }
    }

    #[test]
    fn bars_are_as_long_as_their_values_and_texts_stay_on_the_page() {
        let bars = [
            bar("truncation", 0.0, 0.1),
            bar("channel-knowledge", 0.1, 0.4),
            bar("rest", 0.4, 0.35),
            bar("total", 0.0, 0.35),
        ];
        let figure = Waterfall { whole: Some("total".into()), ..Waterfall::new("cause", "from", "to") };
        let layout = layout(&figure, &bars);
        let outlines: Vec<_> = layout
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Bar { outline, colour } => Some((outline[1].x - outline[0].x, outline[0].x, *colour)),
                _ => None,
            })
            .collect();
        let unit = outlines[0].0 / 0.1;
        for ((width, left, _), bar) in outlines.iter().zip(&bars) {
            assert!((width / unit - (bar.to - bar.from).abs()).abs() < 1e-9, "{}", bar.name);
            assert!((left - layout.plot.left - unit * bar.from.min(bar.to)).abs() < 1e-6, "{}", bar.name);
        }
        assert_eq!(outlines.iter().map(|o| o.2).collect::<Vec<_>>(), [RISING, RISING, FALLING, WHOLE]);
        for words in &layout.texts {
            let width = font::width(&words.text, words.size);
            let left = match words.anchor {
                Anchor::Start => words.at.x,
                Anchor::Middle => words.at.x - 0.5 * width,
                Anchor::End => words.at.x - width,
            };
            assert!(left >= 0.0 && left + width <= layout.width, "{words:?}");
            assert!(words.at.y <= layout.height && words.text.chars().all(font::covers), "{words:?}");
        }
    }
}

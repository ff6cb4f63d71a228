//! Where everything goes on the page, in points.

use crate::axis::{Axis, Tick};
use crate::chart::Chart;
use crate::error::PlotError;
use crate::figure::{Figure, Legend};
use crate::font;
use crate::geometry::{Place, Rect, at};
use crate::legend::{Entries, Placed};
use crate::mark::{Frame, Mark, marks};
use crate::style::{LABEL_PT, TICK_PT};

/// Points in a millimetre.
pub(crate) const PT_PER_MM: f64 = 72.0 / 25.4;
/// The least height and width of the plot itself, in points.
const LEAST_PT: f64 = 60.0;
const EDGE_PT: f64 = 3.0;
const TICK_GAP_PT: f64 = 3.0;
/// Height of capitals over the size of the text.
const CAP: f64 = 0.73;

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of text with its baseline at a place, turned to read upwards if so marked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    pub text: String,
    pub at: Place,
    pub size: f64,
    pub anchor: Anchor,
    pub turned: bool,
}

/// A figure ready to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub width: f64,
    pub height: f64,
    pub plot: Rect,
    pub grid: Vec<(Place, Place)>,
    pub ticks: Vec<(Place, Place)>,
    pub texts: Vec<Text>,
    pub marks: Vec<Mark>,
    pub legend: Option<Placed>,
}

/// Room around the plot.
struct Margins {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Layout {
    /// Places a chart; a legend that would cover data goes outside the plot.
    pub fn new(figure: &Figure, chart: &Chart) -> Result<Self, PlotError> {
        let width = figure.width.mm() * PT_PER_MM;
        let wide = figure.width.mm() > 100.0;
        let natural = if wide { 0.38 * width } else { 0.72 * width };
        let margins = margins(figure, chart);
        let entries = Entries::of(chart);
        let wanted = match entries.is_empty() {
            true => Legend::None,
            false => figure.legend,
        };
        let given = figure.height_mm.map(|mm| mm * PT_PER_MM);
        let place = |legend: Option<Placed>, below: f64, right: f64| {
            let height = given.unwrap_or(natural + below);
            let plot = Rect {
                left: margins.left,
                top: margins.top,
                right: width - margins.right - right,
                bottom: height - margins.bottom - below,
            };
            if plot.height() < LEAST_PT || plot.width() < LEAST_PT {
                let needed = margins.top + LEAST_PT + margins.bottom + below;
                return Err(PlotError::TooSmall {
                    origin: figure.name(),
                    height_mm: height / PT_PER_MM,
                    needed_mm: (needed / PT_PER_MM).ceil(),
                });
            }
            Ok(Self::filled(figure, chart, (width, height), plot, legend))
        };
        if matches!(wanted, Legend::None | Legend::Auto) {
            let plain = place(None, 0.0, 0.0);
            if wanted == Legend::None {
                return plain;
            }
            let plain = plain?;
            let column = entries.column(plain.plot.width());
            if let Some(legend) = column.inside(&plain.plot, &plain.marks) {
                return Ok(Self { legend: Some(legend), ..plain });
            }
        }
        if wanted == Legend::Right || (wanted == Legend::Auto && wide) {
            let column = entries.column(0.4 * width);
            let legend_width = column.rect.width();
            let height = given.unwrap_or(natural) - margins.top - margins.bottom;
            let fits = column.rect.height() <= height && legend_width < 0.4 * width;
            if fits || wanted == Legend::Right {
                let left = width - legend_width - EDGE_PT / 2.0;
                let placed = column.moved(left, margins.top);
                return place(Some(placed), 0.0, legend_width + EDGE_PT);
            }
        }
        let rows = entries.rows(width - 2.0 * EDGE_PT);
        let below = rows.rect.height();
        let height = given.unwrap_or(natural + below);
        let centre = (margins.left + width - margins.right) / 2.0;
        let most_left = width - EDGE_PT - rows.rect.width();
        let left = (centre - rows.rect.width() / 2.0).min(most_left).max(EDGE_PT);
        let placed = rows.moved(left, height - below);
        place(Some(placed), below, 0.0)
    }

    fn filled(
        figure: &Figure,
        chart: &Chart,
        (width, height): (f64, f64),
        plot: Rect,
        legend: Option<Placed>,
    ) -> Self {
        let frame = Frame { plot, x: &chart.x, y: &chart.y };
        let mut layout = Self {
            width,
            height,
            plot,
            grid: Vec::new(),
            ticks: Vec::new(),
            texts: Vec::new(),
            marks: marks(chart, &frame, figure.bands),
            legend,
        };
        layout.add_axes(&frame);
        layout.add_titles(figure, chart);
        layout
    }

    fn add_axes(&mut self, frame: &Frame<'_>) {
        let plot = self.plot;
        let across = |x: f64, length: f64| {
            let low = (at(x, plot.bottom), at(x, plot.bottom - length));
            [low, (at(x, plot.top), at(x, plot.top + length))]
        };
        let upright = |y: f64, length: f64| {
            let low = (at(plot.left, y), at(plot.left + length, y));
            [low, (at(plot.right, y), at(plot.right - length, y))]
        };
        for value in &frame.x.minor {
            self.ticks.extend(across(frame.along_x(*value), 1.5));
        }
        for value in &frame.y.minor {
            self.ticks.extend(upright(frame.along_y(*value), 1.5));
        }
        for tick in &frame.x.ticks {
            let x = frame.along_x(tick.at);
            self.grid.push((at(x, plot.top), at(x, plot.bottom)));
            self.ticks.extend(across(x, 3.0));
        }
        for tick in &frame.y.ticks {
            let y = frame.along_y(tick.at);
            self.grid.push((at(plot.left, y), at(plot.right, y)));
            self.ticks.extend(upright(y, 3.0));
        }
        let x_width = |t: &Tick| font::width(&t.text, TICK_PT) + 4.0;
        for tick in thinned(frame.x, x_width, |t| frame.along_x(t.at)) {
            let base = plot.bottom + TICK_GAP_PT + CAP * TICK_PT;
            let place = at(frame.along_x(tick.at), base);
            self.text(&tick.text, place, TICK_PT, Anchor::Middle, false);
        }
        for tick in thinned(frame.y, |_| 1.3 * TICK_PT, |t| -frame.along_y(t.at)) {
            let base = frame.along_y(tick.at) + CAP * TICK_PT / 2.0;
            let place = at(plot.left - TICK_GAP_PT, base);
            self.text(&tick.text, place, TICK_PT, Anchor::End, false);
        }
    }

    fn add_titles(&mut self, figure: &Figure, chart: &Chart) {
        let plot = self.plot;
        let middle = (plot.left + plot.right) / 2.0;
        let (title, size) = fitted(&chart.x.title, LABEL_PT, self.width - 2.0 * EDGE_PT);
        let base = plot.bottom + under_plot() - 0.24 * LABEL_PT - 1.0;
        let x = clamped(middle, &title, size, self.width);
        self.text(&title, at(x, base), size, Anchor::Middle, false);
        let (title, size) = fitted(&chart.y.title, LABEL_PT, self.height - 2.0 * EDGE_PT);
        let y = clamped((plot.top + plot.bottom) / 2.0, &title, size, self.height);
        let place = at(EDGE_PT / 2.0 + 0.8 * LABEL_PT, y);
        self.text(&title, place, size, Anchor::Middle, true);
        if let Some(title) = &figure.title {
            let (title, size) = fitted(title, LABEL_PT, self.width - 2.0 * EDGE_PT);
            let x = clamped(middle, &title, size, self.width);
            let place = at(x, plot.top - 0.5 * LABEL_PT);
            self.text(&title, place, size, Anchor::Middle, false);
        }
    }

    fn text(&mut self, text: &str, at: Place, size: f64, anchor: Anchor, turned: bool) {
        self.texts.push(Text { text: text.to_owned(), at, size, anchor, turned });
    }
}

/// Returns the height of tick texts and title under the plot.
fn under_plot() -> f64 {
    TICK_GAP_PT + 1.15 * TICK_PT + 1.3 * LABEL_PT + 1.0
}

fn margins(figure: &Figure, chart: &Chart) -> Margins {
    let width = |tick: &Tick| font::width(&tick.text, TICK_PT);
    let widest = chart.y.ticks.iter().map(width).fold(0.0, f64::max);
    let reach = |tick: &Tick| width(tick) / 2.0 - (1.0 - chart.x.share(tick.at)) * LEAST_PT;
    let overhang = chart.x.ticks.iter().map(reach).fold(0.0, f64::max);
    let title = figure.title.as_ref().map_or(0.0, |_| 1.5 * LABEL_PT);
    Margins {
        left: EDGE_PT / 2.0 + 1.1 * LABEL_PT + 2.5 + widest + TICK_GAP_PT,
        top: EDGE_PT.max(CAP * TICK_PT / 2.0 + 1.0) + title,
        right: EDGE_PT.max(overhang + 1.0),
        bottom: under_plot(),
    }
}

/// Returns every tick, or every second, third... until neighbours leave room for each other's texts.
fn thinned(axis: &Axis, extent: impl Fn(&Tick) -> f64, place: impl Fn(&Tick) -> f64) -> Vec<&Tick> {
    let ticks = &axis.ticks;
    for every in 1..=ticks.len() {
        let kept: Vec<&Tick> = ticks.iter().step_by(every).collect();
        let apart = kept.windows(2).all(|pair| {
            let room = place(pair[1]) - place(pair[0]);
            room >= (extent(pair[0]) + extent(pair[1])) / 2.0
        });
        if apart {
            return kept;
        }
    }
    Vec::new()
}

/// Returns a text set smaller, and at last cut, so that it fits into `room` points.
fn fitted(text: &str, size: f64, room: f64) -> (String, f64) {
    let full = font::width(text, size);
    let size = match full > room {
        true => (size * room / full).max(0.75 * size),
        false => size,
    };
    (font::cut(text, size, room), size)
}

/// Returns the middle nearest to `wanted` at which a text stays on the page.
fn clamped(wanted: f64, text: &str, size: f64, page: f64) -> f64 {
    let half = font::width(text, size) / 2.0 + 1.0;
    wanted.min(page - half).max(half)
}

#[cfg(test)]
mod tests;

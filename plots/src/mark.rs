//! The inked parts of a plot at their places on the page.

use crate::axis::Axis;
use crate::chart::{Chart, Series, Trace};
use crate::geometry::{Place, Rect, at, closed};
use crate::group::Point;
use crate::style::{self, Colour, Fidelity, Shape};

/// Something drawn that a legend must not cover.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    Band { outline: Vec<Place>, colour: Colour },
    Bar { outline: [Place; 4], colour: Colour },
    Line { points: Vec<Place>, colour: Colour, width: f64, dash: usize },
    Marker { centre: Place, shape: Shape, fidelity: Fidelity, colour: Colour },
}

impl Mark {
    /// Returns the distance in points from a rectangle to the ink, 0 where they meet.
    pub fn distance(&self, rect: &Rect) -> f64 {
        let least = |edges: &mut dyn Iterator<Item = (Place, Place)>| {
            edges.map(|(a, b)| rect.distance_to_segment(a, b)).fold(f64::INFINITY, f64::min)
        };
        match self {
            Self::Band { outline, .. } if rect.meets_polygon(outline) => 0.0,
            Self::Band { outline, .. } => least(&mut closed(outline)),
            Self::Bar { outline, .. } if rect.meets_polygon(outline) => 0.0,
            Self::Bar { outline, .. } => least(&mut closed(outline)),
            Self::Line { points, width, .. } => {
                let pairs = &mut points.iter().zip(&points[1..]).map(|(a, b)| (*a, *b));
                (least(pairs) - width / 2.0).max(0.0)
            }
            Self::Marker { centre, .. } => {
                let ink = style::OPEN_PT + style::OUTLINE_PT;
                (rect.distance_to_segment(*centre, *centre) - ink).max(0.0)
            }
        }
    }
}

/// Where the two axes put a value.
pub(crate) struct Frame<'a> {
    pub plot: Rect,
    pub x: &'a Axis,
    pub y: &'a Axis,
}

impl Frame<'_> {
    pub fn along_x(&self, value: f64) -> f64 {
        self.plot.left + self.x.share(value) * self.plot.width()
    }

    pub fn along_y(&self, value: f64) -> f64 {
        let share = match value == f64::NEG_INFINITY {
            true => 0.0,
            false => self.y.share(value).clamp(0.0, 1.0),
        };
        self.plot.bottom - share * self.plot.height()
    }

    fn place(&self, point: &Point) -> Place {
        at(self.along_x(point.x), self.along_y(point.y))
    }
}

/// Returns the ink of a chart in drawing order: bands, lines, open markers, filled markers.
pub(crate) fn marks(chart: &Chart, frame: &Frame<'_>, bands: bool) -> Vec<Mark> {
    let mut layers: [Vec<Mark>; 4] = Default::default();
    for series in &chart.series {
        for trace in &series.traces {
            if bands {
                spread(series, trace, frame, &mut layers);
            }
            if is_joined(series, trace.fidelity) {
                layers[1].push(line(series, trace, frame));
            }
            if trace.fidelity == Fidelity::Theory {
                continue;
            }
            let layer = if trace.fidelity == Fidelity::Symbol { 3 } else { 2 };
            layers[layer].extend(trace.points.iter().map(|point| Mark::Marker {
                centre: frame.place(point),
                shape: series.style.shape,
                fidelity: trace.fidelity,
                colour: series.style.colour,
            }));
        }
    }
    layers.into_iter().flatten().collect()
}

/// Returns whether a line joins the points of this rung: theory, or else the lowest rung that there is.
pub(crate) fn is_joined(series: &Series, fidelity: Fidelity) -> bool {
    series.traces.first().is_some_and(|t| t.fidelity == fidelity)
}

/// Returns the width of the line that joins a rung's points, in points.
pub(crate) fn line_width(fidelity: Fidelity) -> f64 {
    match fidelity {
        Fidelity::Theory => style::LINE_PT,
        _ => style::JOIN_PT,
    }
}

fn line(series: &Series, trace: &Trace, frame: &Frame<'_>) -> Mark {
    let mut points: Vec<Place> = trace.points.iter().map(|p| frame.place(p)).collect();
    if let ([only], Fidelity::Theory) = (points.as_slice(), trace.fidelity) {
        // One value of a formula has no line; a short dash shows it.
        let half = 2.0 * style::OPEN_PT;
        let level = only.y;
        points = vec![at(only.x - half, level), at(only.x + half, level)];
    }
    Mark::Line {
        points,
        colour: series.style.colour,
        width: line_width(trace.fidelity),
        dash: series.style.dash,
    }
}

/// Adds the confidence interval: a band where x grows, else a bar at each point.
fn spread(series: &Series, trace: &Trace, frame: &Frame<'_>, layers: &mut [Vec<Mark>; 4]) {
    let known: Vec<(&Point, f64, f64)> = trace
        .points
        .iter()
        .filter_map(|p| p.interval.map(|(low, high)| (p, low, high)))
        .filter(|(_, low, high)| low < high)
        .collect();
    let colour = series.style.colour;
    let grows = known.windows(2).all(|w| w[0].0.x < w[1].0.x);
    if grows && known.len() > 1 && known.len() == trace.points.len() {
        let place = |p: &Point, y: f64| at(frame.along_x(p.x), frame.along_y(y));
        let above = known.iter().map(|(p, _, high)| place(p, *high));
        let below = known.iter().rev().map(|(p, low, _)| place(p, *low));
        layers[0].push(Mark::Band { outline: above.chain(below).collect(), colour });
        return;
    }
    layers[1].extend(known.into_iter().map(|(p, low, high)| {
        let x = frame.along_x(p.x);
        Mark::Line {
            points: vec![at(x, frame.along_y(low)), at(x, frame.along_y(high))],
            colour,
            width: style::JOIN_PT,
            dash: 0,
        }
    }));
}

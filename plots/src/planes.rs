//! Planes: points in complex planes of equal scales, side by side; phasors are drawn from the origin, over the unit circle.

use std::f64::consts::TAU;
use std::path::Path;

use crate::axis::Axis;
use crate::error::PlotError;
use crate::figure::Width;
use crate::font;
use crate::geometry::{Place, Rect, at};
use crate::layout::{Anchor, Layout, PT_PER_MM, Text};
use crate::mark::Mark;
use crate::page::{column, write};
use crate::style::{self, Colour, Fidelity, LABEL_PT, PALETTE, Shape, TICK_PT};
use crate::table::Table;

/// White around texts and at the page's edges, height of a row of the legend and room for its samples, in points.
const GAP_PT: f64 = 3.0;
const ROW_PT: f64 = 10.0;
const SAMPLE_PT: f64 = 10.0;
/// Height of capitals over the size of the text.
const CAP: f64 = 0.73;
/// Room for the numbers along the vertical axis, and for its title.
const LEFT_PT: f64 = 34.0;
/// Corners of the unit circle.
const CORNERS: usize = 180;

/// Planes over the columns of one table; every field may be set after [`Planes::new`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Planes {
    /// The column with the title of the plane in which a point lies; planes stand in the order of their first rows.
    pub plane: String,
    /// The column that names points of one kind; the last kind of a plane is drawn over the others.
    pub series: String,
    /// The columns of real and imaginary parts.
    pub parts: [String; 2],
    /// Titles of planes whose points are phasors.
    pub phasors: Vec<String>,
    /// The printed width.
    pub width: Width,
}

impl Planes {
    /// Creates planes of points whose parts are in two columns.
    pub fn new(plane: impl Into<String>, series: impl Into<String>, parts: [&str; 2]) -> Self {
        let parts = parts.map(String::from);
        Self { plane: plane.into(), series: series.into(), parts, phasors: Vec::new(), width: Width::Ieee2 }
    }
}

/// Points of one kind.
struct Kind {
    name: String,
    points: Vec<(f64, f64)>,
}

/// One plane before it has a place.
struct Plane {
    title: String,
    kinds: Vec<Kind>,
}

/// Draws planes of a table into a file, in the format that the file's extension names.
///
/// `.svg`, `.png` (300 dpi) and `.pdf` look the same. Equal tables give equal bytes.
///
/// # Errors
/// [`PlotError::UnknownColumn`] and [`PlotError::NotANumber`] when figure and table do not fit, [`PlotError::NothingToDraw`] without
/// rows, [`PlotError::Format`] for another extension, [`PlotError::Io`] when the file cannot be written.
pub fn render_planes(figure: &Planes, table: &Table, out: &Path) -> Result<(), PlotError> {
    write(&layout(figure, &planes(figure, table)?), out)
}

fn planes(figure: &Planes, table: &Table) -> Result<Vec<Plane>, PlotError> {
    let find = |key: &str, name: &str| column(table, ("planes", key), name);
    let (plane, series) = (find("plane", &figure.plane)?, find("series", &figure.series)?);
    let [real, imaginary] = &figure.parts;
    let (real, imaginary) = (find("parts", real)?, find("parts", imaginary)?);
    let mut planes: Vec<Plane> = Vec::new();
    for row in 0..table.rows() {
        let (Some(x), Some(y)) = (table.number(row, real)?, table.number(row, imaginary)?) else { continue };
        let (title, name) = (table.text(row, plane), table.text(row, series));
        let place = planes.iter().position(|plane| plane.title == title).unwrap_or(planes.len());
        if place == planes.len() {
            planes.push(Plane { title: title.into(), kinds: Vec::new() });
        }
        let kinds = &mut planes[place].kinds;
        let kind = kinds.iter().position(|kind| kind.name == name).unwrap_or(kinds.len());
        if kind == kinds.len() {
            kinds.push(Kind { name: name.into(), points: Vec::new() });
        }
        kinds[kind].points.push((x, y));
    }
    if planes.is_empty() {
        let [x, y] = figure.parts.clone();
        return Err(PlotError::NothingToDraw { origin: "planes".to_owned(), x, y, why: Vec::new() });
    }
    Ok(planes)
}

fn layout(figure: &Planes, planes: &[Plane]) -> Layout {
    let page = figure.width.mm() * PT_PER_MM;
    let each = page / planes.len() as f64;
    let side = (each - LEFT_PT - 2.0 * GAP_PT).min(0.5 * page);
    let top = GAP_PT + 1.3 * LABEL_PT;
    let rows = planes.iter().map(|plane| plane.kinds.len()).max().unwrap_or(0) as f64;
    let below = top + side + GAP_PT + TICK_PT + 1.5 * LABEL_PT;
    let square = |number: usize| Rect::sized(each * number as f64 + LEFT_PT, top, side, side);
    let mut layout = Layout {
        width: page,
        height: below + ROW_PT * rows + 2.0 * GAP_PT,
        plot: square(0),
        grid: Vec::new(),
        ticks: Vec::new(),
        texts: Vec::new(),
        marks: Vec::new(),
        legend: None,
    };
    for (number, plane) in planes.iter().enumerate() {
        let phasors = figure.phasors.contains(&plane.title);
        draw(&mut layout, (square(number), below), plane, phasors);
    }
    layout
}

/// Draws a plane into its square, with its legend below.
fn draw(layout: &mut Layout, (square, below): (Rect, f64), plane: &Plane, phasors: bool) {
    let all = plane.kinds.iter().flat_map(|kind| &kind.points);
    let largest = all.map(|(x, y)| x.abs().max(y.abs())).fold(0.0, f64::max);
    let reach = if phasors { 1.15 * largest.max(1.0) } else { 1.05 * largest.max(f64::MIN_POSITIVE) };
    let axis = Axis { low: -reach, high: reach, ..Axis::new(false, -reach, reach, false, 5) };
    let along = |x: f64| square.left + axis.share(x) * square.width();
    let up = |y: f64| square.bottom - axis.share(y) * square.height();
    for tick in axis.ticks.iter().filter(|tick| (-reach..=reach).contains(&tick.at)) {
        let (x, y) = (along(tick.at), up(tick.at));
        layout.grid.push((at(x, square.top), at(x, square.bottom)));
        layout.grid.push((at(square.left, y), at(square.right, y)));
        let under = square.bottom + GAP_PT + CAP * TICK_PT;
        layout.texts.push(text(&tick.text, (x, under), TICK_PT, Anchor::Middle));
        layout.texts.push(text(
            &tick.text,
            (square.left - GAP_PT, y + 0.5 * CAP * TICK_PT),
            TICK_PT,
            Anchor::End,
        ));
    }
    let middle = 0.5 * (square.left + square.right);
    layout.texts.push(text(&plane.title, (middle, square.top - GAP_PT), LABEL_PT, Anchor::Middle));
    let base = square.bottom + GAP_PT + 2.0 * TICK_PT + 0.3 * LABEL_PT;
    layout.texts.push(text("In phase", (middle, base), LABEL_PT, Anchor::Middle));
    let side = (square.left - LEFT_PT + GAP_PT + CAP * LABEL_PT, 0.5 * (square.top + square.bottom));
    layout.texts.push(Text { turned: true, ..text("Quadrature", side, LABEL_PT, Anchor::Middle) });
    let corners = square.corners();
    layout.marks.push(line(corners.into_iter().chain([corners[0]]).collect(), style::INK, style::FRAME_PT));
    if phasors {
        let corner = |n: usize| (TAU * n as f64 / CORNERS as f64).sin_cos();
        let circle = (0..=CORNERS).map(corner).map(|(y, x)| at(along(x), up(y)));
        layout.marks.push(line(circle.collect(), style::KEY, style::JOIN_PT));
    }
    for (number, kind) in plane.kinds.iter().enumerate() {
        let colour = PALETTE[number % PALETTE.len()];
        let last = number + 1 == plane.kinds.len();
        // What lies under the last kind shows around it.
        let fidelity = if phasors || last { Fidelity::Symbol } else { Fidelity::Waveform };
        let marker = |centre| Mark::Marker { centre, shape: Shape::Circle, fidelity, colour };
        for (x, y) in &kind.points {
            let tip = at(along(*x), up(*y));
            if phasors {
                layout.marks.push(line(vec![at(along(0.0), up(0.0)), tip], colour, style::LINE_PT));
            }
            layout.marks.push(marker(tip));
        }
        let row = below + ROW_PT * (number as f64 + 0.5);
        layout.marks.push(marker(at(square.left + 0.5 * SAMPLE_PT, row)));
        let room = square.width() - SAMPLE_PT;
        let name = font::cut(&kind.name, TICK_PT, room);
        let place = (square.left + SAMPLE_PT, row + 0.5 * CAP * TICK_PT);
        layout.texts.push(text(&name, place, TICK_PT, Anchor::Start));
    }
}

fn line(points: Vec<Place>, colour: Colour, width: f64) -> Mark {
    Mark::Line { points, colour, width, dash: 0 }
}

fn text(text: &str, (x, base): (f64, f64), size: f64, anchor: Anchor) -> Text {
    Text { text: text.to_owned(), at: at(x, base), size, anchor, turned: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_equal_and_everything_stays_on_the_page() {
        let kind = |name: &str, points: &[(f64, f64)]| Kind { name: name.into(), points: points.to_vec() };
        let sum = vec![kind("sent", &[(3.0, -1.0)]), kind("received", &[(2.5, -1.5), (-0.5, 4.0)])];
        let planes = [
            Plane { title: "radios".into(), kinds: vec![kind("device-0", &[(0.0, 1.0)])] },
            Plane { title: "sum".into(), kinds: sum },
        ];
        let figure =
            Planes { phasors: vec!["radios".into()], ..Planes::new("plane", "series", ["re", "im"]) };
        let layout = layout(&figure, &planes);
        let centres: Vec<Place> = layout
            .marks
            .iter()
            .filter_map(|mark| match mark {
                Mark::Marker { centre, .. } => Some(*centre),
                _ => None,
            })
            .collect();
        // A phasor, its sample, a point sent, its sample, two points received, their sample.
        assert_eq!(centres.len(), 7);
        let (sent, received) = (centres[2], centres[4]);
        assert!(
            (0.5 * (sent.x - received.x) - 0.5 * (received.y - sent.y)).abs() < 1e-9,
            "0.5 to the left, 0.5 down"
        );
        // The phasor is a quarter turn: as long upwards as the circle is wide to the right.
        let widest = |of: fn(&Place) -> f64| {
            layout
                .marks
                .iter()
                .filter_map(|mark| match mark {
                    Mark::Line { points, .. } if points.len() == CORNERS + 1 => {
                        points.iter().map(of).reduce(f64::max)
                    }
                    _ => None,
                })
                .next()
                .unwrap()
        };
        let origin = layout.plot.left + 0.5 * layout.plot.width();
        assert!((centres[0].x - origin).abs() < 1e-9);
        let up = layout.plot.top + 0.5 * layout.plot.height() - centres[0].y;
        assert!((widest(|place| place.x) - origin - up).abs() < 1e-9);
        for place in &centres {
            assert!((0.0..layout.width).contains(&place.x) && (0.0..layout.height).contains(&place.y));
        }
        for words in &layout.texts {
            assert!((0.0..=layout.width).contains(&words.at.x) && words.at.y <= layout.height, "{words:?}");
        }
    }
}

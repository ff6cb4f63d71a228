//! Draws a layout on any plotters backend, on a canvas of [`SCALE`] units a point.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::error::PlotError;
use crate::font;
use crate::geometry::{Place, Rect, at};
use crate::layout::{Anchor, Layout, Text as Words};
use crate::legend::Placed;
use crate::mark::Mark;
use crate::style::{self, Colour, Fidelity, LEGEND_PT, Shape};

/// Canvas units in a point: backends take whole units, and a twentieth of a point is invisible.
pub(crate) const SCALE: f64 = 20.0;
/// How far under the top of a text plotters' backends put its baseline, in ems.
pub(crate) const BASELINE_EM: f64 = 0.76;
/// By how much plotters' SVG backend divides font sizes.
pub(crate) const FONT_DIVISOR: f64 = 1.24;

type Outcome = Result<(), PlotError>;

/// Returns the canvas size of a layout in units.
pub(crate) fn canvas(layout: &Layout) -> (u32, u32) {
    let units = |points: f64| (points * SCALE).round() as u32;
    (units(layout.width), units(layout.height))
}

/// Draws a layout and finishes the drawing.
pub(crate) fn paint<DB: DrawingBackend>(layout: &Layout, backend: DB) -> Outcome {
    let pen = Pen { area: backend.into_drawing_area() };
    pen.fill(&Rect::sized(0.0, 0.0, layout.width, layout.height), (255, 255, 255))?;
    for (a, b) in &layout.grid {
        pen.stroke(&[*a, *b], style::GRID, style::GRID_PT)?;
    }
    for (a, b) in &layout.ticks {
        pen.stroke(&[*a, *b], style::INK, style::FRAME_PT)?;
    }
    for mark in &layout.marks {
        pen.mark(mark)?;
    }
    pen.outline(&layout.plot, style::INK, style::FRAME_PT)?;
    for text in &layout.texts {
        pen.text(text)?;
    }
    if let Some(legend) = &layout.legend {
        pen.legend(legend)?;
    }
    pen.area.present().map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> PlotError {
    PlotError::Draw(error.to_string())
}

fn unit(points: f64) -> i32 {
    (points * SCALE).round() as i32
}

fn spot(place: Place) -> (i32, i32) {
    (unit(place.x), unit(place.y))
}

fn look(colour: Colour, alpha: f64, width: Option<f64>) -> ShapeStyle {
    ShapeStyle {
        color: RGBColor(colour.0, colour.1, colour.2).mix(alpha),
        filled: width.is_none(),
        stroke_width: width.map_or(1, |points| unit(points) as u32),
    }
}

struct Pen<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
}

impl<DB: DrawingBackend> Pen<DB> {
    fn stroke(&self, points: &[Place], colour: Colour, width: f64) -> Outcome {
        let path: Vec<_> = points.iter().map(|p| spot(*p)).collect();
        let path = PathElement::new(path, look(colour, 1.0, Some(width)));
        self.area.draw(&path).map_err(failed)
    }

    fn polygon(&self, points: &[Place], colour: Colour, alpha: f64) -> Outcome {
        let path: Vec<_> = points.iter().map(|p| spot(*p)).collect();
        let polygon = Polygon::new(path, look(colour, alpha, None));
        self.area.draw(&polygon).map_err(failed)
    }

    fn fill(&self, rect: &Rect, colour: Colour) -> Outcome {
        self.polygon(&rect.corners(), colour, 1.0)
    }

    /// Strokes a closed polygon; the first edge is drawn twice so that every corner is joined.
    fn ring(&self, corners: &[Place], colour: Colour, width: f64) -> Outcome {
        let path: Vec<Place> = corners.iter().chain(&corners[..2]).copied().collect();
        self.stroke(&path, colour, width)
    }

    fn outline(&self, rect: &Rect, colour: Colour, width: f64) -> Outcome {
        self.ring(&rect.corners(), colour, width)
    }

    fn mark(&self, mark: &Mark) -> Outcome {
        match mark {
            Mark::Band { outline, colour } => self.polygon(outline, *colour, style::BAND_ALPHA),
            Mark::Bar { outline, colour } => self.polygon(outline, *colour, 1.0),
            Mark::Line { points, colour, width, dash } => self.dashed(points, *colour, *width, *dash),
            Mark::Marker { centre, shape, fidelity, colour } => {
                self.marker(*centre, *shape, *fidelity, *colour)
            }
        }
    }

    fn dashed(&self, points: &[Place], colour: Colour, width: f64, dash: usize) -> Outcome {
        let pieces = dashes(points, style::DASHES[dash]);
        let mut pieces = pieces.iter();
        pieces.try_for_each(|piece| self.stroke(piece, colour, width))
    }

    fn marker(&self, centre: Place, shape: Shape, rung: Fidelity, colour: Colour) -> Outcome {
        let filled = rung == Fidelity::Symbol;
        let radius = if filled { style::FILLED_PT } else { style::OPEN_PT };
        if rung == Fidelity::Radio {
            let arm = 0.8 * radius;
            let cross = [(-arm, -arm, arm, arm), (-arm, arm, arm, -arm)];
            return cross.into_iter().try_for_each(|(x, y, u, v)| {
                let ends = [at(centre.x + x, centre.y + y), at(centre.x + u, centre.y + v)];
                self.stroke(&ends, colour, style::LINE_PT)
            });
        }
        if shape == Shape::Circle {
            let width = (!filled).then_some(style::OUTLINE_PT);
            let circle = Circle::new(spot(centre), unit(radius), look(colour, 1.0, width));
            return self.area.draw(&circle).map_err(failed);
        }
        let corners = corners(centre, shape, radius);
        match filled {
            true => self.polygon(&corners, colour, 1.0),
            false => self.ring(&corners, colour, style::OUTLINE_PT),
        }
    }

    fn text(&self, words: &Words) -> Outcome {
        let horizontal = match words.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let rise = BASELINE_EM * words.size;
        let (turn, place) = match words.turned {
            true => (FontTransform::Rotate270, at(words.at.x - rise, words.at.y)),
            false => (FontTransform::None, at(words.at.x, words.at.y - rise)),
        };
        let ink = RGBColor(style::INK.0, style::INK.1, style::INK.2);
        let size = words.size * SCALE * FONT_DIVISOR;
        let text_style = TextStyle::from((font::FAMILY, size).into_font())
            .transform(turn)
            .color(&ink)
            .pos(Pos::new(horizontal, VPos::Top));
        let text = Text::new(words.text.as_str(), spot(place), text_style);
        self.area.draw(&text).map_err(failed)
    }

    fn legend(&self, legend: &Placed) -> Outcome {
        if legend.inside {
            self.fill(&legend.rect, (255, 255, 255))?;
            self.outline(&legend.rect, style::GRID, style::FRAME_PT)?;
        }
        for item in &legend.items {
            let middle = at(item.left.x + item.entry.sample / 2.0, item.left.y);
            if let Some((colour, dash, width)) = item.entry.line {
                let ends = [item.left, at(item.left.x + item.entry.sample, item.left.y)];
                self.dashed(&ends, colour, width, dash)?;
            }
            if let Some((colour, shape, rung)) = item.entry.marker {
                self.marker(middle, shape, rung, colour)?;
            }
            self.text(&Words {
                text: item.entry.text.clone(),
                at: at(item.text_left, item.left.y + 0.36 * LEGEND_PT),
                size: LEGEND_PT,
                anchor: Anchor::Start,
                turned: false,
            })?;
        }
        Ok(())
    }
}

/// Returns the corners of a marker of about the same ink as a disc of `radius`.
fn corners(centre: Place, shape: Shape, radius: f64) -> Vec<Place> {
    let (count, reach, start) = match shape {
        Shape::Square => (4, 1.25, 45.0),
        Shape::Diamond => (4, 1.3, 90.0),
        Shape::Triangle => (3, 1.4, 90.0),
        Shape::Down => (3, 1.4, -90.0),
        Shape::Pentagon | Shape::Circle => (5, 1.15, 90.0),
    };
    (0..count)
        .map(|n| {
            let angle = f64::to_radians(start + 360.0 / f64::from(count) * f64::from(n));
            let (sin, cos) = angle.sin_cos();
            at(centre.x + reach * radius * cos, centre.y - reach * radius * sin)
        })
        .collect()
}

/// Cuts a line into the pieces that a dash pattern draws, the pattern running on through corners.
fn dashes(points: &[Place], pattern: &[f64]) -> Vec<Vec<Place>> {
    if pattern.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let mut piece = vec![points[0]];
    let (mut part, mut left) = (0, pattern[0]);
    for ends in points.windows(2) {
        let (a, b) = (ends[0], ends[1]);
        let length = (b.x - a.x).hypot(b.y - a.y);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let share = done / length;
            let corner = at(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y));
            piece.push(corner);
            if part % 2 == 0 {
                pieces.push(std::mem::take(&mut piece));
            }
            piece = vec![corner];
            part = (part + 1) % pattern.len();
            left = pattern[part];
        }
        left -= length - done;
        piece.push(b);
    }
    if part % 2 == 0 && piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share_of_a_bent_line() {
        let line = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 20.0)];
        let pieces = dashes(&line, &[3.0, 2.0]);
        let length = |piece: &Vec<Place>| -> f64 {
            let steps = piece.windows(2);
            steps.map(|w| (w[1].x - w[0].x).hypot(w[1].y - w[0].y)).sum()
        };
        assert_eq!(pieces.len(), 6);
        assert!((pieces.iter().map(length).sum::<f64>() - 18.0).abs() < 1e-9);
        assert_eq!(dashes(&line, &[]), vec![line.to_vec()]);
    }
}

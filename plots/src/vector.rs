//! A plotters backend over anything that can stroke, fill and set text with sub-pixel precision.

use std::convert::Infallible;

use plotters_backend::FontTransform;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use crate::font;
use crate::paint::{BASELINE_EM, FONT_DIVISOR};

/// A place on the canvas in units, y downwards.
pub(crate) type Spot = (f32, f32);

/// How the ink of a shape is laid down.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ink {
    Fill,
    Stroke(f32),
}

/// A line of text: where its baseline starts, how large it is, whether it reads upwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub text: &'a str,
    pub start: Spot,
    pub size: f32,
    pub turned: bool,
}

/// What a page or a picture must be able to draw, all in canvas units.
pub(crate) trait Canvas {
    fn path(&mut self, points: &[Spot], ink: Ink, colour: BackendColor);
    fn circle(&mut self, centre: Spot, radius: f32, ink: Ink, colour: BackendColor);
    fn text(&mut self, line: Line<'_>, colour: BackendColor);
}

/// Draws what plotters asks for on a [`Canvas`].
pub(crate) struct Vector<'a, C> {
    pub canvas: &'a mut C,
    pub size: (u32, u32),
}

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

fn spot((x, y): BackendCoord) -> Spot {
    (x as f32, y as f32)
}

fn ink(fill: bool, style: &impl BackendStyle) -> Ink {
    match fill {
        true => Ink::Fill,
        false => Ink::Stroke(style.stroke_width() as f32),
    }
}

impl<C: Canvas> DrawingBackend for Vector<'_, C> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Outcome {
        let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)].map(spot);
        self.canvas.path(&corners, Ink::Fill, colour);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        match fill {
            true => self.fill_polygon(corners, style),
            false => self.draw_path(corners.into_iter().chain([(left, top)]), style),
        }
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome {
        let points: Vec<Spot> = path.into_iter().map(spot).collect();
        self.canvas.path(&points, ink(false, style), style.color());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome {
        let points: Vec<Spot> = path.into_iter().map(spot).collect();
        self.canvas.path(&points, Ink::Fill, style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Outcome {
        let radius = radius as f32;
        self.canvas.circle(spot(centre), radius, ink(fill, style), style.color());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, place: BackendCoord) -> Outcome {
        let size = style.size() / FONT_DIVISOR;
        let anchor = style.anchor();
        let back = match anchor.h_pos {
            HPos::Left => 0.0,
            HPos::Center => 0.5,
            HPos::Right => 1.0,
        } * font::width(text, size);
        let down = match anchor.v_pos {
            VPos::Top => BASELINE_EM * size,
            VPos::Center => 0.27 * size,
            VPos::Bottom => -0.27 * size,
        };
        let (x, y) = (f64::from(place.0), f64::from(place.1));
        let turned = matches!(style.transform(), FontTransform::Rotate270);
        let (x, y) = match turned {
            true => (x + down, y + back),
            false => (x - back, y + down),
        };
        let line = Line { text, start: (x as f32, y as f32), size: size as f32, turned };
        self.canvas.text(line, style.color());
        Ok(())
    }
}

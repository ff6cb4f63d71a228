//! PNG pictures.

use plotters_backend::BackendColor;
use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};
use ttf_parser::OutlineBuilder;

use crate::error::PlotError;
use crate::font;
use crate::layout::Layout;
use crate::paint::{SCALE, canvas, paint};
use crate::vector::{Canvas, Ink, Line, Spot, Vector};

/// Pixels in an inch.
const DPI: f64 = 300.0;
const INCHES_PER_METRE: f64 = 39.37;

/// Draws a layout at 300 dpi and returns the bytes of a PNG file.
pub(crate) fn png(layout: &Layout) -> Result<Vec<u8>, PlotError> {
    let pixels = |points: f64| (points * DPI / 72.0).round() as u32;
    let (width, height) = (pixels(layout.width), pixels(layout.height));
    let mut pixmap = Pixmap::new(width, height)
        .ok_or_else(|| PlotError::Draw(format!("no picture of {width} x {height} pixels")))?;
    pixmap.fill(Color::WHITE);
    let factor = (DPI / 72.0 / SCALE) as f32;
    let mut picture = Picture { pixmap, onto: Transform::from_scale(factor, factor) };
    let backend = Vector { canvas: &mut picture, size: canvas(layout) };
    paint(layout, backend)?;
    encode(&picture.pixmap).map_err(|e| PlotError::Draw(e.to_string()))
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Best);
    let per_metre = (DPI * INCHES_PER_METRE).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    // The white ground is opaque, so that premultiplied colours are plain colours.
    let rgb: Vec<u8> =
        pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    writer.write_image_data(&rgb)?;
    writer.finish()?;
    Ok(bytes)
}

struct Picture {
    pixmap: Pixmap,
    onto: Transform,
}

impl Picture {
    fn draw(&mut self, path: Option<Path>, ink: Ink, colour: BackendColor, onto: Transform) {
        let Some(path) = path else { return };
        let mut paint = Paint::default();
        let (red, green, blue) = colour.rgb;
        paint.set_color_rgba8(red, green, blue, (colour.alpha * 255.0).round() as u8);
        match ink {
            Ink::Fill => self.pixmap.fill_path(&path, &paint, FillRule::Winding, onto, None),
            Ink::Stroke(width) => {
                let stroke = Stroke { width, ..Stroke::default() };
                self.pixmap.stroke_path(&path, &paint, &stroke, onto, None);
            }
        }
    }
}

impl Canvas for Picture {
    fn path(&mut self, points: &[Spot], ink: Ink, colour: BackendColor) {
        let mut path = PathBuilder::new();
        for (place, (x, y)) in points.iter().enumerate() {
            match place {
                0 => path.move_to(*x, *y),
                _ => path.line_to(*x, *y),
            }
        }
        self.draw(path.finish(), ink, colour, self.onto);
    }

    fn circle(&mut self, (x, y): Spot, radius: f32, ink: Ink, colour: BackendColor) {
        self.draw(PathBuilder::from_circle(x, y, radius), ink, colour, self.onto);
    }

    fn text(&mut self, line: Line<'_>, colour: BackendColor) {
        let face = font::face();
        let em = f32::from(face.units_per_em());
        let size = line.size / em;
        let (x, y) = line.start;
        let from_font = match line.turned {
            true => Transform::from_row(0.0, -size, -size, 0.0, x, y),
            false => Transform::from_row(size, 0.0, 0.0, -size, x, y),
        };
        let mut pen = 0.0;
        for character in line.text.chars() {
            if let Some(glyph) = face.glyph_index(character) {
                let mut outline = Outline(PathBuilder::new());
                face.outline_glyph(glyph, &mut outline);
                let onto = self.onto.pre_concat(from_font).pre_translate(pen, 0.0);
                self.draw(outline.0.finish(), Ink::Fill, colour, onto);
            }
            pen += font::advance(character) as f32 * em;
        }
    }
}

struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

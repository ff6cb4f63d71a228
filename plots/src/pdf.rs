//! PDF pages of the figure's size, with the bundled font inside.

use miniz_oxide::deflate::compress_to_vec_zlib;
use pdf_writer::types::{CidFontType, FontFlags, LineJoinStyle, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};
use plotters_backend::BackendColor;

use crate::error::PlotError;
use crate::font;
use crate::layout::Layout;
use crate::paint::{SCALE, canvas, paint};
use crate::vector::{Canvas, Ink, Line, Spot, Vector};

const FONT: Name<'static> = Name(b"F0");
/// Six letters and a plus mark a subset.
const FONT_NAME: Name<'static> = Name(b"AIRLOO+DejaVuSans");
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
const LEVEL: u8 = 8;
/// Handle length of the Bezier curve that draws a quarter circle, over the radius.
const QUARTER: f32 = 0.552_285;

/// Draws a layout and returns the bytes of a one-page PDF file.
pub(crate) fn pdf(layout: &Layout) -> Result<Vec<u8>, PlotError> {
    let mut page = Page { content: Content::new(), alphas: Vec::new() };
    let unit = (1.0 / SCALE) as f32;
    let (width, height) = (layout.width as f32, layout.height as f32);
    page.content.transform([unit, 0.0, 0.0, -unit, 0.0, height]).set_line_join(LineJoinStyle::RoundJoin);
    let backend = Vector { canvas: &mut page, size: canvas(layout) };
    paint(layout, backend)?;
    Ok(page.file(width, height))
}

struct Page {
    content: Content,
    alphas: Vec<f64>,
}

impl Page {
    fn file(self, width: f32, height: f32) -> Vec<u8> {
        let [catalog, pages, page, content, type0, cid, descriptor, program, unicode] =
            [1, 2, 3, 4, 5, 6, 7, 8, 9].map(Ref::new);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(pages);
        pdf.pages(pages).kids([page]).count(1);
        let mut sheet = pdf.page(page);
        sheet.parent(pages).contents(content).media_box(Rect::new(0.0, 0.0, width, height));
        let mut resources = sheet.resources();
        resources.fonts().pair(FONT, type0);
        let mut states = resources.ext_g_states();
        for (place, alpha) in self.alphas.iter().enumerate() {
            let mut state = states
                .insert(Name(state_name(place).as_bytes()))
                .start::<pdf_writer::writers::ExtGraphicsState>();
            let alpha = *alpha as f32;
            state.non_stroking_alpha(alpha).stroking_alpha(alpha);
        }
        states.finish();
        resources.finish();
        sheet.finish();
        let drawn = compress_to_vec_zlib(&self.content.finish(), LEVEL);
        pdf.stream(content, &drawn).filter(Filter::FlateDecode);
        pdf.type0_font(type0)
            .base_font(FONT_NAME)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(unicode);
        add_font(&mut pdf, cid, descriptor, program);
        let map = unicode_map().finish();
        pdf.cmap(unicode, &map);
        pdf.finish()
    }

    /// Selects the graphics state with an opacity.
    fn opacity(&mut self, alpha: f64) {
        let known = self.alphas.iter().position(|a| *a == alpha);
        let place = known.unwrap_or_else(|| {
            self.alphas.push(alpha);
            self.alphas.len() - 1
        });
        self.content.set_parameters(Name(state_name(place).as_bytes()));
    }

    fn ink(&mut self, ink: Ink, colour: BackendColor) {
        let (red, green, blue) = colour.rgb;
        let [red, green, blue] = [red, green, blue].map(|c| f32::from(c) / 255.0);
        self.opacity(colour.alpha);
        match ink {
            Ink::Fill => self.content.set_fill_rgb(red, green, blue),
            Ink::Stroke(width) => self.content.set_stroke_rgb(red, green, blue).set_line_width(width),
        };
    }

    fn finish(&mut self, ink: Ink) {
        match ink {
            Ink::Fill => self.content.fill_nonzero(),
            Ink::Stroke(_) => self.content.stroke(),
        };
    }
}

impl Canvas for Page {
    fn path(&mut self, points: &[Spot], ink: Ink, colour: BackendColor) {
        self.ink(ink, colour);
        for (place, (x, y)) in points.iter().enumerate() {
            match place {
                0 => self.content.move_to(*x, *y),
                _ => self.content.line_to(*x, *y),
            };
        }
        self.finish(ink);
    }

    fn circle(&mut self, (x, y): Spot, radius: f32, ink: Ink, colour: BackendColor) {
        self.ink(ink, colour);
        self.content.move_to(x + radius, y);
        let (r, k) = (radius, QUARTER * radius);
        for [a, b, c, d, e, f] in
            [[r, k, k, r, 0.0, r], [-k, r, -r, k, -r, 0.0], [-r, -k, -k, -r, 0.0, -r], [k, -r, r, -k, r, 0.0]]
        {
            self.content.cubic_to(x + a, y + b, x + c, y + d, x + e, y + f);
        }
        self.content.close_path();
        self.finish(ink);
    }

    fn text(&mut self, line: Line<'_>, colour: BackendColor) {
        self.ink(Ink::Fill, colour);
        let (x, y) = line.start;
        let matrix = match line.turned {
            true => [0.0, -1.0, -1.0, 0.0, x, y],
            false => [1.0, 0.0, 0.0, -1.0, x, y],
        };
        let blank = font::face().glyph_index(' ').map_or(0, |glyph| glyph.0);
        let glyph = |c: char| font::face().glyph_index(c).map_or(blank, |g| g.0);
        let codes: Vec<u8> = line.text.chars().flat_map(|c| glyph(c).to_be_bytes()).collect();
        self.content
            .begin_text()
            .set_font(FONT, line.size)
            .set_text_matrix(matrix)
            .show(Str(&codes))
            .end_text();
    }
}

fn state_name(place: usize) -> String {
    format!("A{place}")
}

/// Writes the font program with its widths, in thousandths of an em as PDF wants them.
fn add_font(pdf: &mut Pdf, cid: Ref, descriptor: Ref, program: Ref) {
    let face = font::face();
    let thousandths = |units: i16| f32::from(units) * 1000.0 / f32::from(face.units_per_em());
    let widths = (0..face.number_of_glyphs()).map(|glyph| {
        let advance = face.glyph_hor_advance(ttf_parser::GlyphId(glyph));
        thousandths(advance.unwrap_or(0).cast_signed())
    });
    let mut font = pdf.cid_font(cid);
    font.subtype(CidFontType::Type2)
        .base_font(FONT_NAME)
        .system_info(IDENTITY)
        .font_descriptor(descriptor)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    font.widths().consecutive(0, widths);
    font.finish();
    let bounds = face.global_bounding_box();
    let bbox = Rect::new(
        thousandths(bounds.x_min),
        thousandths(bounds.y_min),
        thousandths(bounds.x_max),
        thousandths(bounds.y_max),
    );
    pdf.font_descriptor(descriptor)
        .name(FONT_NAME)
        .flags(FontFlags::SYMBOLIC)
        .bbox(bbox)
        .italic_angle(0.0)
        .ascent(thousandths(face.ascender()))
        .descent(thousandths(face.descender()))
        .cap_height(729.0)
        .stem_v(90.0)
        .font_file2(program);
    let packed = compress_to_vec_zlib(font::BYTES, LEVEL);
    let mut stream = pdf.stream(program, &packed);
    stream.filter(Filter::FlateDecode);
    stream.pair(Name(b"Length1"), font::BYTES.len() as i32);
}

/// Returns which character each glyph shows, so that text can be searched and copied.
fn unicode_map() -> UnicodeCmap {
    let mut map = UnicodeCmap::new(Name(b"airloop-unicode"), IDENTITY);
    let characters = (' '..='\u{22ff}').filter(|c| font::covers(*c));
    let mut seen = std::collections::BTreeMap::new();
    for character in characters {
        if let Some(glyph) = font::face().glyph_index(character) {
            seen.entry(glyph.0).or_insert(character);
        }
    }
    for (glyph, character) in seen {
        map.pair(glyph, character);
    }
    map
}

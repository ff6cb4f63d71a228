//! The bundled font: a subset of DejaVu Sans, so that every format looks the same on every machine.

use std::sync::LazyLock;

use ttf_parser::Face;

/// The font file.
pub(crate) const BYTES: &[u8] = include_bytes!("../fonts/DejaVuSans-subset.ttf");

/// The family name that figures refer to.
pub(crate) const FAMILY: &str = "DejaVu Sans";

static FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(BYTES, 0).ok());

/// Returns the parsed font.
pub(crate) fn face() -> &'static Face<'static> {
    FACE.as_ref().expect("the bundled font is read by a test, so that it parses")
}

/// Returns whether the font can draw a character.
pub(crate) fn covers(character: char) -> bool {
    face().glyph_index(character).is_some()
}

/// Returns how far a character moves the pen, in ems.
pub(crate) fn advance(character: char) -> f64 {
    let face = face();
    let glyph = face.glyph_index(character).or_else(|| face.glyph_index(' '));
    let units = glyph.and_then(|g| face.glyph_hor_advance(g)).unwrap_or(0);
    f64::from(units) / f64::from(face.units_per_em())
}

/// Returns the width of a line of text set at `size` points, in points.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// Returns a text that fits into `room` points at `size`, cut with an ellipsis where it must be.
pub(crate) fn cut(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let shorter: String = kept.iter().chain(['…'].iter()).collect();
        if width(&shorter, size) <= room {
            return shorter;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_font_has_every_promised_glyph() {
        let promised = "Az09~ÀÿαΩ⁰¹²³⁴⁵⁶⁷⁸⁹⁻−×–←→µ°±";
        assert!(promised.chars().all(covers));
        assert!(!covers('漢'));
    }

    #[test]
    fn widths_add_up_and_cut_texts_fit() {
        assert!((width("ab", 8.0) - width("a", 8.0) - width("b", 8.0)).abs() < 1e-9);
        let short = cut("truncated channel inversion", 7.0, 40.0);
        assert!(short.ends_with('…') && width(&short, 7.0) <= 40.0);
    }
}

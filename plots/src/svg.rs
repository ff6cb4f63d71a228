//! SVG files that carry their font.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plotters::prelude::SVGBackend;

use crate::error::PlotError;
use crate::font;
use crate::layout::{Layout, PT_PER_MM};
use crate::paint::{canvas, paint};

/// Draws a layout and returns an SVG document of its printed size, with the bundled font inside.
pub(crate) fn svg(layout: &Layout) -> Result<String, PlotError> {
    let mut drawn = String::new();
    let size = canvas(layout);
    paint(layout, SVGBackend::with_string(&mut drawn, size))?;
    let body = drawn
        .split_once('\n')
        .map(|(_, body)| printable(body))
        .ok_or_else(|| PlotError::Draw("the SVG backend wrote nothing".to_owned()))?;
    let mm = |points: f64| points / PT_PER_MM;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.2}mm\" height=\"{:.2}mm\" \
         viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\">\n\
         <style>@font-face{{font-family:\"{}\";src:url(data:font/ttf;base64,{}) \
         format(\"truetype\")}}text{{font-kerning:none}}</style>\n{body}",
        mm(layout.width),
        mm(layout.height),
        size.0,
        size.1,
        font::FAMILY,
        STANDARD.encode(font::BYTES),
    ))
}

/// Drops the characters that XML forbids.
fn printable(text: &str) -> String {
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(|c| allowed(c) && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect()
}

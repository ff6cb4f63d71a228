//! From a figure and a table to a file.

use std::path::{Path, PathBuf};

use crate::chart::chart;
use crate::error::PlotError;
use crate::figure::Figure;
use crate::font;
use crate::layout::Layout;
use crate::note::Note;
use crate::table::Table;
use crate::{raster, svg, tex};

#[cfg(feature = "pdf")]
const FORMATS: &str = ".svg, .png, .pdf, .tex";
#[cfg(not(feature = "pdf"))]
const FORMATS: &str = ".svg, .png, .tex (.pdf needs the feature `pdf`)";

/// Draws a figure of a table into a file, in the format that the file's extension names.
///
/// `.svg`, `.png` (300 dpi) and `.pdf` look the same; `.tex` is a pgfplots figure whose points go to a
/// `.csv` of the same stem beside it. Equal tables give equal bytes. The notes say what the figure leaves
/// out or replaces.
///
/// # Errors
/// [`PlotError::UnknownColumn`], [`PlotError::NoRows`], [`PlotError::NotANumber`] and
/// [`PlotError::MixedUnits`] when figure and table do not fit, [`PlotError::NothingToDraw`] when no point
/// is left, [`PlotError::TooSmall`] when the height leaves no room, [`PlotError::Format`] for another
/// extension, [`PlotError::Io`] when a file cannot be written.
pub fn render(figure: &Figure, table: &Table, out: &Path) -> Result<Vec<Note>, PlotError> {
    let extension = out.extension().and_then(|e| e.to_str()).unwrap_or("");
    let extension = extension.to_ascii_lowercase();
    let (chart, mut notes) = chart(figure, table)?;
    let layout = Layout::new(figure, &chart)?;
    match extension.as_str() {
        "svg" => write(out, svg::svg(&layout)?.as_bytes())?,
        "png" => write(out, &raster::png(&layout)?)?,
        #[cfg(feature = "pdf")]
        "pdf" => write(out, &crate::pdf::pdf(&layout)?)?,
        "tex" => {
            let points = out.with_extension("csv");
            let name = points.file_name().and_then(|n| n.to_str()).unwrap_or("");
            write(&points, tex::points(&chart).as_bytes())?;
            let source = tex::source(figure, &chart, &layout, name);
            write(out, source.as_bytes())?;
        }
        _ => {
            return Err(PlotError::Format { path: out.to_path_buf(), extension, known: FORMATS.to_owned() });
        }
    }
    if extension != "tex" {
        notes.extend(missing_glyphs(&layout));
    }
    Ok(notes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), PlotError> {
    std::fs::write(path, bytes).map_err(|source| PlotError::Io { path: PathBuf::from(path), source })
}

fn missing_glyphs(layout: &Layout) -> Vec<Note> {
    let legend = layout.legend.iter().flat_map(|l| &l.items);
    let texts = layout.texts.iter().map(|t| &t.text);
    let mut missing: Vec<char> = texts
        .chain(legend.map(|item| &item.entry.text))
        .flat_map(|text| text.chars())
        .filter(|c| !font::covers(*c))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    let note = |character| Note::MissingGlyph { character };
    missing.into_iter().map(note).collect()
}

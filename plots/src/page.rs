//! What figures of rows share: columns by their keys, and pages as files.

use std::path::{Path, PathBuf};

use crate::error::PlotError;
use crate::layout::Layout;
use crate::table::Table;
use crate::{raster, svg};

#[cfg(feature = "pdf")]
const FORMATS: &str = ".svg, .png, .pdf";
#[cfg(not(feature = "pdf"))]
const FORMATS: &str = ".svg, .png (.pdf needs the feature `pdf`)";

/// Writes a page in the format that the file's extension names.
pub(crate) fn write(layout: &Layout, out: &Path) -> Result<(), PlotError> {
    let extension = out.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
    let bytes = match extension.as_str() {
        "svg" => svg::svg(layout)?.into_bytes(),
        "png" => raster::png(layout)?,
        #[cfg(feature = "pdf")]
        "pdf" => crate::pdf::pdf(layout)?,
        _ => {
            return Err(PlotError::Format { path: out.to_path_buf(), extension, known: FORMATS.to_owned() });
        }
    };
    std::fs::write(out, bytes).map_err(|source| PlotError::Io { path: PathBuf::from(out), source })
}

/// Returns the place of a column that a figure of some kind names by a key.
pub(crate) fn column(table: &Table, (origin, key): (&str, &str), name: &str) -> Result<usize, PlotError> {
    table.index(name).ok_or_else(|| PlotError::UnknownColumn {
        origin: origin.to_owned(),
        key: key.to_owned(),
        column: name.to_owned(),
        nearest: crate::error::nearest_to(name, table.columns().iter().map(String::as_str)),
        known: format!("{} has {}", table.path().display(), table.columns().join(", ")),
    })
}

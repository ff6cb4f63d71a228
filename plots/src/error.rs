//! What can go wrong between a table file and a figure.

use std::path::PathBuf;

/// Why a table could not be read or a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A table file is no comma-separated table.
    #[error("{}: {message}", path.display())]
    Table {
        /// The table file.
        path: PathBuf,
        /// What is wrong, with the line where one is known.
        message: String,
    },
    /// A figure names a column that the table does not have.
    #[error("{origin}: `{key}` = \"{column}\": no such column{}; {known}", hint(.nearest))]
    UnknownColumn {
        /// The figure file, or `figure` for one made in memory.
        origin: String,
        /// The key of the figure that names the column.
        key: String,
        /// The name as given.
        column: String,
        /// The most similar column name.
        nearest: Option<String>,
        /// The table file and the names of all its columns.
        known: String,
    },
    /// A figure file has a key that no figure knows.
    #[error("{}: unknown key `{key}`{}; a figure has {known}", path.display(), hint(.nearest))]
    UnknownKey {
        /// The figure file.
        path: PathBuf,
        /// The key as given.
        key: String,
        /// The most similar known key.
        nearest: Option<String>,
        /// All known keys, comma separated.
        known: String,
    },
    /// A figure file is no TOML, or a key has a value of the wrong kind.
    #[error("{}: {message}", path.display())]
    Figure {
        /// The figure file.
        path: PathBuf,
        /// What is wrong and what would be right.
        message: String,
    },
    /// A cell that must hold a number holds something else.
    #[error("{}: line {line}, column `{column}`: \"{text}\" is not a finite number", path.display())]
    NotANumber {
        /// The table file.
        path: PathBuf,
        /// Line in the file, counted from 1.
        line: usize,
        /// The column.
        column: String,
        /// What the cell holds.
        text: String,
    },
    /// A filter of a figure leaves no row of the table.
    #[error("{origin}: `{key}` = {value}: no row left; the table has {known}")]
    NoRows {
        /// The figure file, or `figure` for one made in memory.
        origin: String,
        /// The filter.
        key: String,
        /// The value that was asked for.
        value: String,
        /// The values that the column has.
        known: String,
    },
    /// The columns along one axis have different units.
    #[error("{origin}: `y` = {columns}: columns of different units need figures of their own")]
    MixedUnits {
        /// The figure file, or `figure` for one made in memory.
        origin: String,
        /// The columns, comma separated.
        columns: String,
    },
    /// No point is left to draw.
    #[error("{origin}: no point of `{y}` against `{x}` can be drawn{}", .why.iter().map(|w| format!("; {w}")).collect::<String>())]
    NothingToDraw {
        /// The figure file, or `figure` for one made in memory.
        origin: String,
        /// The column along x.
        x: String,
        /// The columns along y.
        y: String,
        /// Why points were left out.
        why: Vec<String>,
    },
    /// Labels and legend leave no room for the plot.
    #[error(
        "{origin}: {height_mm:.0} mm of height leave no room for the plot; it needs about {needed_mm:.0} mm"
    )]
    TooSmall {
        /// The figure file, or `figure` for one made in memory.
        origin: String,
        /// The height asked for, in millimetres.
        height_mm: f64,
        /// The height that would do, in millimetres.
        needed_mm: f64,
    },
    /// The extension of the output file names no format that this build writes.
    #[error("{}: no figure format `{extension}`; use {known}", path.display())]
    Format {
        /// The output file.
        path: PathBuf,
        /// Its extension.
        extension: String,
        /// The extensions that this build writes.
        known: String,
    },
    /// A drawing backend failed.
    #[error("drawing failed: {0}")]
    Draw(String),
}

fn hint(name: &Option<String>) -> String {
    name.as_ref().map_or(String::new(), |n| format!(" (nearest: `{n}`)"))
}

/// Returns the candidate most similar to `name`, when one is similar enough to be a slip.
pub(crate) fn nearest_to<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(name, c), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c.to_owned())
}

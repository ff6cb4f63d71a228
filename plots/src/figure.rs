//! What a figure shows: which columns, which rows, how large.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How values map to places along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// In proportion to the value.
    Linear,
    /// In proportion to the logarithm, with decades as ticks.
    Log,
    /// Ten times the decimal logarithm of a linear column, in decibel.
    Db,
}

/// The width of a figure on the printed page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Width {
    /// One column of an IEEE paper, 88.9 mm.
    #[default]
    Ieee1,
    /// Both columns of an IEEE paper, 181.9 mm.
    Ieee2,
}

impl Width {
    /// Returns the width in millimetres.
    pub fn mm(self) -> f64 {
        match self {
            Self::Ieee1 => 88.9,
            Self::Ieee2 => 181.9,
        }
    }
}

/// Where the legend goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Legend {
    /// In the emptiest corner if it covers no data there, else outside.
    #[default]
    Auto,
    /// Under the plot.
    Below,
    /// Right of the plot.
    Right,
    /// Nowhere.
    None,
}

/// A figure over the columns of one table; every field may be set after [`Figure::new`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Figure {
    /// The table file or directory, where the figure file names one.
    pub table: Option<PathBuf>,
    /// The column along x.
    pub x: String,
    /// The columns along y; one or more of the same unit.
    pub y: Vec<String>,
    /// The columns that tell series apart; empty: every axis that varies, but for x.
    pub series: Vec<String>,
    /// The columns that tell the lines of a parametric plot apart; rows are then joined in table order.
    pub join: Vec<String>,
    /// Columns that tell no series apart: of rows that differ in them alone, the one with the highest y is drawn.
    pub highest_of: Vec<String>,
    /// The fidelities to draw; empty: all.
    pub fidelity: Vec<String>,
    /// Columns and the values that rows must have there.
    pub filter: BTreeMap<String, Vec<String>>,
    /// The scale along x; `None`: chosen by column and values.
    pub x_scale: Option<Scale>,
    /// The scale along y; `None`: chosen by column and values.
    pub y_scale: Option<Scale>,
    /// The title along x; `None`: made from the column's name.
    pub x_label: Option<String>,
    /// The title along y; `None`: made from the column's name.
    pub y_label: Option<String>,
    /// A line above the plot.
    pub title: Option<String>,
    /// The printed width.
    pub width: Width,
    /// The printed height in millimetres; `None`: three quarters of a column plus a legend outside.
    pub height_mm: Option<f64>,
    /// Where the legend goes.
    pub legend: Legend,
    /// Whether confidence bands are drawn where the table has `_low` and `_high` columns.
    pub bands: bool,
    /// The file that the figure was read from.
    pub origin: Option<PathBuf>,
}

impl Figure {
    /// Creates a figure of one column against another, with everything else chosen by the data.
    pub fn new(x: impl Into<String>, y: impl Into<String>) -> Self {
        Self {
            table: None,
            x: x.into(),
            y: vec![y.into()],
            series: Vec::new(),
            join: Vec::new(),
            highest_of: Vec::new(),
            fidelity: Vec::new(),
            filter: BTreeMap::new(),
            x_scale: None,
            y_scale: None,
            x_label: None,
            y_label: None,
            title: None,
            width: Width::default(),
            height_mm: None,
            legend: Legend::default(),
            bands: true,
            origin: None,
        }
    }

    /// Reads a figure file (TOML); its `table` is taken relative to the file.
    ///
    /// # Errors
    /// [`PlotError::Io`](crate::PlotError::Io) when the file cannot be read,
    /// [`PlotError::UnknownKey`](crate::PlotError::UnknownKey) for a key that no figure has,
    /// [`PlotError::Figure`](crate::PlotError::Figure) for broken TOML and for values of the wrong kind.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, crate::PlotError> {
        crate::file::read(path.as_ref())
    }

    /// Returns how messages call this figure.
    pub(crate) fn name(&self) -> String {
        match &self.origin {
            Some(path) => path.display().to_string(),
            None => "figure".to_owned(),
        }
    }
}

//! Paper figures from airloop result tables: a table file in, an SVG, PNG, PDF or pgfplots figure out.
//!
//! The crate computes nothing: it reads the columns that a [`Figure`] names, converts units for the axes
//! and draws. Theory is a line; simulated rungs are markers over it, filled for `symbol`, open and larger
//! for `waveform`, a cross for `radio`. Colour tells curves apart; dash, shade and marker shape repeat what
//! colour says, so that a grey print can be read.

mod axis;
mod chart;
mod defaults;
mod error;
mod figure;
mod file;
mod font;
mod geometry;
mod group;
mod label;
mod layout;
mod legend;
mod mapping;
mod mark;
mod names;
mod note;
mod page;
mod paint;
#[cfg(feature = "pdf")]
mod pdf;
mod planes;
mod raster;
mod render;
mod select;
mod style;
mod svg;
mod table;
mod tex;
mod vector;
mod waterfall;

pub use defaults::default_figures;
pub use error::PlotError;
pub use figure::{Figure, Legend, Scale, Width};
pub use note::Note;
pub use planes::{Planes, render_planes};
pub use render::render;
pub use table::Table;
pub use waterfall::{Waterfall, render_waterfall};

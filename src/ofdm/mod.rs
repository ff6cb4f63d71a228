//! OFDM: the numerology (which subcarriers, which prefix), the resource grid, where values lie on it, and the modem between grids and samples.

pub mod grid;
pub mod modem;
pub mod numerology;
pub mod segments;

pub use grid::ResourceGrid;
pub use modem::Modem;
pub use numerology::{Numerology, NumerologyError};
pub use segments::{Segment, Segments, SlotShape};

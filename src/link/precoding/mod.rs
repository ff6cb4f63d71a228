//! How layers go onto transmit antennas.
//!
//! `precoder` holds and applies matrices, `singular_vectors` and `water_filling` make them of a known channel, `codebook` is
//! the
//! standard's list of them and `selection` chooses from it.

mod codebook;
mod precoder;
mod selection;
mod singular_vectors;
mod water_filling;

pub use codebook::{Codebook, CodebookEntry};
pub use precoder::Precoder;
pub use selection::{Selection, select};
pub use singular_vectors::{PowerRule, SingularVectors};
pub use water_filling::water_filling;

use thiserror::Error;

/// What is wrong with a precoder, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrecodingError {
    /// A number of antennas without codebook.
    #[error("the codebook has matrices for 1, 2 and 4 transmit antennas, not for {antennas}")]
    NoCodebook {
        /// Transmit antennas.
        antennas: usize,
    },
    /// More layers than antennas at one end, or than four.
    #[error(
        "{layers} layers do not fit {transmit} transmit and {receive} receive antennas: 1 to {most} are expected"
    )]
    TooManyLayers {
        /// Layers asked for.
        layers: usize,
        /// Transmit antennas.
        transmit: usize,
        /// Receive antennas.
        receive: usize,
        /// Most layers.
        most: usize,
    },
}

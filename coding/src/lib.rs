//! Bits to constellation points and back, at the grade of 5G NR; nothing here knows channels, grids or schemes.
//!
//! ```text
//! transport block -> CRC -> code blocks -> LDPC -> rate matching -> interleaving -> scrambling -> constellation points
//! ```
//!
//! Bits are bytes of 0 or 1, most significant bit first. **Sign of a log-likelihood ratio (LLR): `ln P(bit = 0) / P(bit = 1)`;
//! positive means 0**, everywhere in airloop. (Sionna's interfaces use the opposite sign.)

pub mod block_code;
pub mod constellation;
pub mod crc;
pub mod error;
pub mod ldpc;
pub mod mcs;
pub mod rate_matching;
pub mod rates;
pub mod scrambling;
pub mod segmentation;
pub mod transport_block;
pub mod transport_block_size;

pub use constellation::{Demapping, Modulation, NoiseVariance};
pub use error::CodingError;

//! Constellations of 5G NR (3GPP TS 38.211 clause 5.1): bits to points and back.
//!
//! **Sign of a log-likelihood ratio (LLR): `ln P(bit = 0) / P(bit = 1)`; positive means 0.**
//!
//! ```text
//! received z = x + n,  n circular complex Gaussian,  noise variance v = E |n|^2 (both quadratures together)
//! order of bits and LLRs: all of symbol 0, then all of symbol 1, ..; within a symbol b(0), b(1), .. of the standard
//! ```

mod blocks;
mod demapping;
mod exact;
pub mod exponential;
mod hard;
pub(crate) mod levels;
mod mapping;
mod max_log;
mod modulation;

pub use demapping::{Demapping, LLR_LIMIT, NoiseVariance};
pub use modulation::Modulation;

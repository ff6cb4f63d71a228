//! The LDPC codes of 5G NR (3GPP TS 38.212 clause 5.3.2).

pub mod decoder;
pub mod encoder;
pub mod graph;

pub use decoder::{CheckRule, Decoded, Decoder, DecoderConfig, EarlyStop, Schedule};
pub use encoder::Encoder;
pub use graph::{BaseGraph, Circulant, Code, LiftingSize};

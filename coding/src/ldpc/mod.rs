//! The LDPC codes of 5G NR (3GPP TS 38.212 clause 5.3.2).

pub mod graph;

pub use graph::{BaseGraph, Circulant, Code, LiftingSize};

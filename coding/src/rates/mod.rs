//! What rates and error rates theory allows: uncoded errors, information, and finite blocks.
//!
//! `snr` is the linear ratio of the mean energy of a symbol to the noise variance (`Es/N0`), a symbol is one complex channel
//! use, and information is in bits a symbol.

mod capacity;
mod density;
mod finite_blocklength;
mod information;
mod root;
mod table;
mod uncoded;

pub use capacity::{
    ergodic_capacity_rayleigh, gaussian_capacity, gaussian_capacity_snr, outage_capacity_rayleigh,
    outage_probability_rayleigh,
};
pub use finite_blocklength::{NormalApproximation, snr_for_block_error_rate};
pub use information::{Information, Metric, Signal, snr_for_information};
pub use table::InformationTable;
pub use uncoded::{BitErrorRate, symbol_error_rate, symbol_error_rate_rayleigh};

//! The words all of airloop speaks: samples, units, seeds, statistics, special functions, and the transport.
//!
//! Nothing here knows OFDM, channels or schemes.

pub mod checks;
pub mod gaussian;
pub mod linear;
pub mod philox;
pub mod resampler;
pub mod samples;
pub mod seeds;
pub mod special;
pub mod statistics;
pub mod synchronisation;
pub mod transport;
pub mod units;

pub use num_complex::{Complex32, Complex64};
pub use resampler::{Positions, Resampler};
pub use samples::{Burst, Capture, SampleIndex};
pub use seeds::{Purpose, Seeds, Stream};
pub use statistics::{Accumulator, Estimate, Ratio};
pub use transport::{Port, Transport, Window};

//! Statistics of trials: streaming moments, quantiles in bounded memory, and the estimate they end in.

mod accumulator;
mod estimate;
mod histogram;
mod moments;

pub use accumulator::Accumulator;
pub use estimate::Estimate;
pub use moments::Moments;

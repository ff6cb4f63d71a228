//! Statistics of trials: streaming moments, rates, ratios, quantiles in bounded memory, and the estimate they end in.

mod accumulator;
mod estimate;
mod histogram;
mod moments;
mod rate;
mod ratio;

pub use accumulator::Accumulator;
pub use estimate::Estimate;
pub use moments::Moments;
pub use ratio::Ratio;

//! The link as a call: arrays in, what arrives and a report out, for loops that train and infer.
//!
//! [`Air`] adds the vectors of K devices; [`Link`] carries an array from one end to the other. Both go on in time from call to call.

pub mod air;
mod capacity;
pub mod clock;
pub mod link;

pub use air::{Aggregate, Air, Precision, Reception, RoundOptions};
pub use clock::Clock;
pub use link::{Delivery, Link};

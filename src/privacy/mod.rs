//! Privacy meter: the differential privacy that a receiver's own noise gave the devices of a round.
//!
//! `gaussian` accounts for the Gaussian mechanism exactly; `sufficient` is the tail-bound condition of the literature, to be
//! compared with it; `meter` turns what a receiver got, a server or an eavesdropper, into losses per round and in total.

pub mod gaussian;
pub mod meter;
pub mod sufficient;
pub mod watch;

pub use meter::{Meter, Neighbours, PrivacyError, PrivacyLoss, PrivacyRound};
pub use watch::Watch;

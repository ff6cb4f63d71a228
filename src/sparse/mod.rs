//! Sparse recovery: a shared random projection, message passing that inverts it for sparse vectors, and its theory.
//!
//! Devices keep the largest entries of their vectors ([`take_largest`]) and send fewer values than there are entries, by
//! a [`Projection`]; the receiver of the sum finds the entries by [`recover`]. [`StateEvolution`] says how well it does and
//! with which threshold, [`sparsity_limit`] when it can.

/// The pilot beside the measurements is heard from this many standard deviations of its noise on.
pub const PILOT_HEARD: f64 = 3.0;

mod amp;
mod phase_transition;
mod projection;
mod signs;
mod state_evolution;
#[cfg(test)]
mod tests;
mod top_k;

pub use amp::{AmpSettings, Ending, Recovery, recover};
pub use phase_transition::{minimax_threshold, most_nonzeros, sparsity_limit};
pub use projection::Projection;
pub use state_evolution::{Prior, StateEvolution, least_threshold};
pub use top_k::{SparseVector, take_largest};

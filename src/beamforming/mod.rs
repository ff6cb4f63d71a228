//! Beams of a server with several antennas, for one resource element at a time.
//!
//! A [`Combiner`] weighs the antennas so that devices that know nothing add up; an [`AggregationBeamformer`] finds the beams through
//! which devices that know their channels can all arrive alike with the least noise. Schemes use the beams, and theory says what is
//! left of the values behind them.
//!
//! Channels of an element lie `[device, receive antenna, device antenna]`.

mod aggregation;
mod centroid;
mod combiner;
mod misfit;
pub mod slot;

pub use aggregation::{Aggregation, AggregationBeamformer};
pub use airloop_channels::Antennas;
pub use combiner::{Combiner, CombinerDesign};
pub use slot::{ElementChannels, Seen, SlotBeams};

//! What the air does to samples: power delay profiles, fading, taps, noise, and the emulated air.
//!
//! The way of the data: a [`Profile`] (delays and mean powers) and a speed make a [`Fading`] model; a model draws
//! [`Taps`], one realised impulse response a link; taps answer as a frequency response ([`Steering`]) or as filter
//! samples ([`FilterBank`]); [`EmulatedAir`] carries bursts through the [`FrontEnd`]s of their ports and the filters of many
//! links, and adds noise; [`StreamedAir`] does so for streams that are cut anywhere.

pub mod array;
pub mod cdl;
pub mod correlation;
pub mod emulated_air;
pub mod error;
pub mod fading;
pub mod filter;
pub mod fractional_delay;
pub mod impairment;
pub mod large_scale;
pub mod marginal;
pub mod max_min_beam;
mod ports;
pub mod profile;
pub mod recorded;
pub mod response;
pub mod rotor;
pub mod streamed_air;
pub mod taps;

pub use array::{Array, ElementPattern, Orientation, Polarisation};
pub use cdl::{ClusteredConfig, ClusteredModel};
pub use correlation::{Correlation, CorrelationError, CorrelationLevel};
pub use emulated_air::{AirConfig, EmulatedAir, Link};
pub use error::ChannelError;
pub use fading::{Antennas, Fading};
pub use filter::FilterBank;
pub use fractional_delay::FractionalDelay;
pub use impairment::{FrontEnd, FrontEndConfig, Impairment, SampleClock};
pub use marginal::Marginal;
pub use max_min_beam::{max_min_beam, weakest_gain};
pub use profile::{PathKind, PathSpec, Profile, ProfileTextError};
pub use recorded::{ImpulseResponses, Recording, RecordingError, Replay};
pub use response::Steering;
pub use streamed_air::StreamedAir;
pub use taps::{Taps, TimeGrid};

/// Speed of light in vacuum, in metres a second (SI, exact).
pub const SPEED_OF_LIGHT_M_S: f64 = 299_792_458.0;

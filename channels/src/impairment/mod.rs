//! What front ends do to samples: clocks and carriers, phase noise, mixers, amplifiers, converters, gain control.
//!
//! Timing, carrier, phase and the oscillator behind both are affine in time: a [`Warp`], one resampling and one rotation. The
//! rest acts on each sample where it is: a [`Transmitter`] ahead of the clocks of a [`FrontEnd`], [`PhaseNoise`] behind them,
//! and a [`Receiver`] behind the noise of a receive port. Each part stands alone, knows the floor that it leaves on Gaussian
//! samples, and, where its error spreads over the sample rate, how much of that a grid sees ([`OccupiedBand`]).
//!
//! Signs are those of a transmitter, as heard by a receiver on the right clock and carrier: a positive timing offset
//! sends later, a positive carrier offset sends higher, a positive `ppm` is an oscillator that runs fast, so that the
//! carrier lies higher and sample `n` leaves ever earlier. A receiver with the same fault does the inverse,
//! [`FrontEnd::receiving`].

pub mod amplifier;
mod distortion;
mod front_end;
mod gain_control;
mod image;
mod offsets;
mod oscillator;
mod phase_noise;
mod power_control;
pub mod preset;
mod quantiser;
mod receiver;
mod rotation;
mod transmitter;
mod warp;

pub use amplifier::{Amplifier, AmplifierConfig, AmplifierModel, MemoryPolynomial};
pub use distortion::{Distortion, OccupiedBand};
pub use front_end::{FrontEnd, FrontEndConfig};
pub use gain_control::{GainControl, LEAST_TIME_CONSTANT_SAMPLES};
pub use image::{DcOffset, IMAGE_REJECTION_DB, IqImbalance, MAX_IMBALANCE, MAX_LEAKAGE_DBC};
pub use offsets::{CarrierOffset, MAX_TIMING_SAMPLES, PhaseOffset, TimingOffset};
pub use oscillator::{MAX_PPM, Oscillator};
pub use phase_noise::{MAX_LINEWIDTH_SHARE, MaskPoint, PhaseMask, PhaseNoise, PhaseNoiseConfig};
pub use power_control::{MAX_POWER_ERROR_DB, PowerControl};
pub use preset::Preset;
pub use quantiser::{HEADROOM_DB, MAX_BITS, Quantiser, QuantiserConfig};
pub use receiver::{Receiver, ReceiverConfig};
pub use transmitter::{Transmitter, TransmitterConfig};
pub use warp::{SampleClock, Warp};

use crate::error::ChannelError;

/// One thing that a front end does wrong: a config without state.
///
/// An impairment is a function of absolute time, so that a burst may be cut anywhere. All that are affine in time and phase
/// are a [`Warp`], and so is any chain of them: however many there are, a burst is resampled once and turned once.
pub trait Impairment {
    /// Returns the change of time and phase on a sample clock.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when a parameter is not finite or beyond its stated limit.
    fn warp(&self, clock: SampleClock) -> Result<Warp, ChannelError>;
}

//! What a device's front end does to samples: timing, carrier, phase, and the oscillator behind both.
//!
//! Signs are those of a transmitter, as heard by a receiver on the right clock and carrier: a positive timing offset
//! sends later, a positive carrier offset sends higher, a positive `ppm` is an oscillator that runs fast, so that the
//! carrier lies higher and sample `n` leaves ever earlier. A receiver with the same fault does the inverse,
//! [`FrontEnd::receiving`].

mod front_end;
mod offsets;
mod oscillator;
mod rotation;
mod warp;

pub use front_end::{FrontEnd, FrontEndConfig};
pub use offsets::{CarrierOffset, MAX_TIMING_SAMPLES, PhaseOffset, TimingOffset};
pub use oscillator::{MAX_PPM, Oscillator};
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

/// Returns the value if it is finite and at most `limit` in size.
fn within(name: &'static str, value: f64, limit: f64, expected: &'static str) -> Result<f64, ChannelError> {
    if value.abs() <= limit { Ok(value) } else { Err(ChannelError::OutOfRange { name, value, expected }) }
}

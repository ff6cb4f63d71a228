//! The one oscillator behind a device's carrier and its sample clock.

use super::{Impairment, SampleClock, Warp};
use crate::error::{ChannelError, within};

/// Largest frequency error of an oscillator, in parts per million.
pub const MAX_PPM: f64 = 500.0;

/// An oscillator that runs fast, with the carrier and the sample clock that are derived from it.
///
/// ```text
/// y(n) = x(n + e (n - origin)) exp(j 2 pi e carrier_hz t),   e = ppm 1e-6,   t = (n - origin) / sample_rate_hz
/// ```
///
/// The device's sample `n` leaves at `(n - origin) / (sample_rate_hz (1 + e))`: a tone of frequency `f` is sent at
/// `f (1 + e) + e carrier_hz`. At the origin both clocks agree. `|ppm|` is at most [`MAX_PPM`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Oscillator {
    /// Relative frequency error, in parts per million.
    pub ppm: f64,
    /// Nominal carrier, in hertz; 0 for a sample clock alone.
    pub carrier_hz: f64,
}

impl Impairment for Oscillator {
    fn warp(&self, clock: SampleClock) -> Result<Warp, ChannelError> {
        let error =
            1e-6 * within("oscillator_ppm", self.ppm, -MAX_PPM..=MAX_PPM, "within 500 ppm either way")?;
        let valid = self.carrier_hz >= 0.0 && self.carrier_hz.is_finite();
        if !valid {
            let (name, value) = ("carrier_hz", self.carrier_hz);
            return Err(ChannelError::OutOfRange { name, value, expected: "finite, 0 or more" });
        }
        Ok(Warp {
            rate_offset: error,
            turns_per_sample: error * self.carrier_hz / clock.sample_rate_hz,
            ..Warp::default()
        })
    }
}

//! Power that is set in steps, and missed.

use crate::error::ChannelError;
use airloop_baseband::Stream;
use std::f64::consts::LN_10;

/// Largest step and largest standard deviation, in decibels.
pub const MAX_POWER_ERROR_DB: f64 = 20.0;

/// A transmit power that misses what was asked for, the same for all samples of a round.
///
/// ```text
/// gain = 10^(e / 20),   e = u + n,   u uniform in -step_db/2 to step_db/2,   n Gaussian of deviation error_db
/// ```
///
/// Uniform errors are those of rounding to steps when what is asked for may lie anywhere between two of them. Valid to
/// [`MAX_POWER_ERROR_DB`] each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PowerControl {
    /// Step of the settings, in decibels.
    pub step_db: f64,
    /// Standard deviation of the error, in decibels.
    pub error_db: f64,
}

impl PowerControl {
    /// Checks the values.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a value that is negative or beyond [`MAX_POWER_ERROR_DB`].
    pub fn check(&self) -> Result<(), ChannelError> {
        for (name, value) in [("power_step_db", self.step_db), ("power_error_db", self.error_db)] {
            if !(0.0..=MAX_POWER_ERROR_DB).contains(&value) {
                return Err(ChannelError::OutOfRange { name, value, expected: "0 to 20 dB" });
            }
        }
        Ok(())
    }

    /// Draws the error of a round, in decibels.
    pub fn draw_db(&self, stream: &Stream) -> f64 {
        self.step_db * (stream.uniform(0) - 0.5) + self.error_db * stream.gaussian(0)
    }

    /// Returns the error over the signal's power.
    ///
    /// ```text
    /// E|gain - 1|^2 = M(2 c) - 2 M(c) + 1,   c = ln(10)/20,   M(s) = sinh(s step/2)/(s step/2) exp(s^2 error^2 / 2)
    /// ```
    pub fn error_vector_power(&self) -> f64 {
        // M(s) - 1 without cancellation.
        let excess = |s: f64| {
            let half = 0.5 * s * self.step_db;
            let ratio = if half.abs() < 1e-2 {
                half * half / 6.0 * (1.0 + half * half / 20.0)
            } else {
                half.sinh() / half - 1.0
            };
            let normal = (0.5 * (s * self.error_db).powi(2)).exp_m1();
            ratio + normal + ratio * normal
        };
        let c = LN_10 / 20.0;
        excess(2.0 * c) - 2.0 * excess(c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_are_those_of_small_and_of_large_errors() {
        let db = |control: PowerControl| 10.0 * control.error_vector_power().log10();
        let step = |step_db| PowerControl { step_db, error_db: 0.0 };
        let error = |error_db| PowerControl { step_db: 0.0, error_db };
        // c^2 step^2 / 12 for small steps: -41.6 dB for a quarter of a decibel, -29.6 dB for one.
        assert!((db(step(0.25)) + 41.61).abs() < 0.02 && (db(step(1.0)) + 29.57).abs() < 0.03);
        assert!((db(error(1.0)) + 18.7).abs() < 0.05 && (db(error(3.0)) + 8.3).abs() < 0.1);
        assert_eq!(PowerControl::default().error_vector_power(), 0.0);
        assert!(step(-0.1).check().is_err() && error(21.0).check().is_err() && error(3.0).check().is_ok());
    }
}

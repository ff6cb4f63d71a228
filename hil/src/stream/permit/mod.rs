//! What a radio may send: nothing unless someone who knows the law and the hardware says so.

mod duty;
mod error;

pub use duty::{DUTY_WINDOW_S, Duty};
pub use error::PermitError;

use crate::radio::{Span, Tuning};
use airloop_baseband::Complex32;

/// A permit to transmit with one device, within limits.
#[derive(Clone, Debug, PartialEq)]
pub struct TransmitPermit {
    /// Which device: a serial, or `key=value` pairs separated by commas, all of which must be the device's.
    pub device: String,
    /// Bands, in hertz; centre minus and plus half the sample rate lie within one of them.
    pub bands_hz: Vec<Span>,
    /// Largest gain, in decibels as the driver counts them.
    pub most_gain_db: f64,
    /// Largest magnitude of a sample's real or imaginary part, of a full scale of 1.
    pub most_level: f32,
    /// Largest share of time in which samples are sent, over any [`DUTY_WINDOW_S`] seconds.
    pub most_duty: f64,
}

impl TransmitPermit {
    /// Checks that the permit itself makes sense.
    ///
    /// # Errors
    /// [`PermitError::Permit`] when it names no device, no band, or a limit out of range.
    pub fn check(&self) -> Result<(), PermitError> {
        let wrong = |reason| Err(PermitError::Permit { reason });
        if self.device.trim().is_empty() {
            return wrong("names no device: give its serial, or key=value pairs");
        }
        let orders = |span: &Span| span.least.is_finite() && span.most.is_finite() && span.least < span.most;
        if self.bands_hz.is_empty() || !self.bands_hz.iter().all(orders) {
            return wrong("needs bands_hz, each from its lower to its upper edge");
        }
        if !self.most_gain_db.is_finite() {
            return wrong("needs most_gain_db, a number");
        }
        if !(self.most_level > 0.0 && self.most_level <= 1.0) {
            return wrong("needs a most_level above 0 and up to 1");
        }
        if !(self.most_duty > 0.0 && self.most_duty <= 1.0) {
            return wrong("needs a most_duty above 0 and up to 1");
        }
        Ok(())
    }

    /// Checks that the permit is for a device of which this is known, key by key.
    ///
    /// # Errors
    /// [`PermitError::OtherDevice`] when a pair of the permit is not among them.
    pub fn check_device(&self, known: &[(String, String)]) -> Result<(), PermitError> {
        let holds = |key: &str, value: &str| known.iter().any(|(k, v)| k == key && v == value);
        let is_it = |part: &str| match part.split_once('=') {
            Some((key, value)) => holds(key.trim(), value.trim()),
            None => holds("serial", part.trim()),
        };
        if self.device.split(',').filter(|part| !part.trim().is_empty()).all(is_it) {
            return Ok(());
        }
        let words: Vec<String> = known.iter().map(|(key, value)| format!("{key}={value}")).collect();
        Err(PermitError::OtherDevice { named: self.device.clone(), found: words.join(", ") })
    }

    /// Checks how a channel is or is to be set.
    ///
    /// # Errors
    /// [`PermitError::Band`] and [`PermitError::Gain`].
    pub fn check_tuning(&self, tuning: &Tuning) -> Result<(), PermitError> {
        let half = tuning.sample_rate_hz / 2.0;
        let band = Span { least: tuning.centre_hz - half, most: tuning.centre_hz + half };
        if !self.bands_hz.iter().any(|allowed| allowed.holds(band.least) && allowed.holds(band.most)) {
            return Err(PermitError::Band { band, allowed: self.bands_hz.clone() });
        }
        if tuning.gain_db <= self.most_gain_db {
            return Ok(());
        }
        Err(PermitError::Gain { gain_db: tuning.gain_db, most_gain_db: self.most_gain_db })
    }

    /// Checks the samples of a burst.
    ///
    /// # Errors
    /// [`PermitError::Level`], for a sample that is no number too.
    pub fn check_level(&self, samples: &[Complex32]) -> Result<(), PermitError> {
        let quiet = |x: &Complex32| x.re.abs() <= self.most_level && x.im.abs() <= self.most_level;
        let Some(place) = samples.iter().position(|x| !quiet(x)) else { return Ok(()) };
        let Complex32 { re, im } = samples[place];
        let level = if re.is_nan() || re.abs() > im.abs() { re.abs() } else { im.abs() };
        Err(PermitError::Level { level, sample: place, most_level: self.most_level })
    }
}

#[cfg(test)]
mod tests;

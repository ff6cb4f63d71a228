//! Misaligned over-the-air computation: single-carrier symbols that arrive at fractions of a symbol, and the receivers of
//! their sum.
//!
//! ```text
//! r(t) = sum_k h_k sum_l s_k[l] rect(t - l - t_k) + z(t),   0 <= t_k < 1,   rect(t) = 1 for 0 <= t < 1
//! y_i[l] = sum_{t_m <= start_i} h_m s_m[l] + sum_{t_m > start_i} h_m s_m[l-1] + CN(0, N0 / d_i)
//! ```
//!
//! Time is in symbols. An [`IntervalBank`] integrates over the intervals between symbol boundaries, `d_i` long; a
//! [`FrameReceiver`] turns what it gives into the sum over devices; [`mean_square_error`] is its exact error; a
//! [`MisalignedRound`] sends a payload frame by frame, straight on intervals ([`SymbolAir`]) or as samples over a transport
//! ([`WaveformAir`]).
//!
//! A frame is `L` symbols of every device. Nothing is sent before and after, which the receivers use: the partial symbols
//! before the first boundary and in the tail, the part of symbol time `L` that late devices still fill, belong to it. So a
//! frame takes `L + 1` symbol times, or `L` when no device is late, and gives `K L + K - 1` samples that hold symbols when
//! all delays differ and the first is 0.
//!
//! Source: Shao, Gunduz, Liew, "Federated Edge Learning With Misaligned Over-the-Air Computation", IEEE TWC 21(6), 2022.

mod air;
mod banded;
mod bank;
mod chain;
mod covariance;
mod error;
mod mean_square_error;
mod plan;
mod receiver;
mod round;
mod sampling;
mod symbol_air;
#[cfg(test)]
mod tests;
mod waveform_air;

pub use air::{FrameAir, FrameBlock};
pub use bank::{Interval, IntervalBank, SAME_DELAY};
pub use covariance::DeviceCovariance;
pub use error::MisalignedError;
pub use mean_square_error::{mean_square_error, symbol_errors};
pub use plan::{AlignedLink, FrameReceivers, MisalignedPlan};
pub use receiver::{FrameReceiver, Receiver};
pub use round::MisalignedRound;
pub use sampling::SampleGrid;
pub use symbol_air::{IntervalNoise, SymbolAir};
pub use waveform_air::WaveformAir;

use airloop_baseband::Complex64;
use std::sync::Arc;

/// What a receiver of misaligned frames, and its error, depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Arrival of each device's symbols, in symbols, at least 0 and below 1; in any order.
    pub delays_symbols: Vec<f64>,
    /// Complex gain at which each device's unit-power symbols arrive; 1 when aligned.
    pub gains: Vec<Complex64>,
    /// Second moments of the devices' symbols.
    pub covariance: Arc<DeviceCovariance>,
    /// Variance N0 of the noise integrated over one symbol, at a gain of 1 per device.
    pub noise_power: f64,
    /// Symbols of a frame, `L`.
    pub symbols: usize,
}

impl Setting {
    /// Returns the bank of the setting's delays after looking at every value.
    ///
    /// # Errors
    /// When a value is out of range, or the lists differ in length.
    pub fn bank(&self) -> Result<IntervalBank, MisalignedError> {
        let bank = IntervalBank::new(&self.delays_symbols)?;
        let devices = self.delays_symbols.len();
        for (name, found) in [("gains", self.gains.len()), ("covariance", self.covariance.devices())] {
            if found != devices {
                return Err(MisalignedError::Lengths { name, found, devices });
            }
        }
        for (device, gain) in self.gains.iter().enumerate() {
            if !(gain.norm_sqr() > 0.0 && gain.norm_sqr().is_finite()) {
                return Err(MisalignedError::Gain { device, value: gain.norm() });
            }
        }
        if !(self.noise_power >= 0.0 && self.noise_power.is_finite()) {
            return Err(MisalignedError::NoisePower { value: self.noise_power });
        }
        if self.symbols == 0 {
            return Err(MisalignedError::NoSymbols);
        }
        Ok(bank)
    }
}

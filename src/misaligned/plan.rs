//! What a misaligned round is made of, and what it will cost by formula.

use super::{
    DeviceCovariance, FrameReceiver, IntervalBank, MisalignedError, Receiver, Setting, mean_square_error,
};
use crate::payload::Payload;
use crate::scheme::LinkBudget;
use airloop_baseband::{Complex32, Complex64};
use std::sync::Arc;

/// What a misaligned round is made of.
///
/// Reals ride two by two on symbols `x = (u1 + j u2)/sqrt 2`; the payload is cut into frames of `symbols_per_frame`, each
/// with its own edges, the last one as short as what is left.
#[derive(Clone, Debug)]
pub struct MisalignedPlan {
    /// The payload.
    pub payload: Arc<Payload>,
    /// Second moments of the payload, as [`DeviceCovariance::of_gram`] finds them.
    pub covariance: Arc<DeviceCovariance>,
    /// The power budget; its noise power is that of one symbol, N0.
    pub budget: LinkBudget,
    /// Arrival of each device's symbols, in symbols, at least 0 and below 1; in any order.
    pub delays_symbols: Vec<f64>,
    /// Phase that is left of each device's channel after correction, in radians; known to joint receivers.
    pub phases_rad: Vec<f64>,
    /// How the sum is read off.
    pub receiver: Receiver,
    /// Symbols of a frame, `L`.
    pub symbols_per_frame: usize,
    /// Samples of a symbol at the waveform rung; delays are to be multiples of its inverse there.
    pub oversampling: usize,
}

/// Full inversion of one flat channel a device, up to the phases that are left.
///
/// ```text
/// amplitude = sqrt(min_k P_k |h_k|^2),   b_k = amplitude exp(j phase_k) / h_k
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AlignedLink {
    /// Channel gain of each device.
    pub gains: Vec<Complex32>,
    /// Precoder of each device.
    pub precoders: Vec<Complex32>,
    /// Amplitude at which unit-power symbols arrive.
    pub amplitude: f64,
}

/// Receivers of a round's frames, shared by trials of equal gains.
#[derive(Clone, Debug)]
pub struct FrameReceivers {
    /// Receiver of whole frames; `None` when the payload is shorter than one.
    pub whole: Option<FrameReceiver>,
    /// Receiver of the last frame, when it is shorter.
    pub rest: Option<FrameReceiver>,
}

impl MisalignedPlan {
    /// Returns the number of symbols that the payload takes.
    pub fn symbols(&self) -> usize {
        self.payload.length().div_ceil(2)
    }

    /// Returns the interval bank of the plan's delays.
    ///
    /// # Errors
    /// When a delay is out of range.
    pub fn bank(&self) -> Result<IntervalBank, MisalignedError> {
        IntervalBank::new(&self.delays_symbols)
    }

    /// Returns the number of symbol times that all frames take, edges included.
    ///
    /// # Errors
    /// When a delay is out of range, or a frame has no symbols.
    pub fn symbol_times(&self) -> Result<u64, MisalignedError> {
        let bank = self.bank()?;
        let (frames, rest) = self.frames()?;
        let rest = if rest > 0 { bank.symbol_times(rest) } else { 0 };
        Ok((frames * bank.symbol_times(self.symbols_per_frame) + rest) as u64)
    }

    /// Returns the number of whole frames, and the symbols of the last, shorter one.
    ///
    /// # Errors
    /// When a frame has no symbols.
    pub fn frames(&self) -> Result<(usize, usize), MisalignedError> {
        if self.symbols_per_frame == 0 {
            return Err(MisalignedError::NoSymbols);
        }
        Ok((self.symbols() / self.symbols_per_frame, self.symbols() % self.symbols_per_frame))
    }

    /// Inverts channels: one flat gain a device.
    ///
    /// # Errors
    /// When a gain is zero or not finite, a budget or phase is none, or a list has another length.
    pub fn align(&self, gains: &[Complex32]) -> Result<AlignedLink, MisalignedError> {
        let devices = self.payload.devices();
        let lists = [
            ("gains", gains.len()),
            ("delays_symbols", self.delays_symbols.len()),
            ("phases_rad", self.phases_rad.len()),
            ("budget.power", self.budget.power.len()),
            ("covariance", self.covariance.devices()),
        ];
        for (name, found) in lists {
            if found != devices {
                return Err(MisalignedError::Lengths { name, found, devices });
            }
        }
        let mut least = f64::INFINITY;
        for (device, (h, power)) in gains.iter().zip(&self.budget.power).enumerate() {
            let gain = f64::from(h.re).powi(2) + f64::from(h.im).powi(2);
            if !(gain > 0.0 && gain.is_finite()) {
                return Err(MisalignedError::Gain { device, value: gain.sqrt() });
            }
            if !(*power > 0.0 && power.is_finite()) {
                return Err(MisalignedError::Power { device, value: *power });
            }
            if !self.phases_rad[device].is_finite() {
                return Err(MisalignedError::Phase { device, value: self.phases_rad[device] });
            }
            least = least.min(power * gain);
        }
        let amplitude = least.sqrt();
        let precoder = |(h, phase): (&Complex32, &f64)| {
            let b =
                Complex64::from_polar(amplitude, *phase) / Complex64::new(f64::from(h.re), f64::from(h.im));
            Complex32::new(b.re as f32, b.im as f32)
        };
        let precoders = gains.iter().zip(&self.phases_rad).map(precoder).collect();
        Ok(AlignedLink { gains: gains.to_vec(), precoders, amplitude })
    }

    /// Returns what the receivers of frames of `symbols` depend on.
    pub fn setting(&self, link: &AlignedLink, symbols: usize) -> Setting {
        Setting {
            delays_symbols: self.delays_symbols.clone(),
            gains: self.phases_rad.iter().map(|phase| Complex64::from_polar(1.0, *phase)).collect(),
            covariance: Arc::clone(&self.covariance),
            noise_power: self.budget.noise_power / (link.amplitude * link.amplitude),
            symbols,
        }
    }

    /// Makes the receivers of a round ready.
    ///
    /// # Errors
    /// When the plan is wrong, or a joint receiver too large or too ill conditioned.
    pub fn receivers(&self, link: &AlignedLink) -> Result<FrameReceivers, MisalignedError> {
        let (frames, rest) = self.frames()?;
        let receiver = |wanted: bool, symbols: usize| {
            wanted.then(|| FrameReceiver::new(&self.setting(link, symbols), self.receiver)).transpose()
        };
        Ok(FrameReceivers {
            whole: receiver(frames > 0, self.symbols_per_frame)?,
            rest: receiver(rest > 0, rest)?,
        })
    }

    /// Returns the exact mean square error of the sum in unit-power units, given the channels: averaged over all symbols.
    ///
    /// A payload of odd length leaves half of its last symbol empty, which the formula takes as full.
    ///
    /// # Errors
    /// When the plan is wrong, or a joint receiver too large or too ill conditioned.
    pub fn mean_square_error(&self, link: &AlignedLink) -> Result<f64, MisalignedError> {
        let (frames, rest) = self.frames()?;
        let mut sum = 0.0;
        for (symbols, count) in [(self.symbols_per_frame, frames), (rest, usize::from(rest > 0))] {
            if count > 0 {
                let error = mean_square_error(&self.setting(link, symbols), self.receiver)?;
                sum += error * (symbols * count) as f64;
            }
        }
        Ok(sum / self.symbols() as f64)
    }
}

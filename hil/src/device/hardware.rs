//! What a radio's own hardware does to samples, and what is true of it.

use airloop_baseband::{Resampler, SampleIndex};
use airloop_channels::impairment::{PhaseNoise, Receiver, SampleClock, Transmitter};
use airloop_channels::{ChannelError, FrontEnd, FrontEndConfig};
use std::sync::Arc;

/// What a radio's own hardware does to samples; the default is nothing.
///
/// ```text
/// host -> transmitter -> gain -> own rate to the air's -> mixer -> clocks of the front end -> air
/// air -> clocks undone, phase noise -> mixer -> the air's rate to its own -> gain -> receiver -> host
/// ```
///
/// One oscillator drives carrier and sample clock of both directions, so that a radio hears itself undistorted.
#[derive(Clone, Debug, Default)]
pub struct Hardware {
    /// What the clocks do; of the front end, phase noise aside, nothing else is true.
    pub clocks: FrontEndConfig,
    /// Its clocks, carrier and phase at the air's rate, as those of a transmitter; none are right ones.
    pub front_end: Option<FrontEnd>,
    /// Its chain from numbers to the antenna at its own rate; its amplifier has no memory.
    pub transmitter: Transmitter,
    /// By how much it sends more than it is set to, in decibels; the transmitter does it.
    pub power_error_db: f64,
    /// How the oscillator's phase wanders where it receives, at the air's rate.
    pub receive_noise: Option<PhaseNoise>,
    /// Its chains from the antenna to numbers at its own rate, by channel that receives; none are perfect ones.
    pub receivers: Vec<Receiver>,
}

impl Hardware {
    /// Makes hardware that is perfect but for its clocks.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a value beyond the limits of its impairment.
    pub fn of_clocks(
        clocks: FrontEndConfig,
        clock: SampleClock,
        resampler: Arc<Resampler>,
    ) -> Result<Self, ChannelError> {
        let front_end = Some(FrontEnd::new(&clocks, clock, resampler)?).filter(|front| !front.is_identity());
        Ok(Self { clocks, front_end, ..Self::default() })
    }

    /// Returns what a receiver does with the same clocks: it undoes them.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when the inverse is beyond a limit that the front end just keeps.
    pub fn receiving(&self) -> Result<Option<FrontEnd>, ChannelError> {
        let Some(front_end) = &self.front_end else { return Ok(None) };
        let undone = front_end.receiving()?;
        Ok(Some(match &self.receive_noise {
            Some(noise) => undone.with_phase_noise(noise.clone()),
            None => undone,
        }))
    }
}

/// What is true of a radio, for those who want to know how well it was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Frequency error of the oscillator behind carriers and sample clocks, in parts per million.
    pub oscillator_ppm: f64,
    /// Carrier offset on top of the oscillator's, in hertz.
    pub cfo_hz: f64,
    /// Delay of what is sent, by the radio's own clock, in seconds.
    pub timing_offset_s: f64,
    /// Phase of the oscillator at the origin of the clock, in radians.
    pub phase_rad: f64,
    /// By how much it sends more than it is set to, in decibels.
    pub power_error_db: f64,
    /// What is true of what it sends.
    pub transmit: SideTruth,
    /// What is true of what it receives.
    pub receive: SideTruth,
}

/// What is true of a direction of a radio.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SideTruth {
    /// Index of the air, by the radio's clock, at which its own index 0 lies; `None` while a count has not begun.
    pub origin: Option<SampleIndex>,
    /// Phase that the last change of its centre frequency left, on top of the oscillator's, in radians.
    pub phase_rad: f64,
    /// Centre frequency by a right clock less the one that is set, in hertz.
    pub carrier_offset_hz: f64,
    /// Amplitude in the air over that of numbers, errors of the power aside; or of numbers over that in the air.
    pub amplitude: f64,
}

//! Constant offsets of timing, carrier and phase.

use super::{Impairment, SampleClock, Warp};
use crate::error::{ChannelError, within};
use std::f64::consts::TAU;

/// Largest timing offset, in samples, early or late.
pub const MAX_TIMING_SAMPLES: f64 = 1_048_576.0;

/// A transmission that begins late, by the device's own count of time.
///
/// ```text
/// y(n) = x(n - offset_s sample_rate_hz)
/// ```
///
/// Negative offsets send early, down to [`MAX_TIMING_SAMPLES`]; the receiver must open its window that much earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimingOffset {
    /// Delay, in seconds.
    pub offset_s: f64,
}

/// A carrier that lies too high.
///
/// ```text
/// y(n) = x(n) exp(j 2 pi cfo_hz t),   t = (n - origin) / sample_rate_hz
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CarrierOffset {
    /// Offset, in hertz, at most half the sample rate.
    pub cfo_hz: f64,
}

/// A carrier whose phase is ahead.
///
/// ```text
/// y(n) = x(n) exp(j phase_rad)
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PhaseOffset {
    /// Phase, in radians.
    pub phase_rad: f64,
}

impl Impairment for TimingOffset {
    fn warp(&self, clock: SampleClock) -> Result<Warp, ChannelError> {
        let limit = MAX_TIMING_SAMPLES / clock.sample_rate_hz;
        let expected = "within 1048576 samples either way";
        let offset_s = within("timing_offset_s", self.offset_s, -limit..=limit, expected)?;
        Ok(Warp { offset_samples: -offset_s * clock.sample_rate_hz, ..Warp::default() })
    }
}

impl Impairment for CarrierOffset {
    fn warp(&self, clock: SampleClock) -> Result<Warp, ChannelError> {
        let limit = 0.5 * clock.sample_rate_hz;
        let cfo_hz = within("cfo_hz", self.cfo_hz, -limit..=limit, "within half the sample rate either way")?;
        Ok(Warp { turns_per_sample: cfo_hz / clock.sample_rate_hz, ..Warp::default() })
    }
}

impl Impairment for PhaseOffset {
    fn warp(&self, _: SampleClock) -> Result<Warp, ChannelError> {
        let phase_rad = within("phase_rad", self.phase_rad, f64::MIN..=f64::MAX, "a finite angle")?;
        Ok(Warp { phase_turns: (phase_rad / TAU).fract(), ..Warp::default() })
    }
}

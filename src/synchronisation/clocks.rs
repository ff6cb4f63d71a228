//! The clocks by which the devices of a round send: raw, or corrected by what the beacon told.

use super::beacon::Heard;
use super::{CommonPart, SyncConfig};
use airloop_baseband::Resampler;
use airloop_channels::ChannelError;
use airloop_channels::impairment::{
    CarrierOffset, FrontEnd, FrontEndConfig, Impairment, MAX_PPM, Oscillator, SampleClock, TimingOffset, Warp,
};
use std::sync::Arc;

/// What the clocks of devices got wrong, summed over devices and rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockTally {
    /// Times that a device listened for a beacon.
    pub listened: u64,
    /// Times that it found one.
    pub detected: u64,
    /// Times that a device sent by a clock that may be wrong.
    pub sent: u64,
    /// Sum of squared timing errors of these at the start of the round, in s^2.
    pub timing_s2: f64,
    /// Sum of squared carrier errors of these, in Hz^2.
    pub cfo_hz2: f64,
}

impl ClockTally {
    /// Adds the sums of another round.
    pub fn add(&mut self, other: &Self) {
        self.listened += other.listened;
        self.detected += other.detected;
        self.sent += other.sent;
        self.timing_s2 += other.timing_s2;
        self.cfo_hz2 += other.cfo_hz2;
    }

    /// Returns the share of beacons that were found.
    pub fn detected_share(&self) -> Option<f64> {
        (self.listened > 0).then(|| self.detected as f64 / self.listened as f64)
    }

    /// Returns the root mean square of timing and carrier errors, in seconds and hertz.
    pub fn rms(&self) -> Option<(f64, f64)> {
        let count = self.sent as f64;
        (self.sent > 0).then(|| ((self.timing_s2 / count).sqrt(), (self.cfo_hz2 / count).sqrt()))
    }
}

/// The clocks of one round.
#[derive(Default)]
pub struct RoundClocks {
    /// Front ends that get something wrong, with their devices.
    pub front_ends: Vec<(usize, FrontEnd)>,
    /// Devices that heard no beacon and so keep silent; empty if all send.
    pub silent: Vec<bool>,
    /// What is left.
    pub tally: ClockTally,
    /// The receiver's own correction.
    pub common: Option<CommonPart>,
}

impl RoundClocks {
    /// Returns whether a device keeps silent.
    pub fn is_silent(&self, device: usize) -> bool {
        self.silent.get(device).copied().unwrap_or(false)
    }

    /// Lets a device send by a front end.
    pub fn send(&mut self, device: usize, front_end: FrontEnd, sample_rate_hz: f64) {
        let warp = front_end.warp();
        self.tally.sent += 1;
        self.tally.timing_s2 += (warp.offset_samples / sample_rate_hz).powi(2);
        self.tally.cfo_hz2 += (warp.turns_per_sample * sample_rate_hz).powi(2);
        self.front_ends.push((device, front_end));
    }
}

/// A change of time and phase as an impairment.
pub(crate) struct Fixed(pub Warp);

impl Impairment for Fixed {
    fn warp(&self, _: SampleClock) -> Result<Warp, ChannelError> {
        Ok(self.0)
    }
}

/// Returns a front end after a device has corrected it by what it heard; `own` is what its channel alone would have told.
///
/// ```text
/// timing_hat = -(late - own late)/fs,   cfo_hat = -(cfo - own cfo),   with one oscillator e_hat = cfo_hat/(carrier - cfo_hat)
/// samples -> inverse of (timing_hat, e_hat or cfo_hat) -> raw front end
/// ```
///
/// `raw` is the transmitting front end on the round's clock, `round_samples` the length of the round. The phase at the start of
/// the round stays as it was: it is as well known as the channel.
///
/// # Errors
/// When what is left is beyond what a front end can do.
pub fn corrected(
    raw: (&FrontEnd, &FrontEndConfig),
    (heard, own): (Heard, Heard),
    (config, round_samples): (&SyncConfig, usize),
    (clock, resampler): (SampleClock, &Arc<Resampler>),
) -> Result<FrontEnd, ChannelError> {
    let cfo_hz = own.cfo_hz - heard.cfo_hz;
    let timing = TimingOffset { offset_s: (own.late_samples - heard.late_samples) / clock.sample_rate_hz };
    let carrier_hz = raw.1.carrier_hz;
    let carrier = if config.corrects_clock {
        let ppm = (1e6 * cfo_hz / (carrier_hz - cfo_hz)).clamp(-MAX_PPM, MAX_PPM);
        Oscillator { ppm, carrier_hz }.warp(clock)?
    } else {
        CarrierOffset { cfo_hz }.warp(clock)?
    };
    let estimate = timing.warp(clock)?.then(carrier);
    let mut left = estimate.inverse().then(raw.0.warp());
    left.offset_samples = left.offset_samples.min(config.most_early_samples());
    if config.corrects_clock {
        left.rate_offset = left.rate_offset.min(config.most_fast(round_samples));
    }
    FrontEnd::chain(&[&Fixed(left)], clock, Arc::clone(resampler))
}

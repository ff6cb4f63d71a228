//! What a synchronising preamble leaves of the devices' clocks.

use super::{Given, PlanInput};
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::synchronisation::SyncConfig;
use airloop_baseband::synchronisation::{CarrierOffset, SynchronisationBounds};
use airloop_baseband::units::db_from_power;

/// The beacon of an experiment: what devices that hear it still get wrong.
///
/// ```text
/// rms = sqrt [J^-1]_aa,   J_ab = 2 SNR Re <u_a, u_b>  of delay and carrier offset
/// ```
///
/// The Cramer-Rao bounds of `airloop_baseband::synchronisation::bounds`. Over a flat fading channel the variance is averaged
/// over the devices that send, `E[1/g; g >= threshold]/P(g >= threshold)` times that at the mean SNR; over others it is taken at
/// the mean SNR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beacon {
    /// Mean SNR of a subcarrier of the beacon at a device.
    pub snr_db: f64,
    /// SNR of a sample, linear, less what fading takes.
    pub sample_snr: f64,
    /// Rms of the time that is left where carriers are right.
    pub timing_rms_s: f64,
    /// Rms of the time that is left where carriers are estimated too.
    pub joint_timing_rms_s: f64,
    /// Rms of the carrier offset that is left.
    pub cfo_rms_hz: f64,
    /// Largest carrier offset that it can tell.
    pub cfo_range_hz: f64,
}

impl Beacon {
    /// Returns the beacon of an experiment, if it has one; devices below `threshold` are silent.
    pub fn of(experiment: &Experiment, threshold: f64) -> Option<Self> {
        let sync = experiment.sync.as_deref()?;
        let rate_hz = experiment.numerology.sample_rate_hz();
        let bounds = SynchronisationBounds::new(&sync.preamble, rate_hz);
        let marginal = experiment.channel.marginal();
        let flat = matches!(&experiment.channel, ChannelModel::Taps { fading, .. } if fading.profile().max_delay_s() == 0.0);
        let fading = match flat && !marginal.is_constant() {
            true => marginal.truncated_inverse(threshold) / marginal.active_share(threshold),
            false => 1.0,
        };
        let snr = sync.used_share / sync.noise_power / fading;
        let unknown = SyncConfig { carrier: CarrierOffset::Unknown, ..sync.clone() };
        Some(Self {
            snr_db: -db_from_power(sync.noise_power),
            sample_snr: snr,
            timing_rms_s: bounds.timing_variance_s2(snr).sqrt(),
            joint_timing_rms_s: bounds.joint_timing_variance_s2(snr).sqrt(),
            cfo_rms_hz: bounds.joint_cfo_variance_hz2(snr).sqrt(),
            cfo_range_hz: unknown.cfo_range_hz(rate_hz),
        })
    }
}

/// The clocks by which devices send.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clocks {
    /// Rms of the carrier offsets.
    pub carrier_rms_hz: Option<f64>,
    /// Rms of the sample clocks' errors.
    pub clock_ppm: Option<f64>,
    /// Rms of the time offsets when the beacon ends.
    pub timing_rms_s: Option<f64>,
    /// Whether a beacon tells the carrier offsets, or could if they were smaller.
    pub told: bool,
    /// Whether raw offsets are more than the beacon can tell.
    pub beyond: bool,
}

impl Clocks {
    /// Returns the clocks of an input: raw, or what its beacon leaves of them.
    ///
    /// One oscillator drives carrier and sample clock, so that a device corrects its clock by the carrier's estimate; an
    /// offset beside the oscillator's is then taken for the oscillator's.
    pub fn of(input: &PlanInput) -> Self {
        let Given { oscillator_ppm, cfo_hz, timing_rms_s, .. } = input.given;
        let raw_hz = input.given.carrier_rms_hz(input.carrier_hz);
        let raw = Self {
            carrier_rms_hz: raw_hz,
            clock_ppm: oscillator_ppm,
            timing_rms_s,
            told: false,
            beyond: false,
        };
        let Some(beacon) = &input.beacon else { return raw };
        let Some(offset_hz) = raw_hz.filter(|hz| *hz > 0.0) else {
            return Self { timing_rms_s: Some(beacon.timing_rms_s), told: true, ..raw };
        };
        if offset_hz > beacon.cfo_range_hz {
            return Self { told: true, beyond: true, ..raw };
        }
        let clock_hz = beacon.cfo_rms_hz.hypot(cfo_hz.unwrap_or(0.0));
        Self {
            carrier_rms_hz: Some(beacon.cfo_rms_hz),
            clock_ppm: oscillator_ppm
                .map(|ppm| if ppm > 0.0 { 1e6 * clock_hz / input.carrier_hz } else { 0.0 }),
            timing_rms_s: Some(beacon.joint_timing_rms_s),
            told: true,
            beyond: false,
        }
    }
}

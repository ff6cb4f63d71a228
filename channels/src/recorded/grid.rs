//! One grid of delays for all devices: paths at any delay as taps a sample apart.

use super::error::RecordingError;
use super::responses::ImpulseResponses;
use crate::fractional_delay::FractionalDelay;

/// How recorded gains are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// Each device to unit mean power: an SNR holds for each of them.
    Device,
    /// All devices by one factor, to unit mean power over all: devices near and far stay so.
    All,
    /// Not at all: gains as they were recorded.
    None,
}

/// What delays count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// From where they were recorded.
    Recorded,
    /// From each device's first path in each drop, as if devices sent early by their times of flight.
    Device,
    /// From the first path of all devices in a drop.
    All,
}

/// The grid onto which recorded channels are brought.
#[derive(Clone, Copy, Debug)]
pub struct GridConfig<'a> {
    /// Sample rate, in hertz: taps lie one sample apart.
    pub sample_rate_hz: f64,
    /// Share of the sampled band that signals occupy, both sides of the carrier.
    pub occupied_share: f64,
    /// Accuracy of fractional delays over that band that is aimed at, in decibels.
    pub accuracy_db: f64,
    /// Frequencies over which powers are averaged, in hertz from the carrier.
    pub frequencies_hz: &'a [f64],
    /// Whether delays are rounded to whole samples.
    pub rounded: bool,
    /// How gains are scaled.
    pub normalisation: Normalisation,
    /// What delays count from.
    pub timing: Timing,
    /// Longest delay that can be, in seconds.
    pub longest_s: f64,
}

/// The taps that stand for a path: coefficients from one of the grid's taps on.
#[derive(Clone, Debug, Default)]
pub(super) struct Kernel {
    pub first: usize,
    pub taps: Box<[f32]>,
}

/// The grid that all paths share.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// `[drop, device, path]`; without coefficients where a path is absent.
    pub kernels: Vec<Kernel>,
    /// Delays of the taps in samples, ascending; filters of early paths begin below 0.
    pub samples: Vec<i64>,
    /// Largest error of a fractional delay over the occupied band, in decibels; negative infinity without one.
    pub error_db: f64,
}

/// Shifts delays to where they count from, and rounds them if that is asked for.
pub(super) fn settle_delays(
    responses: &mut ImpulseResponses,
    config: &GridConfig<'_>,
) -> Result<(), RecordingError> {
    let (paths, devices) = (responses.extent.paths, responses.extent.devices);
    let together = match config.timing {
        Timing::Recorded => 0,
        Timing::Device => paths,
        Timing::All => devices * paths,
    };
    if together > 0 {
        for delays in responses.delays_s.chunks_exact_mut(together) {
            let first = delays.iter().copied().fold(f64::INFINITY, f64::min);
            delays.iter_mut().for_each(|d| *d -= first);
        }
    }
    for (at, delay_s) in responses.delays_s.iter_mut().enumerate() {
        if *delay_s > config.longest_s {
            let (device, path) = (at / paths % devices, at % paths);
            return Err(RecordingError::DelayTooLong {
                device,
                path,
                delay_s: *delay_s,
                longest_s: config.longest_s,
            });
        }
        if config.rounded {
            *delay_s = (*delay_s * config.sample_rate_hz).round() / config.sample_rate_hz;
        }
    }
    Ok(())
}

impl Grid {
    /// Makes the grid of all delays, in seconds.
    pub fn new(delays_s: &[f64], config: &GridConfig<'_>) -> Self {
        let design = FractionalDelay::new(config.occupied_share, config.accuracy_db);
        let of = |delay_s: &f64| (!delay_s.is_nan()).then(|| design.kernel(delay_s * config.sample_rate_hz));
        let designed: Vec<Option<(i64, Vec<f64>)>> = delays_s.iter().map(of).collect();
        let mut samples: Vec<i64> =
            designed.iter().flatten().flat_map(|(first, taps)| *first..first + taps.len() as i64).collect();
        samples.sort_unstable();
        samples.dedup();
        let fractional = designed.iter().flatten().any(|(_, taps)| taps.len() > 1);
        // The taps of a kernel lie one sample apart, and all of them are on the grid: they are neighbours there.
        let kernel = |(first, taps): (i64, Vec<f64>)| Kernel {
            first: samples.partition_point(|s| *s < first),
            taps: taps.iter().map(|t| *t as f32).collect(),
        };
        let kernels = designed.into_iter().map(|d| d.map_or_else(Kernel::default, kernel)).collect();
        let error_db = if fractional { design.worst_error_db() } else { f64::NEG_INFINITY };
        Self { kernels, samples, error_db }
    }
}

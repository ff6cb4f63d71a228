//! Recorded channels on one grid of delays, scaled: what replays read.

use super::error::RecordingError;
use super::grid::{Grid, GridConfig, Kernel, settle_delays};
use super::interpolation::{Interpolation, content_share};
use super::responses::{Extent, ImpulseResponses};
use super::statistics::{self, Moments};
use crate::profile::{PathKind, PathSpec, Profile};
use airloop_baseband::Complex32;
use std::sync::Arc;

/// Impulse responses of all links on one grid of taps, a sample of the grid's rate apart.
///
/// ```text
/// H(f, t) = sum_p a_p(t) exp(-j 2 pi f tau_p) = sum_n c_n(t) exp(-j 2 pi f n / rate) + error,   c_n(t) = sum_p a_p(t) k_p[n]
/// |error| <= 10^(delay_error_db / 20) sum_p |a_p(t)|   over the occupied band
/// ```
///
/// `k_p` are the filters of [`FractionalDelay`](crate::FractionalDelay); a delay of whole samples is one tap, exactly. Frequency
/// responses and filters are both made of the taps `c_n`, so they are the same channel.
#[derive(Clone, Debug)]
pub struct Recording {
    pub(super) extent: Extent,
    pub(super) step_s: f64,
    pub(super) gains: Vec<Complex32>,
    pub(super) kernels: Vec<Kernel>,
    pub(super) interpolation: Interpolation,
    profile: Profile,
    delays_s: Arc<[f64]>,
    delay_error_db: f64,
    max_doppler_hz: f64,
}

impl Recording {
    /// Brings impulse responses onto a grid, and scales them.
    ///
    /// # Errors
    /// When a delay is too long, or a device has no power.
    pub fn new(mut responses: ImpulseResponses, config: &GridConfig<'_>) -> Result<Self, RecordingError> {
        settle_delays(&mut responses, config)?;
        let Grid { kernels, samples, error_db } = Grid::new(&responses.delays_s, config);
        let on_grid = (kernels.as_slice(), samples.len());
        let Moments { tap_powers, max_doppler_hz } = statistics::normalise(&mut responses, on_grid, config)?;
        let ImpulseResponses { extent, gains, step_s, .. } = responses;
        let delays_s: Arc<[f64]> = samples.iter().map(|s| *s as f64 / config.sample_rate_hz).collect();
        let path =
            |(delay_s, power): (&f64, f64)| PathSpec { delay_s: *delay_s, power, kind: PathKind::Rayleigh };
        let profile = Profile::on_grid(delays_s.iter().zip(tap_powers).map(path).collect());
        let interpolation = Interpolation::new(extent.times);
        let delay_error_db = error_db;
        Ok(Self {
            extent,
            step_s,
            gains,
            kernels,
            interpolation,
            profile,
            delays_s,
            delay_error_db,
            max_doppler_hz,
        })
    }

    /// Returns the lengths of the recording's axes.
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// Returns the spacing of the instants in seconds; 0 for a single one.
    pub fn step_s(&self) -> f64 {
        self.step_s
    }

    /// Returns the time from the first to the last instant, in seconds.
    pub fn duration_s(&self) -> f64 {
        (self.extent.times - 1) as f64 * self.step_s
    }

    /// Returns the grid's taps with their mean powers over all there is, as a profile; it is no model of how taps fade, and taps
    /// of one path depend on each other.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Returns the largest error of a fractional delay over the occupied band, in decibels of the path's gain; negative infinity
    /// where all delays are whole samples.
    pub fn delay_error_db(&self) -> f64 {
        self.delay_error_db
    }

    /// Returns the maximum Doppler shift of the Jakes spectrum that moves as fast as the fastest device, in hertz, at the pace of
    /// the recording; 0 where nothing moves.
    ///
    /// ```text
    /// the larger of the two whose spectral moments are those of the recording:
    /// E|a'|^2/E|a|^2 = (2 pi f)^2 / 2,   E|a''|^2/E|a|^2 = 3 (2 pi f)^4 / 8
    /// ```
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the highest frequency up to which content is interpolated as exactly as its bounds say, in hertz; infinite for a
    /// single instant.
    pub fn content_limit_hz(&self) -> f64 {
        if self.extent.times > 1 {
            content_share(self.extent.times) / (2.0 * self.step_s)
        } else {
            f64::INFINITY
        }
    }

    /// Returns whether the recording moves.
    pub fn is_moving(&self) -> bool {
        self.max_doppler_hz > 0.0
    }

    pub(super) fn delays_s(&self) -> &Arc<[f64]> {
        &self.delays_s
    }
}

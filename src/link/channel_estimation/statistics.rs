//! What is known of a channel on average: its correlation over frequency and over time.

use super::{EstimationError, check_number};
use airloop_baseband::Complex64;
use airloop_baseband::special::bessel_j0;
use airloop_channels::Profile;
use std::f64::consts::{PI, TAU};

/// How the power of a channel spreads over delays.
#[derive(Clone, Debug, PartialEq)]
pub enum DelayStatistics {
    /// Paths of given delay in seconds and relative power.
    Paths(Vec<(f64, f64)>),
    /// The same power at all delays of a range, for a receiver that knows no more than the range.
    Uniform {
        /// The earliest delay in seconds.
        earliest_s: f64,
        /// The latest delay in seconds.
        latest_s: f64,
    },
}

impl DelayStatistics {
    /// Returns the statistics of a profile.
    pub fn of(profile: &Profile) -> Self {
        Self::Paths(profile.paths().iter().map(|path| (path.delay_s, path.power)).collect())
    }

    /// Returns the correlation of the responses at two frequencies that are `lag_hz` apart.
    ///
    /// ```text
    /// E[h(f + lag) h(f)^*] / E|h|^2 = sum_p power_p exp(-j 2 pi lag delay_p) / sum_p power_p
    /// uniform:                        sinc(lag (latest - earliest)) exp(-j pi lag (earliest + latest))
    /// ```
    pub fn correlation(&self, lag_hz: f64) -> Complex64 {
        match self {
            Self::Paths(paths) => {
                let total: f64 = paths.iter().map(|(_, power)| power).sum();
                let path =
                    |(delay, power): &(f64, f64)| Complex64::cis(-TAU * lag_hz * delay) * (power / total);
                paths.iter().map(path).sum()
            }
            Self::Uniform { earliest_s, latest_s } => {
                Complex64::cis(-PI * lag_hz * (earliest_s + latest_s))
                    * sinc(lag_hz * (latest_s - earliest_s))
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), EstimationError> {
        match self {
            Self::Paths(paths) => {
                for (delay, power) in paths {
                    check_number("delay of a path in seconds", *delay, Some(f64::MIN), "a finite number")?;
                    check_number("power of a path", *power, Some(0.0), "a finite number of at least 0")?;
                }
                let total = paths.iter().map(|(_, power)| power).sum();
                check_number("total power of the paths", total, None, "a finite number above 0")
            }
            Self::Uniform { earliest_s, latest_s } => {
                check_number("earliest delay in seconds", *earliest_s, Some(f64::MIN), "a finite number")?;
                check_number(
                    "latest delay in seconds",
                    *latest_s,
                    Some(*earliest_s),
                    "at least the earliest delay",
                )
            }
        }
    }
}

/// How a channel changes over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DopplerStatistics {
    /// Not within a slot.
    Static,
    /// With the Doppler spectrum of Jakes.
    Jakes {
        /// The largest Doppler shift in hertz.
        max_doppler_hz: f64,
    },
    /// With the same power at all Doppler shifts of a range around 0, for a receiver that knows no more than the range.
    Uniform {
        /// The largest Doppler shift in hertz.
        max_doppler_hz: f64,
    },
}

impl DopplerStatistics {
    /// Returns the correlation of the responses at two times that are `lag_s` apart.
    ///
    /// ```text
    /// Jakes: J0(2 pi max_doppler lag),   uniform: sinc(2 max_doppler lag)
    /// ```
    pub fn correlation(&self, lag_s: f64) -> f64 {
        match self {
            Self::Static => 1.0,
            Self::Jakes { max_doppler_hz } => bessel_j0(TAU * max_doppler_hz * lag_s),
            Self::Uniform { max_doppler_hz } => sinc(2.0 * max_doppler_hz * lag_s),
        }
    }

    pub(super) fn check(&self) -> Result<(), EstimationError> {
        match self {
            Self::Static => Ok(()),
            Self::Jakes { max_doppler_hz } | Self::Uniform { max_doppler_hz } => {
                check_number("largest Doppler shift in hertz", *max_doppler_hz, Some(0.0), "at least 0")
            }
        }
    }
}

/// Returns `sin(pi x) / (pi x)`.
fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

//! Power delay profiles: where the paths lie and how strong they are on average.

mod tables;
mod written;

pub use written::ProfileTextError;

use crate::error::ChannelError;

/// How the gain of a path behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// Zero-mean complex Gaussian with the Jakes Doppler spectrum.
    Rayleigh,
    /// Constant modulus, one Doppler line.
    LineOfSight,
}

/// One path of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathSpec {
    /// Delay after the first arrival, in seconds.
    pub delay_s: f64,
    /// Mean power, linear; the powers of a profile sum to 1.
    pub power: f64,
    /// How it fades.
    pub kind: PathKind,
}

/// A power delay profile of unit mean power.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    paths: Vec<PathSpec>,
}

/// Number of paths of the exponential profile.
const EXPONENTIAL_PATHS: usize = 24;

/// Extent of the exponential profile in decay constants (the last path lies 30.4 dB below the first).
const EXPONENTIAL_EXTENT: f64 = 7.0;

impl Profile {
    /// Makes a profile from paths, scaled to unit total power.
    ///
    /// Delays may come in any order (those of TR 38.901 do).
    ///
    /// # Errors
    /// When there is no path, a delay or power is negative or not finite, the powers do not sum to something positive, or
    /// several paths are lines of sight: their sum would have no constant modulus, on which [`Profile::k_factor`] relies.
    pub fn new(mut paths: Vec<PathSpec>) -> Result<Self, ChannelError> {
        let total: f64 = paths.iter().map(|p| p.power).sum();
        if !(total > 0.0 && total.is_finite()) {
            return Err(ChannelError::OutOfRange {
                name: "total power of the profile",
                value: total,
                expected: "the powers of the paths must sum to a positive finite value",
            });
        }
        for path in &mut paths {
            if !(path.delay_s >= 0.0 && path.delay_s.is_finite()) {
                return Err(ChannelError::OutOfRange {
                    name: "path delay in seconds",
                    value: path.delay_s,
                    expected: "delays are finite and at least 0",
                });
            }
            if !(path.power >= 0.0 && path.power.is_finite()) {
                return Err(ChannelError::OutOfRange {
                    name: "path power",
                    value: path.power,
                    expected: "powers are finite and at least 0",
                });
            }
            path.power /= total;
        }
        let sights = paths.iter().filter(|path| path.kind == PathKind::LineOfSight).count();
        if sights > 1 {
            return Err(ChannelError::OutOfRange {
                name: "number of lines of sight",
                value: sights as f64,
                expected: "at most one path is a line of sight",
            });
        }
        Ok(Self { paths })
    }

    /// Makes the profile of a grid of taps, which may begin before time 0, with mean powers of which one at least is positive.
    pub(crate) fn on_grid(mut paths: Vec<PathSpec>) -> Self {
        let total: f64 = paths.iter().map(|p| p.power).sum();
        paths.iter_mut().for_each(|path| path.power /= total);
        Self { paths }
    }

    /// Returns a single path without delay: constant (`k_factor` infinite), Rayleigh (0) or Rician.
    ///
    /// ```text
    /// line of sight K / (K + 1), scattered 1 / (K + 1)
    /// ```
    pub fn flat(k_factor: f64) -> Self {
        let los = if k_factor.is_infinite() { 1.0 } else { k_factor / (k_factor + 1.0) };
        let path = |power, kind| PathSpec { delay_s: 0.0, power, kind };
        let both = [path(los, PathKind::LineOfSight), path(1.0 - los, PathKind::Rayleigh)];
        Self { paths: both.into_iter().filter(|p| p.power > 0.0).collect() }
    }

    /// Returns an exponential profile with the given rms delay spread in seconds: 24 Rayleigh paths at even spacing.
    ///
    /// ```text
    /// p_l proportional to exp(-7 l / 23), delays scaled so that the rms delay spread of the 24 paths is exact
    /// ```
    ///
    /// # Errors
    /// When the delay spread is negative.
    pub fn exponential(delay_spread_s: f64) -> Result<Self, ChannelError> {
        let at = |l: usize| EXPONENTIAL_EXTENT * l as f64 / (EXPONENTIAL_PATHS - 1) as f64;
        let path = |l| PathSpec { delay_s: at(l), power: (-at(l)).exp(), kind: PathKind::Rayleigh };
        let mut profile = Self::new((0..EXPONENTIAL_PATHS).map(path).collect())?;
        let scale = delay_spread_s / profile.rms_delay_spread_s();
        for path in &mut profile.paths {
            path.delay_s *= scale;
        }
        Self::new(profile.paths)
    }

    /// Returns the profile with every delay rounded to a whole number of samples at `sample_rate_hz`.
    #[must_use]
    pub fn rounded_to_samples(mut self, sample_rate_hz: f64) -> Self {
        for path in &mut self.paths {
            path.delay_s = (path.delay_s * sample_rate_hz).round() / sample_rate_hz;
        }
        self
    }

    /// Returns the paths in the order of the table.
    pub fn paths(&self) -> &[PathSpec] {
        &self.paths
    }

    /// Returns the largest delay in seconds.
    pub fn max_delay_s(&self) -> f64 {
        self.paths.iter().map(|p| p.delay_s).fold(0.0, f64::max)
    }

    /// Returns the power-weighted standard deviation of the delays, in seconds.
    pub fn rms_delay_spread_s(&self) -> f64 {
        let mean: f64 = self.paths.iter().map(|p| p.power * p.delay_s).sum();
        self.paths.iter().map(|p| p.power * (p.delay_s - mean).powi(2)).sum::<f64>().sqrt()
    }

    /// Returns the Rician factor of the frequency response: line-of-sight over scattered power; infinite without scattering.
    pub fn k_factor(&self) -> f64 {
        let los: f64 = self.paths.iter().filter(|p| p.kind == PathKind::LineOfSight).map(|p| p.power).sum();
        let scattered = 1.0 - los;
        if scattered < 1e-15 { f64::INFINITY } else { los / scattered }
    }

    /// Returns the mean power that arrives later than `delay_s`, relative to all.
    pub fn power_beyond(&self, delay_s: f64) -> f64 {
        self.paths.iter().filter(|p| p.delay_s > delay_s).map(|p| p.power).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_has_the_delay_spread_asked_for() {
        let profile = Profile::exponential(250e-9).unwrap();
        assert!((profile.rms_delay_spread_s() / 250e-9 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bad_profiles_are_refused() {
        let path = |delay_s, power, kind| PathSpec { delay_s, power, kind };
        let said = |paths: Vec<PathSpec>| Profile::new(paths).unwrap_err().to_string();
        let rayleigh = |delay_s, power| path(delay_s, power, PathKind::Rayleigh);
        assert!(said(vec![]).contains("must sum to a positive finite value"));
        assert!(said(vec![rayleigh(0.0, 0.0)]).contains("must sum to a positive finite value"));
        assert!(said(vec![rayleigh(-1e-9, 1.0)]).contains("delays are finite and at least 0"));
        assert!(
            said(vec![rayleigh(0.0, 2.0), rayleigh(0.0, -1.0)]).contains("powers are finite and at least 0")
        );
        let sight = path(0.0, 1.0, PathKind::LineOfSight);
        assert!(said(vec![sight, sight]).contains("at most one path is a line of sight"));
    }
}

//! Power delay profiles: where the paths lie and how strong they are on average.

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

/// 3GPP TR 38.901 tables 7.7.2-1 to 7.7.2-5.
const TR38901_TDL: &str = include_str!("data/tr38901_tdl.csv");

/// Number of paths of the exponential profile.
const EXPONENTIAL_PATHS: usize = 24;

/// Extent of the exponential profile in decay constants (the last path lies 30.4 dB below the first).
const EXPONENTIAL_EXTENT: f64 = 7.0;

impl Profile {
    /// Makes a profile from paths, scaled to unit total power.
    ///
    /// # Errors
    /// When there is no path, a delay is negative or not finite, or the powers do not sum to something positive.
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
            path.power /= total;
        }
        Ok(Self { paths })
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

    /// Returns one of `tdl-a` to `tdl-e` with its delays scaled to an rms delay spread in seconds.
    ///
    /// Source: 3GPP TR 38.901, tables 7.7.2-1 to 7.7.2-5, and clause 7.7.3 for the scaling.
    ///
    /// # Errors
    /// When the name is unknown or the delay spread is negative.
    pub fn tdl(name: &str, delay_spread_s: f64) -> Result<Self, ChannelError> {
        let wanted = name.to_ascii_uppercase();
        let mut paths = Vec::new();
        let mut known = Vec::new();
        for row in TR38901_TDL.lines().filter(|l| l.starts_with("TDL-")) {
            let fields: Vec<&str> = row.split(',').collect();
            if known.last() != Some(&fields[0]) {
                known.push(fields[0]);
            }
            if fields[0] == wanted {
                let number = |i: usize| -> f64 { fields[i].parse().expect("shipped table holds numbers") };
                paths.push(PathSpec {
                    delay_s: number(2) * delay_spread_s,
                    power: airloop_baseband::units::power_from_db(number(3)),
                    kind: if fields[4] == "los" { PathKind::LineOfSight } else { PathKind::Rayleigh },
                });
            }
        }
        if paths.is_empty() {
            let known = known.join(", ").to_ascii_lowercase();
            return Err(ChannelError::UnknownProfile { name: name.to_string(), known });
        }
        Self::new(paths)
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
    fn tdl_profiles_have_unit_power_and_the_paths_of_the_table() {
        for (name, count) in [("tdl-a", 23), ("tdl-b", 23), ("tdl-c", 24), ("tdl-d", 14), ("tdl-e", 15)] {
            let profile = Profile::tdl(name, 100e-9).unwrap();
            assert_eq!(profile.paths().len(), count, "{name}");
            assert!((profile.paths().iter().map(|p| p.power).sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // TR 38.901 states that TDL-A to C have unit rms delay spread before scaling.
        for name in ["tdl-a", "tdl-b", "tdl-c"] {
            let spread = Profile::tdl(name, 1.0).unwrap().rms_delay_spread_s();
            assert!((spread - 1.0).abs() < 0.01, "{name} {spread}");
        }
    }

    #[test]
    fn k_factors_of_the_line_of_sight_taps() {
        // Tables 7.7.2-4 and 7.7.2-5 state a first-tap K factor of 13.3 dB and 22 dB.
        for (name, expected_db) in [("tdl-d", 13.3), ("tdl-e", 22.0)] {
            let profile = Profile::tdl(name, 30e-9).unwrap();
            let first = &profile.paths()[..2];
            let k_db = 10.0 * (first[0].power / first[1].power).log10();
            assert!((k_db - expected_db).abs() < 0.01, "{name} {k_db}");
        }
    }

    #[test]
    fn exponential_has_the_delay_spread_asked_for() {
        let profile = Profile::exponential(250e-9).unwrap();
        assert!((profile.rms_delay_spread_s() / 250e-9 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn bad_profiles_are_refused() {
        assert!(Profile::tdl("tdl-f", 1e-7).unwrap_err().to_string().contains("tdl-e"));
        assert!(Profile::tdl("tdl-a", -1e-7).is_err());
        assert!(Profile::new(vec![]).is_err());
    }
}

//! Spectral masks of phase noise, and the bands of which their lines are drawn.

use crate::error::ChannelError;
use std::f64::consts::TAU;

/// Bands an octave, with a line each.
const BANDS_PER_OCTAVE: f64 = 16.0;

/// Bands from 0 to the first point.
const FIRST_BANDS: usize = 4;

/// A point of a mask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MaskPoint {
    /// Offset from the carrier, in hertz.
    pub offset_hz: f64,
    /// Single-sideband phase noise `L`, in decibels of the carrier in 1 Hz.
    pub dbc_hz: f64,
}

/// The one-sided spectrum of a phase, `S_phi(f) = 2 L(f)`, by points of `L`.
///
/// ```text
/// between points   L is a straight line in decibels over log f
/// below the first  L stays, down to 0
/// above the last   L stays, up to half the sample rate, beyond which there is nothing
/// variance         integral of 2 L(f) df over 0 to half the sample rate
/// ```
///
/// Sixteen bands an octave, and four below the first point, each have one line: its frequency is drawn with the density of the
/// mask within the band and its complex amplitude is Gaussian with the band's power, so that the phase is exactly Gaussian at
/// every instant and its spectrum is, over draws, exactly the mask. One draw's spectrum is lines.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseMask {
    points: Vec<MaskPoint>,
}

/// A band of a mask within which `L` is a power of the frequency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Band {
    low_hz: f64,
    high_hz: f64,
    /// `L` at the lower end, and its power of the frequency.
    level: f64,
    slope: f64,
}

impl PhaseMask {
    /// Makes a mask of points.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for offsets that do not rise from above 0, and levels beyond -300 to 0 dBc/Hz;
    /// [`ChannelError::EmptyMask`] without points.
    pub fn new(points: Vec<MaskPoint>) -> Result<Self, ChannelError> {
        let beyond = |name, value, expected| Err(ChannelError::OutOfRange { name, value, expected });
        if points.is_empty() {
            return Err(ChannelError::EmptyMask);
        }
        let mut last_hz = 0.0;
        for MaskPoint { offset_hz, dbc_hz } in &points {
            let rises = *offset_hz > last_hz && offset_hz.is_finite();
            if !rises {
                return beyond(
                    "offset_hz of a phase noise mask",
                    *offset_hz,
                    "above 0 and rising from point to point",
                );
            }
            if !(-300.0..=0.0).contains(dbc_hz) {
                return beyond("dbc_hz of a phase noise mask", *dbc_hz, "-300 to 0 dBc/Hz");
            }
            last_hz = *offset_hz;
        }
        Ok(Self { points })
    }

    /// Returns the points.
    pub fn points(&self) -> &[MaskPoint] {
        &self.points
    }

    /// Returns the mask of a carrier that is derived from an oscillator with this mask by multiplication of its frequency:
    /// `20 log10(carrier_hz / reference_hz)` higher.
    ///
    /// # Errors
    /// As [`PhaseMask::new`].
    pub fn multiplied(&self, reference_hz: f64, carrier_hz: f64) -> Result<Self, ChannelError> {
        let higher_db = 20.0 * (carrier_hz / reference_hz).log10();
        let point = |p: &MaskPoint| MaskPoint { dbc_hz: p.dbc_hz + higher_db, ..*p };
        Self::new(self.points.iter().map(point).collect())
    }

    /// Returns `L` at an offset, in 1/Hz.
    pub fn level(&self, offset_hz: f64) -> f64 {
        let after = self.points.partition_point(|p| p.offset_hz <= offset_hz);
        let linear = |db: f64| 10f64.powf(0.1 * db);
        match (after.checked_sub(1).map(|i| self.points[i]), self.points.get(after)) {
            (Some(a), Some(b)) => {
                let share = (offset_hz / a.offset_hz).ln() / (b.offset_hz / a.offset_hz).ln();
                linear(a.dbc_hz + share * (b.dbc_hz - a.dbc_hz))
            }
            (Some(p), None) => linear(p.dbc_hz),
            (None, Some(p)) => linear(p.dbc_hz),
            (None, None) => 0.0,
        }
    }

    /// Returns the variance of the phase at a sample rate, in rad^2.
    pub fn power(&self, sample_rate_hz: f64) -> f64 {
        self.bands(sample_rate_hz).iter().map(Band::power).sum()
    }

    /// Returns the structure function `E(phi(t) - phi(0))^2 = integral of 4 L(f) (1 - cos(2 pi f t)) df`, in rad^2.
    pub fn variance(&self, time_s: f64, sample_rate_hz: f64) -> f64 {
        variance(&self.bands(sample_rate_hz), time_s)
    }

    pub(super) fn bands(&self, sample_rate_hz: f64) -> Vec<Band> {
        let most_hz = 0.5 * sample_rate_hz;
        let first_hz = self.points[0].offset_hz.min(most_hz);
        let level = self.level(0.0);
        let edge = |i: usize| first_hz * i as f64 / FIRST_BANDS as f64;
        let mut bands: Vec<Band> = (0..FIRST_BANDS)
            .map(|i| Band { low_hz: edge(i), high_hz: edge(i + 1), level, slope: 0.0 })
            .collect();
        for (index, point) in self.points.iter().enumerate() {
            let next = self.points.get(index + 1);
            let (low_hz, high_hz) = (point.offset_hz, next.map_or(most_hz, |p| p.offset_hz.min(most_hz)));
            if low_hz >= high_hz {
                break;
            }
            let slope = next.map_or(0.0, |p| {
                (p.dbc_hz - point.dbc_hz) / (10.0 * (p.offset_hz / point.offset_hz).log10())
            });
            let count = (BANDS_PER_OCTAVE * (high_hz / low_hz).log2()).ceil().max(1.0);
            let edge = |i: f64| low_hz * (high_hz / low_hz).powf(i / count);
            bands.extend((0..count as usize).map(|i| {
                let (low_hz, high_hz) = (edge(i as f64), edge(i as f64 + 1.0));
                Band { low_hz, high_hz, level: self.level(low_hz), slope }
            }));
        }
        bands
    }
}

/// Returns the structure function of all bands after a time, in rad^2.
pub(super) fn variance(bands: &[Band], time_s: f64) -> f64 {
    bands.iter().map(|band| band.variance(time_s)).sum()
}

impl Band {
    /// Returns the integral of `2 L(f) df`.
    pub(super) fn power(&self) -> f64 {
        let Self { low_hz, high_hz, level, slope } = *self;
        if slope == 0.0 {
            return 2.0 * level * (high_hz - low_hz);
        }
        let ratio = high_hz / low_hz;
        let exponent = slope + 1.0;
        let integral =
            if exponent.abs() < 1e-9 { ratio.ln() } else { (ratio.powf(exponent) - 1.0) / exponent };
        2.0 * level * low_hz * integral
    }

    /// Returns the frequency below which a share of the power lies.
    pub(super) fn quantile_hz(&self, share: f64) -> f64 {
        let Self { low_hz, high_hz, slope, .. } = *self;
        if slope == 0.0 {
            return low_hz + share * (high_hz - low_hz);
        }
        let (ratio, exponent) = (high_hz / low_hz, slope + 1.0);
        if exponent.abs() < 1e-9 {
            low_hz * ratio.powf(share)
        } else {
            low_hz * (1.0 + share * (ratio.powf(exponent) - 1.0)).powf(1.0 / exponent)
        }
    }

    /// Returns its part of the structure function, with a flat spectrum within the band.
    fn variance(&self, time_s: f64) -> f64 {
        let time_s = time_s.abs();
        let (a, b) = (TAU * self.low_hz * time_s, TAU * self.high_hz * time_s);
        let middle = 0.5 * (a + b);
        let cosine = if b - a < 1e-3 { middle.cos() } else { (b.sin() - a.sin()) / (b - a) };
        // 1 - cos without cancellation where both ends turn little.
        let missing = if b < 1e-2 { 2.0 * (0.5 * middle).sin().powi(2) } else { 1.0 - cosine };
        2.0 * self.power() * missing
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const RATE_HZ: f64 = 1e6;

    /// A mask of slopes -10 and -30 dB a decade.
    pub(in super::super) fn mask() -> PhaseMask {
        let point = |(offset_hz, dbc_hz)| MaskPoint { offset_hz, dbc_hz };
        PhaseMask::new([(100.0, -60.0), (1e4, -80.0), (1e5, -110.0)].map(point).to_vec()).unwrap()
    }

    #[test]
    fn levels_and_power_are_those_of_the_points() {
        let mask = mask();
        for (offset_hz, dbc_hz) in [(1.0, -60.0), (100.0, -60.0), (1e3, -70.0), (1e4, -80.0), (3e5, -110.0)] {
            assert!((10.0 * mask.level(offset_hz).log10() - dbc_hz).abs() < 1e-9, "{offset_hz}");
        }
        // Slopes of 1/f and 1/f^3 between the points, by hand.
        let one = 1e-6 * 100.0 * 100f64.ln();
        let three = 1e-8 * 1e4 * 0.5 * (1.0 - 1e-2);
        let by_hand = 2.0 * (1e-6 * 100.0 + one + three + 1e-11 * 4e5);
        assert!((mask.power(RATE_HZ) / by_hand - 1.0).abs() < 1e-9, "{}", mask.power(RATE_HZ));
        assert!((mask.variance(1e3, RATE_HZ) / (2.0 * by_hand) - 1.0).abs() < 0.01);
        for time_s in [1e-6, 2e-5, 3.3e-5, 1e-3] {
            assert_eq!(mask.variance(-time_s, RATE_HZ), mask.variance(time_s, RATE_HZ), "{time_s}");
        }
    }

    #[test]
    fn wrong_masks_are_refused() {
        let mask = |points: &[(f64, f64)]| {
            PhaseMask::new(
                points
                    .iter()
                    .map(|(offset_hz, dbc_hz)| MaskPoint { offset_hz: *offset_hz, dbc_hz: *dbc_hz })
                    .collect(),
            )
        };
        assert!(
            mask(&[]).is_err()
                && mask(&[(0.0, -80.0)]).is_err()
                && mask(&[(10.0, -80.0), (5.0, -90.0)]).is_err()
        );
        assert!(mask(&[(10.0, 3.0)]).is_err() && mask(&[(10.0, f64::NAN)]).is_err());
        assert!(mask(&[(10.0, -80.0)]).is_ok());
    }
}

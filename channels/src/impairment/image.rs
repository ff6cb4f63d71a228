//! What a quadrature mixer adds: an image of the signal, and a line on the carrier.

use super::distortion::OccupiedBand;
use crate::error::{ChannelError, within};
use airloop_baseband::units::{amplitude_from_db, power_from_db};
use airloop_baseband::{Complex32, Complex64};
use multiversion::multiversion;

/// Largest imbalance of amplitude, in decibels, and of phase, in radians.
pub const MAX_IMBALANCE: (f64, f64) = (6.0, 0.5);

/// Range of an image rejection, in decibels.
pub const IMAGE_REJECTION_DB: (f64, f64) = (6.0, 100.0);

/// Largest line on the carrier, in decibels over the mean power.
pub const MAX_LEAKAGE_DBC: f64 = 10.0;

/// A quadrature mixer whose branches differ.
///
/// ```text
/// Re x + j g exp(j phase_rad) Im x = a x + b x*,    a = (1 + g exp(j phase_rad))/2,   b = (1 - g exp(j phase_rad))/2
/// y = x + (b / a) x*,                               g = 10^(gain_db / 20)
/// image rejection ratio = |a|^2 / |b|^2 = (1 + 2 g cos(phase_rad) + g^2) / (1 - 2 g cos(phase_rad) + g^2)
/// ```
///
/// The direct gain `a` is divided out: like any gain it belongs to power control and channel knowledge. Valid to
/// [`MAX_IMBALANCE`]. Source: the direct and image gains follow from the first line by inserting real and imaginary part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IqImbalance {
    /// Image over signal, `b / a`.
    image: Complex64,
}

impl IqImbalance {
    /// Makes the imbalance of an amplitude ratio in decibels and a phase between the branches.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] beyond [`MAX_IMBALANCE`].
    pub fn new(gain_db: f64, phase_rad: f64) -> Result<Self, ChannelError> {
        let (most_db, most_rad) = MAX_IMBALANCE;
        within("iq_gain_db", gain_db, -most_db..=most_db, "within 6 dB either way")?;
        within("iq_phase_rad", phase_rad, -most_rad..=most_rad, "within 0.5 rad either way")?;
        let ratio = Complex64::from_polar(amplitude_from_db(gain_db), phase_rad);
        Ok(Self { image: (1.0 - ratio) / (1.0 + ratio) })
    }

    /// Makes an imbalance of amplitude with a given image rejection ratio, in decibels; infinity is none.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] out of [`IMAGE_REJECTION_DB`].
    pub fn of_rejection(rejection_db: f64) -> Result<Self, ChannelError> {
        let valid = (IMAGE_REJECTION_DB.0..=IMAGE_REJECTION_DB.1).contains(&rejection_db);
        if !valid && rejection_db != f64::INFINITY {
            let (name, value) = ("image_rejection_db", rejection_db);
            return Err(ChannelError::OutOfRange { name, value, expected: "6 to 100 dB" });
        }
        Ok(Self { image: amplitude_from_db(-rejection_db).into() })
    }

    /// Returns the imbalance of this mixer and the next, with nothing between them that turns phases.
    ///
    /// ```text
    /// x + b1 x*, then y + b2 y*:   image over signal (b1 + b2)/(1 + b2 b1*)
    /// ```
    pub fn then(self, next: Self) -> Self {
        Self { image: (self.image + next.image) / (1.0 + next.image * self.image.conj()) }
    }

    /// Returns the power of the signal over that of its image.
    pub fn image_rejection(&self) -> f64 {
        1.0 / self.image.norm_sqr()
    }

    /// Returns the error over the signal's power: the image.
    pub fn error_vector_power(&self) -> f64 {
        self.image.norm_sqr()
    }

    /// Returns the error on the used subcarriers: the images of those whose mirror is used.
    pub fn in_band(&self, band: &OccupiedBand) -> f64 {
        self.image.norm_sqr() * band.mirrored_share()
    }

    /// Returns image over signal, for the kernel of a chain.
    pub(super) fn image(&self) -> Complex32 {
        Complex32::new(self.image.re as f32, self.image.im as f32)
    }
}

/// A line on the carrier: an offset of the converters, or a local oscillator that leaks.
///
/// ```text
/// y = x + sqrt(mean_power 10^(level_dbc / 10)) exp(j phase_rad)
/// ```
///
/// In a grid it falls on the subcarrier of the carrier, and beside it where carriers are off. Valid to [`MAX_LEAKAGE_DBC`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DcOffset {
    /// Power over the nominal mean power of the samples, in decibels; minus infinity is none.
    pub level_dbc: f64,
    /// Phase, in radians.
    pub phase_rad: f64,
}

impl Default for DcOffset {
    fn default() -> Self {
        Self { level_dbc: f64::NEG_INFINITY, phase_rad: 0.0 }
    }
}

impl DcOffset {
    /// Returns the offset of samples of a nominal mean power.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] above [`MAX_LEAKAGE_DBC`] or not a number.
    pub fn offset(&self, mean_power: f64) -> Result<Complex32, ChannelError> {
        if self.level_dbc.is_nan() || self.level_dbc > MAX_LEAKAGE_DBC {
            let (name, value) = ("dc_offset_dbc", self.level_dbc);
            return Err(ChannelError::OutOfRange { name, value, expected: "at most 10 dBc" });
        }
        let amplitude = (mean_power * power_from_db(self.level_dbc)).sqrt();
        let offset = Complex64::from_polar(amplitude, self.phase_rad);
        Ok(Complex32::new(offset.re as f32, offset.im as f32))
    }

    /// Returns the error over the signal's power, on a grid that uses the carrier.
    pub fn error_vector_power(&self) -> f64 {
        power_from_db(self.level_dbc)
    }

    /// Returns the error on the used subcarriers: none where the carrier's is left empty.
    pub fn in_band(&self, band: &OccupiedBand) -> f64 {
        if band.uses_carrier() { self.error_vector_power() } else { 0.0 }
    }
}

/// Computes `y = gain (x + image x* + offset)`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn mix(samples: &mut [Complex32], image: Complex32, offset: Complex32, gain: f32) {
    for x in samples {
        let re = x.re + image.re * x.re + image.im * x.im + offset.re;
        let im = x.im + image.im * x.re - image.re * x.im + offset.im;
        *x = Complex32::new(gain * re, gain * im);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rejection_ratio_has_its_formula() {
        for (gain_db, phase_rad) in [(0.5f64, 0.02f64), (-1.0, 0.1), (0.0, -0.3)] {
            let g = amplitude_from_db(gain_db);
            let side = |sign: f64| 1.0 + sign * 2.0 * g * phase_rad.cos() + g * g;
            let found = IqImbalance::new(gain_db, phase_rad).unwrap().image_rejection();
            assert!((found / (side(1.0) / side(-1.0)) - 1.0).abs() < 1e-9, "{found}");
        }
        assert_eq!(IqImbalance::of_rejection(f64::INFINITY).unwrap(), IqImbalance::default());
        assert!((IqImbalance::of_rejection(30.0).unwrap().error_vector_power() - 1e-3).abs() < 1e-12);
    }

    #[test]
    fn images_of_two_mixers_add_as_amplitudes() {
        let of = |gain_db: f64, phase_rad: f64| IqImbalance::new(gain_db, phase_rad).unwrap();
        let mixed = |x: Complex64, b: IqImbalance| x + b.image * x.conj();
        let (first, second) = (of(0.5, 0.05), of(-0.3, 0.1));
        // What a real and an imaginary sample come to says direct and image gain.
        let [re, im] =
            [Complex64::new(1.0, 0.0), Complex64::new(0.0, 1.0)].map(|x| mixed(mixed(x, first), second));
        let (direct, image) = (0.5 * (re - Complex64::i() * im), 0.5 * (re + Complex64::i() * im));
        assert!((first.then(second).image - image / direct).norm() < 1e-15);
        // Opposite ones cancel, like ones have four times the power, but for the square of the image.
        assert_eq!(of(0.5, 0.0).then(of(-0.5, 0.0)).error_vector_power(), 0.0);
        let [one, twice] = [of(0.1, 0.0), of(0.1, 0.0).then(of(0.1, 0.0))].map(|b| b.error_vector_power());
        assert!((twice / (4.0 * one) - 1.0).abs() < 1e-4, "{twice}");
    }

    #[test]
    fn values_beyond_their_limits_are_refused() {
        assert!(IqImbalance::new(6.5, 0.0).is_err() && IqImbalance::new(0.0, 0.6).is_err());
        assert!(IqImbalance::new(f64::NAN, 0.0).is_err() && IqImbalance::of_rejection(3.0).is_err());
        assert!(DcOffset { level_dbc: 11.0, phase_rad: 0.0 }.offset(1.0).is_err());
        assert_eq!(DcOffset::default().offset(1.0).unwrap(), Complex32::default());
    }
}

//! Converters between samples and numbers: uniform steps that clip.

use super::distortion::Distortion;
use crate::error::ChannelError;
use airloop_baseband::Complex32;
use airloop_baseband::special::{erfc, minimise};
use airloop_baseband::units::amplitude_from_db;
use multiversion::multiversion;
use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// Most bits of a converter.
pub const MAX_BITS: u32 = 16;

/// Range of the clipping level, in decibels over the mean power of a component.
pub const HEADROOM_DB: (f64, f64) = (-10.0, 40.0);

/// Orders of the distortion that are computed.
const PARTS: usize = 15;

/// A DAC or an ADC: `bits` a component, mid-rise, with a clipping level in decibels over the mean power of a component.
///
/// ```text
/// V = sqrt(mean_power / 2) 10^(headroom_db / 20),   D = 2 V / 2^bits
/// q(x) = D (floor(x / D) + 1/2), at most V - D/2 in size;   y = q(Re x) + j q(Im x)
/// ```
///
/// Valid for 1 to [`MAX_BITS`] bits and a headroom within [`HEADROOM_DB`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantiserConfig {
    /// Bits of a component.
    pub bits: u32,
    /// Clipping level over the root mean square of a component.
    pub headroom_db: f64,
}

impl QuantiserConfig {
    /// Makes a converter that clips where its error over Gaussian samples is least.
    pub fn best(bits: u32) -> Self {
        let error = |headroom_db| Self { bits, headroom_db }.mean_square_error();
        Self { bits, headroom_db: minimise(error, 0.0, 20.0, 1e-6) }
    }

    /// Checks the values.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when one is out of its range.
    pub fn check(&self) -> Result<(), ChannelError> {
        let beyond = |name, value, expected| Err(ChannelError::OutOfRange { name, value, expected });
        if !(1..=MAX_BITS).contains(&self.bits) {
            return beyond("bits", f64::from(self.bits), "1 to 16 bits");
        }
        let within = (HEADROOM_DB.0..=HEADROOM_DB.1).contains(&self.headroom_db);
        if within { Ok(()) } else { beyond("headroom_db", self.headroom_db, "-10 to 40 dB") }
    }

    /// Returns the error `E(q(x) - x)^2` of a Gaussian component of unit power: steps between, and clipping beyond.
    ///
    /// ```text
    /// sum over cells of integral (x - c)^2 phi(x) dx,   beyond V: (1 + c^2) Q(V) + (V - 2 c) phi(V) each side
    /// ```
    pub fn mean_square_error(&self) -> f64 {
        let (level, step) = self.shape();
        let parts = (step / 0.1).ceil().max(1.0);
        let width = step / parts;
        // Gauss and Legendre's three points of each part of a cell.
        let mut inner = 0.0;
        for cell in 0..1u64 << (self.bits - 1) {
            let begin = cell as f64 * step;
            if begin > 9.0 {
                break;
            }
            let centre = begin + 0.5 * step;
            for part in 0..parts as usize {
                let middle = begin + (part as f64 + 0.5) * width;
                for (offset, weight) in [(-0.6f64.sqrt(), 5.0), (0.0, 8.0), (0.6f64.sqrt(), 5.0)] {
                    let x = middle + 0.5 * width * offset;
                    inner += weight / 18.0 * width * (x - centre).powi(2) * density(x);
                }
            }
        }
        let last = level - 0.5 * step;
        let tail = 0.5 * erfc(level * FRAC_1_SQRT_2);
        2.0 * (inner + (1.0 + last * last) * tail + (level - 2.0 * last) * density(level))
    }

    /// Returns the power of Gaussian samples over the error of their conversion: 40.6 dB for 8 bits and 62.7 dB for 12 at the
    /// best level.
    pub fn signal_to_error(&self) -> f64 {
        1.0 / self.mean_square_error()
    }

    /// Returns what conversion does to Gaussian samples of the nominal power, at whose floor a fully loaded grid stands.
    ///
    /// ```text
    /// h_k = D sum over thresholds t of phi(t) He_(k-1)(t) / sqrt(k!),   gain = h_1,   part of order k = h_k^2
    /// ```
    pub fn distortion(&self) -> Distortion {
        let (_, step) = self.shape();
        let most = (1i64 << (self.bits - 1)) - 1;
        let reach = ((9.5 / step).ceil() as i64).min(most);
        let mut sums = [0.0; PARTS + 1];
        for index in -reach..=reach {
            let t = index as f64 * step;
            // He_(k-1)(t) / sqrt(k!) for k = 1, 2, 3, ...: He_(n+1) = t He_n - n He_(n-1).
            let (mut before, mut here) = (0.0, step * density(t));
            for order in 1..=2 * PARTS + 1 {
                if order % 2 == 1 {
                    sums[order / 2] += here;
                }
                let n = order as f64 - 1.0;
                let next = (t * here - n / (n + 1.0).sqrt() * before) / (n + 2.0).sqrt();
                (before, here) = (here, next);
            }
        }
        let gain = sums[0];
        let power = (self.mean_square_error() - (1.0 - gain).powi(2)).max(0.0);
        Distortion::of_components(gain, power, sums[1..].iter().map(|h| h * h).collect())
    }

    /// Returns the clipping level and the step for components of unit power.
    fn shape(&self) -> (f64, f64) {
        let level = amplitude_from_db(self.headroom_db);
        (level, 2.0 * level / (1u64 << self.bits) as f64)
    }
}

fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// A converter of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiser {
    step: f32,
    inverse_step: f32,
    /// The outermost output, in steps.
    outermost: f32,
}

impl Quantiser {
    /// Makes a converter for samples of a nominal mean power `E|x|^2`.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when a value is out of its range.
    pub fn new(config: &QuantiserConfig, mean_power: f64) -> Result<Self, ChannelError> {
        config.check()?;
        let valid = mean_power > 0.0 && mean_power.is_finite();
        if !valid {
            let (name, value) = ("mean_power", mean_power);
            return Err(ChannelError::OutOfRange { name, value, expected: "finite, above 0" });
        }
        let step = config.shape().1 * (0.5 * mean_power).sqrt();
        let outermost = (1u32 << (config.bits - 1)) as f32 - 0.5;
        Ok(Self { step: step as f32, inverse_step: (1.0 / step) as f32, outermost })
    }

    /// Converts samples; returns how many lay beyond the clipping level in either component.
    pub fn apply(&self, samples: &mut [Complex32]) -> usize {
        quantise(*self, samples)
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn quantise(quantiser: Quantiser, samples: &mut [Complex32]) -> usize {
    let Quantiser { step, inverse_step, outermost } = quantiser;
    let level = outermost + 0.5;
    let mut clipped = 0;
    for block in samples.chunks_mut(256) {
        let mut count = 0u32;
        for x in block {
            let (re, im) = (x.re * inverse_step, x.im * inverse_step);
            count += u32::from((re.abs() >= level) | (im.abs() >= level));
            let re = (re.floor() + 0.5).clamp(-outermost, outermost);
            let im = (im.floor() + 0.5).clamp(-outermost, outermost);
            *x = Complex32::new(re * step, im * step);
        }
        clipped += count as usize;
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_at_the_best_level_are_those_of_the_tables() {
        // Optimum uniform quantisers of a Gaussian: J. Max, "Quantizing for minimum distortion", IRE Trans. IT 6(1), 1960,
        // table II: 1 bit 0.3634, 2 bits 0.1188, 3 bits 0.03744, 4 bits 0.01154, 5 bits 0.003495.
        for (bits, error) in [(1, 0.3634), (2, 0.1188), (3, 0.037_44), (4, 0.011_54), (5, 0.003_495)] {
            let found = QuantiserConfig::best(bits).mean_square_error();
            assert!((found / error - 1.0).abs() < 2e-3, "{bits}: {found}");
            let worse = QuantiserConfig { headroom_db: QuantiserConfig::best(bits).headroom_db + 1.0, bits };
            assert!(worse.mean_square_error() > 1.005 * found, "a control passes");
        }
        for (bits, db) in [(8, 40.6), (12, 62.7)] {
            let found = 10.0 * QuantiserConfig::best(bits).signal_to_error().log10();
            assert!((found - db).abs() < 0.06, "{bits}: {found}");
        }
    }

    #[test]
    fn one_bit_has_its_arcsine_law() {
        // Signs of amplitude a: gain a sqrt(2/pi), and orders 3, 5 of the arcsine series 2/pi (r + r^3/6 + 3 r^5/40).
        let config = QuantiserConfig { bits: 1, headroom_db: 0.0 };
        let distortion = config.distortion();
        assert!((distortion.gain.re - 0.5 * (2.0 / PI).sqrt()).abs() < 1e-12);
        let total = distortion.power + distortion.gain.re.powi(2);
        assert!((total - 0.25).abs() < 1e-9, "{total}");
    }
}

//! Power amplifiers: curves of the envelope, and polynomials with memory.

mod memory_polynomial;

pub use memory_polynomial::{MAX_DELAY_SAMPLES, MAX_ORDER, MemoryPolynomial};

use super::distortion::{self, Distortion};
use crate::error::ChannelError;
use airloop_baseband::units::power_from_db;
use airloop_baseband::{Complex32, Complex64};
use multiversion::multiversion;
use std::sync::Arc;

/// Range of the input back-off, in decibels.
pub const BACK_OFF_DB: (f64, f64) = (-10.0, 40.0);

/// Range of Rapp's smoothness.
pub const SMOOTHNESS: (f64, f64) = (0.5, 20.0);

/// Saleh's fit to a travelling-wave tube: amplitude `a r/(1 + b r^2)` and phase `c r^2/(1 + d r^2)` at input envelope `r`.
const SALEH: [f64; 4] = [2.1587, 1.1517, 4.0033, 9.1040];

/// Steps of a table of gains over `v = u/(1 + u)`, from 0 to 1; gains between are linear, with an error below -120 dB.
const STEPS: usize = 8192;

/// How an amplifier's gain depends on the envelope `u = |x| / saturation amplitude`, on unit small-signal gain.
#[derive(Clone, Debug, PartialEq)]
pub enum AmplifierModel {
    /// Linear up to saturation: `y = x min(1, 1/u)`.
    SoftLimiter,
    /// Rapp's model of solid-state amplifiers, `y = x (1 + u^(2 p))^(-1/(2 p))`, with smoothness `p` within [`SMOOTHNESS`].
    Rapp {
        /// Smoothness of the way into saturation.
        smoothness: f64,
    },
    /// Saleh's model of travelling-wave tubes: `y = x/(1 + u^2) exp(j (4.0033/1.1517) u^2/(1 + (9.1040/1.1517) u^2))`.
    Saleh,
    /// Polynomials of delayed samples, of which the amplitude 1 is saturation.
    MemoryPolynomial(Arc<MemoryPolynomial>),
}

/// An amplifier and the power at which it is driven.
///
/// ```text
/// saturation amplitude A = sqrt(mean_power 10^(back_off_db/10)),   y = x f(|x| / A) / gain
/// gain = f's linear gain for Gaussian samples of mean_power if calibrated, else 1
/// ```
///
/// Models hold for complex envelopes. A band's regrowth beyond the sample rate folds back into it, as in any model at the rate
/// of the samples. Sources: C. Rapp, "Effects of HPA-nonlinearity on a 4-DPSK/OFDM-signal", ECSC 1991; A. Saleh,
/// "Frequency-independent and frequency-dependent nonlinear models of TWT amplifiers", IEEE Trans. Commun. 29(11), 1981.
#[derive(Clone, Debug, PartialEq)]
pub struct AmplifierConfig {
    /// The curve.
    pub model: AmplifierModel,
    /// Saturation power over the nominal mean power of the input, in decibels, within [`BACK_OFF_DB`].
    pub back_off_db: f64,
    /// Whether the linear gain at that back-off is divided out.
    pub calibrated: bool,
}

impl AmplifierModel {
    /// Returns the gain at an envelope; that of all delays together for polynomials with memory, whose input is clipped.
    pub fn gain(&self, u: f64) -> Complex64 {
        match self {
            Self::SoftLimiter => Complex64::from(if u > 1.0 { 1.0 / u } else { 1.0 }),
            Self::Rapp { smoothness } => {
                let power = u.powf(2.0 * smoothness);
                // Far into saturation the power may be beyond all numbers.
                let gain = if power.is_finite() { (1.0 + power).powf(-0.5 / smoothness) } else { 1.0 / u };
                Complex64::from(gain)
            }
            Self::Saleh => {
                let [_, b, c, d] = SALEH;
                let square = u * u;
                Complex64::from_polar(1.0 / (1.0 + square), c / b * square / (1.0 + d / b * square))
            }
            Self::MemoryPolynomial(polynomial) => polynomial.gain(u),
        }
    }
}

impl AmplifierConfig {
    /// Checks the values.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when one is out of its range.
    pub fn check(&self) -> Result<(), ChannelError> {
        let beyond = |name, value, expected| Err(ChannelError::OutOfRange { name, value, expected });
        if !(BACK_OFF_DB.0..=BACK_OFF_DB.1).contains(&self.back_off_db) {
            return beyond("back_off_db", self.back_off_db, "-10 to 40 dB");
        }
        match self.model {
            AmplifierModel::Rapp { smoothness } if !(SMOOTHNESS.0..=SMOOTHNESS.1).contains(&smoothness) => {
                beyond("smoothness", smoothness, "0.5 to 20")
            }
            _ => Ok(()),
        }
    }

    /// Returns what the amplifier does to Gaussian samples of the nominal mean power; `None` for polynomials with memory, whose
    /// distortion depends on the signal's spectrum as well.
    ///
    /// ```text
    /// soft limiter, c^2 = 10^(back_off_db/10):   gain = 1 - exp(-c^2) + sqrt(pi)/2 c erfc(c),   E|y|^2 = 1 - exp(-c^2)
    /// ```
    pub fn distortion(&self) -> Option<Distortion> {
        if matches!(self.model, AmplifierModel::MemoryPolynomial(_)) {
            return None;
        }
        let drive = self.drive();
        let distortion = Distortion::of_envelope(|r| self.model.gain(r * drive));
        Some(if self.calibrated { distortion.calibrated() } else { distortion })
    }

    /// Returns the root mean square amplitude over saturation.
    fn drive(&self) -> f64 {
        power_from_db(-self.back_off_db).sqrt()
    }

    /// Returns the linear gain for Gaussian samples of the nominal mean power; that on the carrier for polynomials with memory.
    fn linear_gain(&self) -> Complex64 {
        // The corner at which a polynomial of high order is clipped is steep.
        let steps = if matches!(self.model, AmplifierModel::MemoryPolynomial(_)) { 8192 } else { 1024 };
        let drive = self.drive();
        distortion::linear_gain(|r| self.model.gain(r * drive), steps)
    }
}

/// An amplifier of samples.
#[derive(Clone, Debug)]
pub struct Amplifier {
    config: AmplifierConfig,
    /// Gains at equal steps of `u/(1 + u)`, of models that are followed by table.
    table: Arc<Vec<Complex32>>,
    inverse_saturation: f32,
    /// Output for the input amplitude 1 without compression.
    scale: Complex32,
}

impl Amplifier {
    /// Makes an amplifier for samples of a nominal mean power `E|x|^2`.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when a value is out of its range.
    pub fn new(config: &AmplifierConfig, mean_power: f64) -> Result<Self, ChannelError> {
        config.check()?;
        let table = match &config.model {
            AmplifierModel::Rapp { .. } | AmplifierModel::Saleh => {
                // The last entry stands for an infinite envelope, whose gain is 0.
                let entry = |i: usize| single(config.model.gain(i as f64 / (STEPS - i) as f64));
                (0..STEPS).map(entry).chain([Complex32::default(); 2]).collect()
            }
            AmplifierModel::SoftLimiter | AmplifierModel::MemoryPolynomial(_) => Vec::new(),
        };
        Self::driven(config.clone(), Arc::new(table), mean_power)
    }

    /// Returns the amplifier at another back-off and nominal mean power.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when a value is out of its range.
    pub fn at(&self, back_off_db: f64, mean_power: f64) -> Result<Self, ChannelError> {
        let config = AmplifierConfig { back_off_db, ..self.config.clone() };
        let table = Arc::clone(&self.table);
        if back_off_db == self.config.back_off_db {
            // The gain depends on the back-off alone.
            let inverse_saturation = inverse_saturation(&config, mean_power)?;
            return Ok(Self { config, table, inverse_saturation, scale: self.scale });
        }
        Self::driven(config, table, mean_power)
    }

    fn driven(
        config: AmplifierConfig,
        table: Arc<Vec<Complex32>>,
        mean_power: f64,
    ) -> Result<Self, ChannelError> {
        config.check()?;
        let inverse_saturation = inverse_saturation(&config, mean_power)?;
        let gain = if config.calibrated { config.linear_gain() } else { Complex64::ONE };
        let scale = 1.0 / gain;
        if !scale.is_finite() {
            let (name, value) = ("linear gain of the amplifier", gain.norm());
            return Err(ChannelError::OutOfRange { name, value, expected: "above 0, to be calibrated" });
        }
        Ok(Self { config, table, inverse_saturation, scale: single(scale) })
    }

    /// Returns how many samples after itself any input still answers.
    pub fn tail_samples(&self) -> usize {
        match &self.config.model {
            AmplifierModel::MemoryPolynomial(polynomial) => polynomial.tail_samples(),
            _ => 0,
        }
    }

    /// Amplifies samples, which grow by the tail: bursts that abut add up to the burst that they are pieces of.
    pub fn apply(&self, samples: &mut Vec<Complex32>) {
        match &self.config.model {
            AmplifierModel::SoftLimiter => limit(samples, self.inverse_saturation, self.scale),
            AmplifierModel::MemoryPolynomial(polynomial) => {
                polynomial.apply(samples, self.inverse_saturation, self.scale);
            }
            _ => follow(samples, &self.table, self.inverse_saturation, self.scale),
        }
    }
}

fn inverse_saturation(config: &AmplifierConfig, mean_power: f64) -> Result<f32, ChannelError> {
    let valid = mean_power > 0.0 && mean_power.is_finite();
    if !valid {
        let (name, value) = ("mean_power", mean_power);
        return Err(ChannelError::OutOfRange { name, value, expected: "finite, above 0" });
    }
    Ok((config.drive() / mean_power.sqrt()) as f32)
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn limit(samples: &mut [Complex32], inverse_saturation: f32, scale: Complex32) {
    for x in samples {
        let u = (x.re * x.re + x.im * x.im).sqrt() * inverse_saturation;
        let gain = 1.0 / u.max(1.0);
        let (re, im) = (gain * scale.re, gain * scale.im);
        *x = Complex32::new(x.re * re - x.im * im, x.re * im + x.im * re);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn follow(samples: &mut [Complex32], table: &[Complex32], inverse_saturation: f32, scale: Complex32) {
    let table = &table[..STEPS + 2];
    for x in samples {
        let u = (x.re * x.re + x.im * x.im).sqrt() * inverse_saturation;
        let place = u / (1.0 + u) * STEPS as f32;
        let entry = (place as usize).min(STEPS);
        let part = place - entry as f32;
        let (low, high) = (table[entry], table[entry + 1]);
        let (re, im) = (low.re + part * (high.re - low.re), low.im + part * (high.im - low.im));
        let (re, im) = (re * scale.re - im * scale.im, re * scale.im + im * scale.re);
        *x = Complex32::new(x.re * re - x.im * im, x.re * im + x.im * re);
    }
}

fn single(z: Complex64) -> Complex32 {
    Complex32::new(z.re as f32, z.im as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean};
    use airloop_baseband::special::{erfc, ln_gamma, regularised_gamma_p, regularised_gamma_q};
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Purpose, Seeds};
    use std::f64::consts::PI;

    fn polynomial(table: &str, back_off_db: f64) -> AmplifierConfig {
        let polynomial = MemoryPolynomial::from_csv(table).unwrap();
        let model = AmplifierModel::MemoryPolynomial(Arc::new(polynomial));
        AmplifierConfig { model, back_off_db, calibrated: true }
    }

    #[test]
    fn the_soft_limiter_has_its_closed_form() {
        for (back_off_db, db) in [(3.0, 17.5), (6.0, 27.7), (8.0, 39.3)] {
            let config =
                AmplifierConfig { model: AmplifierModel::SoftLimiter, back_off_db, calibrated: false };
            let distortion = config.distortion().unwrap();
            let c = power_from_db(0.5 * back_off_db);
            let gain = 1.0 - (-c * c).exp() + 0.5 * PI.sqrt() * c * erfc(c);
            let power = 1.0 - (-c * c).exp() - gain * gain;
            assert!((distortion.gain.re - gain).abs() < 1e-7, "{back_off_db}: {}", distortion.gain);
            assert!((distortion.power / power - 1.0).abs() < 1e-3, "{back_off_db}: {}", distortion.power);
            let found = 10.0 * distortion.signal_to_distortion().log10();
            assert!((found - db).abs() < 0.06, "{back_off_db}: {found}");
            // Calibration leaves the ratio, and an error of the distortion alone.
            let calibrated = distortion.clone().calibrated();
            assert!(
                (calibrated.signal_to_distortion() / distortion.signal_to_distortion() - 1.0).abs() < 1e-12
            );
            assert!(calibrated.error_vector_power() < distortion.error_vector_power());
        }
    }

    #[test]
    fn samples_follow_the_formula() {
        let models = [
            AmplifierModel::SoftLimiter,
            AmplifierModel::Rapp { smoothness: 0.5 },
            AmplifierModel::Rapp { smoothness: 3.0 },
            AmplifierModel::Rapp { smoothness: 20.0 },
            AmplifierModel::Saleh,
        ];
        for model in models {
            let config = AmplifierConfig { model, back_off_db: 2.0, calibrated: false };
            let amplifier = Amplifier::new(&config, 0.3).unwrap();
            let saturation = (0.3f64 * power_from_db(2.0)).sqrt();
            for envelope in [0.0, 1e-3, 0.2, 0.9, 1.0, 1.3, 7.0, 40.0] {
                let x = Complex64::from_polar(envelope * saturation, 0.7);
                let mut samples = vec![single(x)];
                amplifier.apply(&mut samples);
                let (expected, y) = (single(x * config.model.gain(envelope)), samples[0]);
                assert!((y - expected).norm() < 1e-5 * (1.0 + expected.norm()), "{config:?} {envelope}: {y}");
            }
            assert!(
                (config.model.gain(1.0).norm() - 1.0).abs() > 1e-3
                    || config.model == AmplifierModel::SoftLimiter
            );
        }
    }

    #[test]
    fn the_linear_gain_of_a_polynomial_is_that_of_clipped_gaussian_moments() {
        // E[r^2 u^(p - 1); u < 2] + E[r^2 2^p/u; u > 2] at u = drive r, r^2 exponential of mean 1, is
        // drive^(p - 1) Gamma((p + 3)/2) P((p + 3)/2, c^2) + 2^p/drive Gamma(3/2) Q(3/2, c^2),   c = 2/drive.
        let moment = |p: i32, drive: f64| {
            let (shape, square) = (0.5 * f64::from(p + 3), 4.0 / (drive * drive));
            let below = drive.powi(p - 1) * ln_gamma(shape).exp() * regularised_gamma_p(shape, square);
            below + 2f64.powi(p) / drive * 0.5 * PI.sqrt() * regularised_gamma_q(1.5, square)
        };
        for back_off_db in [-10.0, -4.5, -3.0, 0.0, 6.0, 40.0] {
            let drive = power_from_db(-0.5 * back_off_db);
            for p in [1, 2, 3, 9, 15] {
                // The delays together: 0.6 + 0.4 j.
                let table = format!("{p},0,0.3,0.7\n{p},2,0.3,-0.3");
                let (found, expected) = (
                    polynomial(&table, back_off_db).linear_gain(),
                    moment(p, drive) * Complex64::new(0.6, 0.4),
                );
                assert!((found / expected - 1.0).norm() < 2e-6, "{back_off_db} {p}: {found} {expected}");
            }
        }
        assert!((moment(3, 2.0) / 8.0 - 1.0).abs() > 0.1, "clipping changes nothing");
    }

    #[test]
    fn calibrated_polynomials_leave_gaussian_samples_their_size_though_they_clip() {
        let mean_power = 0.3;
        let mut input = vec![Complex32::default(); 800_000];
        let stream = Seeds::new(17).stream(Purpose::Payload, 0, 0);
        stream.fill_complex_gaussian(0, mean_power as f32, &mut input);
        let spec = CheckSpec { alpha: 1e-6, detects: 0.01 };
        for back_off_db in [-10.0, -3.0] {
            let config = polynomial("1,0,1,0\n3,0,-0.1,0.05", back_off_db);
            let mut output = input.clone();
            Amplifier::new(&config, mean_power).unwrap().apply(&mut output);
            let product = |(x, y): (&Complex32, &Complex32)| {
                let product = y * x.conj();
                Complex64::new(product.re.into(), product.im.into()) / mean_power
            };
            let products: Vec<Complex64> = input.iter().zip(&output).map(product).collect();
            let check = |scale: Complex64| {
                let [re, im] = [|z: Complex64| z.re, |z: Complex64| z.im]
                    .map(|part| Moments::of(products.iter().map(|product| part(product * scale))));
                check_mean(&re, 1.0, spec).and(check_mean(&im, 0.0, spec))
            };
            check(Complex64::ONE).unwrap();
            // Divided by the moments of an input that is not clipped: E|x|^4 / E|x|^2 = 2 P.
            let whole = 1.0 + Complex64::new(-0.1, 0.05) * 2.0 * power_from_db(-back_off_db);
            let wrong = check(config.linear_gain() / whole);
            assert!(matches!(wrong, Err(CheckFailure::Disagrees(_))), "{wrong:?}");
        }
    }

    #[test]
    fn values_beyond_their_limits_are_refused() {
        let config = |back_off_db, smoothness| AmplifierConfig {
            model: AmplifierModel::Rapp { smoothness },
            back_off_db,
            calibrated: true,
        };
        for wrong in [config(-11.0, 2.0), config(f64::NAN, 2.0), config(3.0, 0.4), config(3.0, f64::NAN)] {
            assert!(Amplifier::new(&wrong, 1.0).is_err(), "{wrong:?}");
        }
        assert!(Amplifier::new(&config(3.0, 2.0), 0.0).is_err());
        let amplifier = Amplifier::new(&config(3.0, 2.0), 1.0).unwrap();
        assert!(amplifier.at(5.0, 2.0).is_ok() && amplifier.at(50.0, 2.0).is_err());
    }
}

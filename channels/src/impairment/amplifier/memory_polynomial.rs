//! Amplifiers as polynomials of delayed samples.

use crate::error::ChannelError;
use airloop_baseband::special::ln_gamma;
use airloop_baseband::{Complex32, Complex64};
use multiversion::multiversion;

/// Highest order of a term.
pub const MAX_ORDER: usize = 15;

/// Longest delay of a term, in samples.
pub const MAX_DELAY_SAMPLES: usize = 64;

/// A polynomial with memory, on samples of which the amplitude 1 is saturation.
///
/// ```text
/// y[n] = sum over delays q and orders p of a[p, q] x[n - q] |x[n - q]|^(p - 1)
/// ```
///
/// Each term is a function of one delayed sample. Valid to [`MAX_ORDER`] and [`MAX_DELAY_SAMPLES`]; beyond the envelope at which
/// it was fitted a polynomial says nothing, so its input is clipped at amplitude 2. Source: Kim and Konstantinou, "Digital
/// predistortion of wideband signals based on power amplifier model with memory", Electronics Letters 37(23), 2001.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryPolynomial {
    /// By delay, then by order less 1.
    coefficients: Vec<[Complex64; MAX_ORDER]>,
}

/// Largest amplitude at which a polynomial is evaluated.
const LARGEST: f64 = 2.0;

impl MemoryPolynomial {
    /// Reads lines of `order, delay_samples, re, im`; a first line of names, empty lines and lines that begin with `#` are left
    /// aside.
    ///
    /// # Errors
    /// [`ChannelError::AmplifierTable`] with the line that is wrong.
    pub fn from_csv(text: &str) -> Result<Self, ChannelError> {
        let mut coefficients: Vec<[Complex64; MAX_ORDER]> = Vec::new();
        let mut headed = false;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if !std::mem::replace(&mut headed, true) && line.starts_with("order") {
                continue;
            }
            let wrong = |what: &str| ChannelError::AmplifierTable { line: index + 1, what: what.into() };
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            let [order, delay, re, im] = fields[..] else {
                return Err(wrong("four fields are expected: order, delay_samples, re, im"));
            };
            let order: usize = order.parse().map_err(|_| wrong("the order is not a whole number"))?;
            let delay: usize =
                delay.parse().map_err(|_| wrong("the delay is not a whole number of samples"))?;
            if !(1..=MAX_ORDER).contains(&order) || delay > MAX_DELAY_SAMPLES {
                return Err(wrong("orders 1 to 15 and delays 0 to 64 samples are expected"));
            }
            let number = |text: &str| text.parse().ok().filter(|x: &f64| x.is_finite());
            let (Some(re), Some(im)) = (number(re), number(im)) else {
                return Err(wrong("re and im are not finite numbers"));
            };
            if coefficients.len() <= delay {
                coefficients.resize(delay + 1, [Complex64::default(); MAX_ORDER]);
            }
            let place = &mut coefficients[delay][order - 1];
            if *place != Complex64::default() {
                return Err(wrong("this order and delay were given before"));
            }
            *place = Complex64::new(re, im);
        }
        let line = text.lines().count();
        if coefficients.iter().flatten().all(|a| *a == Complex64::default()) {
            return Err(ChannelError::AmplifierTable { line, what: "no term is other than 0".into() });
        }
        Ok(Self { coefficients })
    }

    /// Returns how many samples after itself an input still answers.
    pub fn tail_samples(&self) -> usize {
        self.coefficients.len() - 1
    }

    /// Returns the terms that are not 0, as order, delay in samples and coefficient.
    pub fn terms(&self) -> impl Iterator<Item = (usize, usize, Complex64)> {
        let row = |(delay, row): (usize, &[Complex64; MAX_ORDER])| {
            row.iter().enumerate().map(move |(index, a)| (index + 1, delay, *a)).collect::<Vec<_>>()
        };
        self.coefficients.iter().enumerate().flat_map(row).filter(|(.., a)| *a != Complex64::default())
    }

    /// Returns the gain of all delays together at an envelope.
    pub(super) fn gain(&self, u: f64) -> Complex64 {
        let u = u.min(LARGEST);
        self.terms().map(|(order, _, a)| a * u.powi(order as i32 - 1)).sum()
    }

    /// Returns the linear gain on the carrier for Gaussian samples of root mean square amplitude `drive`.
    ///
    /// ```text
    /// sum over p and q of a[p, q] drive^(p - 1) Gamma((p + 3)/2),   as E|x|^(p+1) / E|x|^2 = Gamma((p + 3)/2) at unit power
    /// ```
    pub(super) fn linear_gain(&self, drive: f64) -> Complex64 {
        let term = |(order, _, a): (usize, usize, Complex64)| {
            a * drive.powi(order as i32 - 1) * ln_gamma(0.5 * (order as f64 + 3.0)).exp()
        };
        self.terms().map(term).sum()
    }

    /// Replaces samples by the output, longer by the tail.
    pub(super) fn apply(&self, samples: &mut Vec<Complex32>, inverse_saturation: f32, scale: Complex32) {
        let input = std::mem::take(samples);
        samples.resize(input.len() + self.tail_samples(), Complex32::default());
        for (delay, row) in self.coefficients.iter().enumerate() {
            let used = row.iter().rposition(|a| *a != Complex64::default()).map_or(0, |last| last + 1);
            let row: Vec<Complex32> =
                row[..used].iter().map(|a| Complex32::new(a.re as f32, a.im as f32) * scale).collect();
            if !row.is_empty() {
                add_delay(&row, &input, inverse_saturation, &mut samples[delay..]);
            }
        }
    }
}

/// Adds the terms of one delay, by Horner's rule in the envelope.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn add_delay(row: &[Complex32], input: &[Complex32], inverse_saturation: f32, out: &mut [Complex32]) {
    for (x, y) in input.iter().zip(out) {
        let u = (x.re * x.re + x.im * x.im).sqrt() * inverse_saturation;
        let clip = (LARGEST as f32 / u.max(1e-30)).min(1.0);
        let u = u.min(LARGEST as f32);
        let (mut re, mut im) = (0.0, 0.0);
        for a in row.iter().rev() {
            re = re * u + a.re;
            im = im * u + a.im;
        }
        let (xr, xi) = (x.re * clip, x.im * clip);
        y.re += xr * re - xi * im;
        y.im += xr * im + xi * re;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "order,delay_samples,re,im\n# a cubic\n1, 0, 1.0, 0.0\n3, 0, -0.1, 0.05\n\n1, 2, 0.1, -0.02\n2,2,0.03,0\n";

    #[test]
    fn samples_are_the_sum_that_the_table_says_and_pieces_add_up() {
        let polynomial = MemoryPolynomial::from_csv(TABLE).unwrap();
        let input: Vec<Complex32> =
            (0..20).map(|i| Complex32::from_polar(0.1 * i as f32, 0.8 * i as f32)).collect();
        let at = |n: i64| usize::try_from(n).ok().and_then(|n| input.get(n)).copied().unwrap_or_default();
        let apply = |part: &[Complex32]| {
            let mut samples = part.to_vec();
            polynomial.apply(&mut samples, 1.0, Complex32::new(1.0, 0.0));
            samples
        };
        let whole = apply(&input);
        assert_eq!(whole.len(), 22);
        for (n, y) in whole.iter().enumerate() {
            let (x, late) = (at(n as i64), at(n as i64 - 2));
            let cubic = Complex32::new(-0.1, 0.05) * x * x.norm_sqr();
            let expected = x + cubic + late * Complex32::new(0.1, -0.02) + late * (0.03 * late.norm());
            assert!((y - expected).norm() < 1e-6, "{n}: {y} {expected}");
        }
        let mut sum = [Complex32::default(); 22];
        for (index, part) in input.chunks(7).enumerate() {
            sum[7 * index..].iter_mut().zip(apply(part)).for_each(|(sum, y)| *sum += y);
        }
        assert!(sum.iter().zip(&whole).all(|(a, b)| (a - b).norm() < 1e-6));
    }

    #[test]
    fn the_linear_gain_is_that_of_gaussian_moments() {
        // E|x|^4 / E|x|^2 = 2 P: 1 - 0.1 * 2 * 0.25.
        let polynomial = MemoryPolynomial::from_csv("1,0,1,0\n3,0,-0.1,0").unwrap();
        assert!((polynomial.linear_gain(0.5) - Complex64::from(0.95)).norm() < 1e-12);
    }

    #[test]
    fn wrong_tables_name_their_line() {
        for (text, line) in [
            ("1,0,1", 1),
            ("order,delay_samples,re,im\n1,0,1,0\n16,0,1,0", 3),
            ("1,0,1,0\n1,65,1,0", 2),
            ("1,0,1,0\n1,0,2,0", 2),
            ("1,0,inf,0", 1),
            ("# nothing\n", 1),
            ("1,0,0,0", 1),
        ] {
            let error = MemoryPolynomial::from_csv(text).unwrap_err();
            assert!(
                matches!(error, ChannelError::AmplifierTable { line: found, .. } if found == line),
                "{text}: {error}"
            );
        }
    }
}

//! Amplifiers as polynomials of delayed samples.

use crate::error::ChannelError;
use airloop_baseband::{Complex32, Complex64};
use multiversion::multiversion;
use std::collections::BTreeSet;

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
    /// By delay, then by order less 1; the longest delay has a term other than 0.
    coefficients: Vec<[Complex64; MAX_ORDER]>,
    /// Sums over delays, by order less 1.
    together: [Complex64; MAX_ORDER],
}

/// The columns of a table, as its first line may name them.
const COLUMNS: [&str; 4] = ["order", "delay_samples", "re", "im"];

/// Largest part of a coefficient.
const MOST: f64 = 1e6;

/// Largest amplitude at which a polynomial is evaluated.
const LARGEST: f64 = 2.0;

/// Outputs computed at a time.
const BLOCK: usize = 512;

impl MemoryPolynomial {
    /// Reads lines of `order, delay_samples, re, im`; a first line of just these names, empty lines and lines that begin with `#` are left
    /// aside.
    ///
    /// # Errors
    /// [`ChannelError::AmplifierTable`] with the line that is wrong.
    pub fn from_csv(text: &str) -> Result<Self, ChannelError> {
        let mut coefficients: Vec<[Complex64; MAX_ORDER]> = Vec::new();
        let (mut given, mut headed) = (BTreeSet::new(), false);
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |what: &str| ChannelError::AmplifierTable { line: index + 1, what: what.into() };
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            if !std::mem::replace(&mut headed, true) && fields.iter().any(|name| name.parse::<f64>().is_err())
            {
                if fields != COLUMNS {
                    return Err(wrong("is not the header; order,delay_samples,re,im is expected"));
                }
                continue;
            }
            let [order, delay, re, im] = fields[..] else {
                return Err(wrong("four fields are expected: order, delay_samples, re, im"));
            };
            let order: usize = order.parse().map_err(|_| wrong("the order is not a whole number"))?;
            let delay: usize =
                delay.parse().map_err(|_| wrong("the delay is not a whole number of samples"))?;
            if !(1..=MAX_ORDER).contains(&order) || delay > MAX_DELAY_SAMPLES {
                return Err(wrong("orders 1 to 15 and delays 0 to 64 samples are expected"));
            }
            let number = |text: &str| text.parse().ok().filter(|x: &f64| x.abs() <= MOST);
            let (Some(re), Some(im)) = (number(re), number(im)) else {
                return Err(wrong("re and im are no numbers of at most 1e6 in size"));
            };
            if !given.insert((order, delay)) {
                return Err(wrong("this order and delay were given before"));
            }
            if coefficients.len() <= delay {
                coefficients.resize(delay + 1, [Complex64::default(); MAX_ORDER]);
            }
            coefficients[delay][order - 1] = Complex64::new(re, im);
        }
        coefficients.truncate(coefficients.iter().rposition(|row| used(row) > 0).map_or(0, |last| last + 1));
        let line = text.lines().count();
        if coefficients.is_empty() {
            return Err(ChannelError::AmplifierTable { line, what: "no term is other than 0".into() });
        }
        let together = std::array::from_fn(|index| coefficients.iter().map(|row| row[index]).sum());
        Ok(Self { coefficients, together })
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

    /// Returns the gain of all delays together at an envelope, that of the clipped input over the input.
    pub(super) fn gain(&self, u: f64) -> Complex64 {
        let (clip, u) = ((LARGEST / u).min(1.0), u.min(LARGEST));
        self.together.iter().rev().fold(Complex64::default(), |gain, a| gain * u + a) * clip
    }

    /// Replaces samples by the output, longer by the tail.
    pub(super) fn apply(&self, samples: &mut Vec<Complex32>, inverse_saturation: f32, scale: Complex32) {
        let (tail, zero) = (self.tail_samples(), Complex32::default());
        samples.resize(samples.len() + tail, zero);
        let mut input = [zero; MAX_DELAY_SAMPLES + BLOCK];
        // Outputs take the place of inputs, the last block first: what lies before it is still input.
        for first in (0..samples.len()).step_by(BLOCK).rev() {
            let end = samples.len().min(first + BLOCK);
            let (before, block) = samples[..end].split_at_mut(first);
            let missing = tail.saturating_sub(first);
            input[..missing].fill(zero);
            input[missing..tail].copy_from_slice(&before[first - (tail - missing)..]);
            input[tail..tail + block.len()].copy_from_slice(block);
            block.fill(zero);
            for (delay, row) in self.coefficients.iter().enumerate() {
                let used = used(row);
                let row = row.map(|a| Complex32::new(a.re as f32, a.im as f32) * scale);
                if used > 0 {
                    add_delay(&row[..used], &input[tail - delay..], inverse_saturation, block);
                }
            }
        }
    }
}

/// Returns how many orders of a delay there are, up to the last that is not 0.
fn used(row: &[Complex64; MAX_ORDER]) -> usize {
    row.iter().rposition(|a| *a != Complex64::default()).map_or(0, |last| last + 1)
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

    const TABLE: &str = "order,delay_samples,re,im\n# a cubic\n1, 0, 1.0, 0.0\n3, 0, -0.1, 0.05\n\n\
                         1, 2, 0.1, -0.02\n2,2,0.03,0\n";

    #[test]
    fn samples_are_the_sum_that_the_table_says_and_pieces_add_up() {
        let polynomial = MemoryPolynomial::from_csv(TABLE).unwrap();
        // Envelopes up to 1.9, over three blocks.
        let count = 2 * BLOCK + 20;
        let input: Vec<Complex32> =
            (0..count).map(|i| Complex32::from_polar(0.1 * (i % 20) as f32, 0.8 * i as f32)).collect();
        let at = |n: i64| usize::try_from(n).ok().and_then(|n| input.get(n)).copied().unwrap_or_default();
        let apply = |part: &[Complex32]| {
            let mut samples = part.to_vec();
            polynomial.apply(&mut samples, 1.0, Complex32::new(1.0, 0.0));
            samples
        };
        let whole = apply(&input);
        assert_eq!(whole.len(), count + 2);
        for (n, y) in whole.iter().enumerate() {
            let (x, late) = (at(n as i64), at(n as i64 - 2));
            let cubic = Complex32::new(-0.1, 0.05) * x * x.norm_sqr();
            let expected = x + cubic + late * Complex32::new(0.1, -0.02) + late * (0.03 * late.norm());
            assert!((y - expected).norm() < 1e-6, "{n}: {y} {expected}");
        }
        for piece in [7, BLOCK + 1] {
            let mut sum = vec![Complex32::default(); count + 2];
            for (index, part) in input.chunks(piece).enumerate() {
                sum[piece * index..].iter_mut().zip(apply(part)).for_each(|(sum, y)| *sum += y);
            }
            assert!(sum.iter().zip(&whole).all(|(a, b)| (a - b).norm() < 1e-6));
        }
    }

    #[test]
    fn inputs_beyond_twice_saturation_are_clipped_in_samples_and_in_the_gain() {
        let polynomial = MemoryPolynomial::from_csv("1,0,1,0\n3,0,-0.1,0.05").unwrap();
        for u in [0.0, 0.7, 2.0, 2.5, 9.0] {
            let mut samples = vec![Complex32::from_polar(u, 0.3)];
            polynomial.apply(&mut samples, 1.0, Complex32::new(1.0, 0.0));
            let x = Complex64::from_polar(f64::from(u), 0.3);
            let clipped = Complex64::from_polar(f64::from(u).min(2.0), 0.3);
            let expected = clipped * (1.0 + Complex64::new(-0.1, 0.05) * clipped.norm_sqr());
            let y = Complex64::new(samples[0].re.into(), samples[0].im.into());
            assert!((y - expected).norm() < 1e-6 && (x * polynomial.gain(u.into()) - expected).norm() < 1e-6);
            let whole = x * (1.0 + Complex64::new(-0.1, 0.05) * x.norm_sqr());
            assert_eq!((whole - expected).norm() > 0.1, u > 2.0, "a control passes: {u}");
        }
    }

    #[test]
    fn delays_without_terms_leave_no_tail() {
        let polynomial = MemoryPolynomial::from_csv("1,0,1,0\n1,3,0.1,0\n1,64,0,0").unwrap();
        assert_eq!((polynomial.tail_samples(), polynomial.terms().count()), (3, 2));
    }

    #[test]
    fn wrong_tables_name_their_line() {
        for (text, line) in [
            ("1,0,1", 1),
            ("order,delay_samples,re,im\n1,0,1,0\n16,0,1,0", 3),
            ("1,0,1,0\n1,65,1,0", 2),
            ("1,0,1,0\n1,0,2,0", 2),
            ("1,0,0,0\n1,0,2,0", 2),
            ("1,0,inf,0", 1),
            ("1,0,2e6,0", 1),
            ("order,delay_samples,im,re\n1,0,1,0", 1),
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

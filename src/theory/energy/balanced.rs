//! Balanced digits of uniform values: their moments, and the error of a sum of them.

use super::balanced_digits;
use super::ensemble::{Coefficients, ErrorMoments};

/// Moments of what one digit of a uniform value `u` puts on its positive bin, `p = max(digit, 0)`; by symmetry the
/// negative bin has the same.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Bin {
    /// `base^d`, in steps: what the digit counts.
    place: f64,
    positive: f64,
    mean: f64,
    square: f64,
    /// `E[p u]`, `E[p u^2]`, `E[p^2 u^2]`.
    with_value: f64,
    with_square: f64,
    square_with_square: f64,
}

/// Moments of all digits of a uniform value of unit power, and of what rounding leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitMoments {
    step: f64,
    bins: Vec<Bin>,
    /// `E e^2`, `E[e u]`, `E[e^2 u^2]` of the rounding error.
    rounding: (f64, f64, f64),
    /// `E c^2`, `E[c^2 u^2]` of the number that is sent.
    number: (f64, f64),
}

impl DigitMoments {
    /// Takes the moments of a uniform value on plus or minus sqrt(3), which lies inside the range.
    ///
    /// Every number stands for a cell of values, over which polynomials of degree five are integrated exactly by
    /// Gauss-Legendre quadrature at three points.
    pub fn of_uniform(base: u32, digits: u32, range: f64) -> Self {
        let largest = (i64::from(base).pow(digits) - 1) / 2;
        let step = range / largest as f64;
        let bin = |d: u32| Bin { place: f64::from(base.pow(d)), ..Bin::default() };
        let mut moments = Self {
            step,
            bins: (0..digits).map(bin).collect(),
            rounding: (0.0, 0.0, 0.0),
            number: (0.0, 0.0),
        };
        let (end, node) = (3f64.sqrt(), 0.6f64.sqrt());
        let mut found = vec![0; digits as usize];
        for number in -largest..=largest {
            let centre = number as f64 * step;
            let (low, high) = ((centre - step / 2.0).max(-end), (centre + step / 2.0).min(end));
            if low >= high {
                continue;
            }
            balanced_digits(number, base, &mut found);
            let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
            for (place, weight) in [(-node, 5.0), (0.0, 8.0), (node, 5.0)] {
                let (u, chance) = (middle + half * place, weight / 18.0 * half / end);
                moments.add(chance, u, centre, &found);
            }
        }
        moments
    }

    fn add(&mut self, chance: f64, u: f64, centre: f64, digits: &[i64]) {
        let e = centre - u;
        self.rounding.0 += chance * e * e;
        self.rounding.1 += chance * e * u;
        self.rounding.2 += chance * e * e * u * u;
        self.number.0 += chance * centre * centre;
        self.number.1 += chance * centre * centre * u * u;
        for (bin, digit) in self.bins.iter_mut().zip(digits).filter(|(_, digit)| **digit > 0) {
            let p = *digit as f64;
            bin.positive += chance;
            bin.mean += chance * p;
            bin.square += chance * p * p;
            bin.with_value += chance * p * u;
            bin.with_square += chance * p * u * u;
            bin.square_with_square += chance * p * p * u * u;
        }
    }
}

/// Returns the error of the sum of K devices' values; the coefficients are those of a bin, in units of digits.
///
/// ```text
/// E = sum_d (step base^d)^2 2 (alpha E(sum_k p_k)^2 + beta K E p^2 + gamma K E p + delta) + K E e^2 + spread K E c^2
/// E(sum_k p_k)^2 = K E p^2 + K (K - 1)(E p)^2
/// ```
///
/// The two bins of a digit, and different digits, have phases and noise of their own: their errors do not correlate.
pub(super) fn error(moments: &DigitMoments, k: f64, c: Coefficients) -> ErrorMoments {
    let pairs = k * (k - 1.0);
    let (rounding, number) = (moments.rounding, moments.number);
    let mut mean = k * rounding.0 + c.spread * k * number.0;
    // Covariances with (sum_k u_k)^2 = sum_k u_k^2 + sum_{i != j} u_i u_j, E u^2 = 1.
    let mut covariance = k * (rounding.2 - rounding.0)
        + 2.0 * pairs * rounding.1 * rounding.1
        + c.spread * k * (number.1 - number.0);
    let (mut level, mut active) = (0.0, 0.0);
    for bin in &moments.bins {
        let weight = 2.0 * (moments.step * bin.place).powi(2);
        let sum_square = k * bin.square + pairs * bin.mean * bin.mean;
        mean += weight * (c.alpha * sum_square + c.beta * k * bin.square + c.gamma * k * bin.mean + c.delta);
        let of_square = k * (bin.square_with_square - bin.square);
        let of_mean = bin.with_square - bin.mean;
        let of_sum_square = of_square + 2.0 * pairs * (bin.with_value.powi(2) + bin.mean * of_mean);
        covariance += weight * (c.alpha * of_sum_square + c.beta * of_square + c.gamma * k * of_mean);
        level += bin.mean / moments.bins.len() as f64;
        active += bin.positive / moments.bins.len() as f64;
    }
    ErrorMoments { mean, covariance, level, active }
}

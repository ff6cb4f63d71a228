//! Rounded uniform values: how often each number is sent, and what rounding leaves then.

use super::DigitalAircompFormula;

/// Chances of the numbers of a uniform value of unit power, with the moments of `level - value`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rounding {
    /// `P(number)`.
    pub chance: Vec<f64>,
    /// `E[error; number]`.
    pub error: Vec<f64>,
    /// `E error^2`.
    pub square: f64,
}

impl Rounding {
    /// Takes the moments over plus or minus sqrt(3).
    ///
    /// Between two levels, and beyond the outer ones, polynomials of degree three are integrated exactly by Gauss-Legendre
    /// quadrature at three points; nearest levels change halfway.
    pub fn of_uniform(formula: &DigitalAircompFormula) -> Self {
        let (levels, step, end) = (formula.levels() as usize, formula.step(), 3f64.sqrt());
        let level = |number: usize| -formula.range + step * number as f64;
        let mut rounding = Self { chance: vec![0.0; levels], error: vec![0.0; levels], square: 0.0 };
        rounding.add((-end, level(0).max(-end)), &[(0, level(0))], |_| 1.0);
        rounding.add((level(levels - 1).min(end), end), &[(levels - 1, level(levels - 1))], |_| 1.0);
        for number in 0..levels - 1 {
            let (low, high) = (level(number), level(number + 1));
            let both = [(number, low), (number + 1, high)];
            if formula.stochastic {
                let up = |u: f64| (u - low) / step;
                rounding.add((low.max(-end), high.min(end)), &both[..1], |u| 1.0 - up(u));
                rounding.add((low.max(-end), high.min(end)), &both[1..], up);
            } else {
                let middle = f64::midpoint(low, high);
                rounding.add((low.max(-end), middle.min(end)), &both[..1], |_| 1.0);
                rounding.add((middle.max(-end), high.min(end)), &both[1..], |_| 1.0);
            }
        }
        rounding
    }

    /// Adds an interval of values that become numbers with a chance.
    fn add(&mut self, (low, high): (f64, f64), numbers: &[(usize, f64)], chance: impl Fn(f64) -> f64) {
        if low >= high {
            return;
        }
        let (middle, half, node) = (f64::midpoint(low, high), (high - low) / 2.0, 0.6f64.sqrt());
        for (place, weight) in [(-node, 5.0), (0.0, 8.0), (node, 5.0)] {
            let u = middle + half * place;
            let density = weight / 18.0 * half / 3f64.sqrt() * chance(u);
            for (number, level) in numbers {
                let error = level - u;
                self.chance[*number] += density;
                self.error[*number] += density * error;
                self.square += density * error * error;
            }
        }
    }

    /// Returns whether all numbers are equally likely, and none is wrong in the mean: then its digits are independent.
    pub fn is_even(&self) -> bool {
        let even = 1.0 / self.chance.len() as f64;
        self.chance.iter().all(|chance| (chance / even - 1.0).abs() < 1e-6)
            && self.error.iter().all(|error| error.abs() < 1e-6 * self.square.sqrt() * even)
    }
}

/// Returns the chances of a sum of independent numbers.
pub(super) fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        for (sum, b) in sum[i..].iter_mut().zip(b) {
            *sum += a * b;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(range: f64, stochastic: bool) -> DigitalAircompFormula {
        DigitalAircompFormula { base: 4, digits: 1, range, stochastic, threshold: None }
    }

    #[test]
    fn chances_and_errors_of_uniform_values() {
        let end = 3f64.sqrt();
        // Cells of equal width: every number is a quarter, the error that of a cell.
        let even = Rounding::of_uniform(&formula(0.75 * end, false));
        assert!(even.is_even());
        assert!((even.square - (end / 2.0).powi(2) / 12.0).abs() < 1e-12);
        // Outer levels at the ends: half a cell each.
        let ends = Rounding::of_uniform(&formula(end, false));
        let sixth = 1.0 / 6.0;
        for (found, right) in ends.chance.iter().zip([sixth, 2.0 * sixth, 2.0 * sixth, sixth]) {
            assert!((found - right).abs() < 1e-12);
        }
        let step = 2.0 * end / 3.0;
        assert!((ends.square - step * step / 12.0).abs() < 1e-12 && !ends.is_even());
        // At random: E f (1 - f) = 1/6, the same chances, and no error in the mean over all numbers.
        let random = Rounding::of_uniform(&formula(end, true));
        assert!((random.square - step * step / 6.0).abs() < 1e-12);
        assert!(random.error.iter().sum::<f64>().abs() < 1e-12);
        assert!((random.chance[0] - sixth).abs() < 1e-12);
    }
}

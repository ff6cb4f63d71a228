//! How a quantity varies over devices, and the averages of phasors and powers that follow.

use airloop_baseband::special::{erf, integrate};
use std::f64::consts::{FRAC_PI_2, SQRT_2};

/// The distribution of a quantity of mean zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// Normal.
    Normal {
        /// Standard deviation.
        sd: f64,
    },
    /// Uniform.
    Uniform {
        /// Largest magnitude.
        half_width: f64,
    },
}

impl Spread {
    /// Returns what the mean of a turned phasor lacks to 1, without cancellation when that is little.
    ///
    /// ```text
    /// 1 - E cos(rate X):   normal 1 - exp(-(rate sd)^2/2),   uniform 1 - sin(x)/x,  x = rate half_width
    /// ```
    pub fn deficit(self, rate: f64) -> f64 {
        match self {
            Self::Normal { sd } => -(-0.5 * (rate * sd).powi(2)).exp_m1(),
            Self::Uniform { half_width } => {
                let x = rate * half_width;
                if x.abs() < 1.0 { -odd_series(-x * x) } else { 1.0 - x.sin() / x }
            }
        }
    }

    /// Returns the mean of [`Spread::deficit`] over rates from 0 to `rate`.
    ///
    /// ```text
    /// normal  1 - sqrt(pi/2) erf(x/sqrt(2))/x,  x = rate sd;   uniform  1 - Si(x)/x,  x = rate half_width
    /// ```
    pub fn mean_deficit(self, rate: f64) -> f64 {
        match self {
            Self::Normal { sd } => {
                let x = (rate * sd).abs();
                if x < 1.0 { normal_series(x) } else { 1.0 - FRAC_PI_2.sqrt() * erf(x / SQRT_2) / x }
            }
            Self::Uniform { half_width } => {
                let x = (rate * half_width).abs();
                if x < 100.0 {
                    return integrate(|u| self.deficit(rate * u), 0.0, 1.0, 1e-13);
                }
                let (sin, cos) = x.sin_cos();
                let square = 1.0 / (x * x);
                let near = 1.0 - square * (2.0 - square * (24.0 - 720.0 * square));
                let far = 1.0 - square * (6.0 - square * (120.0 - 5040.0 * square));
                1.0 - (FRAC_PI_2 - cos / x * near - sin * square * far) / x
            }
        }
    }

    /// Returns the mean of the square of [`Spread::deficit`] over rates from 0 to `rate`.
    ///
    /// ```text
    /// m = mean_deficit:   normal 2 m(rate) - m(sqrt(2) rate),   uniform 1 + 2 m(rate) - 2 m(2 rate) - (sin(x)/x)^2
    /// ```
    ///
    /// Without the cancellation of these where it is little.
    pub fn mean_squared_deficit(self, rate: f64) -> f64 {
        match self {
            Self::Normal { sd } => {
                let x = (rate * sd).abs();
                if x < 1.0 {
                    normal_squared_series(x)
                } else {
                    2.0 * self.mean_deficit(rate) - self.mean_deficit(SQRT_2 * rate)
                }
            }
            Self::Uniform { half_width } if (rate * half_width).abs() < 100.0 => {
                integrate(|u| self.deficit(rate * u).powi(2), 0.0, 1.0, 1e-13)
            }
            Self::Uniform { .. } => {
                let deficit = self.deficit(rate);
                2.0 * (self.mean_deficit(rate) - self.mean_deficit(2.0 * rate)) + deficit * (2.0 - deficit)
            }
        }
    }

    /// Returns by how much the mean of an exponential exceeds 1, without cancellation when that is little.
    ///
    /// ```text
    /// E exp(rate X) - 1:   normal exp((rate sd)^2/2) - 1,   uniform sinh(x)/x - 1,  x = rate half_width
    /// ```
    pub fn growth(self, rate: f64) -> f64 {
        match self {
            Self::Normal { sd } => (0.5 * (rate * sd).powi(2)).exp_m1(),
            Self::Uniform { half_width } => {
                let x = rate * half_width;
                if x.abs() < 1.0 { odd_series(x * x) } else { x.sinh() / x - 1.0 }
            }
        }
    }
}

/// Sums `sinh(x)/x - 1` of `y = x^2`, or `sin(x)/x - 1` of `y = -x^2`, for `|y|` up to 1.
fn odd_series(y: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for n in 1..=9 {
        let even = f64::from(2 * n);
        term *= y / (even * (even + 1.0));
        sum += term;
    }
    sum
}

/// Sums `1 - sqrt(pi/2) erf(x/sqrt(2))/x` for `x` up to 1.
fn normal_series(x: f64) -> f64 {
    let (mut power, mut sum) = (1.0, 0.0);
    for n in 1..=16 {
        let n = f64::from(n);
        power *= -0.5 * x * x / n;
        sum -= power / (2.0 * n + 1.0);
    }
    sum
}

/// Sums the mean over `u` from 0 to 1 of `(1 - exp(-(x u)^2/2))^2` for `x` up to 1.
fn normal_squared_series(x: f64) -> f64 {
    let (mut power, mut double, mut sum) = (1.0, 1.0, 0.0);
    for n in 1..=20 {
        let n = f64::from(n);
        power *= -0.5 * x * x / n;
        double *= 2.0;
        sum += power * (double - 2.0) / (2.0 * n + 1.0);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPREADS: [fn(f64) -> Spread; 2] =
        [|sd| Spread::Normal { sd }, |half_width| Spread::Uniform { half_width }];

    /// Averages over the density by the midpoint rule.
    fn averaged(spread: Spread, f: impl Fn(f64) -> f64) -> f64 {
        const POINTS: usize = 20_000;
        let (edge, density): (f64, fn(f64) -> f64) = match spread {
            Spread::Normal { sd } => (12.0 * sd, |z| (-0.5 * (12.0 * z).powi(2)).exp()),
            Spread::Uniform { half_width } => (half_width, |_| 1.0),
        };
        let (mut sum, mut mass) = (0.0, 0.0);
        for i in 0..POINTS {
            let z = 2.0 * (i as f64 + 0.5) / POINTS as f64 - 1.0;
            sum += density(z) * f(edge * z);
            mass += density(z);
        }
        sum / mass
    }

    #[test]
    fn averages_are_those_of_the_density() {
        for spread in SPREADS {
            for width in [0.01, 0.3, 0.9, 1.1, 2.5] {
                let spread = spread(width);
                let deficit = averaged(spread, |x| 2.0 * (0.5 * 1.3 * x).sin().powi(2));
                assert!((spread.deficit(1.3) / deficit - 1.0).abs() < 1e-7, "{spread:?}: {deficit}");
                let growth = averaged(spread, |x| (1.3 * x).exp_m1());
                assert!((spread.growth(1.3) / growth - 1.0).abs() < 1e-5, "{spread:?}: {growth}");
            }
        }
    }

    #[test]
    fn means_over_rates_are_integrals() {
        for spread in SPREADS {
            for rate in [1e-3, 0.1, 0.99, 1.01, 3.0, 40.0, 130.0] {
                let spread = spread(1.0);
                let mean = integrate(|u| spread.deficit(rate * u), 0.0, 1.0, 1e-13);
                assert!((spread.mean_deficit(rate) / mean - 1.0).abs() < 1e-12, "{spread:?} {rate}");
                let square = integrate(|u| spread.deficit(rate * u).powi(2), 0.0, 1.0, 1e-13);
                assert!(
                    (spread.mean_squared_deficit(rate) / square - 1.0).abs() < 1e-12,
                    "{spread:?} {rate}"
                );
            }
        }
    }

    #[test]
    fn references() {
        // By quadrature in mpmath.
        let (normal, uniform) = (Spread::Normal { sd: 1.0 }, Spread::Uniform { half_width: 1.0 });
        for (value, expected) in [
            (uniform.mean_deficit(0.5), 0.5 * 0.027_570_327_827_733_24),
            (uniform.mean_deficit(20.0), 0.5 * 1.845_175_829_895_656),
            (normal.mean_deficit(1e-3), 1.666_666_416_666_696_4e-7),
            (normal.mean_deficit(0.3), 0.014_799_650_797_393_94),
            (normal.mean_deficit(5.0), 0.749_337_316_242_687),
        ] {
            assert!((value / expected - 1.0).abs() < 1e-13, "{value} {expected}");
        }
    }
}

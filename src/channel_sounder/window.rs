//! Hann windows: their weights, what they make of a line, and how much they widen a spectrum.

use std::f64::consts::PI;

/// Returns the weights of a window of `length` values.
///
/// ```text
/// w_i = sin^2(pi (i + 1/2) / n),   i = 0 .. n - 1
/// ```
pub(super) fn weights(length: usize) -> Vec<f32> {
    (0..length).map(|i| (PI * (i as f64 + 0.5) / length as f64).sin().powi(2) as f32).collect()
}

/// Returns the power with which a window of `length` values shows a line that lies `turns` a value away, relative to one at hand.
///
/// ```text
/// |W(x)|^2 / W(0)^2,   W(x) = D(x)/2 + D(x + 1/n)/4 + D(x - 1/n)/4,   D(x) = sin(pi n x) / sin(pi x)
/// ```
pub(super) fn leakage(length: usize, turns: f64) -> f64 {
    let n = length as f64;
    let kernel = |x: f64| if x.abs() < 1e-12 { n } else { (PI * n * x).sin() / (PI * x).sin() };
    let x = turns - turns.round();
    let shown = 0.5 * kernel(x) + 0.25 * (kernel(x + 1.0 / n) + kernel(x - 1.0 / n));
    (2.0 * shown / n).powi(2)
}

/// Returns the variance of the window's own spectrum over the bins `-reach ..= reach` of a transform of `transform` values, in
/// squared turns a value: what the window adds to the variance of what it shows.
pub(super) fn variance(length: usize, transform: usize, reach: usize) -> f64 {
    let (mut power, mut squares) = (0.0, 0.0);
    for bin in -(reach as i64)..=reach as i64 {
        let turns = bin as f64 / transform as f64;
        let share = leakage(length, turns);
        power += share;
        squares += share * turns * turns;
    }
    squares / power
}

/// Returns `sum over i of w_i w_(i + m)` for every lag `m` of a window.
pub(super) fn autocorrelation(weights: &[f32]) -> Vec<f64> {
    let product = |(a, b): (&f32, &f32)| f64::from(*a) * f64::from(*b);
    (0..weights.len()).map(|lag| weights.iter().zip(&weights[lag..]).map(product).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn leakage_is_that_of_the_sum_over_the_weights() {
        for length in [9, 64] {
            let weights = weights(length);
            let shown = |turns: f64| {
                let at = |(i, w): (usize, &f32)| {
                    let (sin, cos) = (TAU * turns * i as f64).sin_cos();
                    (f64::from(*w) * cos, f64::from(*w) * sin)
                };
                let (re, im) =
                    weights.iter().enumerate().map(at).fold((0.0, 0.0), |s, v| (s.0 + v.0, s.1 + v.1));
                re * re + im * im
            };
            for turns in [0.0, 0.003, 0.02, 0.11, 0.37, 0.5, 0.62, -0.08] {
                let (direct, formula) = (shown(turns) / shown(0.0), leakage(length, turns));
                assert!((direct - formula).abs() < 1e-6, "{length} {turns}: {direct} {formula}");
            }
        }
    }

    #[test]
    fn the_variance_is_a_third_of_a_squared_resolution() {
        // Integral of w'^2 over that of w^2, over (2 pi)^2, is 1/(3 n^2) for a Hann window.
        let own = variance(256, 4096, 2047) * 256.0 * 256.0;
        assert!((own - 1.0 / 3.0).abs() < 1e-3, "{own}");
    }
}

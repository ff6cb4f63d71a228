//! Known gains of one distribution: means of what inverting them, or turning their phase back, leaves of the channel.

use super::mismatch::Mismatch;
use super::statistics::KnownElement;
use airloop_baseband::Complex64;
use airloop_channels::Marginal;

/// Most different distributions of gains whose means are integrals; more are gathered into cells.
const MOST_INTEGRATED: usize = 128;

/// Cells of that many distributions are this wide at first, in the logarithm of the power and in its constant share.
const CELL: f64 = 1.0 / 256.0;

/// Elements whose known gains have one distribution, however they relate to the channel.
///
/// Sums over the elements, by weight, of products of `alpha` and `delta` (see [`super::KnownStatistics`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct KnownGain {
    /// `E|h_hat|^2`.
    power: f64,
    /// Power of the part with constant modulus.
    line_of_sight: f64,
    weight: f64,
    /// `alpha`.
    slope: f64,
    /// `delta`.
    offset: f64,
    /// `|alpha|^2`.
    slope_square: f64,
    /// `Re(alpha^* delta)`.
    product: f64,
    /// `|delta|^2`.
    offset_square: f64,
    /// `E|e|^2`.
    error: f64,
}

/// Gathers elements, sorted by power and constant part, by the distribution of their known gains.
///
/// Where there are many and means over them are integrals, distributions that differ by less than a cell are taken as their
/// mean: an error of second order in the width.
pub(super) fn gather(elements: &[KnownElement], mismatch: Mismatch) -> Vec<KnownGain> {
    let mut gains: Vec<KnownGain> = Vec::new();
    for element in elements {
        let gain = KnownGain::of(element);
        match gains.last_mut().filter(|last| last.is_as(&gain)) {
            Some(last) => last.add(&gain),
            None => gains.push(gain),
        }
    }
    let integrated = mismatch.spread() > 0.0 || gains.iter().any(|gain| gain.line_of_sight > 0.0);
    let mut width = CELL;
    while integrated && gains.len() > MOST_INTEGRATED {
        let cell = |gain: &KnownGain| {
            let share = gain.line_of_sight / gain.power;
            ((gain.power.ln() / width).floor() as i64, (share / width).floor() as i64)
        };
        gains.sort_by_key(cell);
        gains.dedup_by(|b, a| {
            let same = cell(a) == cell(b);
            if same {
                a.add(b);
            }
            same
        });
        width *= 2.0;
    }
    gains
}

impl KnownGain {
    fn of(e: &KnownElement) -> Self {
        let line = e.line_of_sight.min(e.power);
        let (sight, scattered) = (line.sqrt(), e.power - line);
        // Where rounding is all that is left, nothing scatters.
        let slope = if scattered > 1e-14 * e.power {
            (e.cross - e.sight * sight) / scattered
        } else {
            Complex64::default()
        };
        // Where nothing is uncertain rounding must not make it so: inversion of a full fade is infinite.
        let clean = |value: f64| if value < 1e-14 { 0.0 } else { value };
        let offset = e.sight - slope * sight;
        let offset = if offset.norm() < 1e-12 { Complex64::default() } else { offset };
        let error = clean(1.0 - e.sight.norm_sqr() - slope.norm_sqr() * scattered);
        Self {
            power: e.power,
            line_of_sight: line,
            weight: e.weight,
            slope: e.weight * slope.re,
            offset: e.weight * offset.re,
            slope_square: e.weight * slope.norm_sqr(),
            product: e.weight * (slope.conj() * offset).re,
            offset_square: e.weight * offset.norm_sqr(),
            error: e.weight * error,
        }
    }

    fn is_as(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        near(self.power, other.power) && near(self.line_of_sight, other.line_of_sight)
    }

    /// Adds elements: the distribution becomes the mean one.
    fn add(&mut self, other: &Self) {
        let weight = self.weight + other.weight;
        let mean = |a: f64, b: f64| (a * self.weight + b * other.weight) / weight;
        *self = Self {
            power: mean(self.power, other.power),
            line_of_sight: mean(self.line_of_sight, other.line_of_sight),
            weight,
            slope: self.slope + other.slope,
            offset: self.offset + other.offset,
            slope_square: self.slope_square + other.slope_square,
            product: self.product + other.product,
            offset_square: self.offset_square + other.offset_square,
            error: self.error + other.error,
        };
    }

    /// Returns the distribution of the known gain over its mean.
    fn marginal(&self) -> Marginal {
        Marginal::rician(if self.line_of_sight >= self.power {
            f64::INFINITY
        } else {
            self.line_of_sight / (self.power - self.line_of_sight)
        })
    }

    /// Returns `E[A^-n f(|h_hat|); A^2 |h_hat|^2 >= at]` over the gain's mean, `f` of the amplitude over its rms; with
    /// `turned` also times `cos` of its angle from the constant part.
    fn integral(&self, (n, at): (f64, f64), z: Mismatch, f: impl Fn(f64) -> f64, turned: bool) -> f64 {
        let (edge, spread) = (at.sqrt(), z.spread());
        let whole = |r: f64| f(r) * z.inverse_above(n, at / (r * r));
        // Devices whose amplitude is this many deviations off do not count.
        let bends = [edge * (-6.0 * spread).exp(), edge, edge * (6.0 * spread).exp()];
        let from = edge * (-8.0 * spread).exp();
        if turned {
            self.marginal().mean_cosine(whole, from, &bends)
        } else {
            self.marginal().mean(whole, from, &bends)
        }
    }

    /// Returns `E[A^-n; active]`.
    fn share(&self, n: f64, threshold: f64, z: Mismatch) -> f64 {
        let at = threshold / self.power;
        if z.spread() == 0.0 {
            self.marginal().active_share(at)
        } else if at <= 0.0 {
            z.inverse_above(n, 0.0)
        } else {
            self.integral((n, at), z, |_| 1.0, false)
        }
    }

    /// Returns `E[A^-2/|h_hat|^2; active]`.
    fn inverse(&self, threshold: f64, z: Mismatch) -> f64 {
        let at = threshold / self.power;
        let fades = self.line_of_sight < self.power;
        let over_mean = match (z.spread() == 0.0, at <= 0.0 && fades) {
            (true, _) => self.marginal().truncated_inverse(at),
            (false, true) => f64::INFINITY,
            (false, false) => self.integral((2.0, at), z, |r| 1.0 / (r * r), false),
        };
        over_mean / self.power
    }

    /// Returns `E[A^-n/h_hat; active]` in the phase of the constant part.
    fn inverse_amplitude(&self, n: f64, threshold: f64, z: Mismatch) -> f64 {
        if self.line_of_sight == 0.0 {
            return 0.0;
        }
        self.integral((n, threshold / self.power), z, |r| 1.0 / r, true) / self.power.sqrt()
    }

    pub(super) fn active_share(&self, threshold: f64, z: Mismatch) -> f64 {
        self.weight * self.share(0.0, threshold, z)
    }

    pub(super) fn truncated_inverse(&self, threshold: f64, z: Mismatch) -> f64 {
        self.weight * self.inverse(threshold, z)
    }

    /// Returns `E[Re(h/h_hat)/A; active]`, phase errors apart.
    ///
    /// ```text
    /// E[h/h_hat; active] = alpha P(active) + delta E[1/h_hat; active]
    /// ```
    pub(super) fn mean_ratio(&self, threshold: f64, z: Mismatch) -> f64 {
        self.slope * self.share(1.0, threshold, z)
            + product(self.offset, || self.inverse_amplitude(1.0, threshold, z))
    }

    /// Returns `|E[h/h_hat/A; active]|^2`, phase errors apart.
    pub(super) fn square_of_mean_ratio(&self, threshold: f64, z: Mismatch) -> f64 {
        let share = self.share(1.0, threshold, z);
        let inverse = if self.offset_square == 0.0 { 0.0 } else { self.inverse_amplitude(1.0, threshold, z) };
        self.square_of(share, inverse)
    }

    /// Returns `E[|h/h_hat|^2/A^2; active]`.
    ///
    /// ```text
    /// |alpha|^2 P(active) + 2 Re(alpha^* delta) E[1/h_hat; active] + (|delta|^2 + E|e|^2) E[1/|h_hat|^2; active]
    /// ```
    pub(super) fn mean_square_ratio(&self, threshold: f64, z: Mismatch) -> f64 {
        self.slope_square * self.share(2.0, threshold, z)
            + product(2.0 * self.product, || self.inverse_amplitude(2.0, threshold, z))
            + product(self.offset_square + self.error, || self.inverse(threshold, z))
    }

    /// Returns `E[Re(h h_hat^*)/|h_hat|]`, phase errors apart.
    ///
    /// ```text
    /// E[h h_hat^*/|h_hat|] = alpha E|h_hat| + delta E[h_hat^*/|h_hat|]
    /// ```
    pub(super) fn mean_turned(&self) -> f64 {
        let (amplitude, direction) = self.turned();
        self.slope * amplitude + self.offset * direction
    }

    pub(super) fn square_of_mean_turned(&self) -> f64 {
        let (amplitude, direction) = self.turned();
        self.square_of(amplitude, direction)
    }

    /// Returns `E|h_hat|` and `E[h_hat^*/|h_hat|]`.
    fn turned(&self) -> (f64, f64) {
        let marginal = self.marginal();
        (self.power.sqrt() * marginal.mean_amplitude(), marginal.mean_direction())
    }

    /// Returns `|alpha a + delta b|^2`.
    fn square_of(&self, a: f64, b: f64) -> f64 {
        self.slope_square * a * a + 2.0 * self.product * a * b + self.offset_square * b * b
    }
}

/// Returns a product whose second factor may be infinite, or dear, where the first is 0.
fn product(factor: f64, other: impl FnOnce() -> f64) -> f64 {
    if factor == 0.0 { 0.0 } else { factor * other() }
}

#[cfg(test)]
mod tests {
    use super::super::KnownStatistics;
    use super::*;

    #[test]
    fn cells_of_many_distributions_have_the_means_of_all() {
        let count = 600;
        let element = |i: usize| {
            let x = i as f64 / count as f64;
            let (power, line_of_sight) = (0.6 + 0.7 * x, 0.3 + 0.2 * (9.0 * x).sin().powi(2));
            let sight = Complex64::from_polar(0.8, 0.5 * x);
            let cross = sight * line_of_sight.sqrt() + Complex64::new(0.1 + 0.1 * x, 0.02);
            KnownElement { weight: 1.0, power, line_of_sight, sight, cross }
        };
        let mismatch = Mismatch::new(1.0, 0.3);
        let of = |elements: Vec<KnownElement>| {
            let known = KnownStatistics::mismatched(elements, false, mismatch);
            [
                known.active_share(0.2),
                known.truncated_inverse(0.2),
                known.mean_ratio(0.2),
                known.square_of_mean_ratio(0.2),
                known.mean_square_ratio(0.2),
                known.mean_turned(),
                known.square_of_mean_turned(),
            ]
        };
        assert!(gather(&(0..count).map(element).collect::<Vec<_>>(), mismatch).len() <= MOST_INTEGRATED);
        let merged = of((0..count).map(element).collect());
        let each: Vec<[f64; 7]> = (0..count).map(|i| of(vec![element(i)])).collect();
        let one = of(vec![element(count / 2)]);
        for i in 0..7 {
            let mean = each.iter().map(|e| e[i]).sum::<f64>() / count as f64;
            assert!((merged[i] / mean - 1.0).abs() < 2e-5, "{i}: {} {mean}", merged[i]);
            assert!((one[i] / mean - 1.0).abs() > 1e-4, "one element does not stand for all: {i}");
        }
    }
}

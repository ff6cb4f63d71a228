//! Error rates of hard decisions without a code.

use crate::Modulation;
use crate::constellation::levels;
use airloop_baseband::special::{integrate, q_function};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// The exact bit error rate of a modulation with Gray labels and hard decisions, as a sum over decision boundaries.
///
/// ```text
/// P(bit p wrong | level a) = sum over boundaries t of bit p right of a of (-1)^j Q((t - a) d)  +  the same left of a,
///                            j = 0, 1, .. counting outward;   d = sqrt(2 snr / level_energy)
/// BER = mean over bits p and levels a = sum over distances i of weight(i) Q(i d)
/// ```
///
/// The general expressions of Cho & Yoon, IEEE Trans. Commun. 50 (2002) 1074-1080, found here from the labels themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct BitErrorRate {
    /// Distances to boundaries, in halves of the spacing of levels, with their weights.
    terms: Vec<(f64, f64)>,
    level_energy: f64,
}

impl BitErrorRate {
    /// Creates the mean over all bits of a symbol.
    pub fn new(modulation: Modulation) -> Self {
        let bits = modulation.bits_per_dimension();
        Self::over(modulation, 0..bits)
    }

    /// Creates the rate of the bit at `position` in a symbol; positions beyond the symbol's bits give none.
    pub fn of_bit(modulation: Modulation, position: usize) -> Option<Self> {
        let place = position / modulation.dimensions();
        (position < modulation.bits_per_symbol()).then(|| Self::over(modulation, place..place + 1))
    }

    fn over(modulation: Modulation, positions: std::ops::Range<usize>) -> Self {
        let bits = modulation.bits_per_dimension();
        let cases = (positions.len() << bits) as f64;
        let mut counts = vec![0i64; 2 << bits];
        for position in positions {
            let crossed = |boundary: i32| {
                levels::bit(boundary - 1, bits, position) != levels::bit(boundary + 1, bits, position)
            };
            let highest = (1 << bits) - 1;
            for level in levels::levels(bits) {
                let (mut right, mut left) = (1, 1);
                for distance in (1..2 << bits).step_by(2) {
                    if level + distance < highest && crossed(level + distance) {
                        counts[distance as usize] += right;
                        right = -right;
                    }
                    if level - distance > -highest && crossed(level - distance) {
                        counts[distance as usize] += left;
                        left = -left;
                    }
                }
            }
        }
        let terms = (0..).zip(counts).filter(|&(_, count)| count != 0);
        Self {
            terms: terms.map(|(distance, count)| (f64::from(distance), count as f64 / cases)).collect(),
            level_energy: modulation.level_energy(),
        }
    }

    /// Returns the rate in white Gaussian noise.
    ///
    /// Valid for `snr >= 0`, the energy of a symbol over the noise variance.
    pub fn in_noise(&self, snr: f64) -> f64 {
        let scale = (2.0 * snr / self.level_energy).sqrt();
        self.terms.iter().map(|(distance, weight)| weight * q_function(distance * scale)).sum()
    }

    /// Returns the rate over flat Rayleigh fading known to the receiver, `branches` antennas combined by maximum ratio.
    ///
    /// ```text
    /// E Q(sqrt(2 c g)) = ((1 - m)/2)^L  sum over l < L of binomial(L - 1 + l, l) ((1 + m)/2)^l,   m = sqrt(c/(1 + c)),
    /// g the sum of L exponentials of mean 1, c = i^2 snr / level_energy at the distance i
    /// ```
    ///
    /// `snr` is the mean of each branch. Valid for `snr >= 0`; no branches give a value that is not a number.
    /// Proakis, Digital Communications, 4th ed., eq. 14.4-15.
    pub fn in_rayleigh(&self, snr: f64, branches: u32) -> f64 {
        let mean = |distance: f64| mean_tail(distance * distance * snr / self.level_energy, branches);
        self.terms.iter().map(|&(distance, weight)| weight * mean(distance)).sum()
    }
}

/// Returns `E Q(sqrt(2 c g))` over the sum `g` of `branches` exponentials of mean 1.
fn mean_tail(c: f64, branches: u32) -> f64 {
    if branches == 0 {
        return f64::NAN;
    }
    let root = (c / (1.0 + c)).sqrt();
    // (1 - m)/2 without the difference: 1 - m^2 = 1/(1 + c).
    let (small, large) = (0.5 / ((1.0 + c) * (1.0 + root)), 0.5 * (1.0 + root));
    let (mut term, mut sum) = (1.0, 1.0);
    for l in 1..branches {
        term *= large * f64::from(branches - 1 + l) / f64::from(l);
        sum += term;
    }
    sum * small.powf(f64::from(branches))
}

/// Returns the exact symbol error rate in white Gaussian noise.
///
/// ```text
/// p = 2 (1 - 1/M) Q(sqrt(2 snr / level_energy)) for M levels a dimension;   SER = 1 - (1 - p)^dimensions
/// ```
///
/// Valid for `snr >= 0`. Proakis, Digital Communications, 4th ed., section 5.2.
pub fn symbol_error_rate(modulation: Modulation, snr: f64) -> f64 {
    let tail = q_function((2.0 * snr / modulation.level_energy()).sqrt());
    let (single, double) = neighbours(modulation);
    tail * (single - double * tail)
}

/// Returns the exact symbol error rate over flat Rayleigh fading known to the receiver, with maximum-ratio combining.
///
/// ```text
/// E Q(sqrt(2 c g))   = 1/pi integral from 0 to pi/2 of (1 + c / sin^2 t)^(-branches) dt,  c = snr / level_energy
/// E Q(sqrt(2 c g))^2 = 1/pi integral from 0 to pi/4 of the same
/// ```
///
/// `snr` is the mean of each branch. Valid for `snr >= 0`; no branches give a value that is not a number.
/// Simon & Alouini, Digital Communication over Fading Channels, section 8.2.
pub fn symbol_error_rate_rayleigh(modulation: Modulation, snr: f64, branches: u32) -> f64 {
    if branches == 0 {
        return f64::NAN;
    }
    let c = snr / modulation.level_energy();
    let mean = |to: f64| {
        let kernel = |angle: f64| (1.0 + c / angle.sin().powi(2)).powf(-f64::from(branches));
        integrate(kernel, 0.0, to, 1e-11) / PI
    };
    let (single, double) = neighbours(modulation);
    if double == 0.0 { single * mean(FRAC_PI_2) } else { single * mean(FRAC_PI_2) - double * mean(FRAC_PI_4) }
}

/// Returns the weights of `Q` and `-Q^2` in the symbol error rate.
fn neighbours(modulation: Modulation) -> (f64, f64) {
    let a_dimension = 2.0 * (1.0 - 0.5f64.powi(modulation.bits_per_dimension() as i32));
    match modulation.dimensions() {
        1 => (a_dimension, 0.0),
        _ => (2.0 * a_dimension, a_dimension * a_dimension),
    }
}

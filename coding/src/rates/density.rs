//! Integrals of the information density of one real dimension.

use crate::constellation::levels;
use std::f64::consts::{LN_2, PI};

/// Step of the trapezoidal rule in standard deviations of the noise.
///
/// Zeros of the received density lie pi/(2 s) off the real axis between levels `s` from their boundary, where the density
/// is `exp(-s^2/2)`: the rule's own error is `exp(-s^2/2 - pi^2/(s step))`, at most 2e-12.
const STEP: f64 = 0.125;
/// Where the noise's density ends, in standard deviations.
const REACH: f64 = 9.0;
/// Half the spacing of levels, in standard deviations, from which on errors are below the smallest number.
const CERTAIN: f64 = 38.0;

/// Mean and mean square of an information density, in bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    pub mean: f64,
    pub square: f64,
}

/// What is known of one dimension with equally likely levels `a` (odd integers) received as `y = s a + w`, `w` of unit
/// variance.
///
/// ```text
/// symbolwise  i = log2(p(y | a) / p(y))
/// bitwise     i = sum over bits p of log2(P(bit p of a | y) / (1/2))
/// slope       d E i / d(s^2), in nats:  (1/2) E (a - E(a | y))^2, and for bits the same less its mean given each bit
/// ```
///
/// The slopes follow from Guo, Shamai & Verdu, IEEE Trans. Inf. Theory 51 (2005) 1261-1282, for bits by
/// `I(bit; y) = I(a; y) - I(a; y | bit)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Density {
    pub symbolwise: Moments,
    pub bitwise: Moments,
    pub symbolwise_slope: f64,
    pub bitwise_slope: f64,
}

/// Sums over the levels near a received value.
struct Node {
    /// `exp(-(y - s a)^2 / 2)` and its logarithm, of the levels from `first` on.
    terms: Vec<(f64, f64)>,
    first: usize,
    /// Over all levels: of the terms, and of the terms times their levels.
    all: (f64, f64),
    /// The same over levels with bit p at 0 and at 1.
    split: Vec<[(f64, f64); 2]>,
}

/// Integrates over one dimension with `bits` bits.
pub fn integrate(bits: usize, s: f64) -> Density {
    let count = 1usize << bits;
    if s >= CERTAIN {
        let certain = Moments { mean: bits as f64, square: (bits * bits) as f64 };
        return Density { symbolwise: certain, bitwise: certain, ..Density::default() };
    }
    let all: Vec<i32> = levels::levels(bits).collect();
    let end = (count - 1) as f64 * s + REACH;
    let mut density = Density::default();
    let (mut squares, mut split_squares) = (0.0, 0.0);
    let mut node =
        Node { terms: Vec::new(), first: 0, all: (0.0, 0.0), split: vec![Default::default(); bits] };
    // All is symmetric: the left half counts with the right one.
    for step in 0..=(end / STEP) as usize {
        node.fill(&all, bits, s, step as f64 * STEP);
        if node.all.0 == 0.0 {
            continue;
        }
        let halves = if step == 0 { 1.0 } else { 2.0 };
        let weight = halves * STEP / (count as f64 * (2.0 * PI).sqrt());
        node.add_moments(&all, bits, weight, &mut density);
        let ratio = |(sum, moment): (f64, f64)| if sum > 0.0 { weight * moment * moment / sum } else { 0.0 };
        squares += ratio(node.all);
        split_squares += node.split.iter().flatten().map(|&sums| ratio(sums)).sum::<f64>();
    }
    let energy = ((count * count - 1) / 3) as f64;
    density.symbolwise_slope = (0.5 * (energy - squares)).max(0.0);
    density.bitwise_slope = (0.5 * (split_squares - bits as f64 * squares)).max(0.0);
    density
}

impl Node {
    fn fill(&mut self, all: &[i32], bits: usize, s: f64, y: f64) {
        let near = |a: i32| (y - s * f64::from(a)).abs() < CERTAIN;
        self.first = all.iter().position(|&a| near(a)).unwrap_or(all.len());
        self.terms.clear();
        self.all = (0.0, 0.0);
        self.split.fill(Default::default());
        for &a in all[self.first..].iter().take_while(|&&a| near(a)) {
            let exponent = -0.5 * (y - s * f64::from(a)).powi(2);
            let (term, moment) = (exponent.exp(), exponent.exp() * f64::from(a));
            self.terms.push((term, exponent));
            self.all = (self.all.0 + term, self.all.1 + moment);
            for (p, split) in self.split.iter_mut().enumerate() {
                let side = &mut split[usize::from(levels::bit(a, bits, p))];
                *side = (side.0 + term, side.1 + moment);
            }
        }
    }

    fn add_moments(&self, all: &[i32], bits: usize, weight: f64, density: &mut Density) {
        let whole = self.all.0.ln();
        let sides: Vec<[f64; 2]> = self.split.iter().map(|split| split.map(|(sum, _)| sum.ln())).collect();
        for (&(term, exponent), &a) in self.terms.iter().zip(&all[self.first..]) {
            let symbolwise = bits as f64 + (exponent - whole) / LN_2;
            let known: f64 = sides
                .iter()
                .enumerate()
                .map(|(p, side)| side[usize::from(levels::bit(a, bits, p))] - whole)
                .sum();
            density.symbolwise.add(weight * term, symbolwise);
            density.bitwise.add(weight * term, bits as f64 + known / LN_2);
        }
    }
}

impl Moments {
    fn add(&mut self, weight: f64, value: f64) {
        self.mean += weight * value;
        self.square += weight * value * value;
    }
}

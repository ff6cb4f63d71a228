//! Noise and channel of a band told apart: combinations of subcarriers in which no path shows, and what a hole at the carrier
//! held.

use super::plan::DelayPlan;
use airloop_baseband::linear::{eigen, factor, solve_factored};
use airloop_baseband::{Complex32, Complex64};
use std::f64::consts::{PI, TAU};
use std::ops::Range;

/// Fewest subcarriers of a block, where the band has as many; a block is less than twice as long.
const BLOCK: usize = 96;

/// Share of a path's power that a combination may show, on average over the delays at which paths come.
const LEAKAGE: f64 = 1e-9;

/// Most combinations of all blocks together.
const MOST: usize = 128;

/// Used subcarriers either side from which a hole is filled.
const NEIGHBOURS: usize = 16;

/// Noise over power for which a hole is filled best.
const FILLING_NOISE: f64 = 1e-6;

/// Delays at which paths come, as shares of a symbol without its prefix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
    pub first: f64,
    pub last: f64,
}

impl Delays {
    /// Returns the mean over the delays of `exp(-j 2 pi d x)` for a distance of `d` subcarriers, at delays counted from their
    /// middle: `sin(pi d w) / (pi d w)` over a width `w`.
    fn correlation(self, distance: f64) -> Complex64 {
        let x = PI * distance * (self.last - self.first);
        Complex64::from(if x == 0.0 { 1.0 } else { x.sin() / x })
    }

    /// Returns `exp(-j 2 pi d x)` at the middle of the delays.
    fn turn(self, distance: f64) -> Complex64 {
        Complex64::cis(-PI * distance * (self.first + self.last))
    }
}

/// Combinations of the used subcarriers of a band that hear noise and no path.
///
/// ```text
/// R_jk = mean over the delays x at which paths come of exp(-j 2 pi (p_j - p_k) x),   p: positions of a block's used subcarriers
/// R v = leakage v, |v| = 1:   |v^H Y|^2 is noise, and leakage of a unit path's power
/// ```
///
/// They are the last of the discrete prolate spheroidal sequences (Slepian, Bell System Technical Journal 57 (1978) 1371-1430),
/// over positions that may have a hole.
#[derive(Clone, Debug)]
pub(super) struct Quiet {
    blocks: Vec<Block>,
    /// Share of a path's power that shows as noise, on average over delays.
    leakage: f64,
}

/// Neighbouring used subcarriers.
#[derive(Clone, Debug)]
struct Block {
    /// Among all used subcarriers.
    subcarriers: Range<usize>,
    /// Conjugate combinations, one after the other.
    combinations: Vec<Complex32>,
}

impl Quiet {
    pub(super) fn new(positions: &[usize], delays: Delays) -> Self {
        let count = (positions.len() / BLOCK).max(1);
        let length = positions.len() / count;
        let (mut blocks, mut leakage) = (Vec::<Block>::new(), 0.0);
        let mut known: Vec<(Vec<usize>, usize, f64)> = Vec::new();
        for (at, positions) in positions.chunks_exact(length).enumerate() {
            let subcarriers = at * length..(at + 1) * length;
            let places: Vec<usize> = positions.iter().map(|p| p - positions[0]).collect();
            let found = known.iter().find(|(same, ..)| *same == places).map(|(_, at, own)| (*at, *own));
            let (combinations, own) = match found {
                Some((same, own)) => (blocks[same].combinations.clone(), own),
                None => combinations(&places, delays, MOST.div_ceil(count)),
            };
            known.push((places, at, own));
            leakage += own / count as f64;
            blocks.push(Block { subcarriers, combinations });
        }
        Self { blocks, leakage }
    }

    /// Returns the share of a path's power that shows as noise, on average over delays.
    pub(super) fn leakage(&self) -> f64 {
        self.leakage
    }

    /// Returns the noise power per element of what is heard on the used subcarriers.
    pub(super) fn noise_power(&self, row: &[Complex32]) -> f64 {
        let (mut power, mut count) = (0.0, 0);
        for block in &self.blocks {
            let heard = &row[block.subcarriers.clone()];
            for combination in block.combinations.chunks_exact(heard.len()) {
                let sum: Complex32 = combination.iter().zip(heard).map(|(v, y)| v * y).sum();
                power += f64::from(sum.norm_sqr());
                count += 1;
            }
        }
        power / f64::from(count)
    }
}

/// Returns the conjugates of the combinations of subcarriers that show the least of paths, at least one and at most so many, and
/// what they show.
fn combinations(places: &[usize], delays: Delays, most: usize) -> (Vec<Complex32>, f64) {
    let n = places.len();
    let distance = |j: usize, k: usize| places[j] as f64 - places[k] as f64;
    let matrix: Vec<Complex64> = (0..n * n).map(|at| delays.correlation(distance(at / n, at % n))).collect();
    let eigen = eigen(n, &matrix);
    let count = eigen.values.iter().rev().take_while(|value| **value <= LEAKAGE).count().clamp(1, most);
    let quietest = eigen.vectors.chunks_exact(n).rev().take(count);
    let conjugate = |v: &[Complex64]| -> Vec<Complex32> {
        let of = |(j, v): (usize, &Complex64)| (v * delays.turn(distance(j, 0))).conj();
        v.iter().enumerate().map(of).map(|v| Complex32::new(v.re as f32, v.im as f32)).collect()
    };
    let leakage = eigen.values[n - count..].iter().map(|value| value.max(0.0)).sum::<f64>() / count as f64;
    (quietest.flat_map(conjugate).collect(), leakage)
}

/// The carrier where it is not used, and how its neighbours say what it would have held: a hole would leak over all delays.
///
/// ```text
/// sum_j c_j Y_j,   c: least mean over the delays x of |sum_j c_j exp(-j 2 pi p_j x) - exp(-j 2 pi p x)|^2 + 1e-6 sum_j |c_j|^2
/// ```
#[derive(Clone, Debug)]
pub(super) struct Hole {
    /// Its position.
    place: usize,
    /// Positions of its neighbours, and their coefficients.
    neighbours: Vec<(usize, Complex64)>,
}

impl Hole {
    /// Returns the hole among ascending positions, if there is one.
    pub(super) fn of(positions: &[usize], delays: Delays) -> Option<Self> {
        let before = positions.windows(2).position(|pair| pair[1] == pair[0] + 2)?;
        let place = positions[before] + 1;
        let near = &positions
            [(before + 1).saturating_sub(NEIGHBOURS)..(before + 1 + NEIGHBOURS).min(positions.len())];
        let n = near.len();
        let between = |a: usize, b: usize| a as f64 - b as f64;
        let entry = |at: usize| {
            let (j, k) = (at / n, at % n);
            let noise = if j == k { FILLING_NOISE } else { 0.0 };
            delays.correlation(between(near[j], near[k])) + noise
        };
        let mut matrix: Vec<Complex64> = (0..n * n).map(entry).collect();
        let mut shares: Vec<Complex64> =
            near.iter().map(|near| delays.correlation(between(*near, place))).collect();
        if !factor(n, &mut matrix) {
            return None;
        }
        solve_factored(n, &matrix, &mut shares);
        let neighbours =
            near.iter().zip(shares).map(|(near, share)| (*near, share * delays.turn(between(place, *near))));
        Some(Self { place, neighbours: neighbours.collect() })
    }

    /// Fills the hole of a band.
    pub(super) fn fill(&self, band: &mut [Complex32]) {
        let held = |(near, c): &(usize, Complex64)| Complex32::new(c.re as f32, c.im as f32) * band[*near];
        band[self.place] = self.neighbours.iter().map(held).sum();
    }

    /// Returns what filling adds to the sum over a window's squared weights with which a delay, as a share of a symbol, shows
    /// noise.
    fn noise_added(&self, weights: &[f32], delay: f64) -> f64 {
        let own = f64::from(weights[self.place]);
        let added = |(near, c): &(usize, Complex64)| {
            let weight = f64::from(weights[*near]);
            let turn = Complex64::cis(TAU * (self.place as f64 - *near as f64) * delay);
            (weight + own * c * turn).norm_sqr() - weight * weight
        };
        self.neighbours.iter().map(added).sum::<f64>() - own * own
    }
}

/// Returns what noise of unit power adds at every delay of a profile in which a lone path shows its power.
///
/// ```text
/// sum_i |w_i + w_hole c_i exp(j 2 pi (p_hole - p_i) x)|^2 / (sum w)^2   over the used subcarriers i
/// ```
pub(super) fn noise_shown(delays: &DelayPlan) -> Vec<f64> {
    let weights = || delays.weights.iter().map(|w| f64::from(*w));
    let (sum, squares) = (weights().sum::<f64>(), weights().map(|w| w * w).sum::<f64>());
    let added = |bin: usize| {
        let delay = (bin as f64 - delays.gate.0 as f64) / delays.transform as f64;
        delays.hole.as_ref().map_or(0.0, |hole| hole.noise_added(&delays.weights, delay))
    };
    (0..delays.bins()).map(|bin| (squares + added(bin)) / (sum * sum)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path of unit power on positions.
    fn path(positions: &[usize], delay: f64) -> Vec<Complex32> {
        let of = |p: &usize| Complex64::cis(-TAU * *p as f64 * delay);
        positions.iter().map(of).map(|h| Complex32::new(h.re as f32, h.im as f32)).collect()
    }

    fn with_hole(used: usize) -> Vec<usize> {
        (0..used).map(|i| if i < used / 2 { i } else { i + 1 }).collect()
    }

    #[test]
    fn quiet_combinations_hear_no_path_within_the_delays_and_any_other() {
        let delays = Delays { first: -0.03, last: 0.3 };
        for positions in [with_hole(32), with_hole(200), (0..400).collect()] {
            let quiet = Quiet::new(&positions, delays);
            let heard = |delay: f64| quiet.noise_power(&path(&positions, delay));
            assert!(quiet.leakage() <= LEAKAGE);
            for tenth in 0..=10 {
                let delay = 0.03 * f64::from(tenth);
                assert!(heard(delay) < 30.0 * LEAKAGE, "{delay}: {}", heard(delay));
            }
            assert!(heard(0.6) > 0.5, "control: {}", heard(0.6));
            // Orthonormal combinations show noise as it is.
            for block in &quiet.blocks {
                let rows: Vec<&[Complex32]> =
                    block.combinations.chunks_exact(block.subcarriers.len()).collect();
                for (i, a) in rows.iter().enumerate() {
                    for (j, b) in rows.iter().enumerate() {
                        let dot: Complex32 = a.iter().zip(*b).map(|(a, b)| a * b.conj()).sum();
                        assert!((dot - Complex32::from(if i == j { 1.0 } else { 0.0 })).norm() < 1e-5);
                    }
                }
            }
        }
        let full = Quiet::new(&with_hole(32), Delays { first: 0.0, last: 1.0 });
        assert!(full.leakage() > 0.1, "delays of a whole symbol leave nothing quiet: {}", full.leakage());
    }

    #[test]
    fn a_hole_is_filled_with_what_paths_would_have_put_there() {
        let (positions, delays) = (with_hole(48), Delays { first: -0.02, last: 0.3 });
        let hole = Hole::of(&positions, delays).unwrap();
        assert_eq!(hole.place, 24);
        let error = |delay: f64| {
            let mut band = path(&(0..49).collect::<Vec<_>>(), delay);
            let truth = std::mem::take(&mut band[24]);
            hole.fill(&mut band);
            (band[24] - truth).norm_sqr()
        };
        for tenth in 0..=10 {
            let delay = 0.03 * f64::from(tenth);
            assert!(error(delay) < 1e-4, "{delay}: {}", error(delay));
        }
        assert!(error(0.6) > 0.1, "control: {}", error(0.6));
        assert!(Hole::of(&(0..48).collect::<Vec<_>>(), delays).is_none());
    }
}

//! Max-log demapping: a piecewise linear function of each dimension.

use super::blocks::{LANES, Rule, larger, precision, run, smaller};
use super::{LLR_LIMIT, Modulation, NoiseVariance};
use airloop_baseband::Complex32;
use std::f32::consts::SQRT_2;

/// Adding and subtracting it rounds a number below 2^22 to an integer.
const ROUNDING: f32 = 12_582_912.0;

/// The piecewise linear rule; received parts times `scale` have the odd integers as levels.
///
/// ```text
/// v(0) = scale part,  v(p+1) = K(p) - |v(p)|,  K(p) = 2^(BITS - 1 - p) levels on either side of the boundary of bit p
/// LLR(p) = 4 / (scale^2 v) sign(v(p)) (k + 1) (|v(p)| - k),   k = the segment, |v(p)|/2 rounded down, at most K(p) - 1
/// ```
///
/// On segment `k` the nearest level of the other kind is 1 beyond the boundary and the nearest of the own kind is `2 k + 1`:
/// `(w + 1)^2 - (w - 2 k - 1)^2 = 4 (k + 1) (w - k)`. Neighbouring segments agree where they meet.
struct MaxLog {
    scale: f32,
    gain: f32,
}

impl<const BITS: usize> Rule<BITS> for MaxLog {
    type Value = f32;

    #[inline(always)]
    fn values(&self, parts: &[f32; LANES], precisions: &[f32; LANES]) -> [[f32; LANES]; BITS] {
        let mut values = [[0.0; LANES]; BITS];
        let mut inner = [0.0; LANES];
        let mut gains = [0.0; LANES];
        for lane in 0..LANES {
            inner[lane] = parts[lane] * self.scale;
            gains[lane] = precisions[lane] * self.gain;
        }
        for (bit, llrs) in values.iter_mut().enumerate() {
            let side = (1 << (BITS - 1 - bit)) as f32;
            for lane in 0..LANES {
                let distance = inner[lane].abs();
                let line = if bit + 1 == BITS { distance } else { segments(distance, side) };
                llrs[lane] = bounded(line.copysign(inner[lane]) * gains[lane]);
                inner[lane] = side - distance;
            }
        }
        values
    }
}

/// Returns `(k + 1) (w - k)` with the segment `k` of `w`, of `side` segments.
#[inline(always)]
fn segments(w: f32, side: f32) -> f32 {
    let k = (smaller(0.5 * w - 0.5, side - 1.0) + ROUNDING) - ROUNDING;
    (k + 1.0) * (w - k)
}

/// Bounds a log-likelihood ratio.
#[inline(always)]
fn bounded(llr: f32) -> f32 {
    smaller(larger(llr, -LLR_LIMIT), LLR_LIMIT)
}

/// Demaps a square constellation.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn demap(modulation: Modulation, received: &[Complex32], noise: NoiseVariance<'_>, llrs: &mut [f32]) {
    let energy = modulation.level_energy();
    let rule = MaxLog { scale: energy.sqrt() as f32, gain: (4.0 / energy) as f32 };
    match modulation.bits_per_dimension() {
        1 => run::<1, _>(&rule, received, noise, llrs),
        2 => run::<2, _>(&rule, received, noise, llrs),
        3 => run::<3, _>(&rule, received, noise, llrs),
        4 => run::<4, _>(&rule, received, noise, llrs),
        _ => run::<5, _>(&rule, received, noise, llrs),
    }
}

/// Demaps BPSK, for which max-log is exact; pi/2-BPSK if the index of the first symbol is given.
///
/// ```text
/// LLR = 4 Re(z conj(x(0))) / v,   x(0) = (1 + j)/sqrt(2), turned by a quarter for odd symbols of pi/2-BPSK
/// ```
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn bpsk(received: &[Complex32], noise: NoiseVariance<'_>, turned: Option<u64>, llrs: &mut [f32]) {
    let (common, variances) = match noise {
        NoiseVariance::Common(variance) => (precision(variance), &[][..]),
        NoiseVariance::PerSymbol(variances) => (0.0, variances),
    };
    for (place, (llr, z)) in llrs.iter_mut().zip(received).enumerate() {
        *llr = projection(*z, turned, place);
    }
    if variances.is_empty() {
        for llr in llrs {
            *llr = scaled(*llr, common);
        }
    } else {
        for (llr, variance) in llrs.iter_mut().zip(variances) {
            *llr = scaled(*llr, precision(*variance));
        }
    }
}

/// Returns `sqrt(2) Re(z conj(x(0)))` of the symbol at `place`.
#[inline(always)]
pub fn projection(z: Complex32, turned: Option<u64>, place: usize) -> f32 {
    let odd = turned.is_some_and(|first| (first as usize ^ place) & 1 == 1);
    if odd { z.im - z.re } else { z.im + z.re }
}

/// Returns the bounded log-likelihood ratio of a projection; 0 if the projection is not a number.
#[inline(always)]
fn scaled(projection: f32, precision: f32) -> f32 {
    let value = bounded(smaller(larger(projection, -1e15), 1e15) * (2.0 * SQRT_2 * precision));
    if projection.is_nan() { 0.0 } else { value }
}

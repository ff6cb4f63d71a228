//! Exact demapping: sums of exponentials over the levels of each dimension.

use super::blocks::{LANES, Rule, larger, run, smaller};
use super::exponential::{ROUNDING, exponential, log_ratio};
use super::{LLR_LIMIT, Modulation, NoiseVariance, levels};
use airloop_baseband::Complex32;

/// Exponents lie in `[-HEADROOM, HEADROOM]`: ratios up to `exp(2 HEADROOM)`, beyond the limit of an LLR, are exact.
const HEADROOM: f64 = 700.0;

/// The exact rule; received parts times `scale` have the odd integers as levels.
///
/// ```text
/// E(a) = exp(HEADROOM - ((u - a)^2 - (u - nearest level)^2) / (scale^2 v)),  u = scale part
/// LLR(p) = ln(sum of E(a) over levels with bit p = 0) - ln(sum of E(a) over levels with bit p = 1)
/// ```
///
/// The dimensions of a square constellation are independent, so that the sum over the other one cancels.
struct Exact {
    scale: f64,
    gain: f64,
}

impl<const BITS: usize> Rule<BITS> for Exact {
    type Value = f32;

    #[inline(always)]
    fn values(&self, parts: &[f32; LANES], precisions: &[f32; LANES]) -> [[f32; LANES]; BITS] {
        let (mut u, mut gains) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            u[lane] = f64::from(parts[lane]) * self.scale;
            gains[lane] = f64::from(precisions[lane]) * self.gain;
        }
        let (zeros, ones) = sums::<BITS>(&u, &gains);
        let mut values = [[0.0; LANES]; BITS];
        for bit in 0..BITS {
            for lane in 0..LANES {
                let llr = log_ratio(zeros[bit][lane], ones[bit][lane]) as f32;
                values[bit][lane] = smaller(larger(llr, -LLR_LIMIT), LLR_LIMIT);
            }
        }
        values
    }
}

/// Returns for each bit the sums of `E(a)` over levels where it is 0 and over those where it is 1.
#[inline(always)]
fn sums<const BITS: usize>(
    u: &[f64; LANES],
    gains: &[f64; LANES],
) -> ([[f64; LANES]; BITS], [[f64; LANES]; BITS]) {
    let highest = ((1 << BITS) - 1) as f64;
    let mut nearest = [0.0; LANES];
    for lane in 0..LANES {
        let odd = 2.0 * ((0.5 * u[lane] - 0.5 + ROUNDING) - ROUNDING) + 1.0;
        nearest[lane] = smaller(larger(odd, -highest), highest);
    }
    let (mut zeros, mut ones) = ([[0.0; LANES]; BITS], [[0.0; LANES]; BITS]);
    for place in 0..1 << BITS {
        let level = 2 * place + 1 - (1 << BITS);
        let at = f64::from(level);
        let mut terms = [0.0; LANES];
        for lane in 0..LANES {
            // The difference of the squares without their cancellation; 0 for the nearest level whatever the gain.
            let product = (at - nearest[lane]) * (2.0 * u[lane] - (at + nearest[lane]));
            let exponent = product * gains[lane] + HEADROOM;
            terms[lane] = exponential(smaller(larger(exponent, -HEADROOM), HEADROOM));
        }
        for bit in 0..BITS {
            let sum = if levels::bit(level, BITS, bit) { &mut ones[bit] } else { &mut zeros[bit] };
            for lane in 0..LANES {
                sum[lane] += terms[lane];
            }
        }
    }
    (zeros, ones)
}

/// Demaps a square constellation of more than one bit a dimension; with one, max-log is exact.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn demap(modulation: Modulation, received: &[Complex32], noise: NoiseVariance<'_>, llrs: &mut [f32]) {
    let energy = modulation.level_energy();
    let rule = Exact { scale: energy.sqrt(), gain: energy.recip() };
    match modulation.bits_per_dimension() {
        2 => run::<2, _>(&rule, received, noise, llrs),
        3 => run::<3, _>(&rule, received, noise, llrs),
        4 => run::<4, _>(&rule, received, noise, llrs),
        _ => run::<5, _>(&rule, received, noise, llrs),
    }
}

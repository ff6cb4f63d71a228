//! Hard decisions.

use super::blocks::{LANES, Rule, run};
use super::max_log::projection;
use super::{Modulation, NoiseVariance};
use airloop_baseband::Complex32;

/// Decides bits by signs: `v(0) = scale part, v(p+1) = 2^(BITS - 1 - p) - |v(p)|`, a bit is 1 where `v(p) < 0`.
struct Hard {
    scale: f32,
}

impl<const BITS: usize> Rule<BITS> for Hard {
    type Value = u8;

    #[inline(always)]
    fn values(&self, parts: &[f32; LANES], _: &[f32; LANES]) -> [[u8; LANES]; BITS] {
        let mut values = [[0; LANES]; BITS];
        let mut inner = [0.0; LANES];
        for lane in 0..LANES {
            inner[lane] = parts[lane] * self.scale;
        }
        for (bit, decided) in values.iter_mut().enumerate() {
            let side = (1 << (BITS - 1 - bit)) as f32;
            for lane in 0..LANES {
                decided[lane] = u8::from(inner[lane] < 0.0);
                inner[lane] = side - inner[lane].abs();
            }
        }
        values
    }
}

/// Decides the bits of a square constellation.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub fn decide(modulation: Modulation, received: &[Complex32], bits: &mut [u8]) {
    let rule = Hard { scale: modulation.level_energy().sqrt() as f32 };
    let noise = NoiseVariance::Common(1.0);
    match modulation.bits_per_dimension() {
        1 => run::<1, _>(&rule, received, noise, bits),
        2 => run::<2, _>(&rule, received, noise, bits),
        3 => run::<3, _>(&rule, received, noise, bits),
        4 => run::<4, _>(&rule, received, noise, bits),
        _ => run::<5, _>(&rule, received, noise, bits),
    }
}

/// Decides the bits of BPSK; of pi/2-BPSK if the index of the first symbol is given.
pub fn bpsk(received: &[Complex32], turned: Option<u64>, bits: &mut [u8]) {
    for (place, (bit, z)) in bits.iter_mut().zip(received).enumerate() {
        *bit = u8::from(projection(*z, turned, place) < 0.0);
    }
}

//! Uniform quantisation with subtractive dither, one implementation for ideal links and for bits.
//!
//! ```text
//! Delta = 2 max|v| / (2^b - 1);   level i = round((v + d + max|v|)/Delta), d uniform in +-Delta/2 and known to both ends
//! arrives: -max|v| + i Delta - d;   error uniform in +-Delta/2 whatever the value: mean square Delta^2 / 12
//! ```
//!
//! Source: Gray, Stockham, "Dithered quantizers", IEEE Trans. Information Theory 39(3), 1993.

use multiversion::multiversion;

/// Returns the distance of the levels of values up to `largest`.
pub fn step(largest: f64, bits: u32) -> f64 {
    2.0 * largest / (2f64.powi(bits as i32) - 1.0)
}

/// A uniform quantiser with subtractive dither.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DitheredQuantiser {
    /// Largest magnitude: levels lie at `-largest + i step`.
    pub largest: f64,
    /// Distance of levels.
    pub step: f64,
    /// Factor on what arrives.
    pub weight: f64,
    /// Share of the dither that is taken off: all of it, but none of it from votes.
    pub taken_off: f64,
}

impl DitheredQuantiser {
    #[inline(always)]
    fn dither(self, uniform: f32) -> f64 {
        (f64::from(uniform) - 0.5) * self.step
    }

    /// Returns the number of the nearest level to a value plus its dither, from 0 to `2^b - 1`.
    #[inline(always)]
    fn level(self, value: f32, dither: f64) -> f64 {
        ((f64::from(value) + dither + self.largest) / self.step).round()
    }

    #[inline(always)]
    fn arrived(self, level: f64, dither: f64) -> f32 {
        (self.weight * (level * self.step - self.largest - self.taken_off * dither)) as f32
    }

    /// Returns what arrives of a value with the dither of a uniform number.
    #[inline(always)]
    pub fn apply(self, value: f32, uniform: f32) -> f32 {
        let dither = self.dither(uniform);
        self.arrived(self.level(value, dither), dither)
    }

    /// Adds what arrives of values to sums.
    pub fn add_arrived(self, values: &[f32], uniforms: &[f32], sums: &mut [f32]) {
        add_arrived(self, values, uniforms, sums);
    }

    /// Writes the levels of values.
    pub(super) fn encode(self, values: &[f32], uniforms: &[f32], levels: &mut [u32]) {
        encode(self, values, uniforms, levels);
    }

    /// Writes what arrives of levels.
    pub(super) fn decode(self, levels: &[u32], uniforms: &[f32], out: &mut [f32]) {
        decode(self, levels, uniforms, out);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn add_arrived(quantiser: DitheredQuantiser, values: &[f32], uniforms: &[f32], sums: &mut [f32]) {
    for ((sum, value), uniform) in sums.iter_mut().zip(values).zip(uniforms) {
        *sum += quantiser.apply(*value, *uniform);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn encode(quantiser: DitheredQuantiser, values: &[f32], uniforms: &[f32], levels: &mut [u32]) {
    for ((level, value), uniform) in levels.iter_mut().zip(values).zip(uniforms) {
        *level = quantiser.level(*value, quantiser.dither(*uniform)) as u32;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn decode(quantiser: DitheredQuantiser, levels: &[u32], uniforms: &[f32], out: &mut [f32]) {
    for ((out, level), uniform) in out.iter_mut().zip(levels).zip(uniforms) {
        *out = quantiser.arrived(f64::from(*level), quantiser.dither(*uniform));
    }
}

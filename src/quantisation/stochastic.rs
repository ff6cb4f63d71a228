//! Rounding at random to one of the two nearest levels, so that the mean of what arrives is the value.
//!
//! ```text
//! uniform  position p = (v + max|v|)/Delta,  Delta = 2 max|v| / (2^b - 1),   level floor(p + u);   arrives -max|v| + level Delta
//! QSGD     position p = s |v|/norm,                                          level floor(p + u);   arrives sign(v) norm level/s
//! ```
//!
//! `u` is uniform in (0, 1): with `f` the fractional part of `p` the error has mean 0 and mean square `f (1 - f)` squared steps.
//! With one bit the uniform levels are `+-max|v|`: the unbiased stochastic sign. Source of QSGD: D. Alistarh, D. Grubic, J. Li,
//! R. Tomioka, M. Vojnovic, "QSGD: Communication-efficient SGD via gradient quantization and encoding", NeurIPS 2017
//! (arXiv 1610.02132).

use multiversion::multiversion;

/// Added to a number below 2^31 in magnitude, this (1.5 times 2^52) leaves the nearest whole number in the lowest bits.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Returns `floor(position + uniform)` for uniforms of the open interval (0, 1).
#[inline(always)]
fn level(position: f64, uniform: f32) -> u32 {
    (position + (f64::from(uniform) - 0.5) + WHOLE).to_bits() as u32
}

/// Writes the levels 0 to `most` of values of up to `largest` in magnitude.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn encode_uniform(largest: f32, most: u32, values: &[f32], uniforms: &[f32], levels: &mut [u32]) {
    let largest = f64::from(largest);
    let inverse = if largest > 0.0 { f64::from(most) / (2.0 * largest) } else { 0.0 };
    for ((out, value), uniform) in levels.iter_mut().zip(values).zip(uniforms) {
        *out = level((f64::from(*value) + largest) * inverse, *uniform).min(most);
    }
}

/// Writes what arrives of levels; wrong ones above `most` count as `most`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn decode_uniform(largest: f32, most: u32, levels: &[u32], out: &mut [f32]) {
    let largest = f64::from(largest);
    let step = 2.0 * largest / f64::from(most);
    for (out, level) in out.iter_mut().zip(levels) {
        *out = (f64::from(*level) * step - largest) as f32;
    }
}

/// Writes the levels 0 to `most` of magnitudes of up to `norm`, with the sign above the lowest `width` bits.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn encode_signed(
    (norm, most, width): (f32, u32, u32),
    values: &[f32],
    uniforms: &[f32],
    codes: &mut [u32],
) {
    let inverse = if norm > 0.0 { f64::from(most) / f64::from(norm) } else { 0.0 };
    for ((out, value), uniform) in codes.iter_mut().zip(values).zip(uniforms) {
        let level = level(f64::from(value.abs()) * inverse, *uniform).min(most);
        *out = level | (value.to_bits() >> 31) << width;
    }
}

/// Writes what arrives of such codes; wrong levels above `most` count as `most`.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
pub(super) fn decode_signed((norm, most, width): (f32, u32, u32), codes: &[u32], out: &mut [f32]) {
    let step = f64::from(norm) / f64::from(most);
    let mask = (1 << width) - 1;
    for (out, code) in out.iter_mut().zip(codes) {
        let magnitude = (f64::from((code & mask).min(most)) * step) as f32;
        *out = f32::from_bits(magnitude.to_bits() | code >> width << 31);
    }
}

/// Returns the mean squared error of uniform levels, summed over values.
///
/// ```text
/// E sum_i e_i^2 = Delta^2 sum_i f_i (1 - f_i)
/// ```
pub(super) fn uniform_error(largest: f32, most: u32, values: &[f32]) -> f64 {
    let largest = f64::from(largest);
    if largest == 0.0 {
        return 0.0;
    }
    let step = 2.0 * largest / f64::from(most);
    values.iter().map(|v| variance((f64::from(*v) + largest) / step)).sum::<f64>() * step * step
}

/// Returns the mean squared error of QSGD's levels, summed over the values of a bucket.
///
/// ```text
/// E sum_i e_i^2 = (norm/s)^2 sum_i f_i (1 - f_i)  <=  min(n/s^2, sqrt(n)/s) norm^2
/// ```
pub(super) fn signed_error(norm: f32, most: u32, values: &[f32]) -> f64 {
    if norm == 0.0 {
        return 0.0;
    }
    let step = f64::from(norm) / f64::from(most);
    values.iter().map(|v| variance(f64::from(v.abs()) / step)).sum::<f64>() * step * step
}

fn variance(position: f64) -> f64 {
    let above = position - position.floor();
    above * (1.0 - above)
}

//! Bulk random values: blocks of 4096, each with sixteen generators seeded by Philox.
//!
//! Block `b` holds the values of index `4096 b` to `4096 b + 4095`. Within it, a group holds the
//! next values of all sixteen lanes: 16 complex values from a radius and a phase word a lane, 32
//! real values (the 16 real parts, then the 16 imaginary parts), or 16 uniforms from a word a lane.
//!
//! The bits are the same on every processor. The AVX-512 form is taken from Ice Lake and Zen 4 on.

mod box_muller;
mod lanes;
pub(crate) mod scalar;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod tests;

use lanes::{LANES, Lanes};
use multiversion::multiversion;
use num_complex::Complex32;

pub(crate) use lanes::Origin;

/// Values in a block; blocks start at multiples of it.
pub const BLOCK: usize = 4096;

/// One kind of bulk value, drawn `N` at a time.
trait Draw<T, const N: usize> {
    /// Words that each lane spends on a group.
    const WORDS: usize;
    /// Draws the next group.
    fn group(&self, lanes: &mut Lanes) -> [T; N];
    /// Puts a value where it belongs.
    fn put(place: &mut T, value: T);
}

/// Complex Gaussians of mean power `variance`; `ADD` adds them to what is there.
struct ComplexDraw<const ADD: bool> {
    variance: f32,
}

impl<const ADD: bool> Draw<Complex32, { LANES }> for ComplexDraw<ADD> {
    const WORDS: usize = 2;

    #[inline(always)]
    fn group(&self, lanes: &mut Lanes) -> [Complex32; LANES] {
        let (radius, phase) = (lanes.next(), lanes.next());
        let mut values = [Complex32::ZERO; LANES];
        for lane in 0..LANES {
            let (re, im) = box_muller::complex_gaussian(radius[lane], phase[lane], self.variance);
            values[lane] = Complex32::new(re, im);
        }
        values
    }

    #[inline(always)]
    fn put(place: &mut Complex32, value: Complex32) {
        if ADD {
            place.re += value.re;
            place.im += value.im;
        } else {
            *place = value;
        }
    }
}

/// Real Gaussians of unit variance.
struct RealDraw;

impl Draw<f32, { 2 * LANES }> for RealDraw {
    const WORDS: usize = 2;

    #[inline(always)]
    fn group(&self, lanes: &mut Lanes) -> [f32; 2 * LANES] {
        let (radius, phase) = (lanes.next(), lanes.next());
        let mut values = [0.0; 2 * LANES];
        let (reals, imaginaries) = values.split_at_mut(LANES);
        for lane in 0..LANES {
            (reals[lane], imaginaries[lane]) = box_muller::complex_gaussian(radius[lane], phase[lane], 2.0);
        }
        values
    }

    #[inline(always)]
    fn put(place: &mut f32, value: f32) {
        *place = value;
    }
}

/// Uniforms on the odd multiples of 2^-24 between 0 and 1.
struct UniformDraw;

impl Draw<f32, { LANES }> for UniformDraw {
    const WORDS: usize = 1;

    #[inline(always)]
    fn group(&self, lanes: &mut Lanes) -> [f32; LANES] {
        let words = lanes.next();
        let mut values = [0.0; LANES];
        for lane in 0..LANES {
            values[lane] = ((words[lane] >> 9) as i32 as f32 + 0.5) * (1.0 / 8_388_608.0);
        }
        values
    }

    #[inline(always)]
    fn put(place: &mut f32, value: f32) {
        *place = value;
    }
}

/// Fills `out` with the values of index `start` on, which wraps at 2^64; works on any cut.
#[inline(always)]
fn run<T, const N: usize, D: Draw<T, N>>(draw: D, origin: Origin, start: u64, out: &mut [T]) {
    let mut index = start;
    let mut rest = out;
    while !rest.is_empty() {
        let offset = (index % BLOCK as u64) as usize;
        let length = rest.len().min(BLOCK - offset);
        let (piece, after) = rest.split_at_mut(length);
        let lanes = Lanes::seeded(origin, index / BLOCK as u64);
        run_block(&draw, lanes, offset, piece);
        index = index.wrapping_add(length as u64);
        rest = after;
    }
}

#[inline(always)]
fn run_block<T, const N: usize, D: Draw<T, N>>(draw: &D, mut lanes: Lanes, offset: usize, mut out: &mut [T]) {
    for _ in 0..offset / N * D::WORDS {
        lanes.next();
    }
    let inside = offset % N;
    if inside != 0 {
        let (head, after) = out.split_at_mut(out.len().min(N - inside));
        for (place, value) in head.iter_mut().zip(draw.group(&mut lanes).into_iter().skip(inside)) {
            D::put(place, value);
        }
        out = after;
    }
    let (groups, tail) = out.as_chunks_mut::<N>();
    for group in groups {
        for (place, value) in group.iter_mut().zip(draw.group(&mut lanes)) {
            D::put(place, value);
        }
    }
    if !tail.is_empty() {
        for (place, value) in tail.iter_mut().zip(draw.group(&mut lanes)) {
            D::put(place, value);
        }
    }
}

/// Fills `out` with complex Gaussians of mean power `variance`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma", "aarch64+neon"))]
pub(crate) fn fill_complex(origin: Origin, start: u64, variance: f32, out: &mut [Complex32]) {
    run(ComplexDraw::<false> { variance }, origin, start, out);
}

/// Adds complex Gaussians of mean power `variance` to `out`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma", "aarch64+neon"))]
pub(crate) fn add_complex(origin: Origin, start: u64, variance: f32, out: &mut [Complex32]) {
    run(ComplexDraw::<true> { variance }, origin, start, out);
}

/// Fills `out` with real Gaussians of unit variance.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma", "aarch64+neon"))]
pub(crate) fn fill_real(origin: Origin, start: u64, out: &mut [f32]) {
    run(RealDraw, origin, start, out);
}

/// Fills `out` with uniforms of the open interval (0, 1).
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+fma", "aarch64+neon"))]
pub(crate) fn fill_uniform(origin: Origin, start: u64, out: &mut [f32]) {
    run(UniformDraw, origin, start, out);
}

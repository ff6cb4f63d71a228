//! The frame of every demapper of square constellations: blocks of sixteen symbols, bits of a symbol brought together.
//!
//! A block is 32 lanes: real and imaginary parts alternate, and both see the same levels. A rule gives, for each bit of a
//! dimension, a value a lane; bits of even and odd position of a symbol are then neighbours.

use super::NoiseVariance;
use airloop_baseband::Complex32;

/// Symbols in a block.
pub const SYMBOLS: usize = 16;
/// Real values in a block.
pub const LANES: usize = 2 * SYMBOLS;
/// The smallest noise variance that is told from zero.
const SMALLEST: f32 = 1e-30;
/// The largest part of a received point that is told from infinity.
const LARGEST: f32 = 1e15;

/// What a demapper does with a block; `BITS` bits a dimension.
pub trait Rule<const BITS: usize> {
    /// What it gives for a bit.
    type Value: Copy + Default;

    /// Returns the values of every bit in every lane, from received parts and from `1 / v`.
    fn values(&self, parts: &[f32; LANES], precisions: &[f32; LANES]) -> [[Self::Value; LANES]; BITS];
}

/// Returns the larger of two numbers; the second if one is not a number.
#[inline(always)]
pub fn larger<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// Returns the smaller of two numbers; the second if one is not a number.
#[inline(always)]
pub fn smaller<T: PartialOrd>(a: T, b: T) -> T {
    if a < b { a } else { b }
}

/// Returns `1 / v`, 0 where nothing is known.
#[inline(always)]
pub fn precision(variance: f32) -> f32 {
    let precision = 1.0 / larger(variance, SMALLEST);
    if variance.is_nan() { 0.0 } else { precision }
}

/// Sets parts that are not numbers to zero with no precision, and bounds the others.
#[inline(always)]
fn tidy(parts: &mut [f32; LANES], precisions: &mut [f32; LANES]) {
    for lane in 0..LANES {
        let unknown = parts[lane].is_nan();
        let bounded = smaller(larger(parts[lane], -LARGEST), LARGEST);
        parts[lane] = if unknown { 0.0 } else { bounded };
        precisions[lane] = if unknown { 0.0 } else { precisions[lane] };
    }
}

/// Applies a rule to all received points; `out` has `2 BITS` values a symbol.
#[inline(always)]
pub fn run<const BITS: usize, R: Rule<BITS>>(
    rule: &R,
    received: &[Complex32],
    noise: NoiseVariance<'_>,
    out: &mut [R::Value],
) {
    let (blocks, rest) = received.as_chunks::<SYMBOLS>();
    let mut places = out.chunks_exact_mut(LANES * BITS);
    match noise {
        NoiseVariance::Common(variance) => {
            let precisions = [precision(variance); LANES];
            for (block, place) in blocks.iter().zip(&mut places) {
                apply(rule, block, precisions, place);
            }
        }
        NoiseVariance::PerSymbol(variances) => {
            for ((block, variances), place) in
                blocks.iter().zip(variances.as_chunks::<SYMBOLS>().0).zip(&mut places)
            {
                apply(rule, block, spread(variances), place);
            }
        }
    }
    if rest.is_empty() {
        return;
    }
    let mut block = [Complex32::ZERO; SYMBOLS];
    block[..rest.len()].copy_from_slice(rest);
    let precisions = match noise {
        NoiseVariance::Common(variance) => [precision(variance); LANES],
        NoiseVariance::PerSymbol(variances) => {
            let mut padded = [1.0; SYMBOLS];
            padded[..rest.len()].copy_from_slice(&variances[received.len() - rest.len()..]);
            spread(&padded)
        }
    };
    let end = places.into_remainder();
    let mut whole = [[R::Value::default(); LANES]; BITS];
    apply(rule, &block, precisions, whole.as_flattened_mut());
    end.copy_from_slice(&whole.as_flattened()[..end.len()]);
}

/// Returns the precisions of a block, each twice.
#[inline(always)]
fn spread(variances: &[f32; SYMBOLS]) -> [f32; LANES] {
    let mut each = [0.0; SYMBOLS];
    for symbol in 0..SYMBOLS {
        each[symbol] = precision(variances[symbol]);
    }
    let mut twice = [0.0; LANES];
    for symbol in 0..SYMBOLS {
        twice[2 * symbol] = each[symbol];
        twice[2 * symbol + 1] = each[symbol];
    }
    twice
}

/// Applies a rule to a block and brings the bits of each symbol together.
#[inline(always)]
fn apply<const BITS: usize, R: Rule<BITS>>(
    rule: &R,
    block: &[Complex32; SYMBOLS],
    mut precisions: [f32; LANES],
    out: &mut [R::Value],
) {
    let mut parts = [0.0; LANES];
    for symbol in 0..SYMBOLS {
        parts[2 * symbol] = block[symbol].re;
        parts[2 * symbol + 1] = block[symbol].im;
    }
    tidy(&mut parts, &mut precisions);
    let values = rule.values(&parts, &precisions);
    let pairs = out.as_chunks_mut::<2>().0;
    for (symbol, places) in pairs.chunks_exact_mut(BITS).enumerate() {
        for bit in 0..BITS {
            places[bit] = [values[bit][2 * symbol], values[bit][2 * symbol + 1]];
        }
    }
}

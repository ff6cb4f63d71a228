//! A row of checks.
//!
//! Sums are written as wrapping ones, though only that of nearness wraps: with overflow checks, as tests have them, loops
//! would go one copy at a time.

use super::plan::Edge;
use super::{Block, LANES};

/// Magnitudes of that many copies.
type Magnitudes = [u8; LANES];

/// Quarters of an LLR within which another bit counts as near.
const NEAR: u8 = 8;

/// The largest answer to a column that rows share.
const LARGEST: u8 = 40;

/// What a row works on.
pub(super) struct RowMemory<'a> {
    pub(super) z: usize,
    pub(super) posteriors: &'a mut [i8],
    /// `[block, circulant]`.
    pub(super) answers: &'a mut [Block],
    /// `[block]`.
    pub(super) own_llrs: &'a [Block],
    /// `[block]`.
    pub(super) own_posteriors: &'a mut [Block],
}

/// Passes messages over a row that shares `SHARED` columns and has a parity column of its own or not.
///
/// With the bits' messages `q`, the least magnitude `m1` and the least of the others `m2`:
///
/// ```text
/// near  = sum over all bits but the least of max(0, NEAR - (|q| - m2)), less NEAR for m2 itself
/// least = corrected(m2, near)                              to the bit of m1
/// rest  = least boxplus m1 = corrected(min(least, m1), max(0, NEAR - |least - m1|))   to all others
/// ```
///
/// For large messages boxplus is `-ln sum e^-|q| = m - ln(1 + sum over the others of e^-(|q| - m))`; `near / NEAR` stands for
/// that sum, the exponential replaced by a straight line.
#[inline(always)]
pub(super) fn row<const SHARED: usize, const OWN: bool>(edges: &[Edge], memory: RowMemory<'_>) {
    let RowMemory { z, posteriors, answers, own_llrs, own_posteriors } = memory;
    let edges: &[Edge; SHARED] = edges.try_into().expect("a row's edges are as many as its degree");
    let mut starts: [usize; SHARED] = std::array::from_fn(|edge| edges[edge].start);
    let (answers, _) = answers.as_chunks_mut::<SHARED>();
    for (block, answers) in answers.iter_mut().enumerate() {
        let own = if OWN { own_llrs[block] } else { [0; LANES] };
        let mut least = if OWN { own.map(i8::unsigned_abs) } else { [127; LANES] };
        let (mut second, mut signs) = ([127; LANES], own);
        let mut asked = [[0; LANES]; SHARED];
        for edge in 0..SHARED {
            let posterior = load(posteriors, edges[edge].read + starts[edge]);
            starts[edge] += LANES;
            if starts[edge] >= z {
                starts[edge] -= z;
            }
            for lane in 0..LANES {
                let message = posterior[lane].saturating_sub(answers[edge][lane]).max(-127);
                asked[edge][lane] = message;
                signs[lane] ^= message;
                let magnitude = message.unsigned_abs();
                second[lane] = second[lane].min(least[lane].max(magnitude));
                least[lane] = least[lane].min(magnitude);
            }
        }
        // Whole numbers modulo 256: the sum is at most 18 NEAR once the parts of both least bits are out.
        let mut near: Magnitudes = [0; LANES];
        for lane in 0..LANES {
            near[lane] = least[lane].wrapping_sub(second[lane]).wrapping_sub(2 * NEAR);
        }
        if OWN {
            add_near(&mut near, &second, &own);
        }
        for asked in &asked {
            add_near(&mut near, &second, asked);
        }
        let (mut rest, mut excess) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            let to_least = corrected(second[lane], near[lane]);
            let (low, high) = (to_least.min(least[lane]), to_least.max(least[lane]));
            let to_rest = corrected(low, NEAR.saturating_sub(high.wrapping_sub(low)));
            rest[lane] = to_rest.min(LARGEST).cast_signed();
            excess[lane] = to_least.min(LARGEST).cast_signed().wrapping_sub(rest[lane]);
            if OWN {
                let answers =
                    (least[lane], to_rest.cast_signed(), to_least.wrapping_sub(to_rest).cast_signed());
                let answer = answered(own[lane], signs[lane], answers);
                own_posteriors[block][lane] = own[lane].saturating_add(answer);
            }
        }
        for edge in 0..SHARED {
            let mut posterior = [0; LANES];
            for lane in 0..LANES {
                let message = asked[edge][lane];
                let answer = answered(message, signs[lane], (least[lane], rest[lane], excess[lane]));
                posterior[lane] = message.saturating_add(answer).max(-127);
                // What the posterior took up, so that taking it out leaves what the others put in.
                answers[edge][lane] = posterior[lane].wrapping_sub(message);
            }
            store(posteriors, edges[edge].write + block * LANES, &posterior);
        }
    }
    for edge in edges {
        let begin = load(posteriors, edge.write);
        store(posteriors, edge.write + z, &begin);
    }
}

/// Returns the answer to a bit: `rest`, or `rest + excess` to the least, with the sign of the product of the others.
///
/// Both are added up rather than chosen between, which compilers turn into a load for each copy.
#[inline(always)]
fn answered(message: i8, signs: i8, (least, rest, excess): (u8, i8, i8)) -> i8 {
    let is_least = i8::from(message.unsigned_abs() == least).wrapping_neg();
    let magnitude = rest.wrapping_add(excess & is_least);
    if signs ^ message < 0 { magnitude.wrapping_neg() } else { magnitude }
}

/// Adds how near messages are to the second least magnitude.
#[inline(always)]
fn add_near(near: &mut Magnitudes, second: &Magnitudes, messages: &Block) {
    for lane in 0..LANES {
        let part = second[lane].wrapping_add(NEAR).saturating_sub(messages[lane].unsigned_abs());
        near[lane] = near[lane].wrapping_add(part);
    }
}

/// Returns a magnitude less the correction for bits near it, in quarters of an LLR.
///
/// ```text
/// correction = min((near + 2) / 4, 2 + near / 8)     about 4 ln(1 + near/8)
/// corrected  = min(m, max(m - correction, (m + 2 - correction) / 2))
/// ```
///
/// The second form is for small magnitudes, where boxplus stays above the first. Both are fits to the mean of the exact
/// rule over the messages of a decoder at its waterfall.
#[inline(always)]
fn corrected(magnitude: u8, near: u8) -> u8 {
    let correction = (near.wrapping_add(2) >> 2).min(near.wrapping_add(16) >> 3);
    let large = magnitude.saturating_sub(correction);
    let small = magnitude.wrapping_add(2).saturating_sub(correction) >> 1;
    large.max(small).min(magnitude)
}

#[inline(always)]
fn load(posteriors: &[i8], at: usize) -> Block {
    let mut block = [0; LANES];
    block.copy_from_slice(&posteriors[at..at + LANES]);
    block
}

#[inline(always)]
fn store(posteriors: &mut [i8], at: usize, block: &Block) {
    posteriors[at..at + LANES].copy_from_slice(block);
}

//! Sixteen xoshiro128++ generators side by side, one set for each block of values.

use crate::philox::philox4x32_10_lanes;

/// Generators that step together.
pub(crate) const LANES: usize = 16;
/// Bits of a counter that number the lane.
const LANE_BITS: u32 = LANES.trailing_zeros();

/// Where the generators of a run of blocks are seeded: a Philox key and the counter's upper half.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) key: [u32; 2],
    pub(crate) upper: [u32; 2],
}

/// The states of the generators of one block; word `w` of lane `n` is `state[w][n]`.
pub(crate) struct Lanes {
    state: [[u32; LANES]; 4],
}

impl Lanes {
    /// Seeds lane `n` of block `b` with Philox at the counter `16 b + n`, for `b` below 2^60.
    ///
    /// All lanes of all blocks start in different states and take at most 512 words each out of a
    /// period of 2^128 - 1, so that any two overlap with a chance below 2^-54 over 2^40 samples.
    #[inline(always)]
    pub(crate) fn seeded(origin: Origin, block: u64) -> Self {
        let counter = block << LANE_BITS;
        let mut first = [counter as u32; LANES];
        for (lane, word) in first.iter_mut().enumerate() {
            *word |= lane as u32;
        }
        let rest = [(counter >> 32) as u32, origin.upper[0], origin.upper[1]];
        Self { state: philox4x32_10_lanes(origin.key, first, rest) }
    }

    /// Steps each generator once and returns its 32 uniform bits.
    ///
    /// ```text
    /// word = rotate_left(s0 + s3, 7) + s0
    /// ```
    ///
    /// The generator is xoshiro128++. Source: D. Blackman, S. Vigna, "Scrambled linear
    /// pseudorandom number generators", ACM TOMS 2021.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> [u32; LANES] {
        let [s0, s1, s2, s3] = &mut self.state;
        let mut words = [0; LANES];
        for lane in 0..LANES {
            let (a, b, c, d) = (s0[lane], s1[lane], s2[lane], s3[lane]);
            words[lane] = a.wrapping_add(d).rotate_left(7).wrapping_add(a);
            s0[lane] = a ^ d ^ b;
            s1[lane] = b ^ c ^ a;
            s2[lane] = c ^ a ^ (b << 9);
            s3[lane] = (d ^ b).rotate_left(11);
        }
        words
    }
}

//! Scrambling (3GPP TS 38.211 clauses 6.3.1.1 and 7.3.1.1) by the Gold sequence of length 31 (clause 5.2.1).

use crate::error::CodingError;

/// Steps that the sequence leaves out at its begin, `N_c`.
const SKIPPED: usize = 1600;

/// Bits made at once.
const WORD: usize = 32;

/// The Gold sequence of length 31 of TS 38.211 clause 5.2.1.
///
/// ```text
/// c(n)       = x_1(n + 1600) + x_2(n + 1600)  mod 2
/// x_1(n + 31) = x_1(n + 3) + x_1(n),                           x_1 begins as 1, 0, 0, ..
/// x_2(n + 31) = x_2(n + 3) + x_2(n + 2) + x_2(n + 1) + x_2(n), x_2 begins as the bits of the initial value, lowest first
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldSequence {
    /// Bit `i` of a state is `x(n + i)`.
    states: [u32; 2],
}

impl GoldSequence {
    /// Starts the sequence of an initial value, of which the lowest 31 bits count.
    pub fn new(initial: u32) -> Self {
        let second =
            (0..31).fold(0, |state, i| state ^ (SECOND_AFTER[i] & (initial >> i & 1).wrapping_neg()));
        Self { states: [FIRST_AFTER, second] }
    }

    /// Returns the next 32 bits of the sequence, the first one lowest.
    #[inline]
    pub fn next_word(&mut self) -> u32 {
        self.next_half() | self.next_half() << 16
    }

    #[inline]
    fn next_half(&mut self) -> u32 {
        let [first, second] = self.states;
        self.states = [stepped(first, [3, 0, 0, 0]), stepped(second, [3, 2, 1, 0])];
        (first ^ second) & 0xffff
    }
}

/// Returns a state sixteen steps later, given the taps of its recursion; equal taps cancel in pairs.
#[inline]
const fn stepped(state: u32, taps: [u32; 4]) -> u32 {
    let next = (state >> taps[0]) ^ (state >> taps[1]) ^ (state >> taps[2]) ^ (state >> taps[3]);
    (state >> 16) | (next & 0xffff) << 15
}

const fn skipped(mut state: u32, taps: [u32; 4]) -> u32 {
    let mut step = 0;
    while step < SKIPPED / 16 {
        state = stepped(state, taps);
        step += 1;
    }
    state
}

/// State of the first register where the sequence begins.
const FIRST_AFTER: u32 = skipped(1, [3, 0, 0, 0]);

/// States of the second register where the sequence begins, for each bit of the initial value alone.
const SECOND_AFTER: [u32; 31] = {
    let mut states = [0; 31];
    let mut i = 0;
    while i < 31 {
        states[i] = skipped(1 << i, [3, 2, 1, 0]);
        i += 1;
    }
    states
};

/// The scrambling of one code word of one device.
///
/// ```text
/// initial value = rnti 2^15 + codeword 2^14 + identity
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scrambling {
    initial: u32,
}

impl Scrambling {
    /// Makes the scrambling of a device's identity `rnti`, of code word 0 or 1 and of a scrambling identity `n_ID` (the cell's).
    ///
    /// # Errors
    /// When the code word is above 1 or the identity above 1023.
    pub fn new(rnti: u16, codeword: u8, identity: u16) -> Result<Self, CodingError> {
        if codeword > 1 {
            let (what, given) = ("the code word that is scrambled", usize::from(codeword));
            return Err(CodingError::Range { what, given, least: 0, most: 1 });
        }
        if identity > 1023 {
            let (what, given) = ("the scrambling identity", usize::from(identity));
            return Err(CodingError::Range { what, given, least: 0, most: 1023 });
        }
        Ok(Self { initial: u32::from(rnti) << 15 | u32::from(codeword) << 14 | u32::from(identity) })
    }

    /// Scrambles bits; doing it again takes it off.
    pub fn scramble(self, bits: &mut [u8]) {
        flip_bits(GoldSequence::new(self.initial), bits);
    }

    /// Takes scrambling off log-likelihood ratios: those of scrambled bits change sign.
    pub fn descramble(self, llrs: &mut [f32]) {
        flip_signs(GoldSequence::new(self.initial), llrs);
    }
}

/// Bytes 0 and 1 of the bits of a byte, lowest first.
const SPREAD: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut bit = 0;
        while bit < 8 {
            table[byte] |= ((byte as u64) >> bit & 1) << (8 * bit);
            bit += 1;
        }
        byte += 1;
    }
    table
};

fn flip_bits(mut sequence: GoldSequence, bits: &mut [u8]) {
    let (words, rest) = bits.as_chunks_mut::<WORD>();
    for word in words {
        for (bits, byte) in word.as_chunks_mut().0.iter_mut().zip(sequence.next_word().to_le_bytes()) {
            *bits = (u64::from_le_bytes(*bits) ^ SPREAD[usize::from(byte)]).to_le_bytes();
        }
    }
    let word = sequence.next_word();
    for (bit, i) in rest.iter_mut().zip(0..) {
        *bit ^= (word >> i & 1) as u8;
    }
}

#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn flip_signs(mut sequence: GoldSequence, llrs: &mut [f32]) {
    let (words, rest) = llrs.as_chunks_mut::<WORD>();
    for chunk in words {
        let word = sequence.next_word();
        for (llr, i) in chunk.iter_mut().zip(0..) {
            *llr = f32::from_bits(llr.to_bits() ^ (word >> i) << 31);
        }
    }
    let word = sequence.next_word();
    for (llr, i) in rest.iter_mut().zip(0..) {
        *llr = f32::from_bits(llr.to_bits() ^ (word >> i) << 31);
    }
}

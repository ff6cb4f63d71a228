//! The pseudo-random sequence of the standard.

/// Bits of a register.
const LENGTH: u32 = 31;

/// Most new bits that a register gives at once: those whose terms it holds already.
const LEAP: u32 = LENGTH - 3;

/// Bits before the first one that counts.
const SKIPPED: u32 = 1600;

/// The first register after the skipped bits; it always starts from a single one.
const FIRST: u32 = skipped::<true>(1);

/// The second register after the skipped bits, for each single bit that it may start from.
const SECOND: [u32; LENGTH as usize] = {
    let mut states = [0; LENGTH as usize];
    let mut bit = 0;
    while bit < LENGTH {
        states[bit as usize] = skipped::<false>(1 << bit);
        bit += 1;
    }
    states
};

/// Moves a register on by `bits`, at most [`LEAP`].
const fn leap<const FIRST_REGISTER: bool>(state: u32, bits: u32) -> u32 {
    let fresh = if FIRST_REGISTER {
        state ^ (state >> 3)
    } else {
        state ^ (state >> 1) ^ (state >> 2) ^ (state >> 3)
    };
    (state >> bits) | ((fresh & ((1 << bits) - 1)) << (LENGTH - bits))
}

const fn skipped<const FIRST_REGISTER: bool>(start: u32) -> u32 {
    let (mut state, mut left) = (start, SKIPPED);
    while left > 0 {
        let bits = if left < LEAP { left } else { LEAP };
        state = leap::<FIRST_REGISTER>(state, bits);
        left -= bits;
    }
    state
}

/// A Gold sequence of length 31.
///
/// ```text
/// c(n)      = (x1(n + 1600) + x2(n + 1600)) mod 2
/// x1(n + 31) = (x1(n + 3) + x1(n)) mod 2,                          x1 starts with 1, 0, 0, ...
/// x2(n + 31) = (x2(n + 3) + x2(n + 2) + x2(n + 1) + x2(n)) mod 2,  sum of x2(i) 2^i = initial
/// ```
///
/// Source: TS 38.211, clause 5.2.1.
#[derive(Clone, Copy, Debug)]
pub struct Gold {
    first: u32,
    second: u32,
}

impl Gold {
    /// Bits that [`Gold::word`] gives.
    pub const WORD: usize = LEAP as usize;

    /// Starts the sequence of an initial value, of which the lowest 31 bits count.
    pub fn new(initial: u32) -> Self {
        // The second register is linear in its start.
        let bits = (0..LENGTH).filter(|bit| initial >> bit & 1 == 1);
        Self { first: FIRST, second: bits.fold(0, |state, bit| state ^ SECOND[bit as usize]) }
    }

    /// Returns the next [`Gold::WORD`] bits, the earliest lowest.
    pub fn word(&mut self) -> u32 {
        let word = (self.first ^ self.second) & ((1 << LEAP) - 1);
        self.first = leap::<true>(self.first, LEAP);
        self.second = leap::<false>(self.second, LEAP);
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursion of the standard, bit by bit.
    fn slow(initial: u32, count: usize) -> Vec<u32> {
        let total = 1600 + count;
        let (mut first, mut second) = (vec![0; total + 31], vec![0; total + 31]);
        first[0] = 1;
        (0..31).for_each(|i| second[i] = initial >> i & 1);
        for n in 0..total {
            first[n + 31] = first[n + 3] ^ first[n];
            second[n + 31] = second[n + 3] ^ second[n + 2] ^ second[n + 1] ^ second[n];
        }
        (1600..total).map(|n| first[n] ^ second[n]).collect()
    }

    #[test]
    fn words_are_the_bits_of_the_recursion() {
        for initial in [0, 1, 0x1234_5678, 0x7fff_ffff, 123_456_789] {
            let mut gold = Gold::new(initial);
            let words = (0..30).flat_map(|_| {
                let word = gold.word();
                (0..Gold::WORD).map(move |bit| word >> bit & 1)
            });
            assert!(words.eq(slow(initial, 30 * Gold::WORD)), "{initial}");
        }
    }
}

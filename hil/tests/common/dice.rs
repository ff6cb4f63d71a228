//! Draws of fuzzers.

/// Numbers that look random, from a seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// Returns a number from 0 to `most - 1`.
    pub fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

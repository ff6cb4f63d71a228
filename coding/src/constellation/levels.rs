//! The Gray-labelled levels of one real dimension: odd integers.

/// Returns the levels that `bits` bits choose among, from the lowest up.
pub fn levels(bits: usize) -> impl DoubleEndedIterator<Item = i32> + ExactSizeIterator + Clone {
    let count = 1i32 << bits;
    (0..count).map(move |place| 2 * place + 1 - count)
}

/// Returns whether the bit at `position` of a level's label is 1; `bits` bits a level.
///
/// ```text
/// v(0) = level,  bit(p) = [v(p) < 0],  v(p+1) = 2^(bits - 1 - p) - |v(p)|
/// ```
///
/// The inverse of the nested products of TS 38.211 clause 5.1.
pub const fn bit(level: i32, bits: usize, position: usize) -> bool {
    let (mut inner, mut p) = (level, 0);
    while p < position {
        inner = (1 << (bits - 1 - p)) - inner.abs();
        p += 1;
    }
    inner < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_in_one_bit_and_no_label_occurs_twice() {
        for bits in 1..=5 {
            let label = |level| (0..bits).fold(0u32, |sum, p| sum << 1 | u32::from(bit(level, bits, p)));
            let labels: Vec<u32> = levels(bits).map(label).collect();
            assert!(labels.windows(2).all(|pair| (pair[0] ^ pair[1]).count_ones() == 1));
            let mut sorted = labels.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..1 << bits));
        }
    }

    #[test]
    fn labels_give_the_levels_of_the_standard() {
        // 64-QAM: (1 - 2 b0) (4 - (1 - 2 b2) (2 - (1 - 2 b4))).
        let sign = |level, position| 1 - 2 * i32::from(bit(level, 3, position));
        for level in levels(3) {
            assert_eq!(sign(level, 0) * (4 - sign(level, 1) * (2 - sign(level, 2))), level);
        }
    }
}

//! Random order of the first `n` numbers.

/// Shuffles the numbers below `n` with words taken four at a time from `words(0)`, `words(1)`, ...
///
/// Source: R. Durstenfeld, "Algorithm 235: random permutation", CACM 1964.
pub(super) fn shuffled(n: usize, words: impl Fn(u64) -> [u32; 4]) -> Vec<u32> {
    assert!(n as u64 <= 1 << 32, "a permutation holds at most 2^32 numbers, not {n}");
    let mut order: Vec<u32> = (0..n as u64).map(|value| value as u32).collect();
    let mut source = (0..).flat_map(words);
    for last in (1..n).rev() {
        let chosen = below(last as u64 + 1, || source.next().unwrap_or_default());
        order.swap(last, chosen);
    }
    order
}

/// Returns a uniform number below `bound`, which is 1 to 2^32.
///
/// ```text
/// chosen = floor(word bound / 2^32), words of the overfull first parts drawn again
/// ```
///
/// Source: D. Lemire, "Fast random integer generation in an interval", ACM TOMACS 2019.
fn below(bound: u64, mut word: impl FnMut() -> u32) -> usize {
    let mut product = u64::from(word()) * bound;
    if u64::from(product as u32) < bound {
        let overfull = (1_u64 << 32) % bound;
        while u64::from(product as u32) < overfull {
            product = u64::from(word()) * bound;
        }
    }
    (product >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a bound of 3 * 2^30, one word in four is refused and three give each one result.
    #[test]
    fn bounded_draws_refuse_the_surplus() {
        let bound = 3 << 30;
        let mut words = [0, 1, 0, 2, 3].into_iter();
        // Word 0 has the product 0, below the surplus of 2^30: it is refused.
        assert_eq!(below(bound, || words.next().expect("enough words")), 0);
        assert_eq!(words.len(), 3);
        assert_eq!(below(bound, || words.next().expect("enough words")), 1);
        assert_eq!(below(bound, || words.next().expect("enough words")), 2);
        assert_eq!(below(1, || u32::MAX), 0);
        assert_eq!(below(1 << 32, || u32::MAX), u32::MAX as usize);
    }
}

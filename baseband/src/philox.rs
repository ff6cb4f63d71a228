//! The Philox4x32-10 counter-based generator: a keyed mixing of 128 bits, with no state.

/// Multipliers of the two halves of a round.
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// What each half of the key grows by from round to round (the golden ratio and sqrt 3 - 1).
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: u32 = 10;

/// Mixes a 128-bit counter under a 64-bit key into four independent uniform 32-bit words.
///
/// ```text
/// (c0, c1, c2, c3) <- (high(M1 c2) ^ c1 ^ k0, low(M1 c2), high(M0 c0) ^ c3 ^ k1, low(M0 c0))
/// (k0, k1) <- (k0 + W0, k1 + W1),  both ten times
/// ```
///
/// Words are least significant first. Under one key the map is a bijection: two counters never
/// give the same output. Source: J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011.
#[inline(always)]
pub fn philox4x32_10(key: [u32; 2], counter: [u32; 4]) -> [u32; 4] {
    let mut words = counter;
    for number in 0..ROUNDS {
        words = round(round_key(key, number), words);
    }
    words
}

/// Mixes `N` counters that differ in their first word only; lane `n` of the result equals
/// `philox4x32_10(key, [first[n], rest[0], rest[1], rest[2]])`.
#[inline(always)]
pub(crate) fn philox4x32_10_lanes<const N: usize>(
    key: [u32; 2],
    first: [u32; N],
    rest: [u32; 3],
) -> [[u32; N]; 4] {
    let mut lanes = [first, [rest[0]; N], [rest[1]; N], [rest[2]; N]];
    for number in 0..ROUNDS {
        let key = round_key(key, number);
        let [zero, one, two, three] = &mut lanes;
        for lane in 0..N {
            let words = round(key, [zero[lane], one[lane], two[lane], three[lane]]);
            [zero[lane], one[lane], two[lane], three[lane]] = words;
        }
    }
    lanes
}

#[inline(always)]
fn round_key(key: [u32; 2], number: u32) -> [u32; 2] {
    [
        key[0].wrapping_add(KEY_STEPS[0].wrapping_mul(number)),
        key[1].wrapping_add(KEY_STEPS[1].wrapping_mul(number)),
    ]
}

#[inline(always)]
fn round(key: [u32; 2], words: [u32; 4]) -> [u32; 4] {
    let first = u64::from(MULTIPLIERS[0]) * u64::from(words[0]);
    let second = u64::from(MULTIPLIERS[1]) * u64::from(words[2]);
    [
        (second >> 32) as u32 ^ words[1] ^ key[0],
        second as u32,
        (first >> 32) as u32 ^ words[3] ^ key[1],
        first as u32,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the authors ship with Random123 (`kat_vectors`, philox4x32 10).
    #[test]
    fn known_answers() {
        let zeros = philox4x32_10([0; 2], [0; 4]);
        assert_eq!(zeros, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let ones = philox4x32_10([u32::MAX; 2], [u32::MAX; 4]);
        assert_eq!(ones, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let digits_of_pi =
            philox4x32_10([0xa409_3822, 0x299f_31d0], [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344]);
        assert_eq!(digits_of_pi, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn lanes_equal_the_single_form() {
        let key = [0x0123_4567, 0x89ab_cdef];
        let rest = [7, 0xffff_ffff, 0x8000_0001];
        let first: [u32; 16] = std::array::from_fn(|lane| 0xffff_fff8_u32.wrapping_add(lane as u32));
        let lanes = philox4x32_10_lanes(key, first, rest);
        for lane in 0..16 {
            let alone = philox4x32_10(key, [first[lane], rest[0], rest[1], rest[2]]);
            assert_eq!(alone, [0, 1, 2, 3].map(|word: usize| lanes[word][lane]));
        }
    }

    #[test]
    fn one_flipped_bit_changes_half_the_output() {
        let base = philox4x32_10([1, 2], [3, 4, 5, 6]);
        let mut changed = 0;
        for bit in 0..128 {
            let mut counter = [3, 4, 5, 6];
            counter[bit / 32] ^= 1 << (bit % 32);
            let other = philox4x32_10([1, 2], counter);
            changed += (0..4).map(|word| (base[word] ^ other[word]).count_ones()).sum::<u32>();
        }
        // 128 x 128 fair bits: mean 8192, standard deviation 64; six of them allowed.
        assert!(changed.abs_diff(8192) < 384, "{changed} of 16384 bits changed");
    }
}

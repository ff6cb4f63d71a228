//! Scrambling against the recursions of TS 38.211 clause 5.2.1, one bit a step.

use crate::{bits, llrs};
use airloop_coding::scrambling::{GoldSequence, Scrambling};

/// The sequence by its definition.
fn by_definition(initial: u32, count: usize) -> Vec<u8> {
    let length = 1600 + count + 31;
    let (mut first, mut second) = (vec![0u8; length + 31], vec![0u8; length + 31]);
    first[0] = 1;
    second[..31].iter_mut().enumerate().for_each(|(i, bit)| *bit = (initial >> i & 1) as u8);
    for n in 0..length {
        first[n + 31] = first[n + 3] ^ first[n];
        second[n + 31] = second[n + 3] ^ second[n + 2] ^ second[n + 1] ^ second[n];
    }
    (0..count).map(|n| first[n + 1600] ^ second[n + 1600]).collect()
}

#[test]
fn words_are_the_sequence_of_the_definition() {
    for initial in [0, 1, 0x4000_0000, 0x7fff_ffff, 20_000 * 32_768 + 16_384 + 511] {
        let mut sequence = GoldSequence::new(initial);
        let words: Vec<u8> = (0..40)
            .flat_map(|_| {
                let word = sequence.next_word();
                (0..32).map(move |i| (word >> i & 1) as u8)
            })
            .collect();
        assert_eq!(words, by_definition(initial, words.len()), "initial value {initial:#x}");
        assert_ne!(words, by_definition(initial ^ 2, words.len()));
    }
}

#[test]
fn bits_and_soft_values_of_every_length_are_scrambled_alike() {
    let (rnti, codeword, identity) = (0xbeef, 1, 1007);
    let scrambling = Scrambling::new(rnti, codeword, identity).unwrap();
    let initial = u32::from(rnti) * 32_768 + u32::from(codeword) * 16_384 + u32::from(identity);
    for length in (0..100).chain([5000]) {
        let plain = bits(length as u32, length);
        let mut scrambled = plain.clone();
        scrambling.scramble(&mut scrambled);
        let expected: Vec<u8> =
            plain.iter().zip(by_definition(initial, length)).map(|(a, b)| a ^ b).collect();
        assert_eq!(scrambled, expected);
        let mut soft = llrs(&scrambled, 2.5);
        scrambling.descramble(&mut soft);
        assert_eq!(soft, llrs(&plain, 2.5), "{length} values");
    }
    let mut other = bits(1, 500);
    Scrambling::new(rnti, codeword, identity - 1).unwrap().scramble(&mut other);
    scrambling.scramble(&mut other);
    assert_ne!(other, bits(1, 500), "another identity does not take it off");
}

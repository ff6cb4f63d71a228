//! What is done to a word does not depend on the word.

use crate::link::{Link, Sent};
use airloop_coding::ldpc::{BaseGraph, CheckRule, Decoder, DecoderConfig, EarlyStop, Schedule};

#[test]
fn a_word_is_decoded_as_the_word_of_zeros_is() {
    let rules = [
        (CheckRule::FixedPoint, Schedule::Layered),
        (CheckRule::Boxplus, Schedule::Layered),
        (CheckRule::Boxplus, Schedule::Flooding),
        (CheckRule::OffsetMinSum { offset: 0.5 }, Schedule::Layered),
    ];
    let (mut block, mut right, mut wrong) = (Sent::default(), 0, 0);
    let mut link = Link::new(BaseGraph::Two, 26, 250, 600);
    let mut bits = vec![0; link.code.information_bits()];
    let mut zeros = bits.clone();
    for (rule, schedule) in rules {
        // Bits may be undecided on the way, and those count as 0: the iteration that stops would differ.
        let config = DecoderConfig { rule, schedule, iterations: 20, stop: EarlyStop::Never };
        let mut decoder = Decoder::new(&link.code, config).unwrap();
        for trial in 0..100 {
            link.send(trial, 0.9, &mut block);
            let decoded = decoder.decode(&block.llrs, None, &mut bits).unwrap();
            let mirror = |(llr, bit): (&f32, &u8)| if *bit == 0 { *llr } else { -llr };
            let mirrored: Vec<f32> = block.llrs.iter().zip(&block.word).map(mirror).collect();
            let of_zeros = decoder.decode(&mirrored, None, &mut zeros).unwrap();
            assert_eq!(decoded, of_zeros, "{rule:?}, block {trial}");
            if decoded.parity_holds {
                let sent = block.word.iter();
                assert!(bits.iter().zip(sent).map(|(bit, sent)| bit ^ sent).eq(zeros.iter().copied()));
                right += 1;
            } else {
                wrong += 1;
            }
        }
    }
    assert!(right > 100 && wrong > 20, "{right} decoded, {wrong} not");
}

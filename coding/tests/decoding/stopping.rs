//! When decoding stops.

use crate::link::{Link, Sent};
use crate::{code, decoder};
use airloop_coding::ldpc::{BaseGraph, CheckRule, Decoder, DecoderConfig, EarlyStop, Schedule};

#[test]
fn stopping_early_changes_no_decoded_bit() {
    let mut link = Link::new(BaseGraph::One, 44, 968, 1936);
    let never = DecoderConfig { stop: EarlyStop::Never, ..DecoderConfig::default() };
    let mut whole = Decoder::new(&link.code, never).unwrap();
    let mut early = decoder(&link.code, CheckRule::FixedPoint, Schedule::Layered);
    let (mut block, mut bits, mut other) = (Sent::default(), vec![0; 968], vec![0; 968]);
    let mut iterations = Vec::new();
    for trial in 0..200 {
        link.send(trial, 1.6, &mut block);
        let stopped = early.decode(&block.llrs, None, &mut bits).unwrap();
        let all = whole.decode(&block.llrs, None, &mut other).unwrap();
        assert_eq!(all.iterations, 20);
        assert_eq!(stopped.iterations < 20 || all.parity_holds, stopped.parity_holds);
        assert!(!stopped.parity_holds || bits == other, "block {trial}");
        iterations.push(stopped.iterations);
    }
    assert!(iterations.iter().any(|count| *count < 7) && iterations.iter().any(|count| *count > 9));
}

#[test]
fn bits_that_are_not_accepted_are_worked_on() {
    let mut link = Link::new(BaseGraph::Two, 20, 200, 500);
    let mut decoder = decoder(&link.code, CheckRule::FixedPoint, Schedule::Layered);
    let (mut block, mut bits) = (Sent::default(), vec![0; 200]);
    link.send(0, 6.0, &mut block);
    let plain = decoder.decode(&block.llrs, None, &mut bits).unwrap();
    assert!(plain.parity_holds && plain.accepted.is_none() && plain.iterations < 5);

    let mut asked = 0;
    let mut third = |bits: &[u8]| {
        assert_eq!(bits, &block.word[..200]);
        asked += 1;
        asked == 3
    };
    let decoded = decoder.decode(&block.llrs, Some(&mut third), &mut bits).unwrap();
    assert_eq!((decoded.accepted, decoded.iterations), (Some(true), plain.iterations + 2));

    let decoded = decoder.decode(&block.llrs, Some(&mut |_| false), &mut bits).unwrap();
    assert_eq!((decoded.accepted, decoded.iterations, decoded.parity_holds), (Some(false), 20, true));
}

/// Parity that is sent in part, or from the middle, is used; rows without any of theirs are not.
#[test]
fn rows_follow_what_is_received() {
    let code = code(BaseGraph::Two, 32);
    let mut link = Link::new(BaseGraph::Two, 32, 320, code.codeword_bits() - 64);
    let (mut block, mut bits) = (Sent::default(), vec![0; 320]);
    let mut decoder = decoder(&code, CheckRule::FixedPoint, Schedule::Layered);
    let iterations = |llrs: &[f32], decoder: &mut Decoder, bits: &mut [u8]| {
        let decoded = decoder.decode(llrs, None, bits).unwrap();
        assert!(decoded.parity_holds, "{decoded:?}");
        decoded.iterations
    };
    link.send(3, 6.0, &mut block);
    let all = iterations(&block.llrs, &mut decoder, &mut bits);
    assert!(bits == block.word[..320]);
    // Columns 20 to 39 alone, as a later redundancy version sends them, and some information.
    let mut part = block.llrs.clone();
    part[2 * 32..8 * 32].fill(0.0);
    part[40 * 32 + 5..].fill(0.0);
    let some = iterations(&part, &mut decoder, &mut bits);
    assert!(bits == block.word[..320] && some > all, "{some} against {all} iterations");
}

//! Settings and buffers that cannot be.

use crate::{code, decoder};
use airloop_coding::ldpc::{BaseGraph, CheckRule, Decoder, DecoderConfig, Schedule};

#[test]
fn settings_out_of_range_say_what_would_be_right() {
    let code = code(BaseGraph::Two, 8);
    let layered = DecoderConfig::default();
    let cases = [
        (DecoderConfig { iterations: 0, ..layered }, "iterations cannot be 0: it is at least 1"),
        (DecoderConfig { schedule: Schedule::Flooding, ..layered }, "layered only"),
        (DecoderConfig { rule: CheckRule::NormalisedMinSum { factor: 0.0 }, ..layered }, "at most 1"),
        (DecoderConfig { rule: CheckRule::NormalisedMinSum { factor: 1.5 }, ..layered }, "1.5"),
        (DecoderConfig { rule: CheckRule::OffsetMinSum { offset: -0.5 }, ..layered }, "at least 0"),
        (DecoderConfig { rule: CheckRule::OffsetMinSum { offset: f32::NAN }, ..layered }, "offset"),
    ];
    for (config, expected) in cases {
        let message = Decoder::new(&code, config).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn buffers_of_the_wrong_length_are_refused() {
    let code = code(BaseGraph::Two, 8);
    let mut decoder = decoder(&code, CheckRule::FixedPoint, Schedule::Layered);
    let (llrs, mut bits) = (vec![1.0; code.codeword_bits()], vec![0; code.information_bits()]);
    assert!(decoder.decode(&llrs[1..], None, &mut bits).is_err());
    assert!(decoder.decode(&llrs, None, &mut bits[1..]).is_err());
    assert!(decoder.decode(&llrs, None, &mut bits).is_ok());
}

/// Values that no demapper should give still end in bits.
#[test]
fn strange_values_end_in_bits() {
    let code = code(BaseGraph::One, 6);
    for rule in [CheckRule::FixedPoint, CheckRule::Boxplus, CheckRule::MinSum] {
        let mut decoder = decoder(&code, rule, Schedule::Layered);
        let mut bits = vec![2; code.information_bits()];
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0, 1e-30] {
            let mut llrs = vec![value; code.codeword_bits()];
            llrs[3] = -value;
            decoder.decode(&llrs, None, &mut bits).unwrap();
            assert!(bits.iter().all(|bit| *bit < 2), "{rule:?} of {value}");
        }
        let mut llrs = vec![40.0; code.codeword_bits()];
        llrs[17] = f32::NAN;
        let decoded = decoder.decode(&llrs, None, &mut bits).unwrap();
        assert!(decoded.parity_holds && bits.iter().all(|bit| *bit == 0), "{rule:?}");
    }
}

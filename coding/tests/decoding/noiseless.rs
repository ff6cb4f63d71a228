//! Words without noise, every lifting size.

use crate::link::{Link, Sent};
use crate::{code, decoder};
use airloop_coding::ldpc::{BaseGraph, CheckRule, LiftingSize, Schedule};

/// Decodes one word of every lifting size, all parity sent, half a column of fillers.
fn every_size(rule: CheckRule, schedule: Schedule) {
    let mut block = Sent::default();
    for graph in [BaseGraph::One, BaseGraph::Two] {
        for lifting in LiftingSize::all() {
            let z = lifting.size();
            let k = code(graph, z).information_bits() - z / 2;
            let n = code(graph, z).codeword_bits() - 2 * z - z / 2;
            let mut link = Link::new(graph, z, k, n);
            link.send(z as u64, 12.0, &mut block);
            let mut decoder = decoder(&link.code, rule, schedule);
            let mut bits = vec![2; link.code.information_bits()];
            let decoded = decoder.decode(&block.llrs, None, &mut bits).unwrap();
            assert!(decoded.parity_holds && decoded.iterations < 20, "{graph:?}, Z = {z}: {decoded:?}");
            assert!(bits == block.word[..bits.len()], "{graph:?}, Z = {z}");
        }
    }
}

#[test]
fn fixed_point() {
    every_size(CheckRule::FixedPoint, Schedule::Layered);
}

#[test]
fn boxplus_layered() {
    every_size(CheckRule::Boxplus, Schedule::Layered);
}

#[test]
fn boxplus_flooding() {
    every_size(CheckRule::Boxplus, Schedule::Flooding);
}

#[test]
fn min_sum() {
    every_size(CheckRule::MinSum, Schedule::Flooding);
}

#[test]
fn normalised_min_sum() {
    every_size(CheckRule::NormalisedMinSum { factor: 0.75 }, Schedule::Layered);
}

#[test]
fn offset_min_sum() {
    every_size(CheckRule::OffsetMinSum { offset: 0.5 }, Schedule::Layered);
}

/// Every rate of a code, down to the four core rows with parity left out: rows without their own parity are not used.
#[test]
fn every_number_of_rows() {
    let mut block = Sent::default();
    for (graph, z) in [(BaseGraph::One, 36), (BaseGraph::Two, 15)] {
        let k = code(graph, z).information_bits();
        let mut used = decoder(&code(graph, z), CheckRule::FixedPoint, Schedule::Layered);
        for rows in (3..=graph.rows()).chain([4, 20]) {
            let mut link = Link::new(graph, z, k, k - 2 * z + rows * z - z / 3);
            link.send(rows as u64, 14.0, &mut block);
            let mut bits = vec![2; k];
            let decoded = used.decode(&block.llrs, None, &mut bits).unwrap();
            assert!(decoded.parity_holds && bits == block.word[..k], "{graph:?}, {rows} rows: {decoded:?}");
        }
    }
}

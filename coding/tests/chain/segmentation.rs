//! Segmentation and choice of the base graph by the conditions of TS 38.212 clauses 5.2.2 and 7.2.2.

use crate::bits;
use airloop_coding::crc::Crc;
use airloop_coding::ldpc::{BaseGraph, LiftingSize};
use airloop_coding::segmentation::Segmentation;

#[test]
fn the_base_graph_is_that_of_size_and_rate() {
    let cases = [
        (292, 0.9, BaseGraph::Two),
        (293, 0.9, BaseGraph::One),
        (3824, 0.67, BaseGraph::Two),
        (3824, 0.671, BaseGraph::One),
        (3825, 0.67, BaseGraph::One),
        (100_000, 0.25, BaseGraph::Two),
        (100_000, 0.251, BaseGraph::One),
    ];
    for (size, rate, graph) in cases {
        assert_eq!(BaseGraph::of_block(size, rate), graph, "{size} bits at rate {rate}");
    }
}

#[test]
fn every_size_gets_the_smallest_code_that_holds_it() {
    for graph in [BaseGraph::One, BaseGraph::Two] {
        for size in 40..40_000 {
            let largest = graph.largest_block();
            let blocks = if size <= largest { 1 } else { size.div_ceil(largest - 24) };
            let Ok(cut) = Segmentation::new(size, graph) else {
                assert_ne!(size % blocks, 0, "{size} bits");
                continue;
            };
            let columns = match (graph, size) {
                (BaseGraph::One, _) => 22,
                (_, 641..) => 10,
                (_, 561..) => 9,
                (_, 193..) => 8,
                _ => 6,
            };
            let held = size / blocks + if blocks > 1 { 24 } else { 0 };
            let z = LiftingSize::all().map(LiftingSize::size).find(|z| columns * z >= held).unwrap();
            assert_eq!((cut.blocks(), cut.block_bits(), cut.lifting().size()), (blocks, held, z));
            assert_eq!(cut.fillers(), held..graph.information_columns() * z);
            assert!(held > 2 * z, "{size} bits: some information is sent");
        }
    }
}

#[test]
fn blocks_hold_their_bits_their_crc_and_zeros() {
    let cut = Segmentation::new(3 * 8000, BaseGraph::One).unwrap();
    assert_eq!((cut.blocks(), cut.crc()), (3, Some(Crc::Crc24B)));
    let all = bits(3, 24_000);
    for index in 0..3 {
        let mut block = vec![9; cut.code().information_bits()];
        cut.fill(&all[cut.place(index)], &mut block).unwrap();
        assert_eq!(block[..8000], all[8000 * index..8000 * (index + 1)]);
        assert!(Crc::Crc24B.check(&block[..8024]) && block[8024..].iter().all(|bit| *bit == 0));
    }
}

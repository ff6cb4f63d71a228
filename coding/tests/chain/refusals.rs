//! What is not allowed is refused with what would be right.

use airloop_coding::block_code::BlockCode;
use airloop_coding::crc::Crc;
use airloop_coding::ldpc::{BaseGraph, Code, Encoder, LiftingSize};
use airloop_coding::mcs::Mcs;
use airloop_coding::rate_matching::{RateMatching, share};
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder, TransportBlockReceiver,
};
use airloop_coding::transport_block_size::Allocation;

/// Asserts that an error's text has all these parts.
#[track_caller]
fn says<T, E: ToString>(result: Result<T, E>, parts: &[&str]) {
    let text = result.err().expect("it must be refused").to_string();
    for part in parts {
        assert!(text.contains(part), "\"{text}\" should say \"{part}\"");
    }
}

#[test]
fn schemes_and_sizes_name_the_allowed_range() {
    says(Mcs::new(1, 29), &["table 1", "29", "0 to 28"]);
    says(Mcs::new(5, 0), &["table 5", "tables 1 to 4"]);
    let allocation = Allocation {
        elements_per_block: 156,
        resource_blocks: 10,
        layers: 1,
        modulation_order: 2,
        code_rate: 0.5,
        scaling: 1.0,
    };
    assert!(allocation.transport_block_size().is_ok());
    let size = |change: fn(&mut Allocation)| {
        let mut changed = allocation;
        change(&mut changed);
        changed.transport_block_size()
    };
    says(size(|a| a.layers = 5), &["layers", "5", "1 to 4"]);
    says(size(|a| a.resource_blocks = 0), &["resource blocks", "1 to 275"]);
    says(size(|a| a.elements_per_block = 169), &["169", "1 to 168"]);
    says(size(|a| a.modulation_order = 3), &["modulation order", "3", "1, 2, 4, 6, 8 or 10"]);
    says(size(|a| a.code_rate = 1.2), &["code rate", "1.2", "0.95"]);
    says(size(|a| a.code_rate = f64::NAN), &["code rate", "NaN"]);
    says(size(|a| a.scaling = 0.0), &["scaling", "above 0"]);
}

#[test]
fn blocks_name_what_would_fit() {
    let plan = |bits, code_rate, limited_buffer_bits| {
        TransportBlock::new(&TransportBlockConfig { bits, code_rate, limited_buffer_bits })
    };
    says(plan(0, 0.5, None), &["transport block", "0", "from 1"]);
    says(plan(100, 0.0, None), &["code rate", "above 0"]);
    says(plan(100, 0.5, Some(0)), &["limited buffer"]);
    // 8425 + 24 bits need two blocks and are odd.
    says(plan(8425, 0.5, None), &["8449", "2 equal code blocks", "8450"]);
    says(BlockCode::new(11, 40, 1, None), &["11", "12 to"]);
    says(BlockCode::new(8449, 20_000, 1, None), &["8449", "12 to 8448"]);
    says(BlockCode::new(4000, 40_000, 1, None), &["4000", "12 to 3840"]);
    says(BlockCode::new(100, 105, 1, None), &["code rate", "0.95"]);
    says(BlockCode::new(100, 0, 1, None), &["code rate"]);
    says(BlockCode::new(100, 201, 2, None), &["201 coded bits"]);
    says(BlockCode::new(100, 200, 3, None), &["modulation order"]);
    says(BlockCode::new(100, 1 << 25, 1, None), &["n", "16777216"]);
}

#[test]
fn transmissions_name_what_is_allowed() {
    let block = TransportBlock::new(&TransportBlockConfig {
        bits: 25_104,
        code_rate: 0.6,
        limited_buffer_bits: None,
    })
    .unwrap();
    let right = Transmission {
        coded_bits: 43_200,
        modulation_order: 4,
        layers: 2,
        redundancy_version: 0,
        scrambling: None,
    };
    assert!(block.selections(&right).is_ok());
    let of = |transmission| block.selections(&transmission).map(Iterator::count);
    says(of(Transmission { redundancy_version: 4, ..right }), &["redundancy version", "4", "0 to 3"]);
    says(of(Transmission { layers: 0, ..right }), &["layers", "1 to 4"]);
    says(of(Transmission { coded_bits: 43_204, ..right }), &["43204"]);
    says(of(Transmission { coded_bits: 16, ..right }), &["16 coded bits", "24"]);
    says(share(10, 0, 1).map(Iterator::count), &["10 coded bits"]);
    let (mut encoder, mut receiver) =
        (TransportBlockEncoder::new(&block), TransportBlockReceiver::new(&block));
    says(encoder.encode(&[0; 100], &right, &mut [0; 43_200]), &["transport block", "100", "25104"]);
    says(encoder.encode(&[0; 25_104], &right, &mut [0; 5]), &["coded bits", "5", "43200"]);
    says(receiver.receive(&[0.0; 7], &right), &["7", "43200"]);
}

#[test]
fn parts_name_what_is_allowed() {
    says(Crc::Crc16.attach(&mut [0; 15]), &["15", "16"]);
    says(Scrambling::new(0, 2, 0), &["code word", "2", "0 to 1"]);
    says(Scrambling::new(0, 0, 1024), &["identity", "1024", "0 to 1023"]);
    let code = Code::new(BaseGraph::Two, LiftingSize::new(4).unwrap());
    let mut encoder = Encoder::new(&code);
    says(encoder.encode(&[0; 39], 4, &mut [0; 208]), &["information", "39", "40"]);
    says(encoder.encode(&[0; 40], 4, &mut [0; 207]), &["code word", "207", "208"]);
    says(encoder.encode(&[0; 40], 43, &mut [0; 208]), &["rows", "43", "0 to 42"]);
    says(RateMatching::new(&code, 30..39, None), &["filler"]);
    says(RateMatching::new(&code, 3..40, None), &["filler", "3", "9 to 40"]);
    let matching = RateMatching::new(&code, 40..40, None).unwrap();
    says(matching.clear(&mut [0.0; 3]), &["3", "208"]);
}

//! The whole chain against words of two independent implementations (`tests/data/make_vectors.py` says which).

use crate::{bits, checksum};
use airloop_coding::block_code::{BlockCode, BlockEncoder};
use airloop_coding::ldpc::BaseGraph;
use airloop_coding::scrambling::Scrambling;
use airloop_coding::transport_block::{
    Transmission, TransportBlock, TransportBlockConfig, TransportBlockEncoder,
};
use std::collections::HashSet;

const TRANSPORT_BLOCKS: &str = include_str!("../data/transport_blocks.csv");
const BLOCK_CODES: &str = include_str!("../data/block_codes.csv");

/// A line of the transport blocks.
struct Vector {
    config: TransportBlockConfig,
    transmission: Transmission,
    seed: u32,
    checksum: u32,
}

impl Vector {
    fn read(line: &str) -> Self {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<usize>().unwrap();
        let limit = number(3);
        let scrambling = Scrambling::new(number(8) as u16, number(9) as u8, number(10) as u16).unwrap();
        Self {
            config: TransportBlockConfig {
                bits: number(1),
                code_rate: fields[2].parse().unwrap(),
                limited_buffer_bits: (limit > 0).then_some(limit),
            },
            transmission: Transmission {
                coded_bits: number(4),
                modulation_order: number(5),
                layers: number(6),
                redundancy_version: number(7) as u8,
                scrambling: Some(scrambling),
            },
            seed: number(11) as u32,
            checksum: u32::from_str_radix(fields[12], 16).unwrap(),
        }
    }

    fn coded(&self, block: &TransportBlock, transmission: &Transmission) -> Vec<u8> {
        let mut coded = vec![0; transmission.coded_bits];
        let mut encoder = TransportBlockEncoder::new(block);
        encoder.encode(&bits(self.seed, self.config.bits), transmission, &mut coded).unwrap();
        coded
    }
}

/// The first bit of a code word that is sent.
fn begin(block: &TransportBlock, transmission: &Transmission) -> usize {
    let selection = block.selections(transmission).unwrap().next().unwrap();
    block.matching().runs(&selection).next().unwrap().start
}

#[test]
fn coded_bits_of_transport_blocks_are_those_of_other_implementations() {
    let (mut graphs, mut versions, mut orders) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut wrong_versions = 0;
    let (mut most_blocks, mut filled, mut limited, mut repeated) = (0, 0, 0, 0);
    for line in TRANSPORT_BLOCKS.lines().skip(2) {
        let vector = Vector::read(line);
        let block = TransportBlock::new(&vector.config).unwrap();
        let transmission = vector.transmission;
        let mut coded = vector.coded(&block, &transmission);
        assert_eq!(checksum(&coded), vector.checksum, "{line}");
        coded[0] ^= 1;
        assert_ne!(checksum(&coded), vector.checksum, "a flipped bit must be seen");
        for redundancy_version in 0..4 {
            let other = Transmission { redundancy_version, ..transmission };
            // In a small buffer two versions may begin at the same bit.
            if begin(&block, &other) != begin(&block, &transmission) {
                let coded = vector.coded(&block, &other);
                assert_ne!(checksum(&coded), vector.checksum, "{redundancy_version} must be seen: {line}");
                wrong_versions += 1;
            }
        }
        graphs.insert(block.code().graph());
        versions.insert(transmission.redundancy_version);
        orders.insert(transmission.modulation_order);
        most_blocks = block.segmentation().blocks().max(most_blocks);
        filled += usize::from(!block.segmentation().fillers().is_empty());
        limited += usize::from(vector.config.limited_buffer_bits.is_some());
        let share = transmission.coded_bits / block.segmentation().blocks();
        repeated += usize::from(share > block.matching().distinct_bits());
    }
    println!(
        "most blocks {most_blocks}, {filled} with fillers, {limited} limited, {repeated} with repetition"
    );
    assert_eq!((graphs.len(), versions.len(), orders.len()), (2, 4, 6));
    assert!(wrong_versions > 800, "{wrong_versions} wrong versions were seen");
    assert!(most_blocks >= 4 && filled > 100 && limited > 50 && repeated > 20);
}

#[test]
fn words_of_plain_codes_are_those_of_another_implementation() {
    let mut codes = 0;
    for line in BLOCK_CODES.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<usize>().unwrap();
        let code = BlockCode::new(number(0), number(1), number(2), None).unwrap();
        let mut word = vec![0; code.coded_bits()];
        BlockEncoder::new(&code).encode(&bits(number(3) as u32, number(0)), &mut word).unwrap();
        assert_eq!(format!("{:08x}", checksum(&word)), fields[4], "{line}");
        let graph = if code.code().graph() == BaseGraph::One { BaseGraph::Two } else { BaseGraph::One };
        if let Ok(other) = BlockCode::new(number(0), number(1), number(2), Some(graph)) {
            BlockEncoder::new(&other).encode(&bits(number(3) as u32, number(0)), &mut word).unwrap();
            assert_ne!(
                format!("{:08x}", checksum(&word)),
                fields[4],
                "the other base graph must be seen: {line}"
            );
        }
        codes += 1;
    }
    assert!(codes > 20);
}

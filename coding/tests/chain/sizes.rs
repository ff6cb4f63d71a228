//! Transport block sizes against another implementation and published ones.

use crate::checksum;
use airloop_coding::mcs::Mcs;
use airloop_coding::transport_block_size::Allocation;

/// One checksum for each scheme of each table; the grid is described in its first line.
const SIZES: &str = include_str!("../data/transport_block_sizes.csv");

fn sizes_of(mcs: Mcs) -> Vec<u8> {
    let mut bytes = Vec::new();
    for layers in 1..=4 {
        for elements_per_block in [12, 36, 60, 96, 108, 120, 132, 144, 156, 168] {
            for resource_blocks in 1..=275 {
                let allocation = Allocation {
                    elements_per_block,
                    resource_blocks,
                    layers,
                    modulation_order: mcs.modulation_order,
                    code_rate: mcs.code_rate,
                    scaling: [1.0, 1.0, 0.5, 0.25][resource_blocks % 4],
                };
                let size = allocation.transport_block_size().unwrap();
                bytes.extend((size as u32).to_le_bytes());
            }
        }
    }
    bytes
}

#[test]
fn sizes_of_a_dense_grid_are_those_of_another_implementation() {
    let mut schemes = 0;
    for line in SIZES.lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let mcs = Mcs::new(fields[0].parse().unwrap(), fields[1].parse().unwrap()).unwrap();
        let mut sizes = sizes_of(mcs);
        assert_eq!(format!("{:08x}", checksum(&sizes)), fields[2], "{mcs:?}");
        sizes[4] ^= 8;
        assert_ne!(format!("{:08x}", checksum(&sizes)), fields[2], "one wrong size must be seen");
        schemes += 1;
    }
    assert_eq!(schemes, Mcs::all().len());
}

#[test]
fn the_largest_size_is_the_published_one() {
    // Four layers of 256-QAM at 948/1024 over 273 resource blocks: 159749 bytes.
    let largest = Allocation {
        elements_per_block: 156,
        resource_blocks: 273,
        layers: 4,
        modulation_order: 8,
        code_rate: 948.0 / 1024.0,
        scaling: 1.0,
    };
    assert_eq!(largest.transport_block_size(), Ok(8 * 159_749));
}

#[test]
fn ties_go_up() {
    // 128 elements of 32 blocks on two layers of one bit: N_info = 8192 rate.
    let size = |information: f64| {
        let allocation = Allocation {
            elements_per_block: 128,
            resource_blocks: 32,
            layers: 2,
            modulation_order: 1,
            code_rate: information / 8192.0,
            scaling: 1.0,
        };
        assert_eq!(allocation.information_bits(), information);
        allocation.transport_block_size().unwrap()
    };
    // (3896 - 24) / 64 = 60.5 becomes 61 and not 60: as if there were 61 64 + 24 bits.
    assert_eq!((size(3895.0), size(3896.0), size(3928.0)), (3840, 3904, 3904));
}

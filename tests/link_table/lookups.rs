//! Answers of a table against interpolation by hand, with published quantiles of the normal distribution.

use super::setup::entries;
use airloop::baseband::special::{normal_quantile, q_function};
use airloop::coding::mcs::Mcs;
use airloop::link_table::{BlerTable, LinkTableError};

/// The 99 % quantile of the normal distribution, and the probability below half of it.
const HALF_OF_99: f64 = 0.877_620_530_654_097_4;

fn mcs(index: u8) -> Mcs {
    Mcs::new(1, index).unwrap()
}

fn table() -> BlerTable {
    let mut all = entries(9, 128, &[(0.0, 0.99), (1.0, 0.5), (2.0, 0.01), (3.0, 0.0)]);
    all.extend(entries(9, 512, &[(0.5, 0.99), (1.5, 0.01)]));
    all.extend(entries(20, 6864, &[(10.0, 0.9), (12.0, 0.1)]));
    BlerTable::new(all).unwrap()
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} {b}");
}

#[test]
fn between_points_the_quantile_is_a_straight_line() {
    let table = table();
    let at = |sinr_db| table.block_error_rate(mcs(9), 128, sinr_db).unwrap();
    for (sinr_db, bler) in [(0.0, 0.99), (1.0, 0.5), (2.0, 0.01)] {
        close(at(sinr_db), bler);
    }
    close(at(0.5), HALF_OF_99);
    close(at(1.5), 1.0 - HALF_OF_99);
    // Of a thousand blocks without an error half a block counts, there and above.
    close(at(3.0), 0.0005);
    close(at(30.0), 0.0005);
    close(at(f64::INFINITY), 0.0005);
    // Below, the line from the first point to the last of 0.5 goes on: another 2.326 a decibel.
    close(at(-1.0), q_function(-2.0 * normal_quantile(0.99)));
    assert_eq!(at(f64::NEG_INFINITY), 1.0);
    assert!((at(0.5) - 0.745).abs() > 0.1, "a line in the rates themselves is seen");
}

#[test]
fn between_sizes_the_quantile_is_a_line_in_the_logarithm_of_bits() {
    let table = table();
    let at = |bits, sinr_db| table.block_error_rate(mcs(9), bits, sinr_db).unwrap();
    let u = |bits, sinr_db| normal_quantile(at(bits, sinr_db));
    for sinr_db in [0.7, 1.0, 1.3] {
        assert!((u(256, sinr_db) - 0.5 * (u(128, sinr_db) + u(512, sinr_db))).abs() < 1e-9, "{sinr_db}");
        let third = (192f64 / 128.0).log2() / 2.0;
        assert!(
            (u(192, sinr_db) - (u(128, sinr_db) + third * (u(512, sinr_db) - u(128, sinr_db)))).abs() < 1e-9
        );
    }
    close(at(512, 1.0), 0.5);
}

#[test]
fn the_inverse_comes_back() {
    let table = table();
    for bits in [128, 200, 256, 512] {
        for sinr_db in [0.6, 0.9, 1.0, 1.1, 1.45] {
            let bler = table.block_error_rate(mcs(9), bits, sinr_db).unwrap();
            assert!((table.sinr_db(mcs(9), bits, bler).unwrap() - sinr_db).abs() < 1e-9, "{bits} {sinr_db}");
        }
    }
    close(table.sinr_db(mcs(9), 128, 0.5).unwrap(), 1.0);
    for bler in [0.999, 1.0, 1.5, 0.0, -1.0, f64::NAN, 1e-6] {
        let refused = table.sinr_db(mcs(9), 128, bler).unwrap_err();
        assert!(matches!(refused, LinkTableError::ErrorRate { .. }), "{bler}: {refused}");
    }
    let words = table.sinr_db(mcs(9), 512, 1e-3).unwrap_err().to_string();
    assert!(words.contains("1.000e-2 to 9.900e-1"), "{words}");
}

#[test]
fn a_curve_that_rises_again_is_read_at_its_last_crossing() {
    let all = entries(5, 100, &[(0.0, 0.9), (1.0, 0.05), (2.0, 0.2), (3.0, 0.01)]);
    let table = BlerTable::new(all).unwrap();
    let sinr_db = table.sinr_db(mcs(5), 100, 0.1).unwrap();
    assert!((2.0..3.0).contains(&sinr_db), "{sinr_db}");
    assert_eq!(table.curve(mcs(5), 100).unwrap().sinr_of(0.1), Some(sinr_db));
}

/// 20,496 bits at rate 0.554 take a CRC of 24 bits and base graph 1: three blocks of 6840 bits and their CRC of 24.
#[test]
fn a_transport_block_is_lost_with_any_of_its_code_blocks() {
    let table = table();
    let bler = table.block_error_rate(mcs(20), 6864, 12.0).unwrap();
    close(bler, 0.1);
    close(table.transport_block_error_rate(mcs(20), 20_496, 12.0).unwrap(), 1.0 - 0.9f64.powi(3));
    let refused = table.transport_block_error_rate(mcs(20), 20_497, 12.0).unwrap_err().to_string();
    assert!(refused.contains("equal code blocks"), "{refused}");
    let refused = table.transport_block_error_rate(mcs(20), 3000, 12.0).unwrap_err().to_string();
    assert!(refused.contains("3016 bits") && refused.contains("6864 to 6864"), "{refused}");
}

#[test]
fn what_the_table_does_not_have_is_said() {
    let table = table();
    let refused = |mcs, bits| table.block_error_rate(mcs, bits, 1.0).unwrap_err().to_string();
    assert!(refused(mcs(8), 128).contains("it has 9, 20 of table 1"), "{}", refused(mcs(8), 128));
    assert!(refused(Mcs::new(2, 9).unwrap(), 128).contains("mcs 9 of table 2"));
    assert!(refused(mcs(9), 127).contains("127 bits") && refused(mcs(9), 127).contains("128 to 512"));
    assert!(refused(mcs(9), 513).contains("128 to 512"));
    assert!(matches!(table.block_error_rate(mcs(9), 128, f64::NAN), Err(LinkTableError::Sinr)));
    assert_eq!(table.block_bits(mcs(9)).collect::<Vec<_>>(), [128, 512]);
    assert_eq!(table.block_bits(mcs(3)).count(), 0);
}

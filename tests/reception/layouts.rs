//! Where things lie in a slot, against the standard's table and counts.

use crate::common::{layout, signals};
use airloop::baseband::Complex32;
use airloop::link::slot_layout::{SlotConfig, SlotLayout};

fn refused(config: SlotConfig) -> String {
    SlotLayout::new(config).unwrap_err().to_string()
}

#[test]
fn pilots_lie_where_the_table_of_another_package_has_them() {
    let (mut compared, mut refused) = (0, 0);
    for line in include_str!("data/pilot_positions.csv").lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let expected: Vec<usize> = fields[2].split(' ').map(|p| p.parse().unwrap()).collect();
        let config = SlotConfig {
            symbols: fields[0].parse().unwrap(),
            pilot_symbols: 1 + fields[1].parse::<usize>().unwrap(),
            ..SlotConfig::new(12)
        };
        match SlotLayout::new(config) {
            Ok(layout) => {
                assert_eq!(layout.pilot_symbols(), expected, "{config:?}");
                compared += 1;
            }
            // The table falls back to fewer pilots where the ones asked for do not fit; the library refuses.
            Err(error) => {
                assert!(expected.len() < config.pilot_symbols, "{config:?}: {error}");
                refused += 1;
            }
        }
    }
    assert_eq!((compared, refused), (11 + 7 + 5 + 3, 18));
}

#[test]
fn blocks_hold_what_the_standard_counts() {
    // 156 elements a block is the standard's ceiling of TS 38.214, clause 5.1.3.2.
    let of = |pilots, groups, layers| layout(12, pilots, groups, layers);
    assert_eq!(of(1, 2, 1).data_elements(), 13 * 12);
    assert_eq!(of(1, 1, 2).data_elements(), 13 * 12 + 6);
    assert_eq!(of(4, 2, 4).data_elements(), 10 * 12);
    assert_eq!(of(2, 2, 1).pilot_elements(), 24);
    assert_eq!(of(2, 1, 1).pilot_elements(), 12);
    assert!((of(2, 2, 1).overhead() - 1.0 / 7.0).abs() < 1e-15);
    let config = SlotConfig { control_symbols: 2, ..SlotConfig::new(24) };
    assert_eq!(SlotLayout::new(config).unwrap().data_elements(), 11 * 24);
    let late = SlotConfig { control_symbols: 3, ..SlotConfig::new(24) };
    assert_eq!(SlotLayout::new(late).unwrap().pilot_symbols(), [3]);
}

#[test]
fn elements_are_told_apart_and_values_come_back() {
    for (control_symbols, groups_without_data, layers) in [(0, 1, 2), (2, 2, 4), (3, 2, 3), (1, 1, 1)] {
        let config = SlotConfig {
            control_symbols,
            pilot_symbols: 2,
            groups_without_data,
            layers,
            ..SlotConfig::new(36)
        };
        let layout = SlotLayout::new(config).unwrap();
        let values: Vec<Complex32> =
            (0..layers * layout.data_elements()).map(|i| Complex32::new(1.0 + i as f32, 5.0)).collect();
        let mut data = vec![Complex32::default(); layers * layout.elements()];
        layout.map(&values, &mut data);
        let mut back = vec![Complex32::default(); values.len()];
        layout.gather(&data, &mut back);
        assert_eq!(values, back);
        // Subcarriers first, then symbols: values rise along each layer's grid.
        for grid in data.chunks_exact(layout.elements()) {
            let placed: Vec<f32> = grid.iter().filter(|x| x.im > 0.0).map(|x| x.re).collect();
            assert!(
                placed.len() == layout.data_elements() && placed.windows(2).all(|pair| pair[0] < pair[1])
            );
            assert!(grid[..control_symbols * 36].iter().all(|x| *x == Complex32::default()));
        }
        let mut pilots = vec![Complex32::default(); data.len()];
        signals(&layout).fill(&mut pilots);
        assert!(data.iter().zip(&pilots).all(|(a, b)| a.norm_sqr() == 0.0 || b.norm_sqr() == 0.0));
    }
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let base = SlotConfig::new(24);
    let cases = [
        (SlotConfig { symbols: 15, ..base }, "symbols of a slot is 15; 3 to 14 is expected"),
        (
            SlotConfig { subcarriers: 30, ..base },
            "used subcarriers is 30; a positive multiple of 4 is expected",
        ),
        (SlotConfig { control_symbols: 4, ..base }, "control_symbols is 4; 0 to 3 is expected"),
        (SlotConfig { pilot_symbols: 5, ..base }, "pilot_symbols is 5; 1 to 4 is expected"),
        (SlotConfig { groups_without_data: 0, ..base }, "groups_without_data is 0; 1 or 2 is expected"),
        (SlotConfig { layers: 5, ..base }, "layers is 5; 1 to 4 is expected"),
        (SlotConfig { layers: 3, groups_without_data: 1, ..base }, "3 layers need groups_without_data = 2"),
        (SlotConfig { symbols: 9, pilot_symbols: 3, ..base }, "three pilot symbols need 10 to 14 symbols"),
        (SlotConfig { control_symbols: 3, pilot_symbols: 4, ..base }, "at most 2 control symbols"),
        (SlotConfig { symbols: 3, control_symbols: 2, ..base }, "has no element left for data"),
    ];
    for (config, expected) in cases {
        let said = refused(config);
        assert!(said.contains(expected), "{said}");
    }
}

//! Pilots, against another package's sequence and their own orthogonality.

use crate::common::{layout, wide};
use airloop::baseband::{Complex32, Complex64};
use airloop::link::reference_signals::{ReferenceSignals, SequenceIdentity};

#[test]
fn sequences_are_those_of_another_package() {
    let layout = layout(600, 2, 2, 1);
    let mut compared = 0;
    for line in include_str!("data/pilot_sequences.csv").lines().skip(2) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |i: usize| fields[i].parse::<u64>().unwrap();
        let identity = SequenceIdentity { scrambling_identity: number(2) as u16, second: number(3) == 1 };
        let mut signals = ReferenceSignals::new(&layout, identity);
        signals.prepare(number(0));
        let row = layout.pilot_symbols().iter().position(|symbol| *symbol as u64 == number(1)).unwrap();
        let parts = signals.sequence(row).iter().flat_map(|r| [r.re, r.im]);
        let told: String = parts.map(|part| if part < 0.0 { '1' } else { '0' }).collect();
        assert_eq!(told, fields[4], "{identity:?}");
        assert!(signals.sequence(row).iter().all(|r| (r.norm_sqr() - 1.0).abs() < 1e-6));
        compared += 1;
    }
    assert_eq!(compared, 5);
}

#[test]
fn layers_are_orthogonal_over_pairs_and_have_their_power() {
    for (groups, layers) in [(1, 2), (2, 2), (2, 3), (2, 4)] {
        let layout = layout(48, 2, groups, layers);
        let signals = ReferenceSignals::new(&layout, SequenceIdentity::default());
        let mut grid = vec![Complex32::default(); layers * layout.elements()];
        signals.fill(&mut grid);
        let row = |layer: usize, symbol: usize| &grid[layer * layout.elements() + symbol * 48..][..48];
        for symbol in layout.pilot_symbols() {
            for a in 0..layers {
                for b in 0..layers {
                    // Four subcarriers hold one pair of each group.
                    for (x, y) in row(a, *symbol).chunks(4).zip(row(b, *symbol).chunks(4)) {
                        let inner: Complex64 = x.iter().zip(y).map(|(x, y)| wide(*x).conj() * wide(*y)).sum();
                        let expected = if a == b { 2.0 * groups as f64 } else { 0.0 };
                        assert!((inner - expected).norm() < 1e-5, "{layers} layers, {a} {b}: {inner}");
                    }
                }
            }
        }
    }
}

#[test]
fn symbols_and_slots_have_different_sequences() {
    let layout = layout(96, 4, 2, 1);
    let mut signals = ReferenceSignals::new(&layout, SequenceIdentity::default());
    let mut rows: Vec<Vec<Complex32>> = Vec::new();
    for slot in 0..5 {
        signals.prepare(slot);
        rows.extend((0..4).map(|q| signals.sequence(q).to_vec()));
    }
    for (i, a) in rows.iter().enumerate() {
        for b in &rows[..i] {
            let inner: Complex32 = a.iter().zip(b).map(|(a, b)| a.conj() * b).sum();
            assert!(inner.norm() < 0.6 * a.len() as f32, "rows are unlike: {inner}");
        }
    }
}

//! OFDM modulation and demodulation, in samples a second each way, against the transforms alone.

mod support;

use airloop::baseband::Complex32;
use airloop::ofdm::{Modem, Numerology};
use std::hint::black_box;
use std::sync::Arc;
use support::{Row, print, shortest, transforms};

const SIZE: usize = 1024;
const PREFIX: usize = 72;
const SYMBOLS: usize = 14;

fn main() {
    let transforms = transforms(SIZE, PREFIX);
    let mut rows = Vec::new();
    for used in [612, SIZE] {
        let numerology = Numerology::custom(30.72e6, SIZE, PREFIX, used, true).expect("the grid fits");
        let mut modem = Modem::new(Arc::new(numerology), 0);
        let grid: Vec<Complex32> = (0..SYMBOLS * used).map(|i| Complex32::new((i % 7) as f32, 1.0)).collect();
        let (mut samples, mut back) = (Vec::new(), grid.clone());
        let seconds = shortest(|| {
            modem.modulate(0, black_box(&grid), &mut samples);
            modem.demodulate(0, black_box(&samples), &mut back);
        });
        let error = grid.iter().zip(&back).map(|(a, b)| (a - b).norm()).fold(0.0, f32::max);
        assert!(error < 1e-4, "what was sent comes back: {error}");
        rows.push(Row {
            name: format!("modulate and demodulate, {used} used"),
            rate: (SYMBOLS * (SIZE + PREFIX)) as f64 / seconds,
            unit: "samples",
            ceiling: ("rustfft inverse and forward", transforms),
        });
    }
    print(&format!("modem: transforms of {SIZE}, prefixes of {PREFIX}"), &rows);
}

//! Constellations, demapping, and the theory of uncoded errors, information and finite blocks.

mod calibration;
mod demapping;
mod finite_blocklength;
mod information;
mod mapping;
mod table;
mod uncoded;

use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_coding::Modulation;

/// Returns the rows of a table below its head, cell by cell.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// Returns a linear ratio.
fn linear(db: f64) -> f64 {
    10f64.powf(0.1 * db)
}

/// Random bits and their points.
struct Sent {
    bits: Vec<u8>,
    points: Vec<Complex32>,
}

/// Sends random bits in so many symbols.
fn send(modulation: Modulation, symbols: usize, trial: u64) -> Sent {
    let order = modulation.bits_per_symbol();
    let stream = Seeds::new(5).stream(Purpose::Payload, trial, modulation as u64);
    let words = (0..symbols as u64).map(|index| stream.word(index));
    let bits: Vec<u8> = words.flat_map(|word| (0..order).map(move |p| (word >> p & 1) as u8)).collect();
    let mut points = vec![Complex32::ZERO; symbols];
    modulation.map(&bits, 0, &mut points).unwrap();
    Sent { bits, points }
}

/// Adds noise of a variance.
fn add_noise(points: &mut [Complex32], variance: f64, trial: u64) {
    Seeds::new(6).stream(Purpose::Noise, trial, 0).add_complex_gaussian(0, variance as f32, points);
}

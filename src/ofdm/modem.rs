//! Grids to samples and back: unitary transforms and cyclic prefixes.

use super::Numerology;
use airloop_baseband::Complex32;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// OFDM modulator and demodulator of one numerology.
///
/// ```text
/// x[n] = 1/sqrt(N) sum_k X[k] exp(j 2 pi k n / N),   n = -prefix .. N - 1
/// ```
///
/// Unitary: noise power per sample equals noise power per resource element.
#[derive(Clone)]
pub struct Modem {
    numerology: Arc<Numerology>,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    spectrum: Vec<Complex32>,
    transformed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    advance_samples: usize,
    /// Scale and phase that undo the transform's gain and the early window, for each used subcarrier.
    correction: Vec<Complex32>,
}

impl Modem {
    /// Makes a modem whose receiver opens its window `advance_samples` early, inside the prefix, and undoes the phase.
    pub fn new(numerology: Arc<Numerology>, advance_samples: usize) -> Self {
        let size = numerology.fft_size();
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let scratch = forward.get_immutable_scratch_len().max(inverse.get_immutable_scratch_len());
        let turn = std::f64::consts::TAU * advance_samples as f64 / size as f64;
        let scale = 1.0 / (size as f64).sqrt();
        let correct = |k: &i32| {
            let (sin, cos) = (turn * f64::from(*k)).sin_cos();
            Complex32::new((scale * cos) as f32, (scale * sin) as f32)
        };
        Self {
            correction: numerology.offsets().iter().map(correct).collect(),
            forward,
            inverse,
            spectrum: vec![Complex32::default(); size],
            transformed: vec![Complex32::default(); size],
            scratch: vec![Complex32::default(); scratch],
            advance_samples,
            numerology,
        }
    }

    /// Returns how early the receive window opens, in samples.
    pub fn advance_samples(&self) -> usize {
        self.advance_samples
    }

    /// Writes the samples of consecutive symbols, `first_symbol` counted from the start of the round.
    ///
    /// `grid` holds `[symbol, used subcarrier]`; `out` is resized to the symbols with their prefixes.
    pub fn modulate(&mut self, first_symbol: usize, grid: &[Complex32], out: &mut Vec<Complex32>) {
        let numerology = Arc::clone(&self.numerology);
        let (used, size) = (numerology.used(), numerology.fft_size());
        let base = numerology.symbol_start(first_symbol);
        let symbols = grid.len() / used;
        out.resize(numerology.symbol_start(first_symbol + symbols) - base, Complex32::default());
        let scale = 1.0 / (size as f32).sqrt();
        for (s, values) in grid.chunks_exact(used).enumerate() {
            let symbol = first_symbol + s;
            self.place(values, scale);
            let start = numerology.symbol_start(symbol) - base;
            let prefix = numerology.prefix_samples(symbol);
            let samples = &mut out[start..start + prefix + size];
            let (head, body) = samples.split_at_mut(prefix);
            self.inverse.process_immutable_with_scratch(&self.spectrum, body, &mut self.scratch);
            head.copy_from_slice(&body[size - prefix..]);
        }
    }

    /// Puts the used subcarriers into transform order; unused bins stay zero.
    fn place(&mut self, values: &[Complex32], scale: f32) {
        let offsets = self.numerology.offsets();
        let negative = offsets.partition_point(|k| *k < 0);
        let size = self.spectrum.len();
        let tail = size - offsets[0].unsigned_abs() as usize * usize::from(negative > 0);
        for (bin, value) in self.spectrum[tail.min(size)..].iter_mut().zip(&values[..negative]) {
            *bin = value * scale;
        }
        let first = offsets.get(negative).map_or(0, |k| *k as usize);
        for (bin, value) in self.spectrum[first..].iter_mut().zip(&values[negative..]) {
            *bin = value * scale;
        }
    }

    /// Reads consecutive symbols from samples that begin `advance_samples` before the first symbol's prefix.
    ///
    /// `out` holds `[symbol, used subcarrier]` for as many symbols as are to be read.
    pub fn demodulate(&mut self, first_symbol: usize, samples: &[Complex32], out: &mut [Complex32]) {
        let (used, size) = (self.numerology.used(), self.numerology.fft_size());
        let base = self.numerology.symbol_start(first_symbol);
        let offsets = self.numerology.offsets();
        let negative = offsets.partition_point(|k| *k < 0);
        let tail = size - offsets[0].unsigned_abs() as usize * usize::from(negative > 0);
        let first = offsets.get(negative).map_or(0, |k| *k as usize);
        for (s, out) in out.chunks_exact_mut(used).enumerate() {
            let symbol = first_symbol + s;
            // The samples begin early by the advance, so a nominal offset is an early window.
            let start = self.numerology.symbol_start(symbol) - base + self.numerology.prefix_samples(symbol);
            let window = &samples[start..start + size];
            self.forward.process_immutable_with_scratch(window, &mut self.transformed, &mut self.scratch);
            let (low, high) = out.split_at_mut(negative);
            let (correct_low, correct_high) = self.correction.split_at(negative);
            let bins = low.iter_mut().zip(&self.transformed[tail.min(size)..]).zip(correct_low);
            for ((out, bin), correct) in bins {
                *out = bin * correct;
            }
            let bins = high.iter_mut().zip(&self.transformed[first..]).zip(correct_high);
            for ((out, bin), correct) in bins {
                *out = bin * correct;
            }
        }
    }
}

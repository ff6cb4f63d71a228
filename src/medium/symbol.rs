//! The symbol medium: grids times frequency responses, plus noise.

use super::{GridGains, LinkState, Medium, MediumError, Tally};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::scheme::{Needs, Round};
use airloop_baseband::{Complex32, Stream};
use std::sync::Arc;

/// Where the noise of a received grid comes from.
#[derive(Clone)]
pub enum NoiseSource {
    /// Drawn on the grid.
    Grid(Stream),
    /// Drawn as samples and demodulated: the very noise of the waveform rung, for paired comparison.
    Samples {
        /// The stream of the receive port.
        stream: Stream,
        /// A modem with the receiver's window.
        modem: Box<Modem>,
    },
}

/// Carries grids by multiplying them with the channels of one trial.
pub struct SymbolMedium {
    numerology: Arc<Numerology>,
    gains: GridGains,
    noise: NoiseSource,
    noise_power: f64,
    tally: Tally,
    row: Vec<Complex32>,
    sent: Vec<Complex32>,
    received: Vec<Complex32>,
    noise_grid: Vec<Complex32>,
    kept: Option<Vec<Complex32>>,
}

impl SymbolMedium {
    /// Makes a medium from realised channels and a noise power per element.
    pub fn new(numerology: Arc<Numerology>, gains: GridGains, noise: NoiseSource, noise_power: f64) -> Self {
        Self {
            numerology,
            gains,
            noise,
            noise_power,
            tally: Tally::default(),
            row: Vec::new(),
            sent: Vec::new(),
            received: Vec::new(),
            noise_grid: Vec::new(),
            kept: None,
        }
    }

    /// Keeps received grids, so that they can be compared or written out.
    #[must_use]
    pub fn keeping(mut self) -> Self {
        self.kept = Some(Vec::new());
        self
    }

    fn add_noise(&mut self, shape: SlotShape) {
        if self.noise_power == 0.0 {
            return;
        }
        let count = self.received.len();
        self.noise_grid.clear();
        self.noise_grid.resize(count, Complex32::default());
        let power = self.noise_power as f32;
        match &mut self.noise {
            NoiseSource::Grid(stream) => {
                let start = shape.first_symbol * self.numerology.used();
                stream.fill_complex_gaussian(start as u64, power, &mut self.noise_grid);
            }
            NoiseSource::Samples { stream, modem } => {
                let start = self.numerology.symbol_start(shape.first_symbol);
                let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
                let mut samples = vec![Complex32::default(); end - start];
                stream.fill_complex_gaussian(start as u64, power, &mut samples);
                modem.demodulate(shape.first_symbol, &samples, &mut self.noise_grid);
            }
        }
        for (y, z) in self.received.iter_mut().zip(&self.noise_grid) {
            *y += z;
        }
        self.tally.noise += energy(&self.noise_grid);
        self.tally.noise_count += count as u64;
    }
}

impl Medium for SymbolMedium {
    fn carry(&mut self, round: &mut dyn Round, needs: Needs) -> Result<(), MediumError> {
        let used = self.numerology.used();
        let devices = self.gains.devices();
        while let Some(shape) = round.next_slot() {
            if needs.joint {
                round.agree(&if needs.transmits { self.gains.all(shape) } else { self.gains.own(shape) });
            }
            self.received.clear();
            self.received
                .resize(if needs.transmits { shape.symbols * used } else { 0 }, Complex32::default());
            for device in 0..if needs.transmits { devices } else { 0 } {
                let fresh = !needs.joint && !self.gains.is_static();
                if fresh {
                    self.gains.respond(device, shape, &mut self.row);
                }
                let state = if fresh {
                    LinkState::new(&self.row, used, shape.symbols)
                } else {
                    self.gains.state(device, shape)
                };
                self.sent.clear();
                self.sent.resize(shape.symbols * used, Complex32::default());
                round.fill(device, state, &mut self.sent)?;
                for symbol in 0..shape.symbols {
                    let range = symbol * used..(symbol + 1) * used;
                    let gain =
                        superpose(state.row(symbol), &self.sent[range.clone()], &mut self.received[range]);
                    self.tally.gain += f64::from(gain);
                }
                self.tally.gain_count += (shape.symbols * used) as u64;
            }
            if needs.transmits {
                self.add_noise(shape);
            }
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(&self.received);
            }
            round.take(&self.received);
        }
        Ok(())
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn kept(&self) -> Option<&[Complex32]> {
        self.kept.as_deref()
    }
}

/// Elements worked on at once.
const LANES: usize = 16;

/// Elements whose energy is summed in f32 before it joins a sum in f64.
const BLOCK: usize = 256;

/// Returns the energy of complex values, in f64.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub(super) fn energy(values: &[Complex32]) -> f64 {
    let mut total = 0.0;
    for block in values.chunks(BLOCK) {
        let (chunks, rest) = block.as_chunks::<LANES>();
        let mut sum = [0.0f32; LANES];
        for chunk in chunks {
            for l in 0..LANES {
                sum[l] += chunk[l].re * chunk[l].re + chunk[l].im * chunk[l].im;
            }
        }
        for (sum, x) in sum.iter_mut().zip(rest) {
            *sum += x.norm_sqr();
        }
        total += f64::from(sum.iter().sum::<f32>());
    }
    total
}

/// Adds `h x` to `y`, and returns the sum of `|h|^2`.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn superpose(h: &[Complex32], x: &[Complex32], y: &mut [Complex32]) -> f32 {
    let mut gain = [0.0f32; LANES];
    let ((h, h_rest), (x, x_rest)) = (h.as_chunks::<LANES>(), x.as_chunks::<LANES>());
    let (y, y_rest) = y.as_chunks_mut::<LANES>();
    for ((h, x), y) in h.iter().zip(x).zip(y) {
        for l in 0..LANES {
            y[l].re += h[l].re * x[l].re - h[l].im * x[l].im;
            y[l].im += h[l].re * x[l].im + h[l].im * x[l].re;
            gain[l] += h[l].re * h[l].re + h[l].im * h[l].im;
        }
    }
    for ((h, x), y) in h_rest.iter().zip(x_rest).zip(y_rest) {
        *y += h * x;
        gain[0] += h.norm_sqr();
    }
    gain.iter().sum()
}

//! The symbol medium: grids times frequency responses, plus noise.

use super::{Channels, Medium, MediumError, Tally, Timeline};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::privacy::Watch;
use crate::scheme::{Needs, Received, Round};
use airloop_baseband::{Complex32, Stream};
use std::sync::Arc;

/// Where the noise of a received grid comes from.
#[derive(Clone)]
pub enum NoiseSource {
    /// Drawn on the grid.
    Grid(Stream),
    /// Drawn as samples and demodulated: the very noise of the waveform rung, for paired comparison.
    Samples {
        /// The stream of which each receive port takes its substream.
        stream: Stream,
        /// A modem with the receiver's window.
        modem: Box<Modem>,
    },
}

/// Carries grids by multiplying them with the channels of one trial.
pub struct SymbolMedium {
    numerology: Arc<Numerology>,
    channels: Channels,
    noise: NoiseSource,
    noise_power: f64,
    tally: Tally,
    sent: Vec<Complex32>,
    received: Vec<Complex32>,
    sum_channel: Vec<Complex32>,
    noise_grid: Vec<Complex32>,
    kept: Option<Vec<Complex32>>,
}

impl SymbolMedium {
    /// Makes a medium from realised channels and a noise power per element; antennas take substreams of the noise.
    pub fn new(
        numerology: Arc<Numerology>,
        channels: Channels,
        noise: NoiseSource,
        noise_power: f64,
    ) -> Self {
        Self {
            numerology,
            channels,
            noise,
            noise_power,
            tally: Tally::default(),
            sent: Vec::new(),
            received: Vec::new(),
            sum_channel: Vec::new(),
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

    /// Adds the noise of one antenna to its grid.
    fn add_noise(&mut self, port: usize, shape: SlotShape) {
        if self.noise_power == 0.0 {
            return;
        }
        let count = shape.symbols * self.numerology.used();
        self.noise_grid.clear();
        self.noise_grid.resize(count, Complex32::default());
        let power = self.noise_power as f32;
        match &mut self.noise {
            NoiseSource::Grid(stream) => {
                // The first antenna has the stream itself.
                let stream = if port == 0 { *stream } else { stream.substream(port as u64) };
                let start = shape.first_symbol * self.numerology.used();
                stream.fill_complex_gaussian(start as u64, power, &mut self.noise_grid);
            }
            NoiseSource::Samples { stream, modem } => {
                let start = self.numerology.symbol_start(shape.first_symbol);
                let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
                let mut samples = vec![Complex32::default(); end - start];
                let stream = stream.substream(port as u64);
                stream.fill_complex_gaussian(start as u64, power, &mut samples);
                modem.demodulate(shape.first_symbol, &samples, &mut self.noise_grid);
            }
        }
        let received = &mut self.received[port * count..(port + 1) * count];
        for (y, z) in received.iter_mut().zip(&self.noise_grid) {
            *y += z;
        }
        self.tally.noise += energy(&self.noise_grid);
        self.tally.noise_count += count as u64;
    }

    /// Lets every device fill its grid, and adds what each antenna hears of it.
    fn superpose_all(
        &mut self,
        round: &mut dyn Round,
        needs: Needs,
        shape: SlotShape,
    ) -> Result<(), MediumError> {
        let (used, antennas) = (self.numerology.used(), self.channels.antennas());
        let count = shape.symbols * used;
        let pairs = |link: usize| (link / antennas.device, link % antennas.device);
        for device in 0..self.channels.devices() {
            self.channels.fill(round, needs, (device, shape), &mut self.sent)?;
            for (port, antenna) in (0..antennas.links()).map(pairs) {
                let link = self.channels.link(device, (port, antenna));
                let truth = self.channels.truth(link, needs, shape);
                for symbol in 0..shape.symbols {
                    let from = antenna * count + symbol * used..antenna * count + (symbol + 1) * used;
                    let to = port * count + symbol * used..port * count + (symbol + 1) * used;
                    let row = truth.row(symbol);
                    let gain = superpose(row, &self.sent[from], &mut self.received[to.clone()]);
                    self.tally.gain += f64::from(gain);
                    if needs.sum_channel {
                        self.sum_channel[to].iter_mut().zip(row).for_each(|(sum, h)| *sum += h);
                    }
                }
                self.tally.gain_count += count as u64;
            }
        }
        Ok(())
    }
}

impl Medium for SymbolMedium {
    fn carry(&mut self, round: &mut dyn Round, needs: Needs) -> Result<(), MediumError> {
        let (used, ports) = (self.numerology.used(), self.channels.antennas().receive);
        while let Some(slot) = round.next_slot() {
            let shape = self.channels.begin_slot(round, needs, slot)?;
            let count = if needs.transmits { ports * shape.symbols * used } else { 0 };
            self.received.clear();
            self.received.resize(count, Complex32::default());
            self.sum_channel.clear();
            self.sum_channel.resize(if needs.sum_channel { count } else { 0 }, Complex32::default());
            if needs.transmits {
                self.superpose_all(round, needs, shape)?;
                (0..ports).for_each(|port| self.add_noise(port, shape));
            }
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(&self.received);
            }
            round.take(Received { grids: &self.received, ports, sum_channel: &self.sum_channel });
        }
        self.tally.overhead_symbols = self.channels.timeline().overhead_symbols();
        Ok(())
    }

    fn watch(&self) -> Option<&Watch> {
        self.channels.watch()
    }

    fn timeline(&self) -> Timeline {
        *self.channels.timeline()
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
pub(super) fn superpose(h: &[Complex32], x: &[Complex32], y: &mut [Complex32]) -> f32 {
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

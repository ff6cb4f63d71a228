//! Misaligned frames straight on intervals: sums of symbols times gains, plus noise.

use super::{FrameAir, FrameBlock, IntervalBank, MisalignedError, SampleGrid};
use crate::medium::Tally;
use airloop_baseband::{Complex32, Stream};

/// Where the noise of the symbol rung comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntervalNoise {
    /// Drawn on the intervals.
    Intervals(Stream),
    /// Drawn as samples and integrated: the very noise of the waveform rung's receive port, for paired comparison.
    Samples {
        /// The stream of the receive port.
        stream: Stream,
        /// Samples a symbol.
        oversampling: usize,
    },
}

/// Carries frames by multiplying symbols with gains and summing them interval by interval.
pub struct SymbolAir {
    bank: IntervalBank,
    gains: Vec<Complex32>,
    noise_power: f64,
    noise: IntervalNoise,
    /// Set for noise drawn as samples.
    sampling: Option<SampleGrid>,
    /// What arrives of each group: `[group, frame, symbol]`.
    sums: Vec<Complex32>,
    scratch: Vec<Complex32>,
    drawn: Vec<Complex32>,
    tally: Tally,
}

impl SymbolAir {
    /// Makes an air from one channel gain a device and the noise power N0 of a symbol.
    ///
    /// # Errors
    /// When noise is to be drawn as samples, and a delay does not fall on one.
    pub fn new(
        bank: IntervalBank,
        gains: Vec<Complex32>,
        noise_power: f64,
        noise: IntervalNoise,
    ) -> Result<Self, MisalignedError> {
        let sampling = match noise {
            IntervalNoise::Intervals(_) => None,
            IntervalNoise::Samples { oversampling, .. } => Some(SampleGrid::new(&bank, oversampling)?),
        };
        let (sums, scratch, drawn) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { bank, gains, noise_power, noise, sampling, sums, scratch, drawn, tally: Tally::default() })
    }

    /// Adds the noise of a block, and measures it as noise a symbol.
    fn add_noise(&mut self, block: FrameBlock, grids: &mut [Complex32]) {
        if self.noise_power == 0.0 {
            return;
        }
        let times = block.frames * block.times;
        let intervals = self.bank.intervals();
        self.drawn.resize(grids.len(), Complex32::default());
        match (&self.noise, &self.sampling) {
            (IntervalNoise::Samples { stream, oversampling }, Some(sampling)) => {
                self.scratch.resize(times * oversampling, Complex32::default());
                let power = (self.noise_power * *oversampling as f64) as f32;
                stream.fill_complex_gaussian(
                    block.first_time * *oversampling as u64,
                    power,
                    &mut self.scratch,
                );
                sampling.integrate(&self.scratch, &mut self.drawn);
            }
            (IntervalNoise::Intervals(stream) | IntervalNoise::Samples { stream, .. }, _) => {
                let start = block.first_time * intervals.len() as u64;
                stream.fill_complex_gaussian(start, self.noise_power as f32, &mut self.drawn);
                let scale: Vec<f32> = intervals.iter().map(|i| i.length_symbols.sqrt() as f32).collect();
                for row in self.drawn.chunks_exact_mut(scale.len()) {
                    row.iter_mut().zip(&scale).for_each(|(z, root)| *z /= *root);
                }
            }
        }
        for (row, drawn) in
            grids.chunks_exact_mut(intervals.len()).zip(self.drawn.chunks_exact(intervals.len()))
        {
            let mut energy = 0.0;
            for ((y, z), interval) in row.iter_mut().zip(drawn).zip(intervals) {
                *y += z;
                energy += interval.length_symbols * f64::from(z.norm_sqr());
            }
            self.tally.noise += energy;
        }
        self.tally.noise_count += grids.len() as u64;
    }
}

impl FrameAir for SymbolAir {
    fn send(
        &mut self,
        device: usize,
        block: FrameBlock,
        symbols: &[Complex32],
    ) -> Result<(), MisalignedError> {
        let length = block.frames * block.symbols;
        let groups = self.bank.group_delays_symbols().len();
        if device == 0 {
            self.sums.clear();
            self.sums.resize(groups * length, Complex32::default());
        }
        let h = self.gains[device];
        let sums = &mut self.sums[self.bank.group(device) * length..][..length];
        sums.iter_mut().zip(symbols).for_each(|(sum, x)| *sum += h * x);
        self.tally.gain += f64::from(h.norm_sqr()) * length as f64;
        self.tally.gain_count += length as u64;
        Ok(())
    }

    fn collect(&mut self, block: FrameBlock, grids: &mut [Complex32]) -> Result<(), MisalignedError> {
        let (length, intervals) = (block.frames * block.symbols, self.bank.intervals().len());
        let groups = self.bank.group_delays_symbols().len();
        let early = intervals - groups;
        grids.fill(Complex32::default());
        for (frame, grid) in grids.chunks_exact_mut(block.times * intervals).enumerate() {
            for l in 0..block.symbols {
                let at = frame * block.symbols + l;
                // Group g is heard at this symbol time in the intervals after its boundary, in the next before.
                let mut sum = Complex32::default();
                for g in 0..groups {
                    sum += self.sums[g * length + at];
                    grid[l * intervals + early + g] += sum;
                }
                let mut sum = Complex32::default();
                for g in (0..groups).rev() {
                    sum += self.sums[g * length + at];
                    if g + early > 0 {
                        grid[(l + 1) * intervals + g + early - 1] += sum;
                    }
                }
            }
        }
        self.add_noise(block, grids);
        Ok(())
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}

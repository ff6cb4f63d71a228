//! Misaligned frames as samples: rectangular pulses over a transport, integrated at the receiver.

use super::{FrameAir, FrameBlock, IntervalBank, MisalignedError, SampleGrid};
use crate::medium::Tally;
use airloop_baseband::{Burst, Complex32, Transport, Window};

/// Carries frames as samples; device `k` transmits at port `k`, the server receives at port 0.
///
/// Each sample of a pulse is the symbol itself; the transport's noise power per sample is to be `N0 Q`.
pub struct WaveformAir<'a, T> {
    bank: IntervalBank,
    sampling: SampleGrid,
    gains: Vec<Complex32>,
    transport: &'a mut T,
    burst: Burst,
    tally: Tally,
}

impl<'a, T> WaveformAir<'a, T> {
    /// Makes an air over a transport whose flat channels have one gain a device.
    ///
    /// # Errors
    /// When a delay does not fall on a sample.
    pub fn new(
        bank: IntervalBank,
        gains: Vec<Complex32>,
        oversampling: usize,
        transport: &'a mut T,
    ) -> Result<Self, MisalignedError> {
        let sampling = SampleGrid::new(&bank, oversampling)?;
        Ok(Self { bank, sampling, gains, transport, burst: Burst::default(), tally: Tally::default() })
    }
}

impl<T: Transport> FrameAir for WaveformAir<'_, T>
where
    MisalignedError: From<T::Error>,
{
    fn send(
        &mut self,
        device: usize,
        block: FrameBlock,
        symbols: &[Complex32],
    ) -> Result<(), MisalignedError> {
        let q = self.sampling.oversampling();
        let late = self.sampling.start_samples(self.bank.group(device));
        self.burst.start = block.first_time * q as u64 + late as u64;
        let samples = &mut self.burst.samples;
        samples.clear();
        samples.resize(((block.frames - 1) * block.times + block.symbols) * q, Complex32::default());
        let frames = samples.chunks_mut(block.times * q).zip(symbols.chunks_exact(block.symbols));
        for (samples, symbols) in frames {
            for (pulse, x) in samples.chunks_exact_mut(q).zip(symbols) {
                pulse.fill(*x);
            }
        }
        self.tally.gain += f64::from(self.gains[device].norm_sqr()) * symbols.len() as f64;
        self.tally.gain_count += symbols.len() as u64;
        self.transport.transmit(device, &self.burst)?;
        Ok(())
    }

    fn collect(&mut self, block: FrameBlock, grids: &mut [Complex32]) -> Result<(), MisalignedError> {
        let q = self.sampling.oversampling();
        let window =
            Window { start: block.first_time * q as u64, length_samples: block.frames * block.times * q };
        let capture = self.transport.receive(0, window)?;
        self.sampling.integrate(&capture.samples, grids);
        let (energy, count) = self.transport.noise_added(0).unwrap_or_default();
        (self.tally.noise, self.tally.noise_count) = (energy / q as f64, count);
        Ok(())
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}

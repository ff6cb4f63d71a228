//! The waveform medium: grids become OFDM samples, samples cross a transport, and the receiver's window makes grids again.

use super::spectra::SpectrumSums;
use super::symbol::energy;
use super::{Channels, Medium, MediumError, Tally, Timeline, WaveformPath};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::privacy::Watch;
use crate::scheme::{Needs, Received, Round};
use crate::synchronisation::RoundClocks;
use airloop_baseband::{Burst, Complex32, Transport, Window};
use std::sync::Arc;

/// What a waveform medium is made of.
pub struct WaveformConfig {
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// Whether received grids are kept.
    pub keep: bool,
    /// Samples by which every burst comes late (0 but for controls).
    pub late_samples: u64,
    /// What devices send by; their front ends are the transport's.
    pub clocks: RoundClocks,
    /// Whether each device's samples cross the transport, or each receive antenna's sum.
    pub path: WaveformPath,
}

/// Carries grids as samples over a transport; antenna `a` of `A` of device `k` transmits at port `k A + a`, the server's antennas
/// receive at ports 0 and up. By summed spectra the sum for antenna `r` is sent at port `r`, over a link that leaves it as it is.
pub struct WaveformMedium<T> {
    numerology: Arc<Numerology>,
    channels: Channels,
    transport: T,
    modem: Modem,
    late_samples: u64,
    clocks: RoundClocks,
    tally: Tally,
    sent: Vec<Complex32>,
    received: Vec<Complex32>,
    sum_channel: Vec<Complex32>,
    burst: Burst,
    /// Sums of spectra, where samples are made from them.
    sums: Option<SpectrumSums>,
    kept: Option<Vec<Complex32>>,
}

impl<T: Transport> WaveformMedium<T>
where
    MediumError: From<T::Error>,
{
    /// Makes a medium; `channels` hold the responses of the transport's own links, and `modem` is of the same numerology
    /// and advance.
    pub fn new(config: WaveformConfig, modem: Modem, channels: Channels, transport: T) -> Self {
        Self {
            numerology: config.numerology,
            modem,
            late_samples: config.late_samples,
            channels,
            transport,
            tally: Tally { clocks: config.clocks.tally, ..Tally::default() },
            clocks: config.clocks,
            sent: Vec::new(),
            received: Vec::new(),
            sum_channel: Vec::new(),
            burst: Burst::default(),
            sums: (config.path == WaveformPath::SummedSpectra).then(SpectrumSums::default),
            kept: config.keep.then(Vec::new),
        }
    }

    /// Returns what carried the samples.
    pub fn into_transport(self) -> T {
        self.transport
    }

    fn transmit(&mut self, round: &mut dyn Round, needs: Needs, shape: SlotShape) -> Result<(), MediumError> {
        let (used, antennas) = (self.numerology.used(), self.channels.antennas());
        let count = shape.symbols * used;
        let start = self.numerology.symbol_start(shape.first_symbol) + self.modem.advance_samples();
        // Samples of single devices are made for their peaks alone where spectra are summed: one slot a round shows them.
        let shows_peaks = self.sums.is_none() || self.tally.papr_count == 0;
        self.sums.iter_mut().for_each(|sums| sums.begin(antennas.receive, count));
        for device in 0..self.channels.devices() {
            self.channels.fill(round, needs, (device, shape), &mut self.sent)?;
            for link in 0..antennas.links() {
                let (port, antenna) = (link / antennas.device, link % antennas.device);
                let truth = self.channels.truth(device * antennas.links() + link, needs, shape);
                for symbol in 0..shape.symbols {
                    let row = truth.row(symbol);
                    let sent = &self.sent[antenna * count + symbol * used..][..used];
                    self.tally.gain += match &mut self.sums {
                        Some(sums) => f64::from(sums.add((port, symbol * used), row, sent)),
                        None => energy(row),
                    };
                    if needs.sum_channel {
                        let at = port * count + symbol * used;
                        let sum = &mut self.sum_channel[at..at + used];
                        sum.iter_mut().zip(row).for_each(|(sum, h)| *sum += h);
                    }
                }
                self.tally.gain_count += count as u64;
            }
            if self.clocks.is_silent(device) || !shows_peaks {
                continue;
            }
            self.burst.start = start as u64 + self.late_samples;
            for antenna in 0..antennas.device {
                let grid = &self.sent[antenna * count..(antenna + 1) * count];
                self.modem.modulate(shape.first_symbol, grid, &mut self.burst.samples);
                self.measure_papr(shape);
                if self.sums.is_none() {
                    self.transport.transmit(device * antennas.device + antenna, &self.burst)?;
                }
            }
        }
        if let Some(sums) = &self.sums {
            self.burst.start = start as u64 + self.late_samples;
            for port in 0..antennas.receive {
                self.modem.modulate(shape.first_symbol, sums.grid(port), &mut self.burst.samples);
                self.transport.transmit(port, &self.burst)?;
            }
        }
        Ok(())
    }

    fn receive(&mut self, shape: SlotShape) -> Result<(), MediumError> {
        let start = self.numerology.symbol_start(shape.first_symbol);
        let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
        let window = Window { start: start as u64, length_samples: end - start };
        let count = shape.symbols * self.numerology.used();
        for (port, grid) in self.received.chunks_exact_mut(count).enumerate() {
            // Between slots others may have the air: soundings, or the pause after a round.
            self.transport.skip(port, window.start)?;
            let mut capture = self.transport.receive(port, window)?;
            if let Some(common) = &mut self.clocks.common {
                common.correct_samples(&mut capture);
            }
            self.modem.demodulate(shape.first_symbol, &capture.samples, grid);
            if let Some(common) = &self.clocks.common {
                common.correct_grid(grid);
            }
        }
        Ok(())
    }

    /// Adds each symbol's peak over mean sample power, at the sample rate of the transform.
    fn measure_papr(&mut self, shape: SlotShape) {
        let base = self.numerology.symbol_start(shape.first_symbol);
        for symbol in shape.first_symbol..shape.first_symbol + shape.symbols {
            let start = self.numerology.symbol_start(symbol) - base;
            let end = self.numerology.symbol_start(symbol + 1) - base;
            let samples = &self.burst.samples[start..end];
            let (peak, mean) = (peak(samples), energy(samples) / samples.len() as f64);
            if mean > 0.0 {
                self.tally.papr += f64::from(peak) / mean;
                self.tally.papr_count += 1;
            }
        }
    }
}

/// Returns the largest power of any sample.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn peak(samples: &[Complex32]) -> f32 {
    let mut peaks = [0.0f32; 16];
    let (chunks, rest) = samples.as_chunks::<16>();
    for chunk in chunks {
        for (peak, x) in peaks.iter_mut().zip(chunk) {
            let power = x.re * x.re + x.im * x.im;
            *peak = if power > *peak { power } else { *peak };
        }
    }
    peaks.iter().copied().chain(rest.iter().map(Complex32::norm_sqr)).fold(0.0, f32::max)
}

impl<T: Transport> Medium for WaveformMedium<T>
where
    MediumError: From<T::Error>,
{
    fn carry(&mut self, round: &mut dyn Round, needs: Needs) -> Result<(), MediumError> {
        let (used, ports) = (self.numerology.used(), self.channels.antennas().receive);
        if let Some(mut common) = self.clocks.common.take() {
            let air = (&mut self.channels, &mut self.transport, &mut self.modem);
            common.hear(air, |device| self.clocks.is_silent(device))?;
            self.clocks.common = Some(common);
        }
        while let Some(slot) = round.next_slot() {
            let shape = self.channels.begin_slot(round, needs, slot)?;
            let count = if needs.transmits { ports * shape.symbols * used } else { 0 };
            self.received.clear();
            self.received.resize(count, Complex32::default());
            self.sum_channel.clear();
            self.sum_channel.resize(if needs.sum_channel { count } else { 0 }, Complex32::default());
            if needs.transmits {
                self.transmit(round, needs, shape)?;
                self.receive(shape)?;
            }
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(&self.received);
            }
            round.take(Received { grids: &self.received, ports, sum_channel: &self.sum_channel });
        }
        for port in 0..ports {
            let (noise, count) = self.transport.noise_added(port).unwrap_or_default();
            self.tally.noise += noise;
            self.tally.noise_count += count;
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

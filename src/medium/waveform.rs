//! The waveform medium: grids become OFDM samples, samples cross a transport, and the receiver's window makes grids again.

use super::symbol::energy;
use super::{Channels, Medium, MediumError, Tally, Timeline};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::privacy::Watch;
use crate::scheme::{Needs, Received, Round};
use crate::synchronisation::RoundClocks;
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_channels::ChannelError;
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
}

/// Carries grids as samples over a transport; device `k` transmits at port `k`, the server receives at port 0.
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
    kept: Option<Vec<Complex32>>,
}

impl<T: Transport<Error = ChannelError>> WaveformMedium<T> {
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
            kept: config.keep.then(Vec::new),
        }
    }

    fn transmit(&mut self, round: &mut dyn Round, needs: Needs, shape: SlotShape) -> Result<(), MediumError> {
        let (used, ports) = (self.numerology.used(), self.channels.ports());
        let count = shape.symbols * used;
        let start = self.numerology.symbol_start(shape.first_symbol) + self.modem.advance_samples();
        for device in 0..self.channels.devices() {
            self.channels.fill(round, needs, (device, shape), &mut self.sent)?;
            for port in 0..ports {
                let truth = self.channels.truth(device * ports + port, needs, shape);
                for symbol in 0..shape.symbols {
                    let row = truth.row(symbol);
                    self.tally.gain += energy(row);
                    if needs.sum_channel {
                        let at = port * count + symbol * used;
                        let sum = &mut self.sum_channel[at..at + used];
                        sum.iter_mut().zip(row).for_each(|(sum, h)| *sum += h);
                    }
                }
                self.tally.gain_count += count as u64;
            }
            if self.clocks.is_silent(device) {
                continue;
            }
            self.burst.start = start as u64 + self.late_samples;
            self.modem.modulate(shape.first_symbol, &self.sent, &mut self.burst.samples);
            self.measure_papr(shape);
            self.transport.transmit(device, &self.burst)?;
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

impl<T: Transport<Error = ChannelError>> Medium for WaveformMedium<T> {
    fn carry(&mut self, round: &mut dyn Round, needs: Needs) -> Result<(), MediumError> {
        let (used, ports) = (self.numerology.used(), self.channels.ports());
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

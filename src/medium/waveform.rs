//! The waveform medium: grids become OFDM samples, samples cross a transport, and the receiver's window makes grids again.

use super::symbol::energy;
use super::{GridGains, LinkState, Medium, MediumError, Tally};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::scheme::{Needs, Round};
use airloop_baseband::{Burst, Complex32, Transport, Window};
use airloop_channels::ChannelError;
use std::sync::Arc;

/// What a waveform medium is made of.
pub struct WaveformConfig {
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// How early the receive window opens, in samples; the transport's time 0 is this many samples in.
    pub advance_samples: usize,
    /// Whether received grids are kept.
    pub keep: bool,
    /// Samples by which every burst comes late (0 but for controls).
    pub late_samples: u64,
}

/// Carries grids as samples over a transport; device `k` transmits at port `k`, the server receives at port 0.
pub struct WaveformMedium<T> {
    numerology: Arc<Numerology>,
    gains: GridGains,
    transport: T,
    modem: Modem,
    late_samples: u64,
    tally: Tally,
    row: Vec<Complex32>,
    sent: Vec<Complex32>,
    received: Vec<Complex32>,
    burst: Burst,
    kept: Option<Vec<Complex32>>,
}

impl<T: Transport<Error = ChannelError>> WaveformMedium<T> {
    /// Makes a medium; `gains` are the responses of the transport's own channels, which is what perfect knowledge is.
    pub fn new(config: WaveformConfig, gains: GridGains, transport: T) -> Self {
        let modem = Modem::new(Arc::clone(&config.numerology), config.advance_samples);
        Self::with_modem(config, modem, gains, transport)
    }

    /// As [`WaveformMedium::new`], with a modem of the same numerology and advance whose transforms are planned already.
    pub fn with_modem(config: WaveformConfig, modem: Modem, gains: GridGains, transport: T) -> Self {
        Self {
            numerology: config.numerology,
            modem,
            late_samples: config.late_samples,
            gains,
            transport,
            tally: Tally::default(),
            row: Vec::new(),
            sent: Vec::new(),
            received: Vec::new(),
            burst: Burst::default(),
            kept: config.keep.then(Vec::new),
        }
    }

    fn transmit(&mut self, round: &mut dyn Round, needs: Needs, shape: SlotShape) -> Result<(), MediumError> {
        let used = self.numerology.used();
        let start = self.numerology.symbol_start(shape.first_symbol) + self.modem.advance_samples();
        for device in 0..self.gains.devices() {
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
            state.for_each_row(|row| self.tally.gain += energy(row));
            self.tally.gain_count += (shape.symbols * used) as u64;
            self.burst.start = start as u64 + self.late_samples;
            self.modem.modulate(shape.first_symbol, &self.sent, &mut self.burst.samples);
            self.measure_papr(shape);
            self.transport.transmit(device, &self.burst)?;
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
        while let Some(shape) = round.next_slot() {
            if needs.joint {
                round.agree(&if needs.transmits { self.gains.all(shape) } else { self.gains.own(shape) });
            }
            self.received.clear();
            if needs.transmits {
                self.transmit(round, needs, shape)?;
                let start = self.numerology.symbol_start(shape.first_symbol);
                let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
                let window = Window { start: start as u64, length_samples: end - start };
                let capture = self.transport.receive(0, window)?;
                self.received.resize(shape.symbols * self.numerology.used(), Complex32::default());
                self.modem.demodulate(shape.first_symbol, &capture.samples, &mut self.received);
            }
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(&self.received);
            }
            round.take(&self.received);
        }
        (self.tally.noise, self.tally.noise_count) = self.transport.noise_added(0).unwrap_or_default();
        Ok(())
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn kept(&self) -> Option<&[Complex32]> {
        self.kept.as_deref()
    }
}

//! The air that pilots cross: what a receiver sees of the channel at the pilot symbols.

use crate::medium::{GridGains, MediumError};
use crate::ofdm::{Modem, Numerology, SlotShape};
use airloop_baseband::{Burst, Complex32, Stream, Transport, Window};
use airloop_channels::EmulatedAir;
use std::sync::Arc;

/// Carries pilots: what is heard, divided by what was sent.
pub trait PilotAir: Send {
    /// Writes the observations `[symbol, used subcarrier]` of a link's channel `H + n` over a stretch of symbols.
    ///
    /// # Errors
    /// When a transport fails.
    fn hear(
        &mut self,
        gains: &mut GridGains,
        link: usize,
        shape: SlotShape,
        observed: &mut Vec<Complex32>,
    ) -> Result<(), MediumError>;
}

/// Pilots at symbol fidelity: the channel's response plus noise.
pub struct GridPilots {
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// Each link's noise is a substream.
    pub noise: Stream,
    /// Noise over pilot power.
    pub noise_power: f64,
    /// How much older the channel is that pilots see.
    pub age_s: f64,
    /// Takes noise samples and demodulates them, as at waveform fidelity, for paired comparison.
    pub sampled: Option<Box<Modem>>,
}

impl PilotAir for GridPilots {
    fn hear(
        &mut self,
        gains: &mut GridGains,
        link: usize,
        shape: SlotShape,
        observed: &mut Vec<Complex32>,
    ) -> Result<(), MediumError> {
        let used = self.numerology.used();
        gains.respond_earlier(link, shape, self.age_s, observed);
        if observed.len() == used {
            observed.resize(shape.symbols * used, Complex32::default());
            for symbol in 1..shape.symbols {
                observed.copy_within(0..used, symbol * used);
            }
        }
        let (noise, power) = (self.noise.substream(link as u64), self.noise_power as f32);
        if let Some(modem) = &mut self.sampled {
            let start = self.numerology.symbol_start(shape.first_symbol);
            let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
            let mut samples = vec![Complex32::default(); end - start];
            noise.substream(0).fill_complex_gaussian(start as u64, power, &mut samples);
            let mut grid = vec![Complex32::default(); observed.len()];
            modem.demodulate(shape.first_symbol, &samples, &mut grid);
            for (element, (y, z)) in observed.iter_mut().zip(&grid).enumerate() {
                *y += z * pilot(element % used, used).conj();
            }
        } else {
            noise.add_complex_gaussian((shape.first_symbol * used) as u64, power, observed);
        }
        Ok(())
    }
}

/// Pilots at waveform fidelity: modulated, sent through each link's own channel, heard with noise, demodulated.
pub struct AirPilots {
    modem: Modem,
    numerology: Arc<Numerology>,
    airs: Vec<EmulatedAir>,
    spacing: usize,
    burst: Burst,
}

impl AirPilots {
    /// Makes the pilots' air from one air a link, whose transmit port 0 is heard at receive port 0.
    pub fn new(modem: Modem, numerology: Arc<Numerology>, airs: Vec<EmulatedAir>, spacing: usize) -> Self {
        Self { modem, numerology, airs, spacing, burst: Burst::default() }
    }
}

/// Returns the pilot of a used subcarrier: unit power, phases of a quadratic sequence, so that peaks stay low.
fn pilot(subcarrier: usize, used: usize) -> Complex32 {
    let turn = (subcarrier as f64).powi(2) / (2.0 * used as f64);
    let phase = std::f64::consts::TAU * (turn - turn.floor());
    Complex32::new(phase.cos() as f32, phase.sin() as f32)
}

impl PilotAir for AirPilots {
    fn hear(
        &mut self,
        _: &mut GridGains,
        link: usize,
        shape: SlotShape,
        observed: &mut Vec<Complex32>,
    ) -> Result<(), MediumError> {
        let used = self.numerology.used();
        let sent =
            |f: usize| if f.is_multiple_of(self.spacing) { pilot(f, used) } else { Complex32::default() };
        let grid: Vec<Complex32> = (0..shape.symbols * used).map(|e| sent(e % used)).collect();
        self.modem.modulate(shape.first_symbol, &grid, &mut self.burst.samples);
        let start = self.numerology.symbol_start(shape.first_symbol);
        let end = self.numerology.symbol_start(shape.first_symbol + shape.symbols);
        self.burst.start = (start + self.modem.advance_samples()) as u64;
        let air = &mut self.airs[link];
        air.skip(0, start as u64)?;
        air.transmit(0, &self.burst)?;
        let capture = air.receive(0, Window { start: start as u64, length_samples: end - start })?;
        observed.resize(grid.len(), Complex32::default());
        self.modem.demodulate(shape.first_symbol, &capture.samples, observed);
        for (y, x) in observed.iter_mut().zip(&grid) {
            *y *= x.conj();
        }
        Ok(())
    }
}

//! What a receiver hears of a link: a known signal on all used subcarriers, sent again and again.

use super::{SoundConfig, SoundError, SoundingPlan};
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::ofdm::Modem;
use crate::report::Fidelity;
use airloop_baseband::{Burst, Complex32, Purpose, Seeds, Stream, Transport, Window};
use airloop_channels::{AirConfig, EmulatedAir, Fading, FilterBank, Link, Steering, Taps, TimeGrid};
use std::f32::consts::FRAC_1_SQRT_2;
use std::sync::Arc;

/// The air that a sounder hears.
pub(super) struct SoundingAir<'a> {
    plan: &'a SoundingPlan,
    fading: &'a Fading,
    seeds: Seeds,
    /// Number of the link among all of the experiment.
    link: usize,
    /// Indices by which the channels of one draw differ from those of the next.
    stride: u64,
    /// Noise over the power of the signal, per element.
    noise_power: f64,
    steering: Arc<Steering>,
    carrier: Carrier,
}

/// What carries the signal.
enum Carrier {
    /// Frequency responses.
    Grid,
    /// Samples through the filter of the link.
    Samples { bank: Arc<FilterBank>, modem: Box<Modem> },
}

impl<'a> SoundingAir<'a> {
    pub(super) fn new(
        experiment: &Experiment,
        config: &SoundConfig,
        (plan, fading): (&'a SoundingPlan, &'a Fading),
        noise_power: f64,
    ) -> Result<Self, SoundError> {
        let ChannelModel::Taps { steering, .. } = &experiment.channel else {
            return Err(SoundError::NoImpulseResponse);
        };
        let carrier = match config.fidelity {
            Fidelity::Theory | Fidelity::Radio => return Err(SoundError::NothingOnTheAir(config.fidelity)),
            Fidelity::Symbol => Carrier::Grid,
            Fidelity::Waveform => {
                let (bank, _) = experiment.filter_bank().ok_or(SoundError::NoImpulseResponse)?;
                let modem = Modem::new(Arc::clone(&experiment.numerology), experiment.advance_samples()?);
                Carrier::Samples { bank: Arc::new(bank), modem: Box::new(modem) }
            }
        };
        let link = config.device * experiment.link.antennas().links();
        let (seeds, steering) = (experiment.seeds, Arc::clone(steering));
        let stride = experiment.rounds as u64;
        Ok(Self { plan, fading, seeds, link, stride, noise_power, steering, carrier })
    }

    /// Returns what is heard over one draw of the channel, divided by what was sent: `H + n`, `[sounding, used subcarrier]`.
    pub(super) fn hear(&self, draw: u64) -> Result<Vec<Complex32>, SoundError> {
        let taps = self.taps(draw);
        let noise = self.seeds.stream(Purpose::Pilot, draw, self.link as u64);
        match &self.carrier {
            Carrier::Grid => {
                let mut rows = self.responses(&self.gains(&taps));
                noise.add_complex_gaussian(0, self.noise_power as f32, &mut rows);
                Ok(rows)
            }
            Carrier::Samples { bank, modem } => self.on_air(taps, bank, modem.as_ref().clone(), noise),
        }
    }

    /// Returns what nobody hears: the mean power of every path over one draw of the channel, and its responses without noise.
    pub(super) fn know(&self, draw: u64) -> (Vec<f64>, Vec<Complex32>) {
        let taps = self.taps(draw);
        let gains = self.gains(&taps);
        let mut powers = vec![0.0; taps.paths()];
        for gains in gains.chunks_exact(taps.paths()) {
            powers.iter_mut().zip(gains).for_each(|(power, a)| *power += f64::from(a.norm_sqr()));
        }
        powers.iter_mut().for_each(|power| *power /= self.plan.soundings as f64);
        (powers, self.responses(&gains))
    }

    /// Returns the link's channel in the trial of a draw: in its first round, where rounds have channels of their own.
    fn taps(&self, draw: u64) -> Taps {
        self.fading.draw(&self.seeds, draw * self.stride, self.link..self.link + 1).swap_remove(0)
    }

    /// Returns the path gains in the middle of every sounding, `[sounding, path]`.
    fn gains(&self, taps: &Taps) -> Vec<Complex32> {
        let mut gains = vec![Complex32::default(); self.plan.soundings * taps.paths()];
        for (sounding, gains) in gains.chunks_exact_mut(taps.paths()).enumerate() {
            let start_s = self.plan.numerology.symbol_centre_s(self.plan.symbol(sounding));
            taps.gains(TimeGrid { start_s, step_s: 0.0, count: 1 }, gains);
        }
        gains
    }

    /// Returns the responses of path gains, `[sounding, used subcarrier]`.
    fn responses(&self, gains: &[Complex32]) -> Vec<Complex32> {
        let mut rows = vec![Complex32::default(); self.plan.soundings * self.plan.numerology.used()];
        self.steering.respond(gains, &mut rows);
        rows
    }

    fn on_air(
        &self,
        taps: Taps,
        bank: &Arc<FilterBank>,
        mut modem: Modem,
        noise: Stream,
    ) -> Result<Vec<Complex32>, SoundError> {
        let numerology = &self.plan.numerology;
        let (used, origin) = (numerology.used(), modem.advance_samples() as u64);
        let config = AirConfig {
            sample_rate_hz: numerology.sample_rate_hz(),
            noise_power: self.noise_power,
            origin,
            receive_ports: 1,
        };
        let link = Link { transmit: 0, receive: 0, taps, filter: Arc::clone(bank) };
        let mut air = EmulatedAir::new(config, vec![link], noise);
        let quarters = Seeds::new(0).stream(Purpose::Phase, 0, 0);
        let mut signal = vec![Complex32::default(); used];
        let mut rows = vec![Complex32::default(); self.plan.soundings * used];
        let mut burst = Burst::default();
        for (sounding, row) in rows.chunks_exact_mut(used).enumerate() {
            let symbol = self.plan.symbol(sounding);
            let start = numerology.symbol_start(symbol) as u64;
            fill_signal(&quarters, sounding, &mut signal);
            modem.modulate(symbol, &signal, &mut burst.samples);
            burst.start = start + origin;
            air.skip(0, start)?;
            air.transmit(0, &burst)?;
            let window = Window { start, length_samples: burst.samples.len() };
            let capture = air.receive(0, window)?;
            modem.demodulate(symbol, &capture.samples, row);
            row.iter_mut().zip(&signal).for_each(|(y, x)| *y *= x.conj());
        }
        Ok(rows)
    }
}

/// Writes what a sounding sends on all used subcarriers: unit power, quarter turns by chance, the same in every draw.
///
/// Phases must not follow from subcarrier to subcarrier: motion within a symbol moves power to neighbours, and a chirp would show
/// that as a delay.
fn fill_signal(quarters: &Stream, sounding: usize, signal: &mut [Complex32]) {
    const A_WORD: usize = 32;
    let words = signal.len().div_ceil(A_WORD);
    for (at, elements) in signal.chunks_mut(A_WORD).enumerate() {
        let word = quarters.word((sounding * words + at) as u64);
        let part = |bit: usize| if word >> bit & 1 == 0 { FRAC_1_SQRT_2 } else { -FRAC_1_SQRT_2 };
        for (at, element) in elements.iter_mut().enumerate() {
            *element = Complex32::new(part(2 * at), part(2 * at + 1));
        }
    }
}

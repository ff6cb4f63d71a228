//! A device's receiver: the server's beacon through the device's own channel and front end, and what is read off it.

use super::SyncConfig;
use crate::ofdm::Numerology;
use airloop_baseband::synchronisation::{PreambleEstimator, SynchronisationError};
use airloop_baseband::{Burst, Complex32, Resampler, Stream, Transport, Window};
use airloop_channels::impairment::{FrontEnd, FrontEndConfig, MAX_TIMING_SAMPLES, SampleClock};
use airloop_channels::{AirConfig, ChannelError, EmulatedAir, FilterBank, Link, Taps};
use std::sync::Arc;

/// Samples before time 0 beyond the largest offset, for filters.
const ROOM: u64 = 1 << 12;

/// What a device reads off the beacon, by its own clock and carrier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Heard {
    /// How late the beacon came, in samples.
    pub late_samples: f64,
    /// How high its carrier lay, in hertz.
    pub cfo_hz: f64,
}

/// Hears beacons: the same for all devices and rounds.
pub struct BeaconReceiver {
    config: Arc<SyncConfig>,
    numerology: Arc<Numerology>,
    estimator: PreambleEstimator,
    resampler: Arc<Resampler>,
    beacon: Vec<Complex32>,
}

impl BeaconReceiver {
    /// Prepares the receiver.
    ///
    /// # Errors
    /// When the preamble cannot be searched for.
    pub fn new(
        config: &Arc<SyncConfig>,
        numerology: &Arc<Numerology>,
        resampler: &Arc<Resampler>,
    ) -> Result<Self, SynchronisationError> {
        // Values of power 1 on the used subcarriers are that share of it a sample.
        let amplitude = (numerology.used() as f32 / numerology.fft_size() as f32).sqrt();
        Ok(Self {
            estimator: config.estimator(numerology.sample_rate_hz())?,
            beacon: config.preamble.samples().iter().map(|s| s * amplitude).collect(),
            config: Arc::clone(config),
            numerology: Arc::clone(numerology),
            resampler: Arc::clone(resampler),
        })
    }

    /// Returns what a device reads off the beacon of a round that begins at `first_symbol`; `None` if it finds none.
    ///
    /// `front_end` is what the device's own clock and carrier get wrong as a transmitter; as a receiver it does the inverse.
    /// Without a stream of noise there is none.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn hear(
        &self,
        (taps, filter): (&Taps, &Arc<FilterBank>),
        front_end: &FrontEndConfig,
        noise: Option<Stream>,
        first_symbol: usize,
    ) -> Result<Option<Heard>, ChannelError> {
        let sample_rate_hz = self.numerology.sample_rate_hz();
        let search = self.config.search_samples as u64;
        let origin = search + MAX_TIMING_SAMPLES as u64 + ROOM;
        let start = origin + self.numerology.symbol_start(first_symbol) as u64;
        let clock = SampleClock { sample_rate_hz, origin: start };
        let front_end = FrontEnd::new(front_end, clock, Arc::clone(&self.resampler))?.receiving()?;
        let first = (start - search) as i64;
        let mut samples = vec![Complex32::default(); self.beacon.len() + 2 * search as usize];
        let needed = front_end.inputs(first..first + samples.len() as i64);
        let link = Link { transmit: 0, receive: 0, taps: taps.clone(), filter: Arc::clone(filter) };
        let config = AirConfig { sample_rate_hz, noise_power: 0.0, origin, receive_ports: 1 };
        // The air is silent: what a device hears of noise comes behind its front end's filters.
        let mut air = EmulatedAir::new(config, vec![link], noise.unwrap_or_else(silence));
        // Nothing is heard before the beacon: its sum need not reach back to time 0.
        air.skip(0, (start - ROOM).min(needed.start as u64))?;
        air.transmit(0, &Burst { start, samples: self.beacon.clone() })?;
        let window =
            Window { start: needed.start as u64, length_samples: (needed.end - needed.start) as usize };
        air.skip(0, window.start)?;
        let capture = air.receive(0, window)?;
        front_end.apply(capture.start, &capture.samples, first, &mut samples);
        if let Some(noise) = noise {
            noise.add_complex_gaussian(0, self.config.noise_power as f32, &mut samples);
        }
        let found = self.estimator.estimate(&samples);
        Ok(found
            .map(|found| Heard { late_samples: found.start_samples - search as f64, cfo_hz: found.cfo_hz }))
    }
}

/// Returns a stream for an air that takes none of it.
fn silence() -> Stream {
    airloop_baseband::Seeds::new(0).stream(airloop_baseband::Purpose::Beacon, 0, 0)
}

//! The receiver's part: the preamble that all devices send at once tells what they have in common.

use super::SyncConfig;
use super::clocks::Fixed;
use crate::medium::{Channels, MediumError};
use crate::ofdm::{Modem, Numerology, SlotShape};
use crate::scheme::{DeviceKnowledge, Needs};
use airloop_baseband::synchronisation::{PreambleEstimator, SynchronisationError};
use airloop_baseband::{Burst, Capture, Complex32, Resampler, Transport, Window};
use airloop_channels::ChannelError;
use airloop_channels::impairment::{FrontEnd, SampleClock, Warp};
use std::f64::consts::TAU;
use std::sync::Arc;

/// What all rounds share of the receiver's part.
pub struct CommonReceiver {
    config: Arc<SyncConfig>,
    numerology: Arc<Numerology>,
    estimator: PreambleEstimator,
    resampler: Arc<Resampler>,
    /// Amplitude of each device on a used subcarrier.
    amplitudes: Vec<f32>,
}

/// The receiver's part in one round.
pub struct CommonPart {
    receiver: Arc<CommonReceiver>,
    first_symbol: usize,
    /// Undoes the common carrier offset.
    carrier: Option<FrontEnd>,
    /// Undoes the common delay on each used subcarrier.
    ramp: Vec<Complex32>,
    turned: Vec<Complex32>,
}

impl CommonReceiver {
    /// Prepares the receiver; `amplitudes` are those of the devices on a used subcarrier at full budget.
    ///
    /// # Errors
    /// When the preamble cannot be searched for.
    pub fn new(
        config: &Arc<SyncConfig>,
        numerology: &Arc<Numerology>,
        resampler: &Arc<Resampler>,
        amplitudes: Vec<f32>,
    ) -> Result<Self, SynchronisationError> {
        Ok(Self {
            estimator: config.estimator(numerology.sample_rate_hz())?,
            config: Arc::clone(config),
            numerology: Arc::clone(numerology),
            resampler: Arc::clone(resampler),
            amplitudes,
        })
    }

    /// Begins a round at an absolute symbol.
    pub fn begin(self: &Arc<Self>, first_symbol: usize) -> CommonPart {
        let receiver = Arc::clone(self);
        CommonPart { receiver, first_symbol, carrier: None, ramp: Vec::new(), turned: Vec::new() }
    }
}

impl CommonPart {
    /// Lets all devices but the silent ones send the preamble, and learns from the sum at port 0 what they have in common.
    ///
    /// Each device turns every subcarrier by the phase of its own channel, so that the sum is a preamble over one flat path.
    /// The preamble ends before the payload's window opens, as much early as the search needs.
    ///
    /// # Errors
    /// When the transport fails.
    pub fn hear<T: Transport>(
        &mut self,
        (channels, transport, modem): (&mut Channels, &mut T, &mut Modem),
        is_silent: impl Fn(usize) -> bool,
    ) -> Result<(), MediumError>
    where
        MediumError: From<T::Error>,
    {
        let receiver = Arc::clone(&self.receiver);
        let (config, numerology) = (&receiver.config, &receiver.numerology);
        let symbol = self.first_symbol + config.common_symbol();
        let advance = modem.advance_samples();
        let margin = advance + config.most_early_samples().ceil() as usize;
        let start = numerology.symbol_start(symbol).saturating_sub(margin);
        let needs = Needs {
            knowledge: DeviceKnowledge::Own,
            transmits: true,
            sum_channel: false,
            all_channels: false,
        };
        let shape = SlotShape { first_symbol: symbol, symbols: 1 };
        let (mut grid, mut samples, mut burst) = (Vec::new(), Vec::new(), Burst::default());
        burst.start = start as u64;
        for device in (0..channels.devices()).filter(|device| !is_silent(*device)) {
            let truth = channels.truth(channels.link(device, (0, 0)), needs, shape);
            let amplitude = receiver.amplitudes[device];
            let turn = |(value, h): (&Complex32, &Complex32)| {
                let size = h.norm();
                if size > 0.0 { value * h.conj() * (amplitude / size) } else { value * amplitude }
            };
            grid.clear();
            grid.extend(config.values.iter().zip(truth.row(0)).map(turn));
            modem.modulate(symbol, &grid, &mut samples);
            let period = &samples[samples.len() - numerology.fft_size()..];
            burst.samples.clear();
            burst.samples.extend_from_slice(&period[period.len() - config.preamble.prefix_samples()..]);
            (0..config.preamble.repetitions()).for_each(|_| burst.samples.extend_from_slice(period));
            transport.transmit(device * channels.antennas().device, &burst)?;
        }
        let first = start.saturating_sub(margin);
        let length_samples = start - first + config.preamble.samples().len() + margin;
        let window = Window { start: first as u64, length_samples };
        transport.skip(0, window.start)?;
        let capture = transport.receive(0, window)?;
        if let Some(found) = receiver.estimator.estimate(&capture.samples) {
            let late_samples = found.start_samples - (start - first) as f64;
            self.correct(late_samples, found.cfo_hz, advance)?;
        }
        Ok(())
    }

    /// Prepares the correction of a common delay and carrier offset; phases are right at the start of the round.
    fn correct(&mut self, late_samples: f64, cfo_hz: f64, advance: usize) -> Result<(), ChannelError> {
        let CommonReceiver { numerology, resampler, .. } = &*self.receiver;
        let sample_rate_hz = numerology.sample_rate_hz();
        let origin = (numerology.symbol_start(self.first_symbol) + advance) as u64;
        let warp = Warp { turns_per_sample: -cfo_hz / sample_rate_hz, ..Warp::default() };
        let clock = SampleClock { sample_rate_hz, origin };
        self.carrier = Some(FrontEnd::chain(&[&Fixed(warp)], clock, Arc::clone(resampler))?);
        let turn = TAU * late_samples / numerology.fft_size() as f64;
        let phasor = |k: &i32| {
            let (sin, cos) = (turn * f64::from(*k)).sin_cos();
            Complex32::new(cos as f32, sin as f32)
        };
        self.ramp = numerology.offsets().iter().map(phasor).collect();
        Ok(())
    }

    /// Undoes the common carrier offset of received samples.
    pub fn correct_samples(&mut self, capture: &mut Capture) {
        let Some(carrier) = &self.carrier else { return };
        self.turned.resize(capture.samples.len(), Complex32::default());
        carrier.apply(capture.start, &capture.samples, capture.start as i64, &mut self.turned);
        std::mem::swap(&mut self.turned, &mut capture.samples);
    }

    /// Undoes the common delay of a received grid `[symbol, used subcarrier]`.
    pub fn correct_grid(&self, grid: &mut [Complex32]) {
        if self.ramp.is_empty() {
            return;
        }
        for row in grid.chunks_exact_mut(self.ramp.len()) {
            row.iter_mut().zip(&self.ramp).for_each(|(y, turn)| *y *= turn);
        }
    }
}

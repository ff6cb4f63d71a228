//! Where the receive window opens at waveform fidelity, and how much of a signal falls outside of it.

use super::{Experiment, PerDevice, sections};
use crate::medium::ChannelModel;
use airloop_baseband::special::normal_quantile;
use airloop_baseband::{Complex32, Positions, Resampler};
use airloop_channels::impairment::{FrontEnd, SampleClock};
use airloop_channels::{ChannelError, FilterBank, FractionalDelay};
use spill::{Response, Spill};
use std::sync::Arc;

mod spill;

/// The window in which the receiver transforms a symbol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReceiveWindow {
    /// Samples by which it opens ahead of the useful part of a symbol that is on time.
    pub advance_samples: usize,
    /// Of these, what is left for front ends ahead of the channel's filters.
    pub lead_samples: usize,
    /// Power of interference by neighbouring symbols, and by what is missing of a symbol, relative to a device's signal.
    pub interference: f64,
    /// The most that a burst is expected to come late, in seconds.
    pub latest_s: f64,
}

/// Interference below this is none.
const NEGLIGIBLE: f64 = 1e-10;

/// Values that stand for a distribution.
const POINTS: usize = 7;

/// Steps by which the filter of the channel gives up accuracy where the prefix is shorter than what it answers ahead, and where
/// that ends.
const GIVEN_UP_DB: (f64, f64) = (10.0, -20.0);

impl Experiment {
    /// Returns the filter of the channel's delays at the sample rate and the error of a fractional delay in decibels; `None`
    /// for channels without taps.
    pub fn filter_bank(&self) -> Option<(FilterBank, f64)> {
        self.channel_filter().map(|(bank, _, error_db)| (bank, error_db))
    }

    fn channel_filter(&self) -> Option<(FilterBank, FractionalDelay, f64)> {
        let ChannelModel::Taps { fading, .. } = &self.channel else { return None };
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let rate = self.numerology.sample_rate_hz();
        let fractional = delays.iter().any(|d| (d * rate - (d * rate).round()).abs() > 1e-9);
        let prefix = self.numerology.shortest_prefix_samples();
        let mut accuracy_db = sections::DELAY_ACCURACY_DB;
        let mut fits = prefix;
        loop {
            let design = FractionalDelay::new(self.numerology.occupied_share(), accuracy_db);
            let bank = FilterBank::new(&delays, rate, &design);
            if bank.precursor_samples() <= fits || accuracy_db >= GIVEN_UP_DB.1 {
                let own_db = if fractional { design.worst_error_db() } else { f64::NEG_INFINITY };
                // Paths of a recording were brought onto whole samples before.
                let error_db = own_db.max(fading.recording().map_or(own_db, |(r, _)| r.delay_error_db()));
                return Some((bank, design, error_db));
            }
            // What comes late needs the other half.
            fits = prefix / 2;
            accuracy_db += GIVEN_UP_DB.0;
        }
    }

    /// Returns the resampler of front ends for the used band.
    pub fn resampler(&self) -> Resampler {
        Resampler::new(self.numerology.occupied_share(), sections::DELAY_ACCURACY_DB)
    }

    /// Returns the nominal mean power of a device's samples, all its antennas together: its budget on the used subcarriers.
    pub fn device_sample_power(&self, device: usize) -> f64 {
        let element = self.budget.power[device] * self.payload.budget_power(device);
        element * self.numerology.used() as f64 / self.numerology.fft_size() as f64
    }

    /// Returns the nominal mean power of a receive antenna's samples: noise, and every device at its budget over its mean channel.
    pub fn received_sample_power(&self) -> f64 {
        let devices = (0..self.payload.devices()).map(|device| self.device_sample_power(device));
        devices.sum::<f64>() + self.budget.noise_power
    }

    /// Returns the samples of a round whose symbols are laid out beforehand, with synchronisation and pilots.
    pub fn round_samples(&self) -> usize {
        self.numerology.symbol_start(self.layout_symbols() + self.overhead_symbols())
    }

    /// Returns by how much the receive window opens early at waveform fidelity.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn advance_samples(&self) -> Result<usize, ChannelError> {
        self.receive_window().map(|window| window.advance_samples)
    }

    /// Returns the receive window of waveform fidelity.
    ///
    /// Filters answer ahead of their delays, and devices may be early or have clocks that run fast. The window opens early
    /// enough for all of that where the prefix leaves room; else it lies where least of the signals' power falls outside, on
    /// both ends together.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn receive_window(&self) -> Result<ReceiveWindow, ChannelError> {
        let filter = self.channel_filter();
        let filters = filter.as_ref().map_or(0, |(bank, ..)| bank.precursor_samples());
        let ahead = self.ahead_samples();
        let responses = filter.map_or_else(Vec::new, |(_, design, _)| self.responses(&ahead, &design));
        let (prefix, size) = (self.numerology.shortest_prefix_samples(), self.numerology.fft_size());
        let full = filters + self.front_end_precursor_samples()?;
        let within = |r: &Response| {
            r.first >= -(full as i64) && r.first + r.taps.len() as i64 <= prefix as i64 - full as i64 + 1
        };
        let (mut advance_samples, mut interference) = (full, 0.0);
        if !responses.iter().all(within) {
            let spill = Spill::new(&responses, self.numerology.occupied_share());
            let outside = |advance: usize| spill.interference(prefix, advance, size);
            if outside(full) > NEGLIGIBLE {
                advance_samples = least(filters, full, outside);
            }
            interference = outside(advance_samples);
        }
        let latest = ahead.iter().fold(0.0f64, |late, ahead| late.max(-ahead));
        Ok(ReceiveWindow {
            advance_samples,
            lead_samples: advance_samples - filters,
            interference,
            latest_s: latest / self.numerology.sample_rate_hz(),
        })
    }

    /// Returns by how much front ends answer ahead of their inputs, at the most and to their last coefficients.
    fn front_end_precursor_samples(&self) -> Result<usize, ChannelError> {
        if self.impairments.is_ideal() && self.sync.is_none() {
            return Ok(0);
        }
        let clock = SampleClock { sample_rate_hz: self.numerology.sample_rate_hz(), origin: 0 };
        let last = self.round_samples();
        let mut config = match &self.sync {
            Some(sync) => sync.earliest(clock.sample_rate_hz, last),
            None => self.impairments.earliest(self.channel_section.carrier_hz),
        };
        if self.sync.is_some() || !self.impairments.keeps_time() {
            // Between samples filters answer ahead: of late devices too.
            config.timing_offset_s -= 1e-3 / clock.sample_rate_hz;
        }
        let front_end = FrontEnd::new(&config, clock, Arc::new(self.resampler()))?;
        Ok(front_end.precursor_samples(last as u64))
    }

    /// Returns by how many samples bursts come early, at points that stand for all devices and times within a round.
    fn ahead_samples(&self) -> Vec<f64> {
        let (rate, last) = (self.numerology.sample_rate_hz(), self.round_samples() as f64);
        let carrier_hz = self.channel_section.carrier_hz;
        let (offsets, drifts, most): (Vec<f64>, Vec<f64>, f64) = match &self.sync {
            None => {
                let late_s = points(&self.impairments.timing_offset_s);
                let clocks = points(&self.impairments.sample_clock_ppm);
                let drift = |ppm: f64| 1e-6 * ppm * last;
                let drifts = points(&self.impairments.oscillator_ppm)
                    .iter()
                    .flat_map(|ppm| clocks.iter().map(move |clock| drift(ppm + clock)))
                    .collect();
                (late_s.iter().map(|s| -s * rate).collect(), drifts, f64::INFINITY)
            }
            Some(sync) => {
                let (timing, drift) = sync.residual(rate, carrier_hz);
                let mut offsets = normal_points(timing);
                if let ChannelModel::Taps { fading, .. } = &self.channel
                    && !sync.knows_channel
                {
                    // What is heard is one of the paths, or several; the mean is taken off.
                    let delays = fading.profile().paths().iter().map(|p| p.delay_s * rate);
                    let mean: f64 = fading.profile().paths().iter().map(|p| p.power * p.delay_s * rate).sum();
                    offsets =
                        offsets.iter().flat_map(|o| delays.clone().map(move |d| o + mean - d)).collect();
                }
                let drifts = normal_points(drift).iter().map(|d| d * last).collect();
                (offsets, drifts, sync.most_early_samples())
            }
        };
        let at = |share: f64| {
            let drifts = &drifts;
            let by = move |offset: &f64| {
                let offset = offset.min(most);
                drifts.iter().map(move |drift| offset + share * drift)
            };
            offsets.iter().flat_map(by)
        };
        if drifts == [0.0] { at(0.0).collect() } else { at(0.0).chain(at(0.5)).chain(at(1.0)).collect() }
    }

    /// Returns what bursts that come early by `ahead`, all alike, make of one sample over the channel's paths.
    fn responses(&self, ahead: &[f64], design: &FractionalDelay) -> Vec<Response> {
        let ChannelModel::Taps { fading, .. } = &self.channel else { return Vec::new() };
        let (rate, resampler) = (self.numerology.sample_rate_hz(), self.resampler());
        let kernels: Vec<_> =
            fading.profile().paths().iter().map(|p| (p.power, design.kernel(p.delay_s * rate))).collect();
        let mut responses = Vec::new();
        for ahead_samples in ahead {
            // Beyond what a front end can do, it is refused.
            let Some(positions) = Positions::new(*ahead_samples, 0.0, 0) else { continue };
            let outputs = resampler.outputs(&positions, 0..1);
            let mut early = vec![Complex32::default(); (outputs.end - outputs.start) as usize];
            resampler.apply(&positions, 0, &[Complex32::ONE], outputs.start, &mut early);
            for (power, (first, kernel)) in &kernels {
                let mut taps = vec![0.0; early.len() + kernel.len() - 1];
                for (i, a) in early.iter().enumerate() {
                    taps[i..].iter_mut().zip(kernel).for_each(|(tap, b)| *tap += f64::from(a.re) * b);
                }
                responses.push(Response {
                    power: power / ahead.len() as f64,
                    first: outputs.start + first,
                    taps,
                });
            }
        }
        responses
    }
}

/// Returns values that stand for what devices have, ends included.
fn points(of: &PerDevice) -> Vec<f64> {
    match of {
        _ if of.is_zero() => vec![0.0],
        PerDevice::Same(value) => vec![*value],
        PerDevice::Each(values) => {
            values.iter().step_by(values.len().div_ceil(4 * POINTS)).copied().collect()
        }
        PerDevice::Normal { standard_deviation } => normal_points(*standard_deviation),
        PerDevice::Uniform { low, high } => even_points((*low, *high)).collect(),
        PerDevice::Ranges(ends) => {
            ends.iter().step_by(ends.len().div_ceil(4 * POINTS)).flat_map(|ends| even_points(*ends)).collect()
        }
    }
}

/// Returns evenly spaced values from one end to the other.
fn even_points((low, high): (f64, f64)) -> impl Iterator<Item = f64> {
    (0..POINTS).map(move |i| low + (high - low) * i as f64 / (POINTS - 1) as f64)
}

/// Returns equally likely values of a normal distribution, and four standard deviations either way.
fn normal_points(standard_deviation: f64) -> Vec<f64> {
    if standard_deviation == 0.0 {
        return vec![0.0];
    }
    let quantile = |i: usize| normal_quantile((i as f64 + 0.5) / POINTS as f64);
    (0..POINTS).map(quantile).chain([-4.0, 4.0]).map(|x| x * standard_deviation).collect()
}

/// Returns the place of the least value of a function that falls and then rises.
fn least(mut low: usize, mut high: usize, of: impl Fn(usize) -> f64) -> usize {
    while low < high {
        let middle = low.midpoint(high);
        if of(middle) > of(middle + 1) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

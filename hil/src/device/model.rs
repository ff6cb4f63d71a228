//! What stays as it is while a radio lasts: what its kind can do, its own hardware, and the air around it.

use super::mixer::Oscillation;
use super::persona::{DeviceConfig, Persona};
use super::rates::{ANY, nearest, within, words};
use super::side::Side;
use crate::error::RadioError;
use crate::ether::EtherInfo;
use crate::radio::{Capabilities, Direction, Span};
use airloop_baseband::units::amplitude_from_db;
use airloop_baseband::{SampleIndex, Stream};
use airloop_channels::impairment::Preset;
use airloop_channels::{ChannelError, FrontEnd, FrontEndConfig};
use std::f64::consts::TAU;

/// Last index of a radio's own samples: whole numbers of filters do not overflow before it.
pub const MOST_INDEX: SampleIndex = 1 << 42;

/// Last index of the air that is asked about, for the same reason.
const MOST_AIR: SampleIndex = 1 << 50;

/// Largest ratio of an own rate and the air's, either way.
const MOST_RATIO: f64 = 256.0;

/// What a stream of draws is for.
mod draw {
    pub const ORIGIN: u64 = 0;
    pub const TRANSMIT_PHASE: u64 = 1;
    pub const RECEIVE_PHASE: u64 = 2;
    pub const JITTER: u64 = 3;
}

/// What stays as it is while a radio lasts.
#[derive(Debug)]
pub struct Model {
    /// The air and the radio's place in it.
    pub info: EtherInfo,
    /// What the radio says that it can do.
    pub capabilities: Capabilities,
    /// What its kind can do.
    pub persona: Persona,
    /// What its clocks do.
    pub clocks: FrontEndConfig,
    /// Its clocks where it sends.
    pub sending: Option<FrontEnd>,
    /// Its clocks where it receives.
    pub hearing: Option<FrontEnd>,
    draws: Option<Stream>,
    /// Share of the lower rate that signals occupy, and the stop band in decibels.
    pub filter: (f64, f64),
}

impl Model {
    /// Makes the model of a radio at its place.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] when its kind has no rate near the air's, or its hardware cannot be undone.
    pub fn new(info: EtherInfo, config: &DeviceConfig) -> Result<Self, RadioError> {
        let DeviceConfig { persona, hardware, .. } = config;
        let name = info.place.name.clone();
        let refused = |error| match error {
            ChannelError::OutOfRange { name: what, value, expected } => {
                RadioError::OutOfRange { radio: name.clone(), what, value, ranges: expected.into() }
            }
            other => RadioError::Air(Box::new(other)),
        };
        let air_hz = info.sample_rate_hz;
        let most_hz = if info.centre_hz.is_some() { air_hz } else { MOST_RATIO * air_hz };
        let reached = Span { least: air_hz / MOST_RATIO, most: most_hz };
        let sample_rates_hz = within(&persona.sample_rates_hz, reached);
        if sample_rates_hz.is_empty() {
            let (what, ranges) = ("the air's sample_rate_hz", within(&persona.sample_rates_hz, ANY));
            let ranges =
                format!("a {} goes by {}, and by 1/256 of it at least", persona.name, words(&ranges));
            return Err(RadioError::OutOfRange { radio: name, what, value: air_hz, ranges });
        }
        let capabilities = Capabilities {
            name: name.clone(),
            hardware: format!("airloop emulated radio, {}", persona.name),
            transmit_channels: info.place.transmit.len(),
            receive_channels: info.place.receive.len(),
            sample_rates_hz,
            centres_hz: persona.centres_hz.clone(),
            transmit_gain_db: persona.transmit_gain_db,
            receive_gain_db: persona.receive_gain_db,
            timestamps: persona.timestamps,
            timed_bursts: persona.timed_bursts,
        };
        let memory = hardware.transmitter.tail_samples();
        if memory > 0 {
            let (what, ranges) = ("samples of the amplifier's memory", "0: bursts are cut anywhere".into());
            return Err(RadioError::OutOfRange { radio: name, what, value: memory as f64, ranges });
        }
        Ok(Self {
            capabilities,
            persona: persona.clone(),
            clocks: hardware.clocks,
            sending: hardware.front_end.clone(),
            hearing: hardware.receiving().map_err(refused)?,
            draws: config.draws,
            filter: (config.occupied_share, config.stop_band_db),
            info,
        })
    }

    /// Sets a direction as near to the air as the radio's kind can be.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] when that rate has no fraction of the air's.
    pub fn first(&self, direction: Direction) -> Result<Side, RadioError> {
        let air_hz = self.info.centre_hz.unwrap_or(self.clocks.carrier_hz);
        let sample_rate_hz = nearest(&self.capabilities.sample_rates_hz, self.info.sample_rate_hz);
        let reference_db = match direction {
            Direction::Transmit => self.persona.reference_transmit_gain_db,
            Direction::Receive => self.persona.reference_receive_gain_db,
        };
        let mut side = Side {
            sample_rate_hz,
            centre_hz: nearest(&self.capabilities.centres_hz, air_hz),
            gain_db: vec![reference_db; self.capabilities.channels(direction)],
            converter: self.converter(direction, sample_rate_hz)?,
            oscillation: Oscillation::default(),
            retunes: 0,
            origin: None,
        };
        side.oscillation = self.oscillation(direction, &side);
        Ok(side)
    }

    /// Returns that a setting is out of its ranges.
    pub fn out_of_range(&self, what: &'static str, value: f64, ranges: String) -> RadioError {
        RadioError::OutOfRange { radio: self.capabilities.name.clone(), what, value, ranges }
    }

    /// Returns the phase that so many changes of a direction's centre frequency left, in radians.
    pub fn phase_rad(&self, direction: Direction, retunes: u64) -> f64 {
        let purpose = match direction {
            Direction::Transmit => draw::TRANSMIT_PHASE,
            Direction::Receive => draw::RECEIVE_PHASE,
        };
        let draws = self.draws.filter(|_| retunes > 0 && self.persona.preset != Preset::default());
        draws.map_or(0.0, |draws| TAU * draws.substream(purpose).uniform(retunes))
    }

    /// Returns the amplitude of a gain.
    pub fn amplitude(&self, direction: Direction, gain_db: f64) -> f64 {
        let reference_db = match direction {
            Direction::Transmit => self.persona.reference_transmit_gain_db,
            Direction::Receive => self.persona.reference_receive_gain_db,
        };
        amplitude_from_db(gain_db - reference_db)
    }

    /// Returns where the own indices of a direction begin that is started at an index of the air.
    pub fn origin(&self, direction: Direction, air: SampleIndex) -> i64 {
        let (drawn, began) = match (self.persona.timestamps, direction) {
            (true, _) => (0, 0),
            (false, Direction::Transmit) => (0, air),
            (false, Direction::Receive) => (1, air),
        };
        let latest = self.persona.start_offset_s.max(0.0) * self.info.sample_rate_hz;
        let offset =
            self.draws.map_or(0.0, |draws| latest * draws.substream(draw::ORIGIN).uniform(drawn)).round();
        (began + offset as SampleIndex) as i64
    }

    /// Returns by how much a burst is late, in own samples.
    pub fn jitter(&self, burst: u64) -> u64 {
        let most = self.persona.burst_jitter_samples;
        let uniform = |draws: Stream| draws.substream(draw::JITTER).uniform(burst);
        self.draws.map_or(0, |draws| ((most + 1) as f64 * uniform(draws)) as u64).min(most)
    }

    /// Returns the instant at which bursts can begin at or after another, in own samples.
    pub fn on_quantum(&self, index: SampleIndex) -> SampleIndex {
        index.next_multiple_of(self.persona.timestamp_quantum_samples.max(1))
    }

    /// Checks that own samples have indices.
    ///
    /// # Errors
    /// [`RadioError::OutOfRange`] when the last of them has none.
    pub fn check_index(&self, start: SampleIndex, count: usize) -> Result<(), RadioError> {
        if start <= MOST_INDEX && count as u64 <= MOST_INDEX - start {
            return Ok(());
        }
        Err(self.out_of_range("sample index", start as f64, format!("0 to {MOST_INDEX}")))
    }
}

/// Returns an index of the air that can be converted.
pub fn air_index(index: SampleIndex) -> SampleIndex {
    index.min(MOST_AIR)
}

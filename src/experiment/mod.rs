//! Experiments: the file as written becomes the checked thing that can run. All user input is checked here, once.
//!
//! `sections` reads one table each; `id` names an experiment by its content; [`Experiment`] ties the parts together.

pub mod airtime;
pub mod id;
pub mod loader;
pub mod per_device;
pub mod sections;

pub use id::ExperimentId;
pub use loader::Loader;
pub use per_device::PerDevice;
pub use sections::{ChannelSection, LinkSection, OfdmSection, PayloadSection, SchemeSection, Stop};

use crate::config::ConfigError;
use crate::medium::{ChannelModel, Timeline};
use crate::ofdm::{Numerology, Segments};
use crate::payload::{Payload, SourceError};
use crate::report::Warning;
use crate::scheme::digital::DigitalMode;
use crate::scheme::{DeviceKnowledge, LinkBudget, Needs};
use crate::sounding::{KnowledgeModel, KnownStatistics};
use crate::synchronisation::SyncConfig;
use crate::theory::{self, Formula};
use airloop_baseband::Seeds;
use airloop_baseband::resampler::Resampler;
use airloop_channels::impairment::{FrontEnd, SampleClock};
use airloop_channels::{ChannelError, FilterBank, FractionalDelay};
use sections::SchemeKind;
use std::sync::Arc;

/// Why an experiment cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// A key or value that is wrong.
    #[error(transparent)]
    Config(Box<ConfigError>),
    /// A payload that cannot be used.
    #[error("{place}: {source}")]
    Payload {
        /// Where the payload is configured.
        place: String,
        /// What is wrong with it.
        source: Box<SourceError>,
    },
}

impl From<ConfigError> for ExperimentError {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}

/// A checked experiment: what every rung of the ladder runs.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Its name by content.
    pub id: ExperimentId,
    /// Keys that differ from the defaults, as they enter the id.
    pub canonical: Vec<(String, serde_json::Value)>,
    /// The source of all randomness.
    pub seeds: Seeds,
    /// The payload.
    pub payload: Arc<Payload>,
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// The channel model.
    pub channel: ChannelModel,
    /// The channel as configured.
    pub channel_section: ChannelSection,
    /// The link as configured.
    pub link: LinkSection,
    /// What devices know of the channels.
    pub knowledge: Arc<KnowledgeModel>,
    /// How good that is, over the elements of a round.
    pub known: Arc<KnownStatistics>,
    /// What front ends get wrong at waveform fidelity.
    pub impairments: sections::ImpairmentsSection,
    /// How devices are synchronised by preambles; `None` leaves clocks as they are.
    pub sync: Option<Arc<SyncConfig>>,
    /// The privacy meter, if there is one.
    pub privacy: Option<sections::PrivacySection>,
    /// Aggregation rounds of one trial.
    pub rounds: usize,
    /// Noise and power per element.
    pub budget: LinkBudget,
    /// The scheme as configured, thresholds resolved.
    pub scheme: SchemeSection,
    /// Airtime in OFDM symbols, if a budget is given.
    pub budget_symbols: Option<usize>,
    /// When to stop.
    pub stop: Stop,
    /// Doubts that are known before running.
    pub warnings: Vec<Warning>,
}

impl Experiment {
    /// Returns which knowledge the scheme needs.
    pub fn needs(&self) -> Needs {
        self.scheme.kind.needs()
    }

    /// Returns whether devices are told something else than the channels themselves.
    pub fn is_sounded(&self) -> bool {
        let needs = self.needs();
        needs.transmits && needs.knowledge != DeviceKnowledge::None && !self.knowledge.config.is_perfect()
    }

    /// Returns the timeline of a round that begins at an absolute symbol.
    pub fn timeline(&self, first_symbol: usize) -> Timeline {
        let (symbols, period) = if self.is_sounded() {
            let pilots = self.knowledge.config.pilots();
            (self.knowledge.sounding_symbols(), pilots.and_then(|p| p.period_symbols))
        } else {
            (0, None)
        };
        let lead = self.sync.as_ref().map_or(0, |sync| sync.lead_symbols());
        Timeline::new(first_symbol, lead, symbols, period)
    }

    /// Returns the OFDM symbols of a round's pilots, feedback and synchronisation.
    pub fn overhead_symbols(&self) -> usize {
        let (mut timeline, segments, mut symbol) = (self.timeline(0), self.segments(), 0);
        while let Some(segment) = segments.at(symbol) {
            timeline.place(segment.shape.symbols);
            symbol += segment.shape.symbols;
        }
        timeline.overhead_symbols()
    }

    /// Returns where an analog scheme puts values.
    pub fn segments(&self) -> Segments {
        segments(self.payload.length(), &self.numerology, (&self.scheme.kind, self.budget_symbols))
    }

    /// Returns how a digital round is limited.
    pub fn digital_mode(&self) -> Option<DigitalMode> {
        match (&self.scheme.kind, self.budget_symbols) {
            (SchemeKind::Digital { .. }, Some(symbols)) => Some(DigitalMode::Symbols(symbols)),
            (SchemeKind::Digital { bits }, None) => Some(DigitalMode::Bits(*bits)),
            _ => None,
        }
    }

    /// Returns the setting that theory speaks of.
    pub fn setting(&self) -> theory::Setting<'_> {
        let segments = self.segments();
        let memory = match &self.channel {
            ChannelModel::PerElement { k_factor } if k_factor.is_finite() => theory::Memory::Independent,
            ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0 => theory::Memory::Moving,
            _ => theory::Memory::Static,
        };
        let formula = match (&self.scheme.kind, self.digital_mode()) {
            (_, Some(DigitalMode::Bits(bits))) => Formula::DigitalBits(bits),
            (_, Some(DigitalMode::Symbols(symbols))) => Formula::DigitalSymbols(symbols),
            (kind, None) => kind.formula(),
        };
        theory::Setting {
            formula,
            payload: &self.payload,
            noise_power: self.budget.noise_power,
            power: &self.budget.power,
            marginal: self.channel.marginal(),
            known: &self.known,
            round_powers: (0..self.rounds as u64).map(|round| self.payload.round_power(round)).collect(),
            memory,
            flat: matches!(&self.channel, ChannelModel::Taps { fading, .. } if fading.profile().max_delay_s() == 0.0),
            repetitions: segments.repetitions(),
            sent_share: segments.sent() as f64 / segments.length() as f64,
            used: self.numerology.used(),
        }
    }

    /// Returns the filter of the channel's delays at the sample rate; `None` for channels without taps.
    pub fn filter_bank(&self) -> Option<(FilterBank, f64)> {
        let ChannelModel::Taps { fading, .. } = &self.channel else { return None };
        let design = FractionalDelay::new(self.numerology.occupied_share(), sections::DELAY_ACCURACY_DB);
        let delays: Vec<f64> = fading.profile().paths().iter().map(|p| p.delay_s).collect();
        let rate = self.numerology.sample_rate_hz();
        let fractional = delays.iter().any(|d| (d * rate - (d * rate).round()).abs() > 1e-9);
        let error_db = if fractional { design.worst_error_db() } else { f64::NEG_INFINITY };
        Some((FilterBank::new(&delays, rate, &design), error_db))
    }

    /// Returns the resampler of front ends for the used band.
    pub fn resampler(&self) -> Resampler {
        Resampler::new(self.numerology.occupied_share(), sections::DELAY_ACCURACY_DB)
    }

    /// Returns the most that a device's burst is expected to come late, in seconds: its whole offset, or what a preamble leaves.
    pub fn latest_s(&self) -> f64 {
        match &self.sync {
            Some(sync) => sync.most_early_samples() / self.numerology.sample_rate_hz(),
            None => self.impairments.timing_offset_s.range().1.max(0.0),
        }
    }

    /// Returns the samples of a round whose symbols are laid out beforehand, with synchronisation and pilots.
    pub fn round_samples(&self) -> usize {
        self.numerology.symbol_start(self.layout_symbols() + self.overhead_symbols())
    }

    /// Returns by how much the receive window opens early at waveform fidelity: filters answer ahead of their delays, and
    /// devices may be early or have clocks that run fast.
    ///
    /// # Errors
    /// When an impairment is beyond what a front end can do.
    pub fn advance_samples(&self) -> Result<usize, ChannelError> {
        let filters = self.filter_bank().map_or(0, |(bank, _)| bank.precursor_samples());
        if self.impairments.is_ideal() && self.sync.is_none() {
            return Ok(filters);
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
        Ok(filters + front_end.precursor_samples(last as u64))
    }

    /// Returns whether the mean of the normalised error exists: a drawn target of one or two values comes too close to 0.
    pub fn nmse_mean_exists(&self) -> bool {
        self.mean_exists()
            && !(self.payload.is_synthetic() && !self.payload.is_majority() && self.payload.length() <= 2)
    }

    /// Returns whether the mean of the error exists.
    pub fn mean_exists(&self) -> bool {
        let inverts = matches!(self.scheme.kind, SchemeKind::FullInversion | SchemeKind::Misaligned(_));
        !inverts || self.payload.is_majority() || self.channel.marginal().is_constant()
    }
}

/// Returns where an analog scheme puts values.
fn segments(
    length: usize,
    numerology: &Numerology,
    (kind, budget_symbols): (&SchemeKind, Option<usize>),
) -> Segments {
    let (used, slot_symbols) = (numerology.used(), numerology.slot_symbols());
    if let Some(elements) = kind.elements_a_value() {
        let plan = Segments::spread(length, elements, used, slot_symbols);
        return match (kind, budget_symbols) {
            (SchemeKind::FskMajority { .. }, Some(symbols)) => plan.within((symbols * used) as u64),
            (SchemeKind::FskMajority { copies, .. }, None) => plan.repeated(*copies),
            _ => plan,
        };
    }
    if let SchemeKind::SparseAnalog(section) = kind {
        // Under a budget, as many measurements as fit follow from it.
        return Segments::new(section.scheme.sent(), used, slot_symbols);
    }
    let plan = Segments::new(length, used, slot_symbols);
    match budget_symbols {
        Some(symbols) => plan.within((symbols * numerology.used()) as u64),
        None => plan,
    }
}

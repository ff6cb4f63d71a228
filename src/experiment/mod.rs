//! Experiments: the file as written becomes the checked thing that can run. All user input is checked here, once.
//!
//! `sections` reads one table each; `id` names an experiment by its content; `window` places the receive window; [`Experiment`] ties
//! the parts together.

pub mod airtime;
mod coded;
pub mod id;
pub mod loader;
pub mod per_device;
pub mod sections;
mod tables;
mod waveform_path;
pub mod window;

pub use id::ExperimentId;
pub use loader::{Handed, Loader};
pub use per_device::PerDevice;
pub use sections::{
    ChannelSection, LinkSection, LinkTableSection, OfdmSection, PayloadSection, SchemeSection, Stop,
};
pub use window::ReceiveWindow;

use crate::beamforming::Combiner;
use crate::config::ConfigError;
use crate::effective_sinr::EffectiveSinrConfig;
use crate::link::LinkConfig;
use crate::link_table::CurveConfig;
use crate::medium::{ChannelModel, Timeline};
use crate::ofdm::{Numerology, Segments};
use crate::payload::{Payload, SourceError};
use crate::report::Warning;
use crate::scheme::coded_digital::CodedPlan;
use crate::scheme::digital::DigitalMode;
use crate::scheme::{LinkBudget, Needs};
use crate::sounding::{KnowledgeModel, KnownStatistics};
use crate::synchronisation::SyncConfig;
use crate::theory::{self, Formula};
use airloop_baseband::Seeds;
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
    /// What the server's radio gets wrong at waveform fidelity.
    pub receiver: sections::ReceiverSection,
    /// How devices are synchronised by preambles; `None` leaves clocks as they are.
    pub sync: Option<Arc<SyncConfig>>,
    /// How the samples of the waveform rung are to be made.
    pub waveform: sections::WaveformSection,
    /// The drop of devices that SNRs follow from, if there is a cell.
    pub cell: Option<Arc<sections::CellDrop>>,
    /// The privacy meter, if there is one.
    pub privacy: Option<sections::PrivacySection>,
    /// Symbols in which nothing is sent before a round begins.
    pub idle_symbols: usize,
    /// Symbols of soundings that are left out, and their period: they stay empty.
    pub idle_sounding: Option<(usize, Option<usize>)>,
    /// Aggregation rounds of one trial.
    pub rounds: usize,
    /// Noise and power per element.
    pub budget: LinkBudget,
    /// The scheme as configured, thresholds resolved.
    pub scheme: SchemeSection,
    /// The digital link, where the file has one.
    pub digital_link: Option<Arc<LinkConfig>>,
    /// The fit of effective SINRs that goes with a link table, where the file asks for one.
    pub effective_sinr: Option<Arc<EffectiveSinrConfig>>,
    /// The coded digital scheme, where that is the scheme.
    pub coded: Option<Arc<CodedPlan>>,
    /// How its curve of block error rates is walked, where it is one of a link table.
    pub curve: Option<Arc<CurveConfig>>,
    /// Whether the digital link itself is measured, in place of the scheme.
    pub measures_link: bool,
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
        if self.measures_link {
            return crate::link::round::NEEDS;
        }
        self.scheme.kind.needs()
    }

    /// Returns whether devices are told something else than the channels themselves.
    pub fn is_sounded(&self) -> bool {
        let needs = self.needs();
        needs.transmits && needs.channels() && !self.knowledge.config.is_perfect()
    }

    /// Returns the symbols of a sounding and the period of soundings, where there are pilots.
    pub fn sounding(&self) -> Option<(usize, Option<usize>)> {
        let pilots = self.knowledge.config.pilots().filter(|_| self.is_sounded())?;
        Some((self.knowledge.sounding_symbols(), pilots.period_symbols))
    }

    /// Returns the timeline of a round that begins at an absolute symbol.
    pub fn timeline(&self, first_symbol: usize) -> Timeline {
        let (symbols, period) = self.sounding().or(self.idle_sounding).unwrap_or((0, None));
        let lead = self.idle_symbols + self.sync.as_ref().map_or(0, |sync| sync.lead_symbols());
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
            perfect: self.knowledge.config.is_perfect(),
            known: &self.known,
            round_powers: (0..self.rounds as u64).map(|round| self.payload.round_power(round)).collect(),
            memory,
            flat: matches!(&self.channel, ChannelModel::Taps { fading, .. } if fading.profile().max_delay_s() == 0.0),
            independent_antennas: match &self.channel {
                ChannelModel::Taps { fading, .. } => fading.has_independent_links(),
                ChannelModel::PerElement { .. } => true,
            },
            exact_marginal: !matches!(&self.channel, ChannelModel::Taps { fading, .. } if !fading.is_exact()),
            repetitions: segments.repetitions(),
            sent_share: segments.sent() as f64 / segments.length() as f64,
            used: self.numerology.used(),
        }
    }

    /// Returns whether the mean of the normalised error exists: a drawn target of one or two values comes too close to 0.
    pub fn nmse_mean_exists(&self) -> bool {
        self.mean_exists()
            && !(self.payload.is_synthetic() && !self.payload.is_majority() && self.payload.length() <= 2)
    }

    /// Returns whether the mean of the error exists.
    pub fn mean_exists(&self) -> bool {
        let inverts = match &self.scheme.kind {
            SchemeKind::FullInversion | SchemeKind::Misaligned(_) => true,
            // The inverse of a complex Wishart matrix of K devices over N antennas has a mean for N > K.
            SchemeKind::ReceiveCombining(scheme) => {
                scheme.combiner == Combiner::ZeroForcing
                    && self.link.receive_antennas == self.payload.devices()
            }
            // The smallest singular value of N by A antennas behind the best L beams is never that small for N + A > 2 L; behind
            // beams that other devices have chosen, for A > L.
            SchemeKind::UniformForcing(scheme) => {
                let (receive, device) = (self.link.receive_antennas, self.link.device_antennas);
                let chosen = scheme.refined || self.payload.devices() == 1;
                (if chosen { receive + device } else { 2 * device }) <= 2 * scheme.streams
            }
            _ => false,
        };
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
    if let SchemeKind::DigitalAircomp(scheme) = kind {
        return Segments::new(length * scheme.parts_a_value(), used, slot_symbols);
    }
    if let SchemeKind::SparseAnalog(section) = kind {
        // Under a budget, as many measurements as fit follow from it.
        return Segments::new(section.scheme.sent(), used, slot_symbols);
    }
    let plan = Segments::new(length, used * kind.streams(), slot_symbols);
    match budget_symbols {
        Some(symbols) => plan.within((symbols * used * kind.streams()) as u64),
        None => plan,
    }
}

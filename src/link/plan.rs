//! What all trials of a link share: layouts, block plans, filters, powers.

use super::block::BlockPlan;
use super::channel_estimation::{
    ChannelEstimator, DelayStatistics, DopplerStatistics, EstimationError, Interpolation, WienerConfig,
};
use super::config::{Access, Content, EqualiserRule, EstimatorRule, LinkConfig, PrecodingRule};
use super::equalisation::{EqualisationRule, Equaliser};
use super::precoding::Codebook;
use super::reference_signals::{ReferenceSignals, SequenceIdentity};
use super::slot_layout::{LayoutError, SlotConfig, SlotLayout};
use crate::beamforming::Antennas;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::ofdm::Numerology;
use airloop_baseband::Seeds;
use airloop_coding::CodingError;
use airloop_coding::mcs::Mcs;
use airloop_coding::scrambling::Scrambling;
use std::sync::Arc;

/// Subcarriers of a resource block.
const BLOCK: usize = 12;

/// Why a link cannot be planned.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A slot or its part.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A code.
    #[error(transparent)]
    Coding(#[from] CodingError),
    /// A channel estimator.
    #[error(transparent)]
    Estimation(#[from] EstimationError),
    /// A precoder.
    #[error(transparent)]
    Precoding(#[from] super::precoding::PrecodingError),
    /// An experiment that has none.
    #[error(
        "the file has neither [mcs] nor [code], which say what a digital link sends: for example [mcs] with index = 9"
    )]
    NoLink,
    /// A table whose schemes all are too high for what a slot can hold.
    #[error("no scheme of MCS table {table} makes a block on {elements} elements")]
    NoScheme {
        /// The table.
        table: u8,
        /// Data elements of a slot.
        elements: usize,
    },
}

/// What all trials of a link share.
#[derive(Clone, Debug)]
pub struct LinkPlan {
    /// The link as configured.
    pub config: LinkConfig,
    /// The numerology.
    pub numerology: Arc<Numerology>,
    /// Devices that share the link.
    pub devices: usize,
    /// Antennas at either end.
    pub antennas: Antennas,
    /// Devices that share a slot.
    pub parts: usize,
    /// The part of a slot that one device has.
    pub layout: SlotLayout,
    /// Block plans: one, or one a scheme of the table, efficiency ascending.
    pub blocks: Vec<BlockPlan>,
    /// Pilots of a part.
    pub signals: ReferenceSignals,
    /// Amplitude of each device's symbols.
    pub amplitudes: Vec<f32>,
    /// Noise power over the power of each device's symbols.
    pub noise: Vec<f64>,
    /// Channel estimators of each device; empty where the receiver is told.
    pub estimators: Vec<ChannelEstimator>,
    /// The equaliser of a part.
    pub equaliser: Equaliser,
    /// The codebook, where precoders come from one.
    pub codebook: Option<Codebook>,
    /// The source of all randomness.
    pub seeds: Seeds,
}

impl LinkPlan {
    /// Plans the link of an experiment.
    ///
    /// # Errors
    /// When the standard has no such slot or block, or statistics are out of range.
    pub fn new(experiment: &Experiment, config: &LinkConfig) -> Result<Self, LinkError> {
        let (devices, antennas) = (experiment.payload.devices(), experiment.link.antennas());
        let (parts, subcarriers) = part(config, devices);
        let layout = SlotLayout::new(SlotConfig { subcarriers, ..config.slot })?;
        let share = if config.scheduling.same_energy { devices as f64 } else { 1.0 };
        let budget = &experiment.budget;
        let power = |k: usize| budget.power[k] * experiment.payload.budget_power(k) * share;
        let noise: Vec<f64> = (0..devices).map(|k| budget.noise_power / power(k)).collect();
        let estimators = match interpolation(experiment, config) {
            None => Vec::new(),
            Some(interpolation) => estimators(&layout, antennas.receive, &interpolation, &noise)?,
        };
        let rule = match config.reception.equaliser {
            EqualiserRule::ZeroForcing => EqualisationRule::ZeroForcing,
            _ => EqualisationRule::MinimumMeanSquareError,
        };
        let codebook = match config.precoding {
            PrecodingRule::Codebook => Some(Codebook::new(antennas.device)?),
            _ => None,
        };
        Ok(Self {
            blocks: blocks(config, &layout)?,
            equaliser: Equaliser::new(rule, &layout, antennas.receive)?,
            signals: ReferenceSignals::new(&layout, SequenceIdentity::default()),
            amplitudes: (0..devices).map(|k| power(k).sqrt() as f32).collect(),
            config: config.clone(),
            numerology: Arc::clone(&experiment.numerology),
            seeds: experiment.seeds,
            codebook,
            devices,
            antennas,
            parts,
            layout,
            noise,
            estimators,
        })
    }

    /// Returns the symbols from the start of a slot to that of the next: its own, and those of feedback.
    pub fn slot_symbols(&self) -> usize {
        self.layout.symbols() + self.config.harq.feedback_symbols
    }

    /// Returns the first subcarrier of a part.
    pub fn first_subcarrier(&self, part: usize) -> usize {
        part * self.layout.subcarriers()
    }

    /// Returns the scrambling of a device.
    pub fn scrambling(&self, device: usize) -> Scrambling {
        // Identities of devices are counted from 1, as those of a cell are; none reaches the end of the range.
        let rnti = (device % 65_519) as u16 + 1;
        Scrambling::new(rnti, 0, 0).expect("a code word of index 0 and identity 0 exist")
    }
}

/// Returns how many devices share a slot, and the subcarriers of each.
fn part(config: &LinkConfig, devices: usize) -> (usize, usize) {
    let subcarriers = config.slot.subcarriers;
    match config.scheduling.access {
        Access::Frequency if devices > 1 => {
            let blocks = (subcarriers / BLOCK).max(1);
            let parts = devices.min(blocks);
            (parts, if subcarriers >= BLOCK { blocks / parts * BLOCK } else { subcarriers })
        }
        _ => (1, subcarriers),
    }
}

/// Returns the plans of all blocks that may be sent.
fn blocks(config: &LinkConfig, layout: &SlotLayout) -> Result<Vec<BlockPlan>, LinkError> {
    let Content::Adaptive { table } = config.content else {
        return Ok(vec![BlockPlan::new(config, layout, None)?]);
    };
    let mut schemes: Vec<Mcs> = Mcs::table(table).collect();
    schemes.sort_by(|a, b| a.efficiency().total_cmp(&b.efficiency()));
    let made: Vec<BlockPlan> =
        schemes.into_iter().filter_map(|mcs| BlockPlan::new(config, layout, Some(mcs)).ok()).collect();
    if made.is_empty() {
        return Err(LinkError::NoScheme { table, elements: layout.data_elements() });
    }
    Ok(made)
}

/// Returns how the channel between pilots is found; `None` where the receiver is told.
fn interpolation(experiment: &Experiment, link: &LinkConfig) -> Option<Interpolation> {
    let (delays, max_doppler_hz) = match &experiment.channel {
        ChannelModel::Taps { fading, .. } => (DelayStatistics::of(fading.profile()), fading.max_doppler_hz()),
        ChannelModel::PerElement { .. } => (DelayStatistics::Paths(vec![(0.0, 1.0)]), 0.0),
    };
    let numerology = &experiment.numerology;
    let config = |delays, doppler| WienerConfig {
        delays,
        doppler,
        subcarrier_spacing_hz: numerology.subcarrier_spacing_hz(),
        symbol_duration_s: numerology.duration_s(numerology.slot_symbols())
            / numerology.slot_symbols() as f64,
        taps: WienerConfig::TAPS,
        layer_power: layer_power(link, experiment.link.antennas()),
    };
    match link.reception.estimator {
        EstimatorRule::Perfect => None,
        EstimatorRule::LeastSquares => Some(Interpolation::Linear),
        EstimatorRule::Wiener if max_doppler_hz > 0.0 => {
            Some(Interpolation::Wiener(config(delays, DopplerStatistics::Jakes { max_doppler_hz })))
        }
        EstimatorRule::Wiener => Some(Interpolation::Wiener(config(delays, DopplerStatistics::Static))),
        EstimatorRule::RobustWiener => {
            let latest_s = match &experiment.channel {
                ChannelModel::Taps { fading, .. } => fading.profile().max_delay_s(),
                ChannelModel::PerElement { .. } => 0.0,
            };
            let doppler = match max_doppler_hz > 0.0 {
                true => DopplerStatistics::Uniform { max_doppler_hz },
                false => DopplerStatistics::Static,
            };
            let delays = DelayStatistics::Uniform { earliest_s: 0.0, latest_s };
            Some(Interpolation::Wiener(config(delays, doppler)))
        }
    }
}

/// Makes the estimators of all devices; devices of the same noise share what is computed.
fn estimators(
    layout: &SlotLayout,
    receive: usize,
    interpolation: &Interpolation,
    noise: &[f64],
) -> Result<Vec<ChannelEstimator>, LinkError> {
    let mut made: Vec<ChannelEstimator> = Vec::with_capacity(noise.len());
    for (device, noise_variance) in noise.iter().enumerate() {
        let same = noise[..device].iter().position(|other| other == noise_variance);
        made.push(match same {
            Some(other) => made[other].clone(),
            None => ChannelEstimator::new(layout, receive, interpolation, *noise_variance)?,
        });
    }
    Ok(made)
}

/// Returns the mean power of a layer's channel at one antenna; beams that are matched to the channel gather that of all antennas.
fn layer_power(link: &LinkConfig, antennas: Antennas) -> f64 {
    let gathered = match link.precoding {
        PrecodingRule::Identity => 1.0,
        PrecodingRule::SingularVectors { .. } | PrecodingRule::Codebook => antennas.device as f64,
    };
    gathered / link.slot.layers as f64
}

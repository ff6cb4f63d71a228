//! What a digital link is made of, checked.

use super::block::BlockPlan;
use super::slot_layout::{SlotConfig, SlotLayout};
use airloop_coding::Demapping;
use airloop_coding::Modulation;
use airloop_coding::ldpc::{BaseGraph, DecoderConfig};
use airloop_coding::mcs::Mcs;

/// What a block is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Bits on points, without a code.
    Uncoded {
        /// Bits of a block.
        bits: usize,
        /// Their modulation.
        modulation: Modulation,
    },
    /// A plain LDPC code, without CRC and segmentation.
    Plain {
        /// Information bits, k.
        information_bits: usize,
        /// Coded bits, n.
        coded_bits: usize,
        /// Their modulation.
        modulation: Modulation,
        /// The base graph, if it is not the standard's choice.
        graph: Option<BaseGraph>,
        /// The scheme that says rate and modulation, where one does.
        mcs: Option<Mcs>,
    },
    /// Transport blocks that fill what a slot gives them.
    Transport(Mcs),
    /// Transport blocks whose scheme follows the channel.
    Adaptive {
        /// MCS table.
        table: u8,
    },
}

impl Content {
    /// Returns whether blocks are transport blocks.
    pub fn is_transport(&self) -> bool {
        matches!(self, Self::Transport(_) | Self::Adaptive { .. })
    }

    /// Returns the modulation, where it is fixed.
    pub fn modulation(&self) -> Option<Modulation> {
        match self {
            Self::Uncoded { modulation, .. } | Self::Plain { modulation, .. } => Some(*modulation),
            Self::Transport(mcs) => Modulation::from_order(mcs.modulation_order).ok(),
            Self::Adaptive { .. } => None,
        }
    }

    /// Returns what is sent, in words.
    pub fn words(&self) -> String {
        match self {
            Self::Uncoded { bits, .. } => format!("uncoded, {bits} bits"),
            Self::Plain { information_bits, coded_bits, mcs, .. } => {
                let scheme =
                    mcs.map_or(String::new(), |mcs| format!("mcs {} of table {}, ", mcs.index, mcs.table));
                format!("{scheme}k {information_bits} of n {coded_bits}")
            }
            Self::Transport(mcs) => format!("mcs {} of table {}", mcs.index, mcs.table),
            Self::Adaptive { table } => format!("mcs of table {table}, adaptive"),
        }
    }
}

/// How layers are put on the transmitter's antennas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrecodingRule {
    /// Layer `l` on antenna `l`.
    Identity,
    /// Along the singular vectors of the channel as it is in the slot, over groups of subcarriers; `None`: all of them.
    SingularVectors {
        /// Subcarriers of a group.
        group_subcarriers: Option<usize>,
    },
    /// The best matrix of the type I codebook for the channel as it is in the slot.
    Codebook,
}

/// How the receiver learns the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EstimatorRule {
    /// It is told.
    Perfect,
    /// Least squares at pilots, straight lines between them.
    LeastSquares,
    /// Wiener filters for the channel's own statistics.
    Wiener,
    /// Wiener filters for uniform delays and Doppler shifts up to the channel's largest.
    RobustWiener,
}

/// How the receiver tells layers apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EqualiserRule {
    /// Zero forcing.
    ZeroForcing,
    /// Least mean square error.
    MinimumMeanSquareError,
    /// Least mean square error over the measured covariance of noise and interference.
    InterferenceRejection,
}

/// What the receiver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reception {
    /// How it learns the channel.
    pub estimator: EstimatorRule,
    /// How it tells layers apart.
    pub equaliser: EqualiserRule,
    /// Whether it is told the noise power; else it measures it at pilots.
    pub known_noise: bool,
}

/// What a receiver keeps of transmissions that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combining {
    /// Nothing: each transmission is decoded alone.
    None,
    /// All, with the same redundancy version each time.
    Chase,
    /// All, with the redundancy versions in turn.
    IncrementalRedundancy,
}

/// Retransmissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarqConfig {
    /// Most transmissions of a block.
    pub transmissions: usize,
    /// What the receiver keeps.
    pub combining: Combining,
    /// Redundancy versions in turn.
    pub versions: Vec<u8>,
    /// Slots from a transmission to the next of the same block.
    pub round_trip_slots: usize,
    /// Symbols after each slot in which the receiver answers; they take airtime.
    pub feedback_symbols: usize,
    /// Whether the receiver's buffer is limited to the largest block at rate 2/3 (I_LBRM = 1).
    pub limited_buffer: bool,
}

impl HarqConfig {
    /// Returns the redundancy version of a transmission, counted from 0.
    pub fn version(&self, transmission: usize) -> u8 {
        match self.combining {
            Combining::IncrementalRedundancy => self.versions[transmission % self.versions.len()],
            Combining::None | Combining::Chase => self.versions[0],
        }
    }
}

/// How the scheme follows the channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptationConfig {
    /// Share of first transmissions that may fail.
    pub target_bler: f64,
    /// By how much a failure lowers the SINR that the choice believes in, in decibels; a success raises it by
    /// `target / (1 - target)` of that.
    pub step_db: f64,
    /// Slots from the measurement of a channel to its use.
    pub delay_slots: usize,
    /// Whether failures and successes correct the choice.
    pub outer_loop: bool,
}

/// Who shares a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// One device a slot.
    Time,
    /// All devices in every slot, each on its own part of the band.
    Frequency,
}

/// Who comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Each in turn.
    RoundRobin,
    /// Who could send most over what it has had so far.
    ProportionalFair,
}

/// How devices share slots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SchedulingConfig {
    /// In time or in frequency.
    pub access: Access,
    /// Who comes next.
    pub policy: Policy,
    /// Slots of a trial, of a link that always has something to send; `None`: a trial is one block a device.
    pub slots: Option<usize>,
    /// Slots over which proportional fairness averages.
    pub window_slots: f64,
    /// Whether a device on a share of the elements or slots has so much more power on them (the same energy), or the same power.
    pub same_energy: bool,
}

/// A digital link.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkConfig {
    /// What a block is.
    pub content: Content,
    /// How LDPC codes are decoded.
    pub decoder: DecoderConfig,
    /// How points become soft bits.
    pub demapping: Demapping,
    /// What a slot is made of; its subcarriers are those of the whole band.
    pub slot: SlotConfig,
    /// How layers are put on antennas.
    pub precoding: PrecodingRule,
    /// What the receiver does.
    pub reception: Reception,
    /// Retransmissions.
    pub harq: HarqConfig,
    /// How the scheme follows the channel, where it does.
    pub adaptation: Option<AdaptationConfig>,
    /// How devices share slots.
    pub scheduling: SchedulingConfig,
}

impl LinkConfig {
    /// Returns the information bits of a data element, all layers together, where all blocks are alike.
    pub fn bits_an_element(&self) -> Option<f64> {
        let layout = SlotLayout::new(self.slot).ok()?;
        if matches!(self.content, Content::Adaptive { .. }) {
            return None;
        }
        let block = BlockPlan::new(self, &layout, None).ok()?;
        Some(block.bits() as f64 / block.points() as f64)
    }
}

//! Which schemes there are: names, what their devices must know, what theory calls them.

use super::scheme_keys::combining::{ReceiveCombining, UniformForcing};
use super::scheme_keys::digital::CodedDigital;
use super::scheme_keys::misaligned::MisalignedSection;
use super::scheme_keys::sparse_analog::SparseAnalogSection;
use crate::scheme::cotaf::Cotaf;
use crate::scheme::digital_aircomp::DigitalAircomp;
use crate::scheme::energy::EnergyScheme;
use crate::scheme::one_bit_majority::OneBitMajority;
use crate::scheme::phase_only::PhaseOnly;
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::scheme::{DeviceKnowledge, Needs};
use crate::theory::{Formula, ReceiveScale};

/// Every scheme with one line on what it does and what its devices must know of their channels.
pub const SCHEMES: [(&str, &str, DeviceKnowledge); 17] = [
    (
        "truncated-inversion",
        "inverts channels above a threshold, silent below (threshold, scale, power_constraint)",
        DeviceKnowledge::Own,
    ),
    (
        "full-inversion",
        "all devices arrive at the amplitude that the weakest can reach",
        DeviceKnowledge::Joint,
    ),
    (
        "optimal-power",
        "weak devices at full power, the others inverted: least error for independent payloads",
        DeviceKnowledge::Joint,
    ),
    ("full-power", "phases aligned, all at full power, best receive scale", DeviceKnowledge::Joint),
    ("phase-only", "phases aligned, one amplitude for all, nothing inverted (scale)", DeviceKnowledge::Own),
    (
        "cotaf",
        "inversion scaled to each round's updates, averaged over the active devices (threshold)",
        DeviceKnowledge::Own,
    ),
    (
        "a-dsgd",
        "largest values kept, projected at random, recovered by message passing (rows or compression, sparsity, threshold, amp_iterations, amp_threshold, error_feedback)",
        DeviceKnowledge::Own,
    ),
    (
        "blind-combining",
        "devices know nothing, the server combines link.receive_antennas with the sum of all channels",
        DeviceKnowledge::None,
    ),
    (
        "receive-combining",
        "devices know nothing, the server weighs link.receive_antennas by all channels (combiner)",
        DeviceKnowledge::None,
    ),
    (
        "uniform-forcing",
        "all arrive alike through the server's beams, with least noise; vectors over several beams (streams, beamformer)",
        DeviceKnowledge::Joint,
    ),
    (
        "digital",
        "dithered quantisation over own elements with ideal codes (bits, or a [budget])",
        DeviceKnowledge::Joint,
    ),
    (
        "digital-aircomp",
        "points of all devices add up, and the nearest sum is decided for (base, digits, range, rounding, constellation, threshold)",
        DeviceKnowledge::Joint,
    ),
    (
        "misaligned",
        "single carrier whose symbols arrive at fractions of a symbol (receiver, delays_symbols, phases_rad, symbols_per_frame, oversampling)",
        DeviceKnowledge::Joint,
    ),
    (
        "energy",
        "values as energy under random phases, no phase is used (sequence_length, range, channel_scaling)",
        DeviceKnowledge::None,
    ),
    (
        "balanced-number",
        "balanced digits as energy on pairs of bins, no phase is used (base, digits, copies, range, channel_scaling)",
        DeviceKnowledge::None,
    ),
    (
        "one-bit-majority",
        "two votes an element over inverted channels, decided by signs (threshold, power_constraint)",
        DeviceKnowledge::Own,
    ),
    (
        "fsk-majority",
        "a vote puts energy on one of two elements at random phase, decided by energies (copies, participation)",
        DeviceKnowledge::None,
    ),
];

/// A scheme with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub enum SchemeKind {
    /// Truncated channel inversion.
    TruncatedInversion(TruncatedInversion),
    /// Full inversion.
    FullInversion,
    /// Optimal power control.
    OptimalPower,
    /// Full power.
    FullPower,
    /// Phase-only precoding.
    PhaseOnly(PhaseOnly),
    /// Update-scaled precoding.
    Cotaf(Cotaf),
    /// Sparsified analog aggregation.
    SparseAnalog(SparseAnalogSection),
    /// Combining of receive antennas without knowledge at the devices.
    BlindCombining {
        /// Receive antennas.
        antennas: usize,
    },
    /// Combining of receive antennas by a server that knows all channels.
    ReceiveCombining(ReceiveCombining),
    /// Aggregation beams.
    UniformForcing(UniformForcing),
    /// The digital baseline; the bits are of no account under a budget.
    Digital {
        /// Bits a value.
        bits: u32,
    },
    /// Sums of points, decided.
    DigitalAircomp(DigitalAircomp),
    /// The digital scheme over a coded link.
    CodedDigital(CodedDigital),
    /// Misaligned single-carrier frames.
    Misaligned(MisalignedSection),
    /// One-bit majority votes over inverted channels.
    OneBitMajority(OneBitMajority),
    /// Non-coherent majority votes.
    FskMajority {
        /// How often each vote is sent; of no account under a budget.
        copies: usize,
        /// Receive antennas.
        antennas: usize,
        /// Probability that a device casts a vote.
        participation: f64,
    },
    /// Aggregation by energy: values themselves, or balanced digits.
    Energy(EnergyScheme),
}

/// Returns the schemes whose devices need to know nothing.
pub(super) fn schemes_without_knowledge() -> Vec<&'static str> {
    SCHEMES.iter().filter(|s| s.2 == DeviceKnowledge::None).map(|s| s.0).collect()
}

impl SchemeKind {
    /// Returns whether the privacy meter knows the scheme.
    pub fn is_metered(&self) -> bool {
        matches!(
            self,
            Self::TruncatedInversion(_)
                | Self::FullInversion
                | Self::OptimalPower
                | Self::FullPower
                | Self::PhaseOnly(_)
                | Self::Cotaf(_)
        )
    }

    /// Returns which knowledge the scheme needs.
    pub fn needs(&self) -> Needs {
        let (knowledge, transmits) = match self {
            Self::CodedDigital(_) => return crate::link::round::NEEDS,
            Self::TruncatedInversion(_) | Self::PhaseOnly(_) | Self::Cotaf(_) => (DeviceKnowledge::Own, true),
            Self::BlindCombining { .. } => (DeviceKnowledge::None, true),
            Self::FullInversion
            | Self::OptimalPower
            | Self::FullPower
            | Self::UniformForcing(_)
            | Self::Misaligned(_) => (DeviceKnowledge::Joint, true),
            Self::ReceiveCombining(_) => (DeviceKnowledge::None, true),
            Self::Digital { .. } => (DeviceKnowledge::Joint, false),
            Self::OneBitMajority(_) | Self::SparseAnalog(_) => (DeviceKnowledge::Own, true),
            Self::FskMajority { .. } => (DeviceKnowledge::None, true),
            Self::Energy(scheme) => (scheme.knowledge(), true),
            Self::DigitalAircomp(scheme) => (scheme.knowledge(), true),
        };
        Needs {
            knowledge,
            transmits,
            sum_channel: matches!(self, Self::BlindCombining { .. }),
            all_channels: matches!(self, Self::ReceiveCombining(_)),
        }
    }

    /// Returns what theory calls an analog scheme.
    pub fn formula(&self) -> Formula {
        match self {
            Self::TruncatedInversion(t) => Formula::TruncatedInversion {
                threshold: t.threshold,
                average_power: t.constraint == PowerConstraint::Average,
                scale: match t.scale {
                    Scale::Plain => ReceiveScale::Plain,
                    Scale::Unbiased => ReceiveScale::Unbiased,
                    Scale::Lmmse => ReceiveScale::Lmmse,
                },
            },
            Self::FullInversion => Formula::FullInversion,
            Self::OptimalPower => Formula::OptimalPower,
            Self::FullPower => Formula::FullPower,
            Self::PhaseOnly(scheme) => Formula::PhaseOnly { unbiased: scheme.unbiased },
            Self::Cotaf(scheme) => Formula::Cotaf { threshold: scheme.threshold },
            Self::SparseAnalog(section) => Formula::SparseAnalog(section.scheme.compression()),
            Self::BlindCombining { antennas } => Formula::BlindCombining { antennas: *antennas },
            Self::ReceiveCombining(scheme) => {
                Formula::ReceiveCombining { combiner: scheme.combiner, antennas: scheme.antennas }
            }
            Self::UniformForcing(scheme) => Formula::UniformForcing {
                streams: scheme.streams,
                refined: scheme.refined,
                antennas: scheme.antennas,
            },
            Self::Digital { bits } => Formula::DigitalBits(*bits),
            Self::CodedDigital(_) => Formula::CodedDigital,
            Self::Misaligned(_) => Formula::Misaligned,
            Self::OneBitMajority(scheme) => Formula::OneBitMajority {
                threshold: scheme.inversion.threshold,
                average_power: scheme.inversion.constraint == PowerConstraint::Average,
            },
            Self::FskMajority { antennas, participation, .. } => {
                Formula::FskMajority { antennas: *antennas, participation: *participation }
            }
            Self::Energy(scheme) => Formula::Energy(scheme.formula()),
            Self::DigitalAircomp(scheme) => Formula::DigitalAircomp(scheme.formula()),
        }
    }

    /// Returns how many values a quadrature of an element carries at once: the beams of the server.
    pub fn streams(&self) -> usize {
        match self {
            Self::UniformForcing(scheme) => scheme.streams,
            _ => 1,
        }
    }

    /// Returns the elements that each value has for its own; `None` where values share elements two by two.
    pub fn elements_a_value(&self) -> Option<usize> {
        match self {
            Self::Energy(scheme) => Some(scheme.code.elements()),
            Self::FskMajority { .. } => Some(crate::scheme::fsk_majority::ELEMENTS),
            _ => None,
        }
    }
}

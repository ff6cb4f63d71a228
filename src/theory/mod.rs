//! Theory: what closed forms say of an experiment, written independently of the schemes' code.
//!
//! `ensemble` gives expectations over fading, noise and synthetic payload; `conditional` gives the formula for the realised
//! channels of one trial. Both speak of a [`Setting`]; `error` turns the statistics of misalignment into NMSE.

pub mod blind_combining;
pub mod conditional;
pub mod cotaf;
pub mod digital;
pub mod digital_aircomp;
pub mod energy;
pub mod ensemble;
pub mod error;
pub mod floors;
pub mod functions;
pub mod misaligned;
pub mod phase_only;
pub mod receive_combining;
mod rule;
pub mod sparse_analog;
pub mod uniform_forcing;
pub mod votes;

use crate::beamforming::{Antennas, Combiner};
use crate::payload::Payload;
use crate::report::Errors;
use crate::sounding::KnownStatistics;
use airloop_channels::Marginal;

/// How the received sum of truncated inversion is scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReceiveScale {
    /// By the aligned amplitude alone.
    Plain,
    /// Also by one over the active share.
    Unbiased,
    /// By the best linear factor for independent payloads.
    Lmmse,
}

/// A scheme, as its formula needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Formula {
    /// Truncated channel inversion.
    TruncatedInversion {
        /// Threshold on the gain.
        threshold: f64,
        /// Whether power is averaged over fading.
        average_power: bool,
        /// Receive scale.
        scale: ReceiveScale,
    },
    /// Inversion at the amplitude of the weakest device.
    FullInversion,
    /// Threshold power control of a static channel.
    OptimalPower,
    /// Full power with aligned phases.
    FullPower,
    /// Dithered quantisation at a fixed number of bits.
    DigitalBits(u32),
    /// Dithered quantisation with as many bits as fit a number of OFDM symbols.
    DigitalSymbols(usize),
    /// Quantised values over a coded link: no formula.
    CodedDigital,
    /// Phases corrected, one amplitude for all.
    PhaseOnly {
        /// Whether the receive scale is unbiased.
        unbiased: bool,
    },
    /// Update-scaled precoding.
    Cotaf {
        /// Threshold on the gain.
        threshold: f64,
    },
    /// Full power without knowledge, combined over receive antennas.
    BlindCombining {
        /// Receive antennas.
        antennas: usize,
    },
    /// Full power without knowledge at the devices, weighed by a server that knows all channels.
    ReceiveCombining {
        /// How antennas are weighed.
        combiner: Combiner,
        /// Receive antennas.
        antennas: usize,
    },
    /// Inversion through aggregation beams.
    UniformForcing {
        /// Beams.
        streams: usize,
        /// Whether beams are refined beyond the centroid.
        refined: bool,
        /// Antennas at either end.
        antennas: Antennas,
    },
    /// Aggregation by energy under random phases.
    Energy(energy::EnergyFormula),
    /// Sums of points, decided; `None` for a designed constellation, which has no formula.
    DigitalAircomp(Option<digital_aircomp::DigitalAircompFormula>),
    /// Two votes an element over inverted channels.
    OneBitMajority {
        /// Threshold on the gain.
        threshold: f64,
        /// Whether power is averaged over fading.
        average_power: bool,
    },
    /// Votes on one of two elements, decided by energies.
    FskMajority {
        /// Receive antennas.
        antennas: usize,
        /// Probability that a device casts a vote.
        participation: f64,
    },
    /// Sparsified analog aggregation, whose error given a payload [`sparse_analog`] has.
    SparseAnalog(sparse_analog::Compression),
    /// Misaligned single-carrier frames, whose formula [`misaligned`] has.
    Misaligned,
}

/// Over what a mean is taken when passes are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The channel is the same in all passes.
    Static,
    /// The channel is independent in every element.
    Independent,
    /// In between: there is no closed form for repeated passes.
    Moving,
}

/// All that formulas need to know of an experiment.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The scheme.
    pub formula: Formula,
    /// The payload: powers, correlation, length.
    pub payload: &'a Payload,
    /// Noise power per element.
    pub noise_power: f64,
    /// Each device's power budget for unit-power values.
    pub power: &'a [f64],
    /// Distribution of the gain of an element.
    pub marginal: Marginal,
    /// Whether nothing but the channels themselves is known.
    pub perfect: bool,
    /// Statistics of the channels and of what devices know of them.
    pub known: &'a KnownStatistics,
    /// Mean square of the values of each round of a trial over that of the first.
    pub round_powers: Vec<f64>,
    /// How the channel changes between passes.
    pub memory: Memory,
    /// Whether the channel is the same on all elements.
    pub flat: bool,
    /// Whether `marginal` and the channels' statistics are exact: not for rays of clustered models.
    pub exact_marginal: bool,
    /// Whether the links between different antennas fade independently.
    pub independent_antennas: bool,
    /// Passes over the payload.
    pub repetitions: usize,
    /// Share of the values that are sent.
    pub sent_share: f64,
    /// Used subcarriers of a symbol.
    pub used: usize,
}

impl Setting<'_> {
    /// Returns the smallest budget of any device.
    pub fn weakest(&self) -> f64 {
        self.power.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// Returns by how much noise weighs more in the mean error of all rounds than in the first round's, when devices do not
    /// follow what their values become.
    pub fn noise_growth(&self) -> f64 {
        self.round_powers.iter().map(|p| 1.0 / p).sum::<f64>() / self.round_powers.len() as f64
    }

    /// Returns the mean over rounds of the mean square of the values, over that of the first round.
    pub fn mean_round_power(&self) -> f64 {
        self.round_powers.iter().sum::<f64>() / self.round_powers.len() as f64
    }
}

/// Values of one trial or of the ensemble.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prediction {
    /// The errors.
    pub errors: Errors,
    /// OFDM symbols used, where the formula gives them (otherwise the layout does).
    pub symbols: Option<usize>,
    /// Share of active (device, element) pairs.
    pub active_fraction: f64,
    /// Mean power over budget.
    pub power_used_mean: f64,
    /// Aligned power over noise power.
    pub receive_snr: Option<f64>,
    /// Share of the values that were sent.
    pub sent_share: f64,
}

impl Prediction {
    /// Returns the means over rounds.
    pub fn mean(rounds: &[Self]) -> Self {
        let n = rounds.len() as f64;
        let mean = |of: &dyn Fn(&Self) -> f64| rounds.iter().map(of).sum::<f64>() / n;
        let mean_of_some = |of: &dyn Fn(&Self) -> Option<f64>| {
            let values: Option<Vec<f64>> = rounds.iter().map(of).collect();
            values.map(|v| v.iter().sum::<f64>() / n)
        };
        Self {
            errors: Errors {
                nmse: mean_of_some(&|p| p.errors.nmse),
                mse_per_device: mean_of_some(&|p| p.errors.mse_per_device),
                nmse_accumulated: None,
                vote_error_rate: mean_of_some(&|p| p.errors.vote_error_rate),
                vote_error_rate_truth: mean_of_some(&|p| p.errors.vote_error_rate_truth),
            },
            symbols: mean_of_some(&|p| p.symbols.map(|s| s as f64)).map(|s| s.round() as usize),
            active_fraction: mean(&|p| p.active_fraction),
            power_used_mean: mean(&|p| p.power_used_mean),
            receive_snr: mean_of_some(&|p| p.receive_snr),
            sent_share: mean(&|p| p.sent_share),
        }
    }
}

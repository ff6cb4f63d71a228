//! Theory: what closed forms say of an experiment, written independently of the schemes' code.
//!
//! `ensemble` gives expectations over fading, noise and synthetic payload; `conditional` gives the formula for the realised
//! channels of one trial. Both speak of a [`Setting`]; `error` turns the statistics of misalignment into NMSE.

pub mod conditional;
pub mod digital;
pub mod ensemble;
pub mod error;
pub mod floors;

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
    /// Statistics of the channels and of what devices know of them.
    pub known: &'a KnownStatistics,
    /// How the channel changes between passes.
    pub memory: Memory,
    /// Whether the channel is the same on all elements.
    pub flat: bool,
    /// Passes over the payload.
    pub repetitions: usize,
    /// Share of the values that are sent.
    pub sent_share: f64,
    /// Used subcarriers of a symbol.
    pub used: usize,
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

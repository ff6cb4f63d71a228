//! Reports: what a rung of the ladder says of an experiment; all rungs fill the same one.

pub mod warnings;

pub use warnings::Warning;

use airloop_baseband::Estimate;
use serde::{Deserialize, Serialize};

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Closed forms.
    Theory,
    /// Resource grids times frequency responses.
    Symbol,
    /// Samples.
    Waveform,
}

impl Fidelity {
    /// All rungs that compute, from below.
    pub const ALL: [Self; 3] = [Self::Theory, Self::Symbol, Self::Waveform];

    /// Returns the word for it in files, flags and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Theory => "theory",
            Self::Symbol => "symbol",
            Self::Waveform => "waveform",
        }
    }

    /// Returns the rung of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.word() == word)
    }
}

impl std::fmt::Display for Fidelity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Whether theory speaks of the ensemble or of the realised channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TheoryKind {
    /// Expectation over fading, noise and synthetic payload.
    Ensemble,
    /// The formula given the channels, averaged over the symbol rung's own draws.
    Conditional,
}

impl TheoryKind {
    /// Returns the word for it in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ensemble => "ensemble",
            Self::Conditional => "conditional",
        }
    }
}

/// Errors of a point, with intervals over trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// `|estimate - target|^2 / |target|^2` in the payload's own units.
    pub nmse: Option<Estimate>,
    /// `|estimate of the sum of u - sum of u|^2 / (N sum_k E|u_k|^2)`: per value and device of unit power.
    pub mse_per_device: Option<Estimate>,
}

/// What one rung says of one experiment. Quantities that are not defined are `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the experiment.
    pub experiment_id: String,
    /// Which rung.
    pub fidelity: Fidelity,
    /// Which kind of theory, at that rung.
    pub theory_kind: Option<TheoryKind>,
    /// Name of the scheme.
    pub scheme: String,
    /// SNR as configured.
    pub snr_db: f64,
    /// Channel bandwidth.
    pub bandwidth_hz: f64,
    /// Number of devices, K.
    pub devices: usize,
    /// Values a device, N.
    pub length: usize,
    /// Trials run.
    pub trials: u64,
    /// Why the run ended: `trials`, `half-width`, `max-trials`, or `closed-form`.
    pub stop_reason: String,
    /// Errors.
    pub metrics: Metrics,
    /// Share of (device, element) pairs in which the device sent.
    pub active_fraction: Option<f64>,
    /// Mean correlation of two devices' values.
    pub correlation_measured: Option<f64>,
    /// Mean channel gain times mean budget over the noise power that was drawn.
    pub snr_measured_db: Option<f64>,
    /// Aligned power over noise power.
    pub receive_snr_db: Option<f64>,
    /// Mean power over devices and elements, over the budget.
    pub power_used_mean: Option<f64>,
    /// Largest precoder power in any element and trial, over the budget.
    pub power_peak_db: Option<f64>,
    /// Mean over device symbols of peak over mean sample power.
    pub papr_db: Option<f64>,
    /// Resource elements used.
    pub elements: Option<f64>,
    /// Airtime of a round, whole OFDM symbols with their prefixes.
    pub airtime_s: Option<f64>,
    /// Values aggregated a second.
    pub airtime_values_per_s: Option<f64>,
    /// A device's energy for each value, in units of the power budget of one element.
    pub energy_per_value_rel: Option<f64>,
    /// Energy of all devices in a round, when `link.transmit_power_w` is given.
    pub energy_j: Option<f64>,
    /// Doubts.
    pub warnings: Vec<Warning>,
}

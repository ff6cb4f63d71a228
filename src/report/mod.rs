//! Reports: what a rung of the ladder says of an experiment; all rungs fill the same one.

pub mod warnings;

pub use warnings::Warning;

use crate::medium::WaveformPath;
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
    /// Samples through radios.
    Radio,
}

impl Fidelity {
    /// All rungs that compute, from below.
    pub const ALL: [Self; 4] = [Self::Theory, Self::Symbol, Self::Waveform, Self::Radio];

    /// Returns whether the rung makes samples.
    pub fn makes_samples(self) -> bool {
        matches!(self, Self::Waveform | Self::Radio)
    }

    /// Returns the word for it in files, flags and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Theory => "theory",
            Self::Symbol => "symbol",
            Self::Waveform => "waveform",
            Self::Radio => "radio",
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

/// Names of the errors, as columns and as words of `stop.metric`.
pub const ERRORS: [&str; 5] =
    ["nmse", "mse_per_device", "nmse_accumulated", "vote_error_rate", "vote_error_rate_truth"];

/// Errors of one trial, or their expectations; those that are not defined are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Errors {
    /// `|estimate - target|^2 / |target|^2` in the payload's own units, averaged over rounds.
    pub nmse: Option<f64>,
    /// `|estimate of the sum of u - sum of u|^2 / (N sum_k E|u_k|^2)`: per value and device of unit power.
    pub mse_per_device: Option<f64>,
    /// The normalised error of the sum of all rounds.
    pub nmse_accumulated: Option<f64>,
    /// Share of majority votes decided against the sign of the sum of votes; a tie or a statistic of 0 counts 1/2.
    pub vote_error_rate: Option<f64>,
    /// Share of majority votes decided against the drawn truth.
    pub vote_error_rate_truth: Option<f64>,
}

impl Errors {
    /// Returns the errors in the order of [`ERRORS`].
    pub fn all(&self) -> [Option<f64>; 5] {
        [
            self.nmse,
            self.mse_per_device,
            self.nmse_accumulated,
            self.vote_error_rate,
            self.vote_error_rate_truth,
        ]
    }

    /// Returns the error that stands for the others: the vote error rate of votes, else the NMSE.
    pub fn leading(&self) -> f64 {
        self.vote_error_rate.or(self.nmse).unwrap_or(f64::NAN)
    }
}

/// Errors of a point, with intervals over trials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// See [`Errors::nmse`].
    pub nmse: Option<Estimate>,
    /// See [`Errors::mse_per_device`].
    pub mse_per_device: Option<Estimate>,
    /// See [`Errors::nmse_accumulated`].
    #[serde(default)]
    pub nmse_accumulated: Option<Estimate>,
    /// See [`Errors::vote_error_rate`].
    #[serde(default)]
    pub vote_error_rate: Option<Estimate>,
    /// See [`Errors::vote_error_rate_truth`].
    #[serde(default)]
    pub vote_error_rate_truth: Option<Estimate>,
}

impl Metrics {
    /// Makes the metrics from estimates in the order of [`ERRORS`].
    pub fn of(estimates: [Option<Estimate>; 5]) -> Self {
        let [nmse, mse_per_device, nmse_accumulated, vote_error_rate, vote_error_rate_truth] = estimates;
        Self { nmse, mse_per_device, nmse_accumulated, vote_error_rate, vote_error_rate_truth }
    }

    /// Makes the metrics of values that are exact.
    pub fn exact(errors: &Errors) -> Self {
        Self::of(errors.all().map(|e| e.map(Estimate::exact)))
    }

    /// Returns the estimates in the order of [`ERRORS`].
    pub fn all(&self) -> [Option<&Estimate>; 5] {
        [
            self.nmse.as_ref(),
            self.mse_per_device.as_ref(),
            self.nmse_accumulated.as_ref(),
            self.vote_error_rate.as_ref(),
            self.vote_error_rate_truth.as_ref(),
        ]
    }

    /// Returns the metric that stands for the others: the vote error rate of votes, else the NMSE.
    pub fn leading(&self) -> Option<&Estimate> {
        self.vote_error_rate.as_ref().or(self.nmse.as_ref())
    }
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
    /// Peak over mean square of the unit-power values that devices put on elements.
    #[serde(default)]
    pub payload_papr_db: Option<f64>,
    /// Share of beacons that devices found.
    #[serde(default)]
    pub sync_detected_share: Option<f64>,
    /// Root mean square of the devices' timing errors at the start of a round.
    #[serde(default)]
    pub timing_error_rms_s: Option<f64>,
    /// Root mean square of the devices' carrier errors.
    #[serde(default)]
    pub cfo_error_rms_hz: Option<f64>,
    /// How the samples of the waveform rung were made.
    #[serde(default)]
    pub waveform_path: Option<WaveformPath>,
    /// Resource elements used.
    pub elements: Option<f64>,
    /// Airtime of a round, whole OFDM symbols with their prefixes; pilots, feedback and synchronisation are in it.
    pub airtime_s: Option<f64>,
    /// The part of the airtime that pilots, feedback and synchronisation take.
    #[serde(default)]
    pub airtime_overhead_s: Option<f64>,
    /// Values aggregated a second.
    pub airtime_values_per_s: Option<f64>,
    /// A device's energy for each value, in units of the power budget of one element.
    pub energy_per_value_rel: Option<f64>,
    /// Energy of all devices in a round, when `link.transmit_power_w` is given.
    pub energy_j: Option<f64>,
    /// Epsilon of the device that lost most in a round, at `privacy.delta`, averaged over rounds and trials.
    #[serde(default)]
    pub epsilon_round: Option<f64>,
    /// Epsilon of the device that lost most in all rounds of a trial, averaged over trials.
    #[serde(default)]
    pub epsilon_total: Option<f64>,
    /// The same in a round at an eavesdropper.
    #[serde(default)]
    pub epsilon_eavesdropper_round: Option<f64>,
    /// The same in all rounds at an eavesdropper.
    #[serde(default)]
    pub epsilon_eavesdropper_total: Option<f64>,
    /// Doubts.
    pub warnings: Vec<Warning>,
}

/// A number of a report: its column and where it stands.
pub type Quantity = (&'static str, fn(&Report) -> Option<f64>);

/// The numbers of a report that are no errors, in the order of the table's columns.
pub const QUANTITIES: &[Quantity] = &[
    ("active_fraction", |r| r.active_fraction),
    ("correlation_measured", |r| r.correlation_measured),
    ("snr_measured_db", |r| r.snr_measured_db),
    ("receive_snr_db", |r| r.receive_snr_db),
    ("power_used_mean", |r| r.power_used_mean),
    ("power_peak_db", |r| r.power_peak_db),
    ("papr_db", |r| r.papr_db),
    ("payload_papr_db", |r| r.payload_papr_db),
    ("sync_detected_share", |r| r.sync_detected_share),
    ("timing_error_rms_s", |r| r.timing_error_rms_s),
    ("cfo_error_rms_hz", |r| r.cfo_error_rms_hz),
    ("elements", |r| r.elements),
    ("airtime_s", |r| r.airtime_s),
    ("airtime_overhead_s", |r| r.airtime_overhead_s),
    ("airtime_values_per_s", |r| r.airtime_values_per_s),
    ("energy_per_value_rel", |r| r.energy_per_value_rel),
    ("energy_j", |r| r.energy_j),
    ("epsilon_round", |r| r.epsilon_round),
    ("epsilon_total", |r| r.epsilon_total),
    ("epsilon_eavesdropper_round", |r| r.epsilon_eavesdropper_round),
    ("epsilon_eavesdropper_total", |r| r.epsilon_eavesdropper_total),
];

//! Doubts about a result: codes from a fixed list, each with a sentence.

mod carriers;
mod cell;
mod clustered;
mod functions;
mod knowledge;
mod recorded;
mod sparse_analog;

use super::Report;
use crate::experiment::{Experiment, sections::SchemeKind};
use crate::medium::ChannelModel;
use crate::payload::Payload;
use crate::scheme::energy::clipping::clipped_share;
use airloop_baseband::units::db_from_power;
use serde::{Deserialize, Serialize};

/// Every code with what it means.
pub const CODES: &[(&str, &str)] = &[
    ("biased-default", "truncated inversion scales by the aligned power alone unless scale says otherwise"),
    ("poor-knowledge", "what devices know explains less than half of the power of their channels"),
    ("sparse-pilots", "pilots are too far apart to interpolate between them over this delay spread"),
    ("prefix-shorter-than-channel", "paths arrive after the cyclic prefix; the interference power is given"),
    ("fractional-delay-accuracy", "the used band leaves too little empty edge for exact fractional delays"),
    (
        "weak-sum",
        "the devices' values nearly cancel: the target is far weaker than its parts, so NMSE is large",
    ),
    ("repeated-rows", "payload.devices is larger than the file: some devices send what others send"),
    ("mean-does-not-exist", "the error has no mean over this fading; median and q90 stand"),
    ("budget-too-small", "only a random part of the values fits the budget"),
    (
        "amp-outside-region",
        "more entries than message passing can recover from the measurements, or it diverged",
    ),
    ("pilot-unheard", "rounds of message passing were lost because the server did not hear their pilot"),
    (
        "update-norms-vary",
        "drawn updates have no bound: the privacy meter takes their root mean square norm for one",
    ),
    ("digital-outage", "some devices could not send all their bits within the longest round"),
    (
        "ideal-codes",
        "the digital baseline puts nothing on the air: the waveform rung repeats the symbol rung",
    ),
    ("values-clipped", "values beyond scheme.range are clipped to it, which biases their sum"),
    (
        "waveform-only-physics",
        "impairments and preambles act at waveform fidelity; lower rungs count their airtime alone",
    ),
    ("beacon-missed", "devices that did not find the beacon kept silent in that round"),
    (
        "dynamic-range",
        "values that a function maps have a peak far above their mean square, which sets the power",
    ),
    ("sums-clamped", "received sums beyond what the function maps back were clamped"),
    (
        "devices-not-selected",
        "cell.selection leaves devices of the drop out: the target is that of the others",
    ),
    (
        "path-loss-extrapolated",
        "the scenario's path loss is applied beyond the ranges that the standard states",
    ),
    ("recording-too-coarse", "recorded channels move too fast for the spacing of their samples in time"),
    ("recorded-gains-kept", "recorded gains are not of unit mean power: link.snr_db holds for unit gain"),
    (
        "recorded-knowledge",
        "statistics of old or estimated knowledge are those of a model with the recording's powers",
    ),
    ("devices-in-one-direction", "a server of several antennas sees all devices of a clustered model alike"),
    (
        "carriers-far-off",
        "carriers that nothing corrects are off by more than a tenth of a subcarrier spacing",
    ),
    ("few-block-errors", "too few blocks were lost to tell the block error rate closely"),
    ("wide-interval", "the confidence interval is wider than 20 % of the mean"),
];

/// A doubt: its code and what it says here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// One of [`CODES`].
    pub code: String,
    /// A sentence with the figures.
    pub message: String,
}

impl Warning {
    /// Makes a doubt of a listed code.
    pub(crate) fn of(code: &str, message: String) -> Self {
        Self::new(code, message)
    }

    fn new(code: &str, message: String) -> Self {
        debug_assert!(CODES.iter().any(|c| c.0 == code), "{code} is listed");
        Self { code: code.into(), message }
    }
}

pub use functions::of_clamping;
pub use sparse_analog::of_recovery;

/// Below this ratio of the sum's power to the sum of powers, the sum counts as weak.
const WEAK_SUM: f64 = 0.5;

/// Returns the doubts that are known before running.
pub fn before_running(experiment: &Experiment) -> Vec<Warning> {
    let mut warnings = knowledge::before_running(experiment);
    if experiment.measures_link {
        warnings.extend(recorded::before_running(experiment));
        warnings.extend(clustered::before_running(experiment));
        warnings.extend(experiment.cell.iter().flat_map(|drop| cell::before_running(drop)));
        return warnings;
    }
    warnings.extend(recorded::before_running(experiment));
    warnings.extend(clustered::before_running(experiment));
    warnings.extend(experiment.cell.iter().flat_map(|drop| cell::before_running(drop)));
    let repeated = experiment.payload.repeated_rows();
    if repeated > 0 {
        let devices = experiment.payload.devices();
        let message = format!(
            "{repeated} of {devices} devices send the values of others: the file has no more rows of its own"
        );
        warnings.push(Warning::new("repeated-rows", message));
    }
    if experiment.payload.is_majority() {
        // Signs have no bias, no scale and no error that could lack a mean.
        return warnings;
    }
    let gram = experiment.payload.gram();
    let ratio = gram.total() / gram.trace();
    warnings.extend(functions::dynamic_range(&experiment.payload));
    if ratio < WEAK_SUM && experiment.payload.mapping().is_none() {
        let message = format!(
            "the sum of the devices' values has {:.1} dB of the power of uncorrelated ones; \
             nmse is {:.1} times mse_per_device",
            db_from_power(ratio),
            1.0 / ratio
        );
        warnings.push(Warning::new("weak-sum", message));
    }
    let fades = !experiment.channel.marginal().is_constant();
    if experiment.scheme.default_scale
        && fades
        && matches!(experiment.scheme.kind, SchemeKind::TruncatedInversion(_))
    {
        let message = "scheme.scale is not set: \"plain\" is biased towards zero by the silent devices; \
                       \"unbiased\" and \"lmmse\" exist";
        warnings.push(Warning::new("biased-default", message.into()));
    }
    if let SchemeKind::SparseAnalog(section) = &experiment.scheme.kind {
        warnings.extend(sparse_analog::before_running(experiment, &section.scheme));
    }
    if let SchemeKind::Energy(scheme) = &experiment.scheme.kind {
        warnings.extend(values_clipped(&experiment.payload, scheme.code.range()));
    }
    if let SchemeKind::DigitalAircomp(scheme) = &experiment.scheme.kind {
        warnings.extend(values_clipped(&experiment.payload, scheme.levels().range));
    }
    warnings.extend(update_norms(experiment));
    if experiment.mean_exists() && !experiment.nmse_mean_exists() {
        let message = "a drawn target of one or two values comes so close to 0 that nmse has no mean";
        warnings.push(Warning::new("mean-does-not-exist", message.into()));
    }
    if !experiment.mean_exists() {
        let message = "inverting the weakest of fading channels has no mean error; look at median and q90";
        warnings.push(Warning::new("mean-does-not-exist", message.into()));
    }
    warnings
}

/// Returns the doubt about the privacy meter's bound, where values are drawn and no bound is given.
fn update_norms(experiment: &Experiment) -> Option<Warning> {
    let privacy = experiment.privacy.as_ref()?;
    if privacy.is_bounded() || !experiment.payload.is_synthetic() {
        return None;
    }
    let norm = privacy.clip_norm(&experiment.payload);
    let message = format!(
        "drawn updates have no largest norm: epsilon is for updates of the root mean square norm {norm:.4} in unit-power \
         units, and larger ones are drawn too; privacy.clip_norm sets the bound that is to be accounted for"
    );
    Some(Warning::new("update-norms-vary", message))
}

/// Returns the doubt about values beyond a range, if there are any.
fn values_clipped(payload: &Payload, range: f64) -> Option<Warning> {
    let message = match clipped_share(payload, range) {
        Ok(0.0) => return None,
        Ok(share) => {
            let largest = (0..payload.devices()).filter_map(|k| payload.largest(k)).fold(0.0, f64::max);
            let cure = if largest > 0.0 {
                format!("{largest:.4} takes them all")
            } else {
                "4 takes all but few".into()
            };
            format!(
                "{:.3} % of the values lie beyond scheme.range = {range:.4} and are clipped; {cure}",
                100.0 * share
            )
        }
        Err(error) => format!("the share of values beyond scheme.range = {range:.4} is not known: {error}"),
    };
    Some(Warning::new("values-clipped", message))
}

/// Returns the doubts of the rungs below: what of the experiment they leave out.
pub fn below_waveform(experiment: &Experiment) -> Vec<Warning> {
    let radios = !experiment.impairments.is_ideal() || !experiment.receiver.is_ideal();
    if !experiment.needs().transmits || !(radios || experiment.sync.is_some()) {
        return Vec::new();
    }
    let message = "impairments, the receiver's radio and errors of synchronisation act at waveform fidelity; they are not in these figures, \
                   but for the airtime of preambles";
    vec![Warning::new("waveform-only-physics", message.into())]
}

/// Errors of the waveform rung's filters below this, relative to a device's signal, are not told.
const WORTH_A_WORD: f64 = 1e-6;

/// Returns the doubts of the waveform rung: prefix and fractional delays.
pub fn of_waveform(experiment: &Experiment) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if !experiment.needs().transmits {
        let message = "the digital baseline takes rates of ideal codes and puts nothing on the air; \
                       the waveform's own physics is not in its figures";
        warnings.push(Warning::new("ideal-codes", message.into()));
        return warnings;
    }
    let ChannelModel::Taps { fading, .. } = &experiment.channel else { return warnings };
    let Some((_, error_db)) = experiment.filter_bank() else { return warnings };
    let numerology = &experiment.numerology;
    let rate = numerology.sample_rate_hz();
    let prefix_samples = numerology.shortest_prefix_samples();
    // A window that cannot be told is refused before anything runs.
    if let Ok(window) = experiment.receive_window()
        && window.interference > WORTH_A_WORD
    {
        let late = match window.latest_s * rate > 1.0 {
            true => format!(", devices up to {:.3e} s late", window.latest_s),
            false => String::new(),
        };
        let message = format!(
            "the shortest prefix is {prefix_samples} samples ({:.3e} s), {} of them taken by the window's advance; \
             the channel's last path comes at {:.3e} s{late}, and filters ring on: interference of {:.1} dB relative to a \
             device's signal",
            prefix_samples as f64 / rate,
            window.advance_samples,
            fading.profile().max_delay_s(),
            db_from_power(window.interference)
        );
        warnings.push(Warning::new("prefix-shorter-than-channel", message));
    }
    warnings.extend(carriers::of_waveform(experiment));
    if error_db > db_from_power(WORTH_A_WORD) {
        let message =
            format!("fractional delays are exact to {error_db:.1} dB only at the edge of the used band");
        warnings.push(Warning::new("fractional-delay-accuracy", message));
    }
    warnings
}

/// Returns the doubts that a finished report raises; `sent_share` is the share of values that were sent.
pub fn after_running(report: &Report, sent_share: f64, digital_bits: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if sent_share < 1.0 - 1e-12 {
        let percent = 100.0 * sent_share;
        if digital_bits {
            let message =
                format!("{percent:.2} % of the values arrived; the others are missing from the estimate");
            warnings.push(Warning::new("digital-outage", message));
        } else {
            let message = format!("{percent:.2} % of the values were sent, scaled up to be unbiased");
            warnings.push(Warning::new("budget-too-small", message));
        }
    }
    if let Some(share) = report.sync_detected_share.filter(|share| *share < 1.0) {
        let percent = 100.0 * share;
        let message =
            format!("devices found {percent:.3} % of the beacons; without one they kept silent for a round");
        warnings.push(Warning::new("beacon-missed", message));
    }
    if let Some(nmse) = &report.metrics.nmse
        && let (Some(mean), Some(low), Some(high)) = (nmse.mean, nmse.low, nmse.high)
        && high - low > 0.2 * mean.abs()
    {
        let message = format!("nmse {mean:.3e} lies in {low:.3e} to {high:.3e}: more trials would help");
        warnings.push(Warning::new("wide-interval", message));
    }
    warnings
}

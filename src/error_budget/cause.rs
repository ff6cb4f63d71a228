//! Causes of error, and which of them an experiment has.

use super::BudgetError;
use crate::experiment::sections::{ImpairmentsSection, RadioPart, SchemeKind};
use crate::experiment::{Experiment, PerDevice};
use crate::medium::spectra::inter_carrier_interference;
use crate::medium::{ChannelModel, WaveformPath};
use crate::report::Fidelity;
use crate::sounding::{KnowledgeConfig, KnowledgeSource};

/// Interference weaker than this, relative to a device's signal, is no cause.
const NEGLIGIBLE: f64 = 1e-8;

/// A cause of error that can be switched off; what the scheme itself leaves cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// What a preamble leaves of the devices' clocks.
    Synchronisation,
    /// Bursts that come early or late.
    Timing,
    /// Offsets of carriers and of the clocks behind samples.
    CarrierOffset,
    /// Residual phases.
    Phase,
    /// Phase noise at either end.
    PhaseNoise,
    /// Errors of channel estimates, their quantisation, and what reciprocity lacks.
    ChannelKnowledge,
    /// What channels change between sounding and use.
    Ageing,
    /// What channels change within a symbol.
    InterCarrierInterference,
    /// What arrives later than the prefix covers.
    InterSymbolInterference,
    /// Images of unbalanced mixers.
    IqImage,
    /// Leakage of carriers.
    DcOffset,
    /// Power amplifiers.
    Amplifier,
    /// The devices' converters: quantisation and clipping.
    Dac,
    /// The server's converter and gain control: quantisation and clipping.
    Adc,
    /// Steps and errors of the devices' powers.
    PowerControl,
    /// Receiver noise.
    Noise,
}

impl Cause {
    /// Returns its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Synchronisation => "synchronisation",
            Self::Timing => "timing",
            Self::CarrierOffset => "carrier-offset",
            Self::Phase => "phase",
            Self::PhaseNoise => "phase-noise",
            Self::ChannelKnowledge => "channel-knowledge",
            Self::Ageing => "ageing",
            Self::InterCarrierInterference => "inter-carrier",
            Self::InterSymbolInterference => "inter-symbol",
            Self::IqImage => "iq-image",
            Self::DcOffset => "dc-offset",
            Self::Amplifier => "amplifier",
            Self::Dac => "dac",
            Self::Adc => "adc",
            Self::PowerControl => "power-control",
            Self::Noise => "noise",
        }
    }

    /// Returns whether it lies in what channels do to samples beyond their frequency responses.
    pub(super) fn is_of_the_channel(self) -> bool {
        matches!(self, Self::InterCarrierInterference | Self::InterSymbolInterference)
    }

    /// Returns whether it acts on the samples of each device.
    pub(super) fn is_of_devices(self) -> bool {
        match self {
            Self::Synchronisation
            | Self::Timing
            | Self::CarrierOffset
            | Self::Phase
            | Self::PhaseNoise
            | Self::IqImage
            | Self::DcOffset
            | Self::Amplifier
            | Self::Dac
            | Self::PowerControl => true,
            Self::ChannelKnowledge
            | Self::Ageing
            | Self::InterCarrierInterference
            | Self::InterSymbolInterference
            | Self::Adc
            | Self::Noise => false,
        }
    }
}

/// Returns the causes that an experiment has at a rung, in the order of [`Cause`].
///
/// # Errors
/// When an impairment is beyond what a front end can do.
pub fn causes(experiment: &Experiment, fidelity: Fidelity) -> Result<Vec<Cause>, BudgetError> {
    let needs = experiment.needs();
    if !needs.transmits {
        return Ok(Vec::new());
    }
    let mut causes = vec![Cause::Noise];
    let config = &experiment.knowledge.config;
    if experiment.is_sounded() && knowledge_errs(config) {
        causes.push(Cause::ChannelKnowledge);
    }
    let moving = max_doppler_hz(experiment) > 0.0;
    if experiment.is_sounded() && moving && (config.age_s > 0.0 || config.pilots().is_some()) {
        causes.push(Cause::Ageing);
    }
    if let SchemeKind::Misaligned(section) = &experiment.scheme.kind {
        let own = [(Cause::Timing, &section.delays_symbols), (Cause::Phase, &section.phases_rad)];
        causes.extend(own.into_iter().filter(|(_, value)| !value.is_zero()).map(|(cause, _)| cause));
    } else if fidelity == Fidelity::Waveform {
        causes.extend(of_clocks(experiment));
        causes.extend(of_radios(experiment));
        causes.extend(of_motion_and_delays(experiment)?);
    }
    causes.sort_unstable();
    Ok(causes)
}

/// Returns the rung at which all that an experiment has acts.
///
/// # Errors
/// When an impairment is beyond what a front end can do.
pub fn fidelity_of(experiment: &Experiment) -> Result<Fidelity, BudgetError> {
    if matches!(experiment.channel, ChannelModel::PerElement { .. }) || experiment.misaligned().is_some() {
        return Ok(Fidelity::Symbol);
    }
    let more = causes(experiment, Fidelity::Waveform)?.len() > causes(experiment, Fidelity::Symbol)?.len();
    Ok(if more { Fidelity::Waveform } else { Fidelity::Symbol })
}

/// Returns the maximum Doppler shift, 0 for channels without paths.
pub(super) fn max_doppler_hz(experiment: &Experiment) -> f64 {
    match &experiment.channel {
        ChannelModel::Taps { fading, .. } => fading.max_doppler_hz(),
        ChannelModel::PerElement { .. } => 0.0,
    }
}

fn knowledge_errs(config: &KnowledgeConfig) -> bool {
    let source = match config.source {
        KnowledgeSource::Imperfect { error } => error > 0.0,
        KnowledgeSource::Estimated(_) => true,
        KnowledgeSource::True => false,
        KnowledgeSource::None => return false,
    };
    source || config.bits.is_some() || config.reciprocity_error_db > 0.0 || config.reciprocity_error_rad > 0.0
}

fn of_clocks(experiment: &Experiment) -> Vec<Cause> {
    let on = |values: &[&PerDevice]| values.iter().any(|value| !value.is_zero());
    let clocks = &experiment.impairments;
    let carrier = on(&[&clocks.cfo_hz, &clocks.oscillator_ppm, &clocks.sample_clock_ppm]);
    let corrected = experiment.sync.is_some();
    [
        (Cause::Synchronisation, corrected),
        (Cause::Timing, !corrected && on(&[&clocks.timing_offset_s])),
        (Cause::CarrierOffset, !corrected && carrier),
        (Cause::Phase, on(&[&clocks.phase_rad])),
    ]
    .into_iter()
    .filter_map(|(cause, is)| is.then_some(cause))
    .collect()
}

fn of_radios(experiment: &Experiment) -> Vec<Cause> {
    let device = |part| experiment.impairments.radio.has(part);
    let either = |part| device(part) || experiment.receiver.has(part);
    [
        (Cause::PhaseNoise, either(RadioPart::PhaseNoise)),
        (Cause::IqImage, either(RadioPart::Image)),
        (Cause::DcOffset, either(RadioPart::Leakage)),
        (Cause::Amplifier, device(RadioPart::Amplifier)),
        (Cause::Dac, device(RadioPart::Converter)),
        (Cause::Adc, experiment.receiver.has(RadioPart::Converter)),
        (Cause::PowerControl, device(RadioPart::PowerControl)),
    ]
    .into_iter()
    .filter_map(|(cause, is)| is.then_some(cause))
    .collect()
}

fn of_motion_and_delays(experiment: &Experiment) -> Result<Vec<Cause>, BudgetError> {
    let mut causes = Vec::new();
    let per_element = matches!(experiment.channel, ChannelModel::PerElement { .. });
    // Summed spectra leave both out.
    if per_element || experiment.waveform_path()? == WaveformPath::SummedSpectra {
        return Ok(causes);
    }
    let useful_s = 1.0 / experiment.numerology.subcarrier_spacing_hz();
    let doppler_hz = max_doppler_hz(experiment);
    if doppler_hz > 0.0 && inter_carrier_interference(doppler_hz, useful_s) > NEGLIGIBLE {
        causes.push(Cause::InterCarrierInterference);
    }
    if can_shorten(experiment) && beyond_the_prefix(experiment)? > NEGLIGIBLE {
        causes.push(Cause::InterSymbolInterference);
    }
    Ok(causes)
}

/// Returns whether delays can be shortened without another draw: those of a profile.
pub(super) fn can_shorten(experiment: &Experiment) -> bool {
    matches!(&experiment.channel, ChannelModel::Taps { fading, .. } if fading.clusters().is_none() && fading.recording().is_none())
}

/// Returns the power that falls outside the receive window with right clocks, relative to a device's signal.
///
/// # Errors
/// When an impairment is beyond what a front end can do.
pub(super) fn beyond_the_prefix(experiment: &Experiment) -> Result<f64, BudgetError> {
    let (impairments, sync) = (ImpairmentsSection::ideal(), None);
    let right = Experiment { impairments, sync, ..experiment.clone() };
    Ok(right.receive_window()?.interference)
}

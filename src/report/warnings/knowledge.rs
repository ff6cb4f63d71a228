//! Doubts about knowledge: channels known so badly that schemes that go by them do harm.

use super::Warning;
use crate::experiment::{Experiment, sections::SchemeKind};
use crate::medium::ChannelModel;
use crate::sounding::KnowledgeSource;

/// Below this share of the channel's power that knowledge explains, it is poor.
const POOR: f64 = 0.5;

/// Returns the doubts about what devices know of their channels, where the scheme goes by it.
pub(super) fn before_running(experiment: &Experiment) -> Vec<Warning> {
    if !experiment.is_sounded() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    // Energies have no phase.
    let phases_count = !matches!(experiment.scheme.kind, SchemeKind::Energy(_));
    let explained = experiment.known.explained_share(phases_count);
    if explained < POOR {
        let message = format!(
            "what devices know explains {:.1} % of the power of their channels, so that inverting it or turning its phase \
             back does more harm than good; {} would help",
            100.0 * explained,
            cures(experiment).join(", ")
        );
        warnings.push(Warning::new("poor-knowledge", message));
    }
    let pilots = experiment.knowledge.config.pilots();
    let interpolated = experiment.knowledge.interpolated_share().filter(|share| *share < POOR);
    if let (Some(pilots), Some(share)) = (pilots, interpolated) {
        let message = format!(
            "between pilots {} subcarriers apart the channel changes so much that interpolation explains {:.1} % of its power \
             at the worst subcarrier, however weak the noise; a smaller pilots.spacing_subcarriers would help, or \
             pilots.estimator = \"mmse\"",
            pilots.spacing_subcarriers,
            100.0 * share
        );
        warnings.push(Warning::new("sparse-pilots", message));
    }
    warnings
}

/// Returns what could make knowledge better, by what is configured to make it worse.
fn cures(experiment: &Experiment) -> Vec<&'static str> {
    let config = &experiment.knowledge.config;
    let moves =
        matches!(&experiment.channel, ChannelModel::Taps { fading, .. } if fading.max_doppler_hz() > 0.0);
    let pilots = config.pilots().is_some();
    let every = [
        (matches!(config.source, KnowledgeSource::Imperfect { .. }), "a smaller link.csi_error"),
        (moves && config.age_s > 0.0, "a shorter link.csi_age_s"),
        (moves && pilots, "a shorter pilots.period_symbols"),
        (pilots, "more or stronger pilots (pilots.symbols, spacing_subcarriers, snr_db)"),
        (config.bits.is_some(), "more link.csi_bits"),
        (config.reciprocity_error_db > 0.0, "a smaller link.reciprocity_error_db"),
        (config.reciprocity_error_rad > 0.0, "a smaller link.reciprocity_error_rad"),
    ];
    every.into_iter().filter(|(applies, _)| *applies).map(|(_, cure)| cure).collect()
}

//! Doubts about recorded channels: how finely they were sampled, how they are scaled, and what is said of knowledge of them.

use super::Warning;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;

/// Returns the doubts about a recording, where channels are one.
pub(super) fn before_running(experiment: &Experiment) -> Vec<Warning> {
    let ChannelModel::Taps { fading, .. } = &experiment.channel else { return Vec::new() };
    let Some((recording, _)) = fading.recording() else { return Vec::new() };
    let mut warnings = Vec::new();
    let moving = fading.max_doppler_hz() > 0.0;
    let (doppler_hz, limit_hz) = (recording.max_doppler_hz(), recording.content_limit_hz());
    let times = recording.extent().times;
    if moving && doppler_hz > limit_hz {
        let message = format!(
            "the recording moves like a Doppler shift of {doppler_hz:.3e} Hz, and of its {times} samples in time, {:.3e} s apart, \
             gains between them are exact for shifts up to {limit_hz:.3e} Hz; more samples, closer to each other, are expected",
            recording.step_s()
        );
        warnings.push(Warning::new("recording-too-coarse", message));
    }
    if experiment.channel_section.recorded.as_ref().is_some_and(|keys| keys.keeps_gains()) {
        let message = "channel.normalise = \"none\" keeps gains as they were recorded: link.snr_db, thresholds and closed forms \
                       speak of unit mean gains";
        warnings.push(Warning::new("recorded-gains-kept", message.into()));
    }
    let config = &experiment.knowledge.config;
    if experiment.is_sounded() && (config.pilots().is_some() || moving && config.age_s > 0.0) {
        let message = "scales and thresholds that follow from how good knowledge is take taps as independent and motion as Jakes', with \
                       the recording's powers and pace";
        warnings.push(Warning::new("recorded-knowledge", message.into()));
    }
    warnings
}

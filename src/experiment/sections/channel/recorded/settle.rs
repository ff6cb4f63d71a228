//! What a recording needs to know of the whole experiment: how long a trial is, and how many there are.

use crate::config::{ConfigError, TableReader};
use crate::experiment::Experiment;
use crate::experiment::sections::Rule;
use crate::medium::ChannelModel;
use airloop_channels::recorded::{RecordingError, TrialSpan};

impl Experiment {
    /// Returns the seconds of channel that a trial needs before its first symbol, for knowledge that is older, and after it.
    pub fn trial_span_s(&self) -> (f64, f64) {
        let samples = self.rounds as f64 * self.round_samples() as f64;
        (self.knowledge.config.age_s, samples / self.numerology.sample_rate_hz())
    }

    /// Tells a recording how long trials are.
    ///
    /// # Errors
    /// When it does not hold what they need.
    pub(in crate::experiment) fn settle_recording(
        &mut self,
        reader: &TableReader<'_>,
    ) -> Result<(), ConfigError> {
        let ((before_s, after_s), rounds) = (self.trial_span_s(), self.rounds as u64);
        let has_eavesdropper = self.privacy.as_ref().is_some_and(|p| p.eavesdropper_noise.is_some());
        let trials = match self.stop.rule {
            Rule::Trials(trials) => trials,
            Rule::HalfWidth { max_trials, .. } | Rule::BlockErrors { max_trials, .. } => max_trials,
        };
        let ChannelModel::Taps { fading, .. } = &mut self.channel else { return Ok(()) };
        fading.set_trial_span(TrialSpan { before_s, after_s, stride: rounds });
        let Some((recording, replay)) = fading.recording() else { return Ok(()) };
        if has_eavesdropper {
            let message = "= \"recorded\" has the channels to the server only, and privacy.eavesdropper_noise_db needs channels to an \
                           eavesdropper; leave it out, or choose a model that draws channels";
            return Err(reader.invalid("model", message));
        }
        // Channels that stand still are taken anew in every round.
        let draws = if fading.max_doppler_hz() > 0.0 { trials } else { trials.saturating_mul(rounds) };
        replay.check(recording, draws).map_err(|error| {
            let (key, cure) = match error {
                RecordingError::StartOutside { .. } => ("start", "channel.start, channel.wrap = true"),
                RecordingError::TooFewTrials { .. } => {
                    ("start", "stop.trials, channel.start = \"random\", channel.wrap = true")
                }
                _ => ("file", "payload.length, rounds, channel.replay_speed, channel.wrap = true"),
            };
            reader.invalid(key, format!("{error} (by {cure})"))
        })
    }
}

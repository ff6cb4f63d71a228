//! What devices' hardware and synchronisation leave, before any plan.

use crate::experiment::Experiment;
use crate::sounding::KnowledgeSource;
use serde::Serialize;

/// What the devices' hardware and synchronisation leave, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Given {
    /// Standard deviation of the devices' oscillators from the server's, in parts per million: carrier and sample clock alike.
    pub oscillator_ppm: Option<f64>,
    /// Rms of the devices' carrier offsets beside what their oscillators do.
    pub cfo_hz: Option<f64>,
    /// Rms of the devices' time offsets when a frame starts.
    pub timing_rms_s: Option<f64>,
    /// Standard deviation of the phase that inversion leaves.
    pub phase_sd_rad: Option<f64>,
    /// Standard deviation of the power error.
    pub power_sd_db: Option<f64>,
    /// Power of the error of channel knowledge, relative to the channel's.
    pub csi_error: Option<f64>,
    /// Age of channel knowledge.
    pub csi_age_s: Option<f64>,
}

impl Given {
    /// Returns what an experiment says of itself: its impairments, and the knowledge of its devices where it is not perfect.
    ///
    /// The error of estimates is that of the best linear use of them at the first pilot, their age the longest of a round.
    pub fn of(experiment: &Experiment) -> Self {
        let some = |x: f64| (x > 0.0).then_some(x);
        let (impairments, knowledge) = (&experiment.impairments, &experiment.knowledge);
        let config = &knowledge.config;
        let error = match &config.source {
            KnowledgeSource::Imperfect { error } => *error,
            KnowledgeSource::Estimated(_) => {
                let statistics = knowledge.statistics(&[(0.0, 1.0)]);
                statistics.elements().iter().map(|e| e.weight * (1.0 - e.cross.norm_sqr() / e.power)).sum()
            }
            _ => 0.0,
        };
        let lags_s = knowledge.lags_s(&experiment.segments());
        let age_s = lags_s.iter().fold(0.0, |age: f64, (lag_s, _)| age.max(lag_s.abs())) + config.age_s;
        Self {
            oscillator_ppm: some(impairments.oscillator_ppm.rms()),
            cfo_hz: some(impairments.cfo_hz.rms()),
            timing_rms_s: some(impairments.timing_offset_s.rms()),
            phase_sd_rad: some(impairments.phase_rad.rms().hypot(config.reciprocity_error_rad)),
            power_sd_db: some(config.reciprocity_error_db),
            csi_error: some(error),
            csi_age_s: some(age_s),
        }
    }

    /// Returns the rms offset of the carriers, in hertz: the oscillators' and what there is beside it.
    pub fn carrier_rms_hz(&self, carrier_hz: f64) -> Option<f64> {
        match (self.oscillator_ppm, self.cfo_hz) {
            (None, None) => None,
            (ppm, cfo_hz) => Some((1e-6 * ppm.unwrap_or(0.0) * carrier_hz).hypot(cfo_hz.unwrap_or(0.0))),
        }
    }

    /// Returns these, with `other` for those that are not known.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            oscillator_ppm: self.oscillator_ppm.or(other.oscillator_ppm),
            cfo_hz: self.cfo_hz.or(other.cfo_hz),
            timing_rms_s: self.timing_rms_s.or(other.timing_rms_s),
            phase_sd_rad: self.phase_sd_rad.or(other.phase_sd_rad),
            power_sd_db: self.power_sd_db.or(other.power_sd_db),
            csi_error: self.csi_error.or(other.csi_error),
            csi_age_s: self.csi_age_s.or(other.csi_age_s),
        }
    }
}

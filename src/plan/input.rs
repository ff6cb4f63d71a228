//! What a plan is made from.

use super::PlanError;
use super::noise::Inversion;
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::sounding::KnowledgeSource;
use crate::theory::Formula;
use airloop_baseband::units::db_from_power;
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

/// What is asked of a plan beside the experiment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Asked {
    /// The target; without it, twice what noise and silent devices leave.
    pub target_nmse_db: Option<f64>,
    /// What there is; it goes before what the experiment says.
    pub given: Given,
}

/// All numbers of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanInput {
    /// The target; without it, twice what noise and silent devices leave.
    pub target_nmse_db: Option<f64>,
    /// Devices that send at once.
    pub devices: usize,
    /// SNR of a resource element of the weakest device at full budget, in decibels.
    pub snr_db: f64,
    /// Passes over the payload.
    pub repetitions: usize,
    /// Rician factor of an element, linear: 0 is Rayleigh, infinity a constant channel.
    pub k_factor: f64,
    /// The experiment's own inversion; without one, the best.
    pub inversion: Option<Inversion>,
    /// Occupied band.
    pub occupied_hz: f64,
    /// Carrier frequency.
    pub carrier_hz: f64,
    /// Maximum Doppler shift.
    pub max_doppler_hz: f64,
    /// Duration of an OFDM symbol with its prefix.
    pub symbol_s: f64,
    /// Duration of a round.
    pub round_s: f64,
    /// What there is.
    pub given: Given,
}

impl PlanInput {
    /// Takes the numbers from an experiment.
    pub fn from_experiment(experiment: &Experiment, asked: &Asked) -> Self {
        let numerology = &experiment.numerology;
        let segments = experiment.segments();
        let max_doppler_hz = match &experiment.channel {
            ChannelModel::Taps { fading, .. } => fading.max_doppler_hz(),
            ChannelModel::PerElement { .. } => 0.0,
        };
        let slot = numerology.slot_symbols();
        let sight = experiment.channel.marginal().line_of_sight_share();
        Self {
            target_nmse_db: asked.target_nmse_db,
            devices: experiment.payload.devices(),
            snr_db: db_from_power(experiment.budget.weakest() / experiment.budget.noise_power),
            repetitions: segments.repetitions(),
            k_factor: sight / (1.0 - sight),
            inversion: match experiment.scheme.kind.formula() {
                Formula::TruncatedInversion { threshold, average_power, scale } => {
                    Some(Inversion { threshold, average_power, scale })
                }
                _ => None,
            },
            occupied_hz: numerology.used() as f64 * numerology.subcarrier_spacing_hz(),
            carrier_hz: experiment.channel_section.carrier_hz,
            max_doppler_hz,
            symbol_s: numerology.duration_s(slot) / slot as f64,
            round_s: numerology.duration_s(segments.symbols()),
            given: asked.given.or(Given::of(experiment)),
        }
    }

    /// Checks every number.
    ///
    /// # Errors
    /// When one is out of range.
    pub fn check(&self) -> Result<(), PlanError> {
        let refuse = |name, value, expected| Err(PlanError::OutOfRange { name, value, expected });
        if let Some(target) = self.target_nmse_db
            && !(-200.0..0.0).contains(&target)
        {
            let expected = "a target from -200 to below 0 dB is expected, for example -15; 0 dB is the error of an estimate of 0";
            return refuse("target_nmse_db", target, expected);
        }
        let positive = [
            ("devices", self.devices as f64),
            ("repetitions", self.repetitions as f64),
            ("occupied_hz", self.occupied_hz),
            ("carrier_hz", self.carrier_hz),
            ("symbol_s", self.symbol_s),
            ("round_s", self.round_s),
        ];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(name, value, "a positive, finite number is expected");
            }
        }
        let given = [
            ("max_doppler_hz", Some(self.max_doppler_hz)),
            ("oscillator_ppm", self.given.oscillator_ppm),
            ("cfo_hz", self.given.cfo_hz),
            ("timing_rms_s", self.given.timing_rms_s),
            ("phase_sd_rad", self.given.phase_sd_rad),
            ("power_sd_db", self.given.power_sd_db),
            ("csi_error", self.given.csi_error),
            ("csi_age_s", self.given.csi_age_s),
        ];
        for (name, value) in given {
            if let Some(value) = value
                && !(value >= 0.0 && value.is_finite())
            {
                return refuse(name, value, "a finite number from 0 is expected");
            }
        }
        if !self.snr_db.is_finite() {
            return refuse("snr_db", self.snr_db, "a finite number of decibels is expected");
        }
        if self.k_factor.is_nan() || self.k_factor < 0.0 {
            return refuse("k_factor", self.k_factor, "a Rician factor from 0 is expected");
        }
        Ok(())
    }
}

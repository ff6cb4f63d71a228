//! What a plan is made from.

use super::noise::Inversion;
use super::{Beacon, Given, PlanError, Weights};
use crate::experiment::Experiment;
use crate::medium::ChannelModel;
use crate::payload::Nomographic;
use crate::run::RunOptions;
use crate::sounding::{KnowledgeModel, config::KnowledgeConfig};
use crate::theory::Formula;
use airloop_baseband::units::db_from_power;
use std::sync::Arc;

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
    /// Name of the experiment's scheme.
    pub scheme: String,
    /// The experiment's own inversion; without one, the best.
    pub inversion: Option<Inversion>,
    /// The NMSE that theory gives the experiment's own scheme where all clocks are right and channels are known; without
    /// one, that of the inversion.
    pub noise_nmse: Option<f64>,
    /// What errors weigh in the payload's NMSE.
    pub weights: Weights,
    /// Mean correlation of two devices' values, of stored payloads.
    pub correlation: Option<f64>,
    /// Occupied band.
    pub occupied_hz: f64,
    /// Carrier frequency.
    pub carrier_hz: f64,
    /// Maximum Doppler shift.
    pub max_doppler_hz: f64,
    /// Duration of an OFDM symbol with its prefix.
    pub symbol_s: f64,
    /// Time from the start of a round, its reference of phase and time, to its first value: beacon, guard and pilots.
    pub lead_s: f64,
    /// Duration of a round's values.
    pub round_s: f64,
    /// What there is, before any beacon.
    pub given: Given,
    /// The beacon by which devices correct their clocks.
    pub beacon: Option<Beacon>,
}

impl PlanInput {
    /// Takes the numbers from an experiment.
    ///
    /// # Errors
    /// When it is none of OFDM, or of a sum or mean.
    pub fn from_experiment(experiment: &Experiment, asked: &Asked) -> Result<Self, PlanError> {
        refuse_unplannable(experiment)?;
        let numerology = &experiment.numerology;
        let segments = experiment.segments();
        let max_doppler_hz = match &experiment.channel {
            ChannelModel::Taps { fading, .. } => fading.max_doppler_hz(),
            ChannelModel::PerElement { .. } => 0.0,
        };
        let slot = numerology.slot_symbols();
        let sight = experiment.channel.marginal().line_of_sight_share();
        let snr = experiment.budget.weakest() / experiment.budget.noise_power;
        let devices_snr = (experiment.payload.devices() * segments.repetitions()) as f64 * snr;
        let inversion = match experiment.scheme.kind.formula() {
            Formula::TruncatedInversion { threshold, average_power, scale } => {
                Some(Inversion { threshold, average_power, scale })
            }
            _ => None,
        };
        let threshold = inversion.unwrap_or(Inversion::best(devices_snr)).threshold;
        let synthetic = experiment.payload.is_synthetic();
        Ok(Self {
            target_nmse_db: asked.target_nmse_db,
            devices: experiment.payload.devices(),
            snr_db: db_from_power(snr),
            repetitions: segments.repetitions(),
            k_factor: sight / (1.0 - sight),
            scheme: experiment.scheme.name.clone(),
            inversion,
            noise_nmse: noise_nmse(experiment)?,
            weights: Weights::of(&experiment.payload),
            correlation: experiment.payload.gram().mean_correlation().filter(|_| !synthetic),
            occupied_hz: numerology.used() as f64 * numerology.subcarrier_spacing_hz(),
            carrier_hz: experiment.channel_section.carrier_hz,
            max_doppler_hz,
            symbol_s: numerology.duration_s(slot) / slot as f64,
            lead_s: numerology.duration_s(experiment.overhead_symbols()),
            round_s: numerology.duration_s(segments.symbols()),
            given: asked.given.or(Given::of(experiment)),
            beacon: Beacon::of(experiment, threshold),
        })
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
            ("weights.independent", self.weights.independent),
            ("weights.noise", self.weights.noise),
        ];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return refuse(name, value, "a positive, finite number is expected");
            }
        }
        let given = [
            ("max_doppler_hz", Some(self.max_doppler_hz)),
            ("lead_s", Some(self.lead_s)),
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

/// Refuses experiments whose error the floors do not speak of.
fn refuse_unplannable(experiment: &Experiment) -> Result<(), PlanError> {
    let refuse = |key, value, why| Err(PlanError::Unplannable { key, value, why });
    if matches!(experiment.scheme.kind.formula(), Formula::Misaligned) {
        let why = "frames of a single carrier have no OFDM symbols, and scheme.delays_symbols and scheme.phases_rad say how far \
                   they are off; airloop run gives their error. A scheme over OFDM is expected, for example truncated-inversion";
        return refuse("scheme.kind", "misaligned", why);
    }
    if experiment.payload.is_majority() {
        let why = "no closed form says what errors of clocks and knowledge do to a vote error rate; airloop run gives it, and \
                   scheme.kind = \"fsk-majority\" needs neither. A \"sum\" or \"mean\" is expected";
        return refuse("payload.function", "majority", why);
    }
    if let Some(mapping) = experiment.payload.mapping() {
        let why = "no closed form says what errors of clocks and knowledge do to a function of the sum; airloop run gives its \
                   error. A \"sum\" or \"mean\" is expected";
        let value = match mapping.function() {
            Nomographic::GeometricMean => "geometric-mean",
            Nomographic::Norm { .. } => "norm",
            Nomographic::LargestByNorm { .. } | Nomographic::LargestByExponentials { .. } => "max",
        };
        return refuse("payload.function", value, why);
    }
    Ok(())
}

/// Returns the NMSE that theory gives a coherent scheme where devices know their channels; nothing where it has no mean.
fn noise_nmse(experiment: &Experiment) -> Result<Option<f64>, PlanError> {
    let coherent = matches!(
        experiment.scheme.kind.formula(),
        Formula::TruncatedInversion { .. }
            | Formula::FullInversion
            | Formula::OptimalPower
            | Formula::FullPower
            | Formula::PhaseOnly { .. }
            | Formula::Cotaf { .. }
    );
    if !coherent {
        return Ok(None);
    }
    let Experiment { channel, numerology, payload, .. } = experiment;
    let knowledge = KnowledgeModel::new(
        KnowledgeConfig::PERFECT,
        channel,
        numerology,
        (payload.devices(), crate::beamforming::Antennas::SINGLE),
    );
    let known = Arc::new(knowledge.statistics(&knowledge.lags_s(&experiment.segments())));
    let perfect = Experiment { knowledge: Arc::new(knowledge), known, ..experiment.clone() };
    let answer = crate::run::theory::ask(&perfect, &RunOptions::default())?;
    Ok(answer.metrics.nmse.and_then(|nmse| nmse.mean))
}

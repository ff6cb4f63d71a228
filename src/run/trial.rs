//! One trial: fresh channels, noise and synthetic payload, one aggregation round.

use super::RunError;
use crate::experiment::{Experiment, sections::SchemeKind};
use crate::medium::{
    ChannelModel, GridGains, Medium, NoiseSource, SymbolMedium, Tally, WaveformConfig, WaveformMedium,
};
use crate::ofdm::Modem;
use crate::report::Fidelity;
use crate::scheme::analog::AnalogPlan;
use crate::scheme::digital::DigitalPlan;
use crate::scheme::full_inversion::FullInversion;
use crate::scheme::full_power::FullPower;
use crate::scheme::optimal_power::OptimalPower;
use crate::scheme::{Account, AnalogRound, DigitalRound, PowerControl, Round};
use airloop_baseband::{Complex32, Purpose, Stream};
use airloop_channels::{AirConfig, EmulatedAir, FilterBank, Link};
use std::sync::Arc;

/// Most OFDM symbols a digital round may take.
const MAX_DIGITAL_SYMBOLS: usize = crate::theory::digital::MAX_SYMBOLS;

/// What all trials of one experiment at one rung share.
pub struct TrialContext<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Symbol or waveform.
    pub fidelity: Fidelity,
    /// Whether the symbol rung takes the waveform rung's noise samples, for paired comparison.
    pub sample_noise: bool,
    /// Whether received grids are kept.
    pub keep_grids: bool,
    /// Factor on the noise power that is drawn (1 but for controls).
    pub noise_factor: f64,
    /// Samples by which every burst comes late at the waveform rung (0 but for controls).
    pub late_samples: u64,
    bank: Option<Arc<FilterBank>>,
    /// Transforms planned once; trials work on copies.
    modem: Modem,
}

/// What one trial gave.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Squared error over squared target, in the payload's units.
    pub nmse: f64,
    /// Squared error of the sum over values and the devices' total mean square: per device of unit power.
    pub mse_per_device: f64,
    /// What was spent.
    pub account: Account,
    /// What the medium measured.
    pub tally: Tally,
}

/// The vectors behind a trial.
#[derive(Clone, Debug)]
pub struct TrialVectors {
    /// Estimate of the sum in unit-power units and sending order.
    pub estimate: Vec<f32>,
    /// The sum itself.
    pub truth: Vec<f32>,
    /// Received grids, when kept.
    pub grids: Option<Vec<Complex32>>,
}

impl<'a> TrialContext<'a> {
    /// Prepares trials of an experiment at a rung.
    ///
    /// # Errors
    /// When the rung cannot run the experiment.
    pub fn new(experiment: &'a Experiment, fidelity: Fidelity) -> Result<Self, RunError> {
        let unsupported = |what: &str| RunError::Unsupported { what: what.into(), fidelity };
        let per_element = matches!(experiment.channel, ChannelModel::PerElement { .. });
        if fidelity == Fidelity::Waveform && per_element {
            return Err(unsupported("channel.fading = \"per-element\", which no impulse response can have,"));
        }
        if fidelity == Fidelity::Theory {
            return Err(unsupported("a simulated trial"));
        }
        let bank = experiment.filter_bank().map(|(bank, _)| Arc::new(bank));
        let advance_samples = bank.as_ref().map_or(0, |bank| bank.precursor_samples());
        let modem = Modem::new(Arc::clone(&experiment.numerology), advance_samples);
        Ok(Self {
            experiment,
            fidelity,
            sample_noise: false,
            keep_grids: false,
            noise_factor: 1.0,
            late_samples: 0,
            bank,
            modem,
        })
    }

    /// Takes the waveform rung's noise samples and keeps grids, so that two rungs can be held against each other.
    #[must_use]
    pub fn paired(mut self) -> Self {
        self.sample_noise = true;
        self.keep_grids = true;
        self
    }

    /// Returns how early the receive window opens.
    pub fn advance_samples(&self) -> usize {
        self.modem.advance_samples()
    }

    /// Runs one trial.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn run(&self, trial: u64) -> Result<Trial, RunError> {
        self.run_with_vectors(trial).map(|(trial, _)| trial)
    }

    /// Runs one trial and returns its vectors too.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn run_with_vectors(&self, trial: u64) -> Result<(Trial, TrialVectors), RunError> {
        let experiment = self.experiment;
        let mut round = begin(experiment, trial);
        let mut medium = self.medium(trial);
        medium.carry(round.as_mut(), experiment.needs())?;
        let outcome = round.finish()?;
        let (mut error, mut target) = (0.0f64, 0.0f64);
        let (unit, offset) = (experiment.payload.unit(), experiment.payload.offset());
        for (estimate, truth) in outcome.estimate.iter().zip(&outcome.truth) {
            let (estimate, truth) = (f64::from(*estimate), f64::from(*truth));
            error += (estimate - truth) * (estimate - truth);
            target += (unit * truth + offset) * (unit * truth + offset);
        }
        // The devices' mean squares sum to the trace: K for unit-power devices.
        let powers = experiment.payload.gram().trace() * experiment.payload.length() as f64;
        let result = Trial {
            nmse: unit * unit * error / target,
            mse_per_device: error / powers,
            account: outcome.account,
            tally: medium.tally(),
        };
        let grids = medium.kept().map(<[Complex32]>::to_vec);
        Ok((result, TrialVectors { estimate: outcome.estimate, truth: outcome.truth, grids }))
    }

    /// Draws the channels of a trial.
    pub fn gains(&self, trial: u64) -> GridGains {
        let e = self.experiment;
        GridGains::draw(&e.channel, Arc::clone(&e.numerology), &e.seeds, trial, e.payload.devices())
    }

    fn medium(&self, trial: u64) -> Box<dyn Medium> {
        let experiment = self.experiment;
        let numerology = Arc::clone(&experiment.numerology);
        let noise_power = experiment.budget.noise_power * self.noise_factor;
        let noise = experiment.seeds.stream(Purpose::Noise, trial, 0);
        let gains = self.gains(trial);
        if self.fidelity == Fidelity::Waveform {
            let air = self.air(trial, noise_power, noise);
            let advance_samples = self.advance_samples();
            let (keep, late_samples) = (self.keep_grids, self.late_samples);
            let config = WaveformConfig { numerology, advance_samples, keep, late_samples };
            return Box::new(WaveformMedium::with_modem(config, self.modem.clone(), gains, air));
        }
        let source = if self.sample_noise {
            let modem = Box::new(self.modem.clone());
            NoiseSource::Samples { stream: noise.substream(0), modem }
        } else {
            NoiseSource::Grid(experiment.seeds.stream(Purpose::Noise, trial, 1))
        };
        let medium = SymbolMedium::new(numerology, gains, source, noise_power);
        Box::new(if self.keep_grids { medium.keeping() } else { medium })
    }

    fn air(&self, trial: u64, noise_power: f64, noise: Stream) -> EmulatedAir {
        let experiment = self.experiment;
        let (ChannelModel::Taps { fading, .. }, Some(bank)) = (&experiment.channel, &self.bank) else {
            unreachable!("channels without taps are refused when the context is made")
        };
        let config = AirConfig {
            sample_rate_hz: experiment.numerology.sample_rate_hz(),
            noise_power,
            origin: self.advance_samples() as u64,
            receive_ports: 1,
        };
        let taps = fading.draw(&experiment.seeds, trial, 0..experiment.payload.devices());
        let link = |(transmit, taps)| Link { transmit, receive: 0, taps, filter: Arc::clone(bank) };
        EmulatedAir::new(config, taps.into_iter().enumerate().map(link).collect(), noise)
    }
}

/// Begins a round of the experiment's scheme.
fn begin(experiment: &Experiment, trial: u64) -> Box<dyn Round> {
    let payload = Arc::clone(&experiment.payload);
    let budget = experiment.budget.clone();
    if let Some(mode) = experiment.digital_mode() {
        let plan = DigitalPlan {
            payload,
            budget,
            mode,
            used: experiment.numerology.used(),
            slot_symbols: experiment.numerology.slot_symbols(),
            max_symbols: MAX_DIGITAL_SYMBOLS,
            seeds: experiment.seeds,
        };
        return Box::new(DigitalRound::new(plan, trial));
    }
    let control: Box<dyn PowerControl> = match &experiment.scheme.kind {
        SchemeKind::TruncatedInversion(scheme) => Box::new(scheme.clone()),
        SchemeKind::OptimalPower => Box::new(OptimalPower::default()),
        SchemeKind::FullPower => Box::new(FullPower),
        SchemeKind::FullInversion | SchemeKind::Digital { .. } => Box::new(FullInversion),
    };
    let plan = AnalogPlan { payload, budget, segments: experiment.segments(), seeds: experiment.seeds };
    Box::new(AnalogRound::new(plan, control, trial))
}

/// Returns the longest digital round, for theory's own count of symbols.
pub fn max_digital_symbols() -> usize {
    MAX_DIGITAL_SYMBOLS
}

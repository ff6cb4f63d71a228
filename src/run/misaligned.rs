//! Misaligned rounds in a trial: their channels, noise and air at both rungs, and what theory says of them.

use super::RunError;
use super::measurement::Measurement;
use super::trial::{Trial, TrialContext, TrialVectors};
use crate::experiment::Experiment;
use crate::experiment::sections::{DELAY_ACCURACY_DB, scheme_keys::misaligned::MisalignedSection};
use crate::medium::Tally;
use crate::misaligned::{
    DeviceCovariance, FrameReceivers, IntervalNoise, MisalignedPlan, MisalignedRound, SymbolAir,
};
use crate::report::{Errors, Fidelity, Metrics};
use crate::scheme::Outcome;
use crate::tensor::NpzWriter;
use crate::theory::Prediction;
use crate::theory::ensemble::Ensemble;
use crate::theory::misaligned as formula;
use airloop_baseband::{Complex32, Purpose};
use airloop_channels::{AirConfig, EmulatedAir, FilterBank, FractionalDelay, Link, Taps, TimeGrid};
use std::sync::Arc;

/// What all misaligned rounds of an experiment share.
pub struct MisalignedRounds<'a> {
    experiment: &'a Experiment,
    section: &'a MisalignedSection,
    covariance: Arc<DeviceCovariance>,
    /// Receivers, where no round needs others.
    ready: Option<Arc<FrameReceivers>>,
}

/// A round that has been carried.
struct Carried {
    outcome: Outcome,
    tally: Tally,
    grids: Option<Vec<Complex32>>,
}

impl<'a> MisalignedRounds<'a> {
    /// Prepares the rounds of an experiment at a rung; `None` when its scheme is another.
    ///
    /// # Errors
    /// When a given delay falls between the samples of the waveform rung, or a receiver cannot be made.
    pub fn new(experiment: &'a Experiment, fidelity: Fidelity) -> Result<Option<Self>, RunError> {
        let Some(section) = experiment.misaligned() else { return Ok(None) };
        if fidelity.makes_samples()
            && let Some(why) = off_grid(experiment)
        {
            let what = format!(
                "{why} (a scheme.oversampling of which it is a multiple, or symbol fidelity, is expected)"
            );
            return Err(RunError::Unsupported { what, fidelity });
        }
        let covariance = Arc::new(DeviceCovariance::of_gram(experiment.payload.gram()));
        let mut rounds = Self { experiment, section, covariance, ready: None };
        if rounds.is_fixed() && fidelity != Fidelity::Theory {
            let plan = rounds.plan(0);
            rounds.ready = Some(Arc::new(plan.receivers(&plan.align(&rounds.gains(0))?)?));
        }
        Ok(Some(rounds))
    }

    /// Returns whether all rounds have the same delays, phases and gains.
    fn is_fixed(&self) -> bool {
        self.section.is_fixed() && self.experiment.channel.marginal().is_constant()
    }

    /// Returns what a round is made of.
    pub fn plan(&self, index: u64) -> MisalignedPlan {
        let (e, section) = (self.experiment, self.section);
        let devices = e.payload.devices();
        MisalignedPlan {
            payload: Arc::clone(&e.payload),
            covariance: Arc::clone(&self.covariance),
            budget: e.budget.clone(),
            delays_symbols: section.delays_symbols(&e.seeds, index, devices),
            phases_rad: section.phases_rad(&e.seeds, index, devices),
            receiver: section.receiver,
            symbols_per_frame: section.symbols_per_frame,
            oversampling: section.oversampling,
        }
    }

    /// Returns the channel gain of each device in a round.
    pub fn gains(&self, index: u64) -> Vec<Complex32> {
        let e = self.experiment;
        let crate::medium::ChannelModel::Taps { fading, .. } = &e.channel else { return Vec::new() };
        let now = TimeGrid { start_s: 0.0, step_s: 0.0, count: 1 };
        // Line of sight and scattering are paths of their own.
        let mut paths = Vec::new();
        let gain = |taps: &Taps| {
            paths.resize(taps.paths(), Complex32::default());
            taps.gains(now, &mut paths);
            paths.iter().sum()
        };
        fading.draw(&e.seeds, index, 0..e.payload.devices()).iter().map(gain).collect()
    }

    /// Adds the delays, phases and gains of a round and what its intervals received to a dump.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn dump(&self, npz: &mut NpzWriter, index: u64, grids: Option<&[Complex32]>) -> Result<(), RunError> {
        let plan = self.plan(index);
        let pairs = |z: &[Complex32]| z.iter().map(|z| [z.re, z.im]).collect::<Vec<[f32; 2]>>();
        let devices = plan.delays_symbols.len();
        npz.f64("delays_symbols", &[devices], &plan.delays_symbols)?;
        npz.f64("phases_rad", &[devices], &plan.phases_rad)?;
        npz.complex64("gains", &[devices, 1, 1], &pairs(&self.gains(index)))?;
        if let Some(grids) = grids {
            let intervals = plan.bank()?.intervals().len();
            npz.complex64("received", &[grids.len() / intervals, intervals], &pairs(grids))?;
        }
        Ok(())
    }

    /// Runs the rounds of one trial.
    ///
    /// # Errors
    /// When a receiver cannot be made or the air refuses.
    pub fn run_with_vectors(
        &self,
        context: &TrialContext<'_>,
        trial: u64,
    ) -> Result<(Trial, TrialVectors), RunError> {
        let mut measured = Measurement::new(self.experiment);
        let mut vectors = TrialVectors { estimate: Vec::new(), truth: Vec::new(), grids: None };
        for index in self.rounds(trial) {
            let Carried { outcome, tally, grids } = self.carry(context, index)?;
            measured.add(index, &outcome, tally)?;
            vectors = TrialVectors { estimate: outcome.estimate, truth: outcome.truth, grids };
        }
        Ok((measured.finish(), vectors))
    }

    fn rounds(&self, trial: u64) -> std::ops::Range<u64> {
        let rounds = self.experiment.rounds as u64;
        trial * rounds..(trial + 1) * rounds
    }

    fn carry(&self, context: &TrialContext<'_>, index: u64) -> Result<Carried, RunError> {
        let plan = self.plan(index);
        let link = plan.align(&self.gains(index))?;
        let receivers = match &self.ready {
            Some(ready) => Arc::clone(ready),
            None => Arc::new(plan.receivers(&link)?),
        };
        let gains = link.gains.clone();
        let mut round = MisalignedRound::with_receivers(&plan, index, link, receivers)?;
        if context.keep_grids {
            round = round.keeping();
        }
        let outcome = if context.fidelity == Fidelity::Waveform {
            round.run_waveform(&mut self.air(context, index))?
        } else {
            let noise_power = plan.budget.noise_power * context.noise_factor;
            let noise = self.interval_noise(context, index);
            round.run(&mut SymbolAir::new(plan.bank()?, gains, noise_power, noise)?)?
        };
        Ok(Carried { outcome, tally: round.tally(), grids: round.kept().map(<[Complex32]>::to_vec) })
    }

    fn interval_noise(&self, context: &TrialContext<'_>, index: u64) -> IntervalNoise {
        let stream = |link| self.experiment.seeds.stream(Purpose::Noise, index, link);
        match context.sample_noise {
            // What the air draws for receive port 0.
            true => IntervalNoise::Samples {
                stream: stream(0).substream(0),
                oversampling: self.section.oversampling,
            },
            false => IntervalNoise::Intervals(stream(1)),
        }
    }

    /// Makes the air of a round: `oversampling` samples a symbol, one flat link a device.
    fn air(&self, context: &TrialContext<'_>, index: u64) -> EmulatedAir {
        let (e, samples) = (self.experiment, self.section.oversampling as f64);
        let sample_rate_hz = samples * e.symbol_rate_hz();
        let (taps, mut filter) = context.links(index);
        if context.late_samples > 0 {
            let late_s =
                vec![context.late_samples as f64 / sample_rate_hz; taps.first().map_or(0, Taps::paths)];
            let design = FractionalDelay::new(e.numerology.occupied_share(), DELAY_ACCURACY_DB);
            filter = Arc::new(FilterBank::new(&late_s, sample_rate_hz, &design));
        }
        let config = AirConfig {
            sample_rate_hz,
            noise_power: e.budget.noise_power * context.noise_factor * samples,
            origin: 0,
            receive_ports: 1,
        };
        let link = |(transmit, taps)| Link { transmit, receive: 0, taps, filter: Arc::clone(&filter) };
        let links = taps.into_iter().enumerate().map(link).collect();
        EmulatedAir::new(config, links, e.seeds.stream(Purpose::Noise, index, 0))
    }

    /// Returns the formula's prediction for what one trial draws; `None` where there is none, or no receiver can be made.
    pub fn predict(&self, trial: u64) -> Option<Prediction> {
        let of = |index: u64| {
            let plan = self.plan(index);
            let link = plan.align(&self.gains(index)).ok()?;
            formula::predict(&plan, &link, index).ok()?
        };
        let rounds: Option<Vec<Prediction>> = self.rounds(trial).map(of).collect();
        rounds.map(|rounds| mean_of(&rounds))
    }

    /// Returns the expected NMSE of the very payloads of a trial, as far as the formula tells them apart.
    ///
    /// # Errors
    /// When a receiver cannot be made or the payload cannot be read.
    pub fn nmse_of_payload(&self, trial: u64) -> Result<Option<f64>, RunError> {
        let mut sum = 0.0;
        for index in self.rounds(trial) {
            let plan = self.plan(index);
            let link = plan.align(&self.gains(index))?;
            let Some(nmse) = formula::nmse_of_payload(&plan, &link, index)? else { return Ok(None) };
            sum += nmse;
        }
        Ok(Some(sum / self.experiment.rounds as f64))
    }
}

/// Returns the mean of the predictions of a trial's rounds, which take as many symbols each.
fn mean_of(rounds: &[Prediction]) -> Prediction {
    let n = rounds.len() as f64;
    let mean = |of: &dyn Fn(&Prediction) -> f64| rounds.iter().map(of).sum::<f64>() / n;
    let error = |of: &dyn Fn(&Prediction) -> Option<f64>| -> Option<f64> {
        rounds.iter().map(of).sum::<Option<f64>>().map(|sum| sum / n)
    };
    let errors = Errors {
        nmse: error(&|p| p.errors.nmse),
        mse_per_device: error(&|p| p.errors.mse_per_device),
        ..Errors::default()
    };
    let symbols = mean(&|p| p.symbols.unwrap_or(0) as f64).round() as usize;
    Prediction {
        errors,
        symbols: Some(symbols),
        active_fraction: mean(&|p| p.active_fraction),
        power_used_mean: mean(&|p| p.power_used_mean),
        receive_snr: error(&|p| p.receive_snr),
        sent_share: mean(&|p| p.sent_share),
    }
}

/// Returns the ensemble values of misaligned rounds: there are some where delays, phases and gains never change.
///
/// # Errors
/// When a receiver cannot be made.
pub fn ensemble(experiment: &Experiment) -> Result<Option<Ensemble>, RunError> {
    let Some(rounds) = MisalignedRounds::new(experiment, Fidelity::Theory)? else { return Ok(None) };
    if !rounds.is_fixed() {
        return Ok(None);
    }
    let plan = rounds.plan(0);
    let prediction = formula::predict(&plan, &plan.align(&rounds.gains(0))?, 0)?;
    Ok(prediction.map(|prediction| Ensemble { metrics: Metrics::exact(&prediction.errors), prediction }))
}

/// Returns which given delay falls between the samples of the waveform rung, if one does.
pub fn off_grid(experiment: &Experiment) -> Option<String> {
    let section = experiment.misaligned()?;
    let (device, delay, nearest) = section.off_grid(experiment.payload.devices())?;
    let q = section.oversampling;
    Some(format!(
        "a delay of {delay} symbols (scheme.delays_symbols, device {device}), which is no multiple of \
         1/scheme.oversampling = 1/{q}, the nearest being {nearest}"
    ))
}

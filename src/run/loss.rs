//! The privacy that the devices of a trial lost, from what receivers really got.

use super::RunError;
use crate::experiment::Experiment;
use crate::medium::Tally;
use crate::privacy::{Meter, PrivacyError, PrivacyRound, Watch};

/// Epsilons of the device that lost most, at the experiment's delta.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Epsilons {
    /// In a round at the server, averaged over rounds.
    pub round: f64,
    /// In all rounds of a trial at the server.
    pub total: f64,
    /// In a round at the eavesdropper, if there is one.
    pub eavesdropper_round: Option<f64>,
    /// In all rounds at the eavesdropper.
    pub eavesdropper_total: Option<f64>,
}

impl Epsilons {
    /// Returns them in the order of the fields.
    pub fn all(&self) -> [Option<f64>; 4] {
        [Some(self.round), Some(self.total), self.eavesdropper_round, self.eavesdropper_total]
    }
}

/// Meters of one trial.
pub struct Losses<'a> {
    experiment: &'a Experiment,
    server: Meter,
    eavesdropper: Option<Meter>,
    rounds: Vec<(f64, Option<f64>)>,
}

impl<'a> Losses<'a> {
    /// Begins a trial; `None` where nothing is metered.
    ///
    /// # Errors
    /// When the meter's settings are out of range.
    pub fn new(experiment: &'a Experiment) -> Result<Option<Self>, RunError> {
        let Some(privacy) = &experiment.privacy else { return Ok(None) };
        let meter = || Meter::new(privacy.delta, experiment.payload.devices());
        let eavesdropper = privacy.eavesdropper_noise.map(|_| meter()).transpose()?;
        Ok(Some(Self { experiment, server: meter()?, eavesdropper, rounds: Vec::new() }))
    }

    /// Counts a round from what was watched and the noise that was measured.
    ///
    /// Passes over the values count as rounds of their own.
    ///
    /// # Errors
    /// When an amplitude is not finite.
    pub fn add(&mut self, watch: &Watch, tally: &Tally) -> Result<(), RunError> {
        let (Some(privacy), payload) = (&self.experiment.privacy, &self.experiment.payload) else {
            return Ok(());
        };
        let noise_power = if tally.noise_count > 0 { tally.noise / tally.noise_count as f64 } else { 0.0 };
        let passes = (self.experiment.segments().repetitions() as f64).sqrt();
        let clip_norm = privacy.clip_norm(payload) * passes;
        let round = |amplitudes, noise_power| PrivacyRound {
            amplitudes,
            clip_norm,
            noise_power,
            neighbours: privacy.neighbours,
        };
        let server = self.server.add(&round(watch.server(), noise_power))?.worst_epsilon();
        let eavesdropper = match (&mut self.eavesdropper, watch.eavesdropper(), privacy.eavesdropper_noise) {
            (Some(meter), Some(amplitudes), Some(factor)) => {
                Some(meter.add(&round(amplitudes, noise_power * factor))?.worst_epsilon())
            }
            _ => None,
        };
        self.rounds.push((server, eavesdropper));
        Ok(())
    }

    /// Ends the trial.
    pub fn finish(&self) -> Epsilons {
        let n = self.rounds.len() as f64;
        let heard: Option<Vec<f64>> = self.rounds.iter().map(|r| r.1).collect();
        Epsilons {
            round: self.rounds.iter().map(|r| r.0).sum::<f64>() / n,
            total: self.server.total().worst_epsilon(),
            eavesdropper_round: heard.filter(|h| !h.is_empty()).map(|h| h.iter().sum::<f64>() / n),
            eavesdropper_total: self.eavesdropper.as_ref().map(|m| m.total().worst_epsilon()),
        }
    }
}

impl From<PrivacyError> for RunError {
    fn from(error: PrivacyError) -> Self {
        Self::Privacy(error)
    }
}

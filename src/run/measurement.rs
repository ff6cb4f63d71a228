//! Measuring: what the rounds of one trial got wrong, in the payload's own units, and what they spent.

use super::RunError;
use super::trial::Trial;
use crate::experiment::Experiment;
use crate::medium::Tally;
use crate::payload::Payload;
use crate::report::Errors;
use crate::scheme::{Account, Outcome};

/// Sums over the rounds of a trial.
pub struct Measurement<'a> {
    experiment: &'a Experiment,
    rounds: Vec<(Errors, Account)>,
    tally: Tally,
    /// Estimate and target summed over rounds, when there are several.
    accumulated: Vec<(f64, f64)>,
}

impl<'a> Measurement<'a> {
    /// Begins a trial.
    pub fn new(experiment: &'a Experiment) -> Self {
        Self { experiment, rounds: Vec::new(), tally: Tally::default(), accumulated: Vec::new() }
    }

    /// Adds a round, whose payload is that of `index`.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn add(&mut self, index: u64, outcome: &Outcome, tally: Tally) -> Result<(), RunError> {
        let errors = self.errors(index, outcome)?;
        self.rounds.push((errors, outcome.account.clone()));
        let overhead_symbols = tally.overhead_symbols;
        self.tally.add(&tally);
        self.tally.overhead_symbols = overhead_symbols;
        Ok(())
    }

    fn errors(&mut self, index: u64, outcome: &Outcome) -> Result<Errors, RunError> {
        let payload = &self.experiment.payload;
        if payload.is_majority() {
            return Ok(vote_errors(payload, index, outcome));
        }
        let (mut error, mut target) = (0.0f64, 0.0f64);
        let (unit, offset) = (payload.unit(), payload.offset());
        for (estimate, truth) in outcome.estimate.iter().zip(&outcome.truth) {
            let (estimate, truth) = (f64::from(*estimate), f64::from(*truth));
            error += (estimate - truth) * (estimate - truth);
            target += (unit * truth + offset) * (unit * truth + offset);
        }
        if self.experiment.rounds > 1 {
            self.accumulated.resize(outcome.estimate.len(), (0.0, 0.0));
            let pairs = outcome.estimate.iter().zip(&outcome.truth);
            for (sum, (estimate, truth)) in self.accumulated.iter_mut().zip(pairs) {
                sum.0 += unit * f64::from(*estimate) + offset;
                sum.1 += unit * f64::from(*truth) + offset;
            }
        }
        // The devices' mean squares sum to the trace: K for unit-power devices.
        let powers = payload.gram().trace() * payload.length() as f64 * payload.round_power(index);
        Ok(Errors {
            nmse: Some(unit * unit * error / target),
            mse_per_device: Some(error / powers),
            ..Errors::default()
        })
    }

    /// Ends the trial: means over its rounds.
    pub fn finish(self) -> Trial {
        let mean = |of: &dyn Fn(&Errors) -> Option<f64>| {
            let values: Option<Vec<f64>> = self.rounds.iter().map(|(e, _)| of(e)).collect();
            values.filter(|v| !v.is_empty()).map(|v| v.iter().sum::<f64>() / v.len() as f64)
        };
        let (error, target) = self.accumulated.iter().fold((0.0, 0.0), |sums, (estimate, target)| {
            (sums.0 + (estimate - target).powi(2), sums.1 + target * target)
        });
        let errors = Errors {
            nmse: mean(&|e| e.nmse),
            mse_per_device: mean(&|e| e.mse_per_device),
            nmse_accumulated: (target > 0.0).then(|| error / target),
            vote_error_rate: mean(&|e| e.vote_error_rate),
            vote_error_rate_truth: mean(&|e| e.vote_error_rate_truth),
        };
        let accounts: Vec<&Account> = self.rounds.iter().map(|(_, account)| account).collect();
        Trial { errors, account: Account::mean(&accounts), tally: self.tally, privacy: None }
    }
}

/// Returns the shares of wrong decisions: against the sign of the sum of votes, and against the drawn truth.
fn vote_errors(payload: &Payload, index: u64, outcome: &Outcome) -> Errors {
    let length = outcome.estimate.len() as f64;
    let mut truth = vec![0.0; outcome.estimate.len()];
    let rate = |reference: &[f32]| {
        outcome.estimate.iter().zip(reference).map(|(s, r)| wrong(*s, *r)).sum::<f64>() / length
    };
    let drawn = payload.drawn_truth(index, 0, &mut truth);
    Errors {
        vote_error_rate: Some(rate(&outcome.truth)),
        vote_error_rate_truth: drawn.then(|| rate(&truth)),
        ..Errors::default()
    }
}

/// Returns 1 for a wrong sign, 0 for the right one, and 1/2 where either is 0.
fn wrong(statistic: f32, reference: f32) -> f64 {
    if statistic == 0.0 || reference == 0.0 {
        return 0.5;
    }
    f64::from(u8::from((statistic > 0.0) != (reference > 0.0)))
}

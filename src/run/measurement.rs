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
    /// Estimates that were clamped before a function mapped them back.
    clamped: usize,
}

/// By how much the estimates of some values are wrong.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deviation {
    /// Sum of squared errors, in unit-power units.
    error: f64,
    /// Sum of the squared targets, in the payload's own units.
    target: f64,
}

impl Deviation {
    /// Measures estimates of sums of unit-power values against the sums themselves.
    pub fn of(payload: &Payload, estimate: &[f32], truth: &[f32]) -> Self {
        let (error, target) = squares(estimate, truth, (payload.unit(), payload.offset()));
        Self { error, target }
    }

    /// Adds that of other values.
    pub fn add(&mut self, other: &Self) {
        self.error += other.error;
        self.target += other.target;
    }

    fn errors(&self, payload: &Payload, powers: f64) -> Errors {
        Errors {
            nmse: defined(payload.unit().powi(2) * self.error / self.target),
            mse_per_device: defined(self.error / powers),
            ..Errors::default()
        }
    }
}

/// Returns the sums of `(estimate - truth)^2` and `(unit truth + offset)^2`, in eight lanes summed in a fixed order.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn squares(estimate: &[f32], truth: &[f32], (unit, offset): (f64, f64)) -> (f64, f64) {
    let (mut errors, mut targets) = ([0.0f64; 8], [0.0f64; 8]);
    let mut add = |l: usize, estimate: f32, truth: f32| {
        let (estimate, truth) = (f64::from(estimate), f64::from(truth));
        let (error, target) = (estimate - truth, unit * truth + offset);
        errors[l] += error * error;
        targets[l] += target * target;
    };
    let ((estimate, e_rest), (truth, t_rest)) = (estimate.as_chunks::<8>(), truth.as_chunks::<8>());
    for (estimate, truth) in estimate.iter().zip(truth) {
        for l in 0..8 {
            add(l, estimate[l], truth[l]);
        }
    }
    e_rest.iter().zip(t_rest).enumerate().for_each(|(l, (estimate, truth))| add(l, *estimate, *truth));
    (errors.iter().sum(), targets.iter().sum())
}

/// Returns the sum of the devices' energies: their mean squares sum to the trace, K for unit-power devices.
fn sum_of_powers(payload: &Payload, index: u64) -> f64 {
    payload.gram().trace() * payload.length() as f64 * payload.round_power(index)
}

impl<'a> Measurement<'a> {
    /// Begins a trial.
    pub fn new(experiment: &'a Experiment) -> Self {
        Self { experiment, rounds: Vec::new(), tally: Tally::default(), accumulated: Vec::new(), clamped: 0 }
    }

    /// Adds a round, whose payload is that of `index`.
    ///
    /// # Errors
    /// When the payload cannot be read.
    pub fn add(&mut self, index: u64, outcome: &Outcome, tally: Tally) -> Result<(), RunError> {
        let errors = self.errors(index, outcome)?;
        self.rounds.push((errors, outcome.account.clone()));
        self.add_tally(&tally);
        Ok(())
    }

    fn errors(&mut self, index: u64, outcome: &Outcome) -> Result<Errors, RunError> {
        let payload = &self.experiment.payload;
        if payload.is_majority() {
            return Ok(vote_errors(payload, index, outcome));
        }
        let powers = sum_of_powers(payload, index);
        if let Some(mapping) = payload.mapping() {
            let targets = payload.targets(index, &outcome.truth)?;
            let sum_error: f64 = outcome.estimate.iter().zip(&outcome.truth).map(square_of_difference).sum();
            let estimates: Vec<f64> =
                outcome.estimate.iter().map(|s| payload.aggregate((*s).into())).collect();
            let sum = |estimate: &&f32| payload.unit() * f64::from(**estimate) + payload.offset();
            self.clamped += outcome.estimate.iter().filter(|s| mapping.clamps(sum(s))).count();
            self.accumulate(estimates.iter().copied().zip(targets.iter().copied()));
            let error: f64 = estimates.iter().zip(&targets).map(|(e, t)| (e - t).powi(2)).sum();
            let energy: f64 = targets.iter().map(|t| t * t).sum();
            let (nmse, mse_per_device) = (Some(error / energy), Some(sum_error / powers));
            return Ok(Errors { nmse, mse_per_device, ..Errors::default() });
        }
        let (unit, offset) = (payload.unit(), payload.offset());
        let deviation = Deviation::of(payload, &outcome.estimate, &outcome.truth);
        let own = |value: &f32| unit * f64::from(*value) + offset;
        self.accumulate(outcome.estimate.iter().map(own).zip(outcome.truth.iter().map(own)));
        Ok(deviation.errors(payload, powers))
    }

    /// Adds a round of linear values whose parts have been measured.
    pub fn add_parts(&mut self, index: u64, deviation: Deviation, (account, tally): (Account, Tally)) {
        let payload = &self.experiment.payload;
        let powers = sum_of_powers(payload, index);
        self.rounds.push((deviation.errors(payload, powers), account));
        self.add_tally(&tally);
    }

    fn add_tally(&mut self, tally: &Tally) {
        self.tally.add(tally);
        self.tally.overhead_symbols = tally.overhead_symbols;
    }

    /// Adds estimates and targets to the sums over rounds.
    fn accumulate(&mut self, pairs: impl ExactSizeIterator<Item = (f64, f64)>) {
        if self.experiment.rounds > 1 {
            self.accumulated.resize(pairs.len(), (0.0, 0.0));
            for (sum, (estimate, truth)) in self.accumulated.iter_mut().zip(pairs) {
                sum.0 += estimate;
                sum.1 += truth;
            }
        }
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
        let values = (self.experiment.payload.length() * self.rounds.len()) as f64;
        let clamped_share = self.clamped as f64 / values;
        Trial { errors, account: Account::mean(&accounts), tally: self.tally, privacy: None, clamped_share }
    }
}

/// Returns an error that is related to something; of values that are zero, or cancel, there is none.
fn defined(error: f64) -> Option<f64> {
    error.is_finite().then_some(error)
}

fn square_of_difference((estimate, truth): (&f32, &f32)) -> f64 {
    (f64::from(*estimate) - f64::from(*truth)).powi(2)
}

/// Returns the shares of wrong decisions: against the sign of the sum of votes, and against the drawn truth.
fn vote_errors(payload: &Payload, index: u64, outcome: &Outcome) -> Errors {
    let length = outcome.estimate.len() as f64;
    let mut truth = vec![0.0; outcome.estimate.len()];
    let rate = |reference: &[f32]| halves_wrong(&outcome.estimate, reference) as f64 / (2.0 * length);
    let drawn = payload.drawn_truth(index, 0, &mut truth);
    Errors {
        vote_error_rate: Some(rate(&outcome.truth)),
        vote_error_rate_truth: drawn.then(|| rate(&truth)),
        ..Errors::default()
    }
}

/// Counts wrong decisions twice, and decisions of which the statistic or the reference is 0 once.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn halves_wrong(statistic: &[f32], reference: &[f32]) -> u64 {
    let halves = |(s, r): (&f32, &f32)| {
        let tie = u32::from(*s == 0.0) | u32::from(*r == 0.0);
        2 * (u32::from((*s > 0.0) != (*r > 0.0)) & (1 - tie)) + tie
    };
    let parts = statistic.chunks(4096).zip(reference.chunks(4096));
    parts.map(|(s, r)| u64::from(s.iter().zip(r).map(halves).sum::<u32>())).sum()
}

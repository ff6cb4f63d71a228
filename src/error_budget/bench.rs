//! The bench: errors of trials with some causes off, each set run once.

use super::cause::Cause;
use super::switch::Switch;
use super::{BudgetError, BudgetMetric};
use crate::config::Node;
use crate::experiment::sections::Rule;
use crate::experiment::{Experiment, Loader};
use crate::medium::WaveformPath;
use crate::report::Fidelity;
use crate::run::{RunError, RunOptions, TrialContext};
use airloop_baseband::Accumulator;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Trials handed out at once.
const BATCH: u64 = 64;

/// Runs an experiment without some of its causes, and keeps the errors of trials.
pub(super) struct Bench<'a> {
    switch: Switch<'a>,
    whole: &'a Experiment,
    fidelity: Fidelity,
    metric: BudgetMetric,
    options: &'a RunOptions<'a>,
    trials: u64,
    done: u64,
    /// Runs that are expected of all causes.
    runs: u64,
    kept: HashMap<(Vec<Cause>, Air), Arc<Vec<f64>>>,
}

/// How samples cross the air of the waveform rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Air {
    /// As the experiment has it.
    Own,
    /// Each device's samples through their own filter.
    PerSample,
    /// By summed spectra, which leave out motion within a symbol and delays beyond the prefix, on the same channels: for devices
    /// that get nothing wrong.
    Summed,
}

impl<'a> Bench<'a> {
    /// Makes a bench for so many causes.
    pub fn new(
        written: (&'a Node, &'a Loader<'a>),
        whole: &'a Experiment,
        (fidelity, metric): (Fidelity, BudgetMetric),
        causes: usize,
        options: &'a RunOptions<'a>,
    ) -> Self {
        let runs = match causes {
            0 => 1,
            1 => 2,
            2 => 4,
            more => 2 * more as u64 + 2,
        };
        let (trials, done, kept) = (0, 0, HashMap::new());
        let switch = Switch::new(written, whole);
        Self { switch, whole, fidelity, metric, options, trials, done, runs, kept }
    }

    /// Runs the whole experiment as its stop rule says; all other runs take as many trials.
    pub fn total(&mut self) -> Result<Arc<Vec<f64>>, BudgetError> {
        let context = TrialContext::new(self.whole, self.fidelity)?;
        let stop = &self.whole.stop;
        let mut errors = Vec::new();
        for judgement in stop.judgements() {
            self.trials = judgement;
            errors.extend(self.run(&context, errors.len() as u64..judgement)?);
            if let Rule::HalfWidth { relative_half_width, .. } = stop.rule {
                let mut sum = Accumulator::new(stop.level);
                errors.iter().for_each(|error| sum.push(*error));
                let e = sum.estimate();
                if let (Some(mean), Some(low), Some(high)) = (e.mean, e.low, e.high)
                    && high - low <= 2.0 * relative_half_width * mean.abs()
                {
                    break;
                }
            }
        }
        let errors = Arc::new(errors);
        self.kept.insert((Vec::new(), Air::Own), Arc::clone(&errors));
        Ok(errors)
    }

    /// Returns the experiment without the causes `off`.
    pub fn left(&mut self, off: &BTreeSet<Cause>) -> Result<Experiment, BudgetError> {
        self.switch.without(off)
    }

    /// Returns the errors without the causes `off`.
    pub fn without(&mut self, off: &BTreeSet<Cause>, air: Air) -> Result<Arc<Vec<f64>>, BudgetError> {
        let key = (off.iter().copied().collect::<Vec<Cause>>(), air);
        if let Some(errors) = self.kept.get(&key) {
            return Ok(Arc::clone(errors));
        }
        let left = self.switch.without(off)?;
        let mut context = TrialContext::new(&left, self.fidelity)?;
        if off.contains(&Cause::Noise) {
            context.noise_factor = 0.0;
        }
        match air {
            Air::Own => {}
            Air::PerSample => context.path = WaveformPath::PerSample,
            Air::Summed => context.path = WaveformPath::SummedSpectra,
        }
        let errors = Arc::new(self.run(&context, 0..self.trials)?);
        self.kept.insert(key, Arc::clone(&errors));
        Ok(errors)
    }

    fn run(&mut self, context: &TrialContext<'_>, trials: Range<u64>) -> Result<Vec<f64>, BudgetError> {
        let mut errors = Vec::with_capacity((trials.end - trials.start) as usize);
        let mut next = trials.start;
        while next < trials.end {
            if self.options.interrupted.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted.into());
            }
            let end = (next + BATCH).min(trials.end);
            let batch: Result<Vec<f64>, RunError> = (next..end)
                .into_par_iter()
                .map(|trial| Ok(self.metric.value(&context.run(trial)?.errors)))
                .collect();
            errors.extend(batch?);
            self.done += end - next;
            next = end;
            (self.options.progress)(self.done, self.done.max(self.runs * self.trials));
        }
        Ok(errors)
    }
}

//! Trials against predictions, with more trials until a control is seen.

use super::control::{Fault, noise_factor};
use super::law::{Law, Z_LIMIT, ZScore};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::RunError;
use crate::run::trial::TrialContext;
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::db_from_power;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trials first tried, and most tried until the control is seen.
pub(super) const TRIALS: (u64, u64) = (64, 4096);

/// Fewer expected errors than this tell too little of their own spread.
const FEW: f64 = 100.0;

/// What differences are relative to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Relative {
    /// The prediction of the same trial.
    EachPrediction,
    /// The mean prediction, of rates at which so many decisions of a trial are wrong: single ones come close to 0.
    MeanPrediction { decisions: usize },
}

/// What trials of the symbol rung are held against.
pub(super) struct Comparison<'a, P> {
    pub experiment: &'a Experiment,
    /// What is expected of a trial; `None` where there is no formula.
    pub predicted: P,
    pub relative: Relative,
    pub interrupted: &'a AtomicBool,
}

/// A law with the simulated and expected errors of its trials.
pub(super) type Compared = (Law, Vec<(f64, f64)>);

impl<P: Fn(&TrialContext<'_>, u64) -> Result<Option<f64>, RunError> + Sync> Comparison<'_, P> {
    /// Runs trials, doubling their number until the control is seen; `None` where there is no formula.
    pub fn run(&self) -> Result<Option<Compared>, RunError> {
        let context = TrialContext::new(self.experiment, Fidelity::Symbol)?;
        let mut control = TrialContext::new(self.experiment, Fidelity::Symbol)?;
        let mut pairs: Vec<(f64, f64)> = Vec::new();
        let first = self.all(0..TRIALS.0, |trial| self.pair(&context, trial))?;
        for pair in first {
            let Some(pair) = pair else { return Ok(None) };
            pairs.push(pair);
        }
        let factor = self.noise_factor(&pairs)?;
        control.noise_factor = factor.unwrap_or(1.0);
        let mut off = self.all(0..TRIALS.0, |trial| Ok(control.run(trial)?.errors.leading()))?;
        loop {
            let trials = pairs.len() as u64;
            let law = self.differences(pairs.iter().copied());
            let least = self.least_standard_error(&pairs);
            let seen = self.differences(off.iter().zip(&pairs).map(|(off, pair)| (*off, pair.1)));
            let seen_z = z_over(&seen, least);
            if factor.is_none() || seen_z.abs() > 1.5 * Z_LIMIT || trials >= TRIALS.1 {
                let fault = Fault {
                    noise_db: db_from_power(control.noise_factor),
                    moves: "error",
                    moved_db: db_from_power((1.0 + seen.mean) / (1.0 + law.mean)),
                };
                let z =
                    ZScore { z: z_over(&law, least), control: seen_z, fault, difference: law.mean, trials };
                return Ok(Some((Law::ZScore(z), pairs)));
            }
            let next = trials..2 * trials;
            pairs.extend(self.all(next.clone(), |trial| self.pair(&context, trial))?.into_iter().flatten());
            off.extend(self.all(next, |trial| Ok(control.run(trial)?.errors.leading()))?);
        }
    }

    fn pair(&self, context: &TrialContext<'_>, trial: u64) -> Result<Option<(f64, f64)>, RunError> {
        let Some(expected) = (self.predicted)(context, trial)? else { return Ok(None) };
        Ok(Some((context.run(trial)?.errors.leading(), expected)))
    }

    /// Returns the factor on the noise that moves the error of the first trials, on the same draws.
    fn noise_factor(&self, pairs: &[(f64, f64)]) -> Result<Option<f64>, RunError> {
        let mean = Moments::of(pairs.iter().map(|p| p.1)).mean;
        let over = |pair: &(f64, f64)| match self.relative {
            Relative::EachPrediction => pair.1,
            Relative::MeanPrediction { .. } => mean,
        };
        noise_factor(|factor| {
            if factor == 1.0 {
                return Ok(Moments::of(pairs.iter().map(|p| p.0 / over(p))).mean);
            }
            let mut context = TrialContext::new(self.experiment, Fidelity::Symbol)?;
            context.noise_factor = factor;
            let errors = self.all(0..pairs.len() as u64, |t| Ok(context.run(t)?.errors.leading()))?;
            Ok(Moments::of(errors.iter().zip(pairs).map(|(e, p)| e / over(p))).mean)
        })
    }

    /// Returns the least standard error that differences can have: of few errors, that of counting them.
    ///
    /// ```text
    /// 1/sqrt(expected)   up to 100 expected errors
    /// ```
    ///
    /// Where no error is among the trials, the differences alone would show none.
    fn least_standard_error(&self, pairs: &[(f64, f64)]) -> f64 {
        let Relative::MeanPrediction { decisions } = self.relative else { return 0.0 };
        let expected = pairs.iter().map(|p| p.1).sum::<f64>() * decisions as f64;
        if expected < FEW { expected.sqrt().recip() } else { 0.0 }
    }

    fn differences(&self, pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Moments {
        match self.relative {
            Relative::EachPrediction => Moments::of(pairs.map(|(s, t)| s / t - 1.0)),
            Relative::MeanPrediction { .. } => {
                let mean = Moments::of(pairs.clone().map(|p| p.1)).mean;
                Moments::of(pairs.map(|(s, t)| (s - t) / mean))
            }
        }
    }

    fn all<T: Send>(
        &self,
        trials: std::ops::Range<u64>,
        of: impl Fn(u64) -> Result<T, RunError> + Sync,
    ) -> Result<Vec<T>, RunError> {
        let of = |trial| {
            if self.interrupted.load(Ordering::Relaxed) { Err(RunError::Interrupted) } else { of(trial) }
        };
        trials.into_par_iter().map(of).collect()
    }
}

/// Relative differences below this are rounding, not statistics.
const ROUNDING: f64 = 1e-9;

/// Returns a mean in standard errors.
pub(super) fn z_of(moments: &Moments) -> f64 {
    z_over(moments, 0.0)
}

/// Returns a mean in standard errors, which are at least of some size.
fn z_over(moments: &Moments, least: f64) -> f64 {
    if moments.mean.abs() < ROUNDING { 0.0 } else { moments.mean / moments.standard_error().max(least) }
}

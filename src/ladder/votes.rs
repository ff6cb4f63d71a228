//! The law of majority votes: error rates against their formula, given the channels where there is such, else over all trials.

use super::comparison::{Comparison, Relative};
use super::effect::Effect;
use super::law::{Law, symbol_effect};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::RunError;
use crate::run::theory::predict;
use crate::run::trial::TrialContext;
use crate::theory::ensemble::ensemble;
use std::sync::atomic::AtomicBool;

/// Holds the symbol rung's vote error rate against theory.
///
/// Where the channels and votes of a trial decide the probability of every error, each trial is compared with its own
/// prediction; elsewhere the mean over trials with the ensemble's value.
///
/// # Errors
/// When the experiment cannot be run.
pub fn votes_against_theory(
    experiment: &Experiment,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let setting = experiment.setting();
    let given = |context: &TrialContext<'_>, trial: u64| {
        predict(context, &setting, trial).and_then(|p| p.errors.vote_error_rate)
    };
    let conditional = given(&TrialContext::new(experiment, Fidelity::Symbol)?, 0).is_some();
    let over_all = match conditional {
        true => None,
        false => ensemble(&setting).and_then(|e| e.prediction.errors.vote_error_rate),
    };
    let predicted = |context: &TrialContext<'_>, trial: u64| -> Result<Option<f64>, RunError> {
        Ok(if conditional { given(context, trial) } else { over_all })
    };
    let relative = Relative::MeanPrediction { decisions: experiment.payload.length() * experiment.rounds };
    let comparison = Comparison { experiment, predicted, relative, interrupted };
    let Some((law, pairs)) = comparison.run()? else { return Ok((Law::no_formula(), None)) };
    Ok((law, symbol_effect(experiment, &pairs)?))
}

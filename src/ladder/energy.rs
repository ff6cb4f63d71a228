//! The law of energy aggregation: the symbol rung against the formula for each trial's channels and payload.

use super::comparison::{Comparison, Relative};
use super::effect::Effect;
use super::law::{Law, symbol_effect};
use crate::experiment::Experiment;
use crate::run::RunError;
use crate::run::energy::predict;
use crate::run::trial::TrialContext;
use crate::theory::energy::EnergyFormula;
use std::sync::atomic::AtomicBool;

/// Holds the NMSE of trials against its formula, in which only phases and noise are random.
///
/// # Errors
/// When the experiment cannot be run, or the user interrupts.
pub fn energy_against_theory(
    experiment: &Experiment,
    formula: EnergyFormula,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let setting = experiment.setting();
    let predicted = |context: &TrialContext<'_>, trial: u64| -> Result<Option<f64>, RunError> {
        Ok(Some(predict(context, (&setting, formula), trial)?.errors.leading()))
    };
    let comparison = Comparison { experiment, predicted, relative: Relative::EachPrediction, interrupted };
    let Some((law, pairs)) = comparison.run()? else { return Ok((Law::no_formula(), None)) };
    Ok((law, symbol_effect(experiment, &pairs)?))
}

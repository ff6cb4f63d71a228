//! The law of energy aggregation: the symbol rung against the formula for each trial's channels and payload.

use super::effect::Effect;
use super::law::{Fault, Law, TRIALS, Z_LIMIT, ZScore, symbol_effect, z_of};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::RunError;
use crate::run::energy::predict;
use crate::run::trial::TrialContext;
use crate::theory::energy::EnergyFormula;
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::power_from_db;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far the control's received power is off. The noise, which other laws put off, hardly shows beside what random phases
/// leave.
pub const GAIN_CONTROL_DB: f64 = 0.5;

/// Holds the NMSE of trials against its formula, in which only phases and noise are random; the control is the formula for a
/// power that arrives [`GAIN_CONTROL_DB`] stronger than the server takes it for.
///
/// # Errors
/// When the experiment cannot be run, or the user interrupts.
pub fn energy_against_theory(
    experiment: &Experiment,
    formula: EnergyFormula,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let setting = experiment.setting();
    let of = |trial: u64| -> Result<[f64; 3], RunError> {
        let predicted = |gain: f64| -> Result<f64, RunError> {
            Ok(predict(&context, (&setting, formula), trial, gain)?.errors.leading())
        };
        Ok([
            context.run(trial)?.errors.leading(),
            predicted(1.0)?,
            predicted(power_from_db(GAIN_CONTROL_DB))?,
        ])
    };
    let mut all: Vec<[f64; 3]> = Vec::new();
    let mut trials = TRIALS.0;
    loop {
        let batch: Result<Vec<_>, RunError> = (all.len() as u64..trials).into_par_iter().map(of).collect();
        all.extend(batch?);
        if interrupted.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let relative = |of: usize| Moments::of(all.iter().map(|t| t[0] / t[of] - 1.0));
        let (law, control) = (relative(1), z_of(&relative(2)));
        if control.abs() > 1.5 * Z_LIMIT || trials >= TRIALS.1 {
            let z = ZScore {
                z: z_of(&law),
                control,
                fault: Fault::GainDb(GAIN_CONTROL_DB),
                difference: law.mean,
                trials,
            };
            let pairs: Vec<(f64, f64)> = all.iter().map(|t| (t[0], t[1])).collect();
            return Ok((Law::ZScore(z), symbol_effect(experiment, &pairs)?));
        }
        trials *= 2;
    }
}

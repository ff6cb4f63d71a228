//! The law of majority votes: error rates against their formula, given the channels where there is such, else over all trials.

use super::effect::Effect;
use super::law::{Fault, Law, Z_LIMIT, ZScore, symbol_effect, z_of};
use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::RunError;
use crate::run::theory::predict;
use crate::run::trial::TrialContext;
use crate::theory::ensemble::ensemble;
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::{db_from_power, power_from_db};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far the control's noise is off for schemes that align.
const CONTROL_DB: f64 = 3.0;

/// Trials first tried, and most tried until the control is seen.
const TRIALS: (u64, u64) = (64, 4096);

/// Holds the symbol rung's vote error rate against theory.
///
/// Where the channels and votes of a trial decide the probability of every error, each trial is compared with its own
/// prediction; elsewhere the mean over trials with the ensemble's value ([`ensemble_law`]).
///
/// # Errors
/// When the experiment cannot be run.
pub fn votes_against_theory(
    experiment: &Experiment,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let setting = experiment.setting();
    let predicted = |trial: u64| predict(&context, &setting, trial).and_then(|p| p.errors.vote_error_rate);
    if predicted(0).is_none() {
        return ensemble_law(experiment, interrupted);
    }
    law(experiment, power_from_db(CONTROL_DB), &predicted, interrupted)
}

/// Holds the mean of the symbol rung's vote error rate against the ensemble's value.
///
/// The control's noise is 3 dB up, and at least as strong as the signals of all devices together: errors of non-coherent
/// votes come from the devices that vote the other way far more than from noise.
///
/// # Errors
/// When the experiment cannot be run.
pub fn ensemble_law(
    experiment: &Experiment,
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let rate = ensemble(&experiment.setting()).and_then(|e| e.prediction.errors.vote_error_rate);
    if rate.is_none() {
        return Ok((Law::NotApplicable("there is no formula for this combination".into()), None));
    }
    let all: f64 = experiment.budget.power.iter().sum();
    let factor = power_from_db(CONTROL_DB).max(all / experiment.budget.noise_power);
    law(experiment, factor, &|_| rate, interrupted)
}

/// Compares trials with predictions: differences over the mean prediction, since single ones come close to 0.
fn law(
    experiment: &Experiment,
    noise_factor: f64,
    predicted: &(dyn Fn(u64) -> Option<f64> + Sync),
    interrupted: &AtomicBool,
) -> Result<(Law, Option<Effect>), RunError> {
    let context = TrialContext::new(experiment, Fidelity::Symbol)?;
    let mut control = TrialContext::new(experiment, Fidelity::Symbol)?;
    control.noise_factor = noise_factor;
    let mut found: Vec<[f64; 3]> = Vec::new();
    let mut trials = TRIALS.0;
    loop {
        let of = |trial: u64| -> Result<[f64; 3], RunError> {
            let expected = predicted(trial).unwrap_or(f64::NAN);
            Ok([context.run(trial)?.errors.leading(), expected, control.run(trial)?.errors.leading()])
        };
        let batch: Result<Vec<_>, RunError> = (found.len() as u64..trials).into_par_iter().map(of).collect();
        found.extend(batch?);
        if interrupted.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        let mean = Moments::of(found.iter().map(|f| f[1])).mean;
        let difference = Moments::of(found.iter().map(|f| (f[0] - f[1]) / mean));
        let control = z_of(&Moments::of(found.iter().map(|f| (f[2] - f[1]) / mean)));
        if control.abs() > 1.5 * Z_LIMIT || trials >= TRIALS.1 {
            let z = ZScore {
                z: z_of(&difference),
                control,
                fault: Fault::NoiseDb(db_from_power(noise_factor)),
                difference: difference.mean,
                trials,
            };
            let pairs: Vec<(f64, f64)> = found.iter().map(|f| (f[0], f[1])).collect();
            return Ok((Law::ZScore(z), symbol_effect(experiment, &pairs)?));
        }
        trials *= 2;
    }
}

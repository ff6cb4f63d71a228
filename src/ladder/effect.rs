//! Effects: what a rung's physics costs, with an interval, on the same draws.

use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::RunError;
use crate::run::trial::TrialContext;
use airloop_baseband::special::student_t_quantile;
use airloop_baseband::statistics::Moments;
use airloop_baseband::units::db_from_power;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

/// Trials of a paired effect.
const TRIALS: u64 = 128;

/// Level of the interval.
const LEVEL: f64 = 0.95;

/// A ratio of errors in decibels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// Ratio of mean errors.
    pub db: f64,
    /// Lower end of the 95 % interval.
    pub low_db: f64,
    /// Upper end.
    pub high_db: f64,
    /// Trials.
    pub trials: u64,
}

/// Returns the ratio of means of paired values, with its interval by the linearised ratio.
///
/// ```text
/// R = sum a / sum b,   standard error of R = sd(a - R b) / (sqrt(n) mean b)
/// ```
pub fn paired_effect(pairs: &[(f64, f64)]) -> Effect {
    let a = Moments::of(pairs.iter().map(|p| p.0));
    let b = Moments::of(pairs.iter().map(|p| p.1));
    let ratio = a.mean / b.mean;
    let rest = Moments::of(pairs.iter().map(|p| p.0 - ratio * p.1));
    let t = student_t_quantile(0.5 + LEVEL / 2.0, (pairs.len().max(2) - 1) as f64);
    let half = t * rest.standard_error() / b.mean;
    Effect {
        db: db_from_power(ratio),
        low_db: db_from_power((ratio - half).max(f64::MIN_POSITIVE)),
        high_db: db_from_power(ratio + half),
        trials: pairs.len() as u64,
    }
}

/// Measures the waveform's error over the symbol's on the same channels, payload and noise samples.
///
/// Where the mean does not exist, the errors are related trial by trial: the mean of their ratio in decibels.
///
/// # Errors
/// When the experiment cannot be run.
pub fn waveform_over_symbol(experiment: &Experiment, interrupted: &AtomicBool) -> Result<Effect, RunError> {
    let symbol = TrialContext::new(experiment, Fidelity::Symbol)?.paired();
    let waveform = TrialContext::new(experiment, Fidelity::Waveform)?.paired();
    let pair = |trial: u64| -> Result<(f64, f64), RunError> {
        if interrupted.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        Ok((waveform.run(trial)?.errors.leading(), symbol.run(trial)?.errors.leading()))
    };
    let pairs: Result<Vec<(f64, f64)>, RunError> = (0..TRIALS).into_par_iter().map(pair).collect();
    let pairs = pairs?;
    if experiment.mean_exists() {
        return Ok(paired_effect(&pairs));
    }
    let db = Moments::of(pairs.iter().map(|(a, b)| db_from_power(a / b)));
    let half = student_t_quantile(0.5 + LEVEL / 2.0, (TRIALS - 1) as f64) * db.standard_error();
    Ok(Effect { db: db.mean, low_db: db.mean - half, high_db: db.mean + half, trials: TRIALS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_ratio_has_no_width() {
        let pairs: Vec<(f64, f64)> = (1..50).map(|i| (2.0 * f64::from(i), f64::from(i))).collect();
        let effect = paired_effect(&pairs);
        assert!((effect.db - 10.0 * 2f64.log10()).abs() < 1e-12);
        assert!(effect.high_db - effect.low_db < 1e-9);
    }
}

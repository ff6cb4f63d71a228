//! Doubts about message passing: more to recover than the measurements allow.

use super::Warning;
use crate::experiment::{Experiment, sections::SchemeKind};
use crate::payload::source::Distribution;
use crate::scheme::Recovered;
use crate::scheme::sparse_analog::SparseAnalog;
use crate::sparse::{most_nonzeros, sparsity_limit};

const CODE: &str = "amp-outside-region";

/// Returns the doubt that is known before running: entries that the devices are sure to keep between them.
///
/// Independent synthetic values are kept at independent places, so that the mean of the union is known; of others it is
/// that of one device at least.
pub(super) fn before_running(experiment: &Experiment, scheme: &SparseAnalog) -> Option<Warning> {
    let payload = &experiment.payload;
    let length = payload.length() as f64;
    let mut share = scheme.kept as f64 / length;
    if let Some(synthetic) = payload.synthetic() {
        if let Distribution::SparseGaussian { density } = synthetic.distribution {
            // What is kept back of such values can be more than they are.
            share = if scheme.error_feedback && experiment.rounds > 1 { share } else { share.min(density) };
        }
        if synthetic.correlation == 0.0 {
            share = 1.0 - (1.0 - share).powi(payload.devices() as i32);
        }
    }
    outside(payload.length(), scheme, share * length)
}

/// Returns the doubts that the simulated rounds raise.
pub fn of_recovery(experiment: &Experiment, recovered: Recovered) -> Vec<Warning> {
    let unheard = (recovered.unheard > 0.0).then(|| {
        let message = format!(
            "the pilot was lost in noise in {:.2} % of the rounds, whose sum was taken to be 0; \
             a higher link.snr_db or more elements are expected",
            100.0 * recovered.unheard
        );
        Warning::new("pilot-unheard", message)
    });
    unheard.into_iter().chain(of_message_passing(experiment, recovered)).collect()
}

/// Returns the doubt about message passing, if the one before running did not tell it.
fn of_message_passing(experiment: &Experiment, recovered: Recovered) -> Option<Warning> {
    let SchemeKind::SparseAnalog(section) = &experiment.scheme.kind else { return None };
    if recovered.diverged > 0.0 {
        let message = format!(
            "message passing diverged in {:.2} % of the rounds, whose sum was taken to be 0; \
             a higher scheme.amp_threshold or more measurements are expected",
            100.0 * recovered.diverged
        );
        return Some(Warning::new(CODE, message));
    }
    if experiment.warnings.iter().any(|warning| warning.code == CODE) {
        return None;
    }
    outside(experiment.payload.length(), &section.scheme, recovered.nonzeros)
}

fn outside(length: usize, scheme: &SparseAnalog, nonzeros: f64) -> Option<Warning> {
    let (rows, most) = (scheme.rows, most_nonzeros(scheme.rows, length));
    if nonzeros <= most {
        return None;
    }
    let delta = rows as f64 / length as f64;
    let message = format!(
        "the devices keep {nonzeros:.0} different entries between them; {rows} measurements of {length} values \
         (rows/values {delta:.4}) recover at most {most:.0}, that is {:.4} a measurement, however small the noise: \
         more rows or a lower scheme.sparsity are expected",
        sparsity_limit(delta)
    );
    Some(Warning::new(CODE, message))
}

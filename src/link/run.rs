//! One point of a digital link.

use super::LinkReport;
use crate::experiment::Experiment;
use crate::report::Fidelity;
use crate::run::{RunError, RunOptions};

/// Checks that a rung can run the link of an experiment.
///
/// # Errors
/// When it cannot.
pub fn check(_: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
    Err(RunError::Unsupported { what: "a digital link".into(), fidelity })
}

/// Runs the link of an experiment at a rung.
///
/// # Errors
/// When the rung cannot run it, or the user interrupts.
pub fn run(experiment: &Experiment, fidelity: Fidelity, _: &RunOptions<'_>) -> Result<LinkReport, RunError> {
    check(experiment, fidelity)?;
    Err(RunError::Interrupted)
}

//! A lab run's round, read again from what was recorded of the server.

use super::pilots::Pilots;
use super::plan::{Plan, Reading, plannable};
use super::{LabError, annotations};
use crate::experiment::Experiment;
use airloop_baseband::Complex32;
use airloop_hil::recording::Annotation;
use airloop_hil::{Recording, RecordingError};

/// Returns whether a recording is that of a lab run.
pub fn is_of_a_lab(recording: &Recording) -> bool {
    find(recording, annotations::ROUND).is_some()
}

/// Reads the round of an experiment from a lab run's recording: channels from its pilots, values from its burst.
///
/// # Errors
/// When the recording is of another experiment, lost samples of the round, or cannot be read.
pub fn replay(experiment: &Experiment, recording: &mut Recording) -> Result<Reading, LabError> {
    let context = plannable(experiment)?;
    let (theirs_hz, ours_hz) = (recording.sample_rate_hz()?, experiment.numerology.sample_rate_hz());
    if theirs_hz != ours_hz {
        let words = format!("the recording has {theirs_hz} samples/s, and the experiment {ours_hz}");
        return Err(LabError::Failed(words));
    }
    let mut pilots = Pilots::new(experiment, context.modem());
    let devices = experiment.payload.devices();
    let mut heard = Vec::with_capacity(devices);
    for device in 0..devices {
        heard.push(samples(recording, &annotations::pilots_of(device), pilots.length_samples() as u64)?);
    }
    let heard: Vec<&[Complex32]> = heard.iter().map(Vec::as_slice).collect();
    let responses = pilots.read(&heard, recording.metadata().unit_gain_db)?;
    let plan = Plan::new(context, &responses)?;
    let burst = samples(recording, annotations::ROUND, plan.length_samples())?;
    plan.read(&burst)
}

fn find<'a>(recording: &'a Recording, label: &str) -> Option<&'a Annotation> {
    recording.metadata().annotations.iter().find(|annotation| annotation.label == label)
}

/// Reads the samples of an annotation, which must be so many.
fn samples(recording: &mut Recording, label: &str, count: u64) -> Result<Vec<Complex32>, LabError> {
    let failed = |words: String| LabError::Failed(format!("{}: {words}", recording.path().display()));
    let found = find(recording, label).ok_or_else(|| {
        failed(format!(
            "no samples are annotated {label:?}: it is of another experiment, or of a run that failed before"
        ))
    })?;
    if found.count != count {
        return Err(failed(format!(
            "{label:?} has {} samples, and the experiment's {count}: it is of another experiment",
            found.count
        )));
    }
    if recording.metadata().is_lost_among(found.start, count) {
        return Err(failed(format!("samples of {label:?} were lost")));
    }
    let (start, mut out) = (found.start, vec![Complex32::default(); count as usize]);
    recording.read(0, start, &mut out).map_err(|error: RecordingError| LabError::from(error))?;
    Ok(out)
}

//! `airloop replay`.

use super::args::ReplayArgs;
use super::failure::Failure;
use super::{ether, load, output, print};
use airloop::experiment::{Experiment, Loader};
use airloop::lab;
use airloop::report::Report;
use airloop::run::seats::SERVER;
use airloop::run::shared::take_part;
use airloop_hil::{RecordedRadio, Recording};

/// Runs the receiver of an experiment on what was recorded of its first round.
///
/// # Errors
/// When the experiment or the recording is wrong, does not hold the round, or lost samples of it.
pub fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let experiment = Loader::default().load(&load::single(&args.file, &args.changes)?)?;
    let mut recording = Recording::open(&args.recording)?;
    check_experiment(&experiment, &recording, args.changed)?;
    if lab::is_of_a_lab(&recording) {
        let report = lab::replay(&experiment, &mut recording).map_err(super::lab::failed)?.report;
        return say(&report, args.json);
    }
    let radio = RecordedRadio::new(SERVER, recording)?;
    let share = take_part(&experiment, vec![(SERVER.into(), Box::new(radio))]).map_err(Failure::of_run)?;
    if let Some(report) = &share.report {
        say(report, args.json)?;
    }
    if share.status.is_clean() {
        return Ok(());
    }
    Err(Failure::lost(format!("the recording has gaps in the round: {}", ether::losses(&share.status))))
}

fn say(report: &Report, json: bool) -> Result<(), Failure> {
    output::line(if json { serde_json::to_string_pretty(report)? } else { print::report(report) })
}

/// Refuses a recording of another experiment.
fn check_experiment(experiment: &Experiment, recording: &Recording, changed: bool) -> Result<(), Failure> {
    let (ours, path) = (experiment.id.to_string(), recording.path().display());
    match &recording.metadata().experiment_id {
        Some(theirs) if *theirs != ours && !changed => Err(Failure::bad_input(format!(
            "{path}: it is a recording of experiment {theirs}, and the file is {ours}: give the file and the keys that were \
             recorded, or --changed where they differ in what the receiver does alone"
        ))),
        _ => Ok(()),
    }
}

//! `airloop replay`.

use super::args::ReplayArgs;
use super::failure::Failure;
use super::{ether, load, output, print};
use airloop::experiment::Loader;
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
    let radio = RecordedRadio::new(SERVER, Recording::open(&args.recording)?)?;
    let share = take_part(&experiment, vec![(SERVER.into(), Box::new(radio))]).map_err(Failure::of_run)?;
    if let Some(report) = &share.report {
        output::line(if args.json { serde_json::to_string_pretty(report)? } else { print::report(report) })?;
    }
    if share.status.is_clean() {
        return Ok(());
    }
    Err(Failure::lost(format!("the recording has gaps in the round: {}", ether::losses(&share.status))))
}

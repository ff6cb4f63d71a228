//! `airloop lab`, and runs over the radios of a lab.

use super::args::{LabArgs, LabCommand, RunArgs};
use super::failure::Failure;
use super::{ether, lab_figure, lab_view, output, print};
use airloop::experiment::Experiment;
use airloop::lab::{self, Bench, LabConfig, LabError, Log, Recordings, Step};
use std::path::Path;

/// Measures the radios of a lab.
///
/// # Errors
/// When the lab file is wrong, a radio fails, or a number is beyond its limit.
pub fn lab(args: &LabArgs) -> Result<(), Failure> {
    let (file, transmit) = match &args.command {
        LabCommand::Check(args) => (&args.file, args.transmit),
        LabCommand::Calibrate(args) => (&args.common.file, args.common.transmit),
    };
    let config = LabConfig::read(file)?;
    let mut bench = bench(&config, (config.sample_rate_hz, transmit))?;
    match &args.command {
        LabCommand::Check(args) => {
            let mut log = if args.json { Log::default() } else { Log::telling(print_line) };
            let outcome = lab::check(&config, &mut bench, &mut log);
            if args.json {
                output::line(serde_json::to_string_pretty(&log.steps)?)?;
            }
            outcome.map_err(failed)
        }
        LabCommand::Calibrate(args) => {
            let text =
                lab::calibrate(&config, &mut bench, &mut Log::telling(note_line)).map_err(failed)?.toml();
            let Some(path) = &args.out else { return output::line(text.trim_end().to_string()) };
            let failed = |e: std::io::Error| Failure::bad_input(format!("--out {}: {e}", path.display()));
            std::fs::write(path, text).map_err(failed)?;
            output::note(format!("wrote {}", path.display()));
            Ok(())
        }
    }
}

/// Runs one round of an experiment over the radios of a lab.
///
/// # Errors
/// When the lab file is wrong, a radio fails, a number is beyond its limit, or samples were lost.
pub fn run(args: &RunArgs, experiment: &Experiment, file: &Path) -> Result<(), Failure> {
    let config = LabConfig::read(file)?;
    let mut bench = bench(&config, (experiment.numerology.sample_rate_hz(), args.transmit))?;
    if let Some(path) = &args.record {
        let recordings = Recordings::create(path, (experiment, &config), &bench).map_err(failed)?;
        bench.record(recordings);
    }
    let outcome = lab::run(experiment, &config, (&mut bench, &mut Log::telling(note_line)));
    for (path, finished) in bench.finish_recordings().map_err(failed)? {
        output::note(format!("recorded {} samples: {}", finished.samples, path.display()));
    }
    let round = outcome.map_err(failed)?;
    output::note(lab_view::view(&round));
    if let Some(path) = &args.figure {
        lab_figure::draw(&round, path)?;
    }
    let report = &round.report;
    output::line(if args.json { serde_json::to_string_pretty(report)? } else { print::report(report) })?;
    if round.status.is_clean() {
        return Ok(());
    }
    Err(Failure::lost(format!("the run is invalid: {}", ether::losses(&round.status))))
}

fn bench(config: &LabConfig, (sample_rate_hz, transmit): (f64, bool)) -> Result<Bench, Failure> {
    let radios = lab::open(config, transmit).map_err(failed)?;
    Bench::new(config, sample_rate_hz, radios).map_err(failed)
}

/// Prints a step on the standard error as it comes.
fn note_line(step: &Step) {
    output::note(line(step));
}

/// Prints a step on the standard output as it comes.
fn print_line(step: &Step) {
    // A reader that cannot be written to is told at the end.
    let _ = output::line(line(step));
}

/// Returns a step as a line of aligned columns.
fn line(step: &Step) -> String {
    let limit = step.limit.map_or(String::new(), |limit| {
        format!("{} {limit}", if step.at_least { "at least" } else { "at most" })
    });
    let mark = if step.holds { "" } else { "  FAILS" };
    let words = if step.words.is_empty() { String::new() } else { format!("  ({})", step.words) };
    let Step { step, radio, quantity, value, .. } = step;
    format!("{step:<9} {radio:<12} {quantity:<22} {value:>14.6}  {limit}{mark}{words}").trim_end().into()
}

pub(super) fn failed(error: LabError) -> Failure {
    match error {
        LabError::Failed(words) => Failure::lost(words),
        error => Failure::bad_input(error.to_string()),
    }
}

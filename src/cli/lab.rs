//! `airloop lab`, and runs over the radios of a lab.

use super::args::{LabArgs, LabCommand, RunArgs};
use super::failure::Failure;
use super::{ether, output, print};
use airloop::experiment::Experiment;
use airloop::lab::{self, Bench, LabConfig, LabError, Log};
use airloop::run::seats::SERVER;
use airloop_hil::{Recorder, RecorderConfig};
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
    let mut log = Log::default();
    match &args.command {
        LabCommand::Check(args) => {
            let outcome = lab::check(&config, &mut bench, &mut log);
            say(&log, args.json)?;
            outcome.map_err(failed)
        }
        LabCommand::Calibrate(args) => {
            let outcome = lab::calibrate(&config, &mut bench, &mut log);
            output::note(table(&log));
            let text = outcome.map_err(failed)?.toml();
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
        record(&mut bench, &config, path)?;
    }
    let mut log = Log::default();
    let outcome = lab::run(experiment, &config, (&mut bench, &mut log));
    output::note(table(&log));
    if let Some(finished) = bench.finish_recording().map_err(failed)? {
        output::note(format!("recorded {} samples of the server", finished.samples));
    }
    let round = outcome.map_err(failed)?;
    let report = &round.report;
    output::line(if args.json { serde_json::to_string_pretty(report)? } else { print::report(report) })?;
    if round.status.is_clean() {
        return Ok(());
    }
    Err(Failure::lost(format!("the run is invalid: {}", ether::losses(&round.status))))
}

/// Records all that the server hears.
fn record(bench: &mut Bench, config: &LabConfig, path: &Path) -> Result<(), Failure> {
    let Some(server) = bench.find(SERVER) else { return Ok(()) };
    let recorder = RecorderConfig {
        centre_hz: config.centre_hz,
        hardware: bench.hardware(server).into(),
        description: Some("what the server heard of a lab run".into()),
        ..RecorderConfig::new(bench.sample_rate_hz(), 1)
    };
    bench.record(server, Recorder::create(path, recorder)?);
    Ok(())
}

fn bench(config: &LabConfig, (sample_rate_hz, transmit): (f64, bool)) -> Result<Bench, Failure> {
    let radios = lab::open(config, transmit).map_err(failed)?;
    Bench::new(config, sample_rate_hz, radios).map_err(failed)
}

fn say(log: &Log, json: bool) -> Result<(), Failure> {
    output::line(if json { serde_json::to_string_pretty(log)? } else { table(log) })
}

/// Returns the steps as a table.
fn table(log: &Log) -> String {
    let line = |step: &lab::Step| {
        let limit = step.limit.map_or(String::new(), |limit| {
            format!("{} {limit}", if step.at_least { "at least" } else { "at most" })
        });
        let mark = if step.holds { "" } else { "  FAILS" };
        let words = if step.words.is_empty() { String::new() } else { format!("({})", step.words) };
        let line = format!(
            "{:<9} {:<12} {:<22} {:>14.6}  {limit}{mark} {words}",
            step.step, step.radio, step.quantity, step.value
        );
        line.trim_end().to_string()
    };
    log.0.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn failed(error: LabError) -> Failure {
    match error {
        LabError::Failed(words) => Failure::lost(words),
        error => Failure::bad_input(error.to_string()),
    }
}

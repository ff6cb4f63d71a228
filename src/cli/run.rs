//! `airloop run`.

use super::args::RunArgs;
use super::failure::Failure;
use super::progress::{Bar, catch_interrupt};
use super::{load, output, print};
use airloop::experiment::Loader;
use airloop::report::Fidelity;
use airloop::run::{RunOptions, dump, record, run as run_experiment};

/// Runs one experiment at one fidelity.
///
/// # Errors
/// When the experiment is wrong or cannot be run.
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let fidelity = load::fidelity(&args.fidelity)?;
    if args.dump.is_some() && fidelity == Fidelity::Theory {
        return Err(Failure::bad_input(
            "--dump: theory runs no trial to be written; choose symbol or waveform",
        ));
    }
    if args.record.is_some() && !fidelity.makes_samples() {
        return Err(Failure::bad_input(
            "--record: only waveform and radio fidelity have samples to be recorded",
        ));
    }
    let experiment = Loader::default().load(&load::single(&args.file, &args.changes)?)?;
    if let Some(file) = &args.radios {
        if fidelity != Fidelity::Radio || args.dump.is_some() || args.ether.is_some() {
            return Err(Failure::bad_input(
                "--radios: a lab run takes --fidelity radio, and neither --ether nor --dump",
            ));
        }
        return super::lab::run(args, &experiment, file);
    }
    if let Some(path) = &args.ether {
        if fidelity != Fidelity::Radio || args.dump.is_some() || args.record.is_some() {
            return Err(Failure::bad_input(
                "--ether: only --fidelity radio has radios that meet in one, and --dump and --record stand alone",
            ));
        }
        return super::ether::take_part_in(args, &experiment, path);
    }
    let bar = Bar::new("");
    let report = run_experiment(
        &experiment,
        fidelity,
        &RunOptions { progress: &|done, all| bar.set(done, all), interrupted: catch_interrupt() },
    );
    bar.clear();
    let report = report.map_err(Failure::of_run)?;
    if args.changes.strict {
        print::refuse_doubts(&report)?;
    }
    if let Some(dir) = &args.dump {
        let make = |e: std::io::Error| Failure::bad_input(format!("--dump {}: {e}", dir.display()));
        std::fs::create_dir_all(dir).map_err(make)?;
        let (path, _) = dump(&experiment, fidelity, 0, dir)?;
        output::note(format!("wrote {}", path.display()));
    }
    if let Some(path) = &args.record {
        let finished = record(&experiment, fidelity, 0, path).map_err(Failure::of_run)?;
        let (samples, captures) = (finished.samples, finished.captures);
        output::note(format!("recorded {samples} samples in {captures} captures: {}", path.display()));
    }
    output::line(if args.json { serde_json::to_string_pretty(&report)? } else { print::report(&report) })
}

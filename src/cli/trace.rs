//! `airloop trace`.

use super::args::TraceArgs;
use super::failure::{Failure, INTERRUPTED};
use super::print::short;
use super::progress::{Bar, catch_interrupt};
use super::{load, output};
use airloop::run::RunOptions;
use airloop::trace::export::{self, Exporter, FORMATS, USUAL_SPACING_HZ};
use airloop::trace::{
    Direction, Stage, TraceFormat, TracePlan, TraceReader, TraceRow, TraceWriter, run_trace,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Runs the trace of an experiment file, or exports a stored one.
///
/// # Errors
/// When the file is wrong, a round fails, or a file cannot be written.
pub fn trace(args: &TraceArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    match TraceFormat::of(&args.file) {
        Ok(_) => export_stored(args),
        Err(_) => record(args),
    }
}

fn record(args: &TraceArgs) -> Result<(), Failure> {
    let plan = TracePlan::load(&load::single(&args.file, &args.changes)?)?;
    let warnings = plan.legs.iter().flat_map(|leg| &leg.experiment.warnings);
    if let (true, Some(warning)) = (args.changes.strict, warnings.clone().next()) {
        let message = format!("{}: {} (an error because of --strict)", warning.code, warning.message);
        return Err(Failure::bad_input(message));
    }
    warnings.for_each(|warning| output::note(super::print::warning(&warning.code, &warning.message, 0)));
    let name = args.file.file_stem().map_or("trace".into(), |stem| stem.to_string_lossy().into_owned());
    let path = args.out.clone().unwrap_or_else(|| Path::new("results").join(name).join("trace.csv"));
    TraceFormat::of(&path)?;
    let spacing_hz = plan.subcarrier_spacing_hz();
    output::folder(path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
    let mut exports = exporters(&args.export, spacing_hz)?;
    let (mut writer, mut summary) = (TraceWriter::create(&path)?, Summary::default());
    let bar = Bar::of("rounds");
    let options = RunOptions { progress: &|done, all| bar.set(done, all), interrupted: catch_interrupt() };
    let outcome = run_trace(&plan, &options, &mut |rows| {
        for row in rows {
            writer.write(row)?;
            exports.iter_mut().try_for_each(|export| export.take(row))?;
            summary.take(row);
        }
        // What is written is safe, whatever becomes of the rounds after it.
        writer.flush()
    });
    bar.clear();
    let outcome = outcome?;
    if outcome.interrupted {
        let message = format!("interrupted; the first {} rounds are in {}", outcome.rounds, path.display());
        return Err(Failure { message, code: INTERRUPTED });
    }
    exports.iter_mut().try_for_each(|export| export.finish())?;
    output::line(format!("{}\nwrote {}", summary.words(), path.display()))
}

fn export_stored(args: &TraceArgs) -> Result<(), Failure> {
    if !args.changes.set.is_empty() || args.out.is_some() {
        let flag = if args.out.is_some() { "--out" } else { "--set" };
        let message = format!(
            "{flag}: {} is a stored trace, which is exported (--export) as it is",
            args.file.display()
        );
        return Err(Failure::bad_input(message));
    }
    let mut exports = exporters(&args.export, USUAL_SPACING_HZ)?;
    let (mut summary, interrupted) = (Summary::default(), catch_interrupt());
    for row in TraceReader::open(&args.file)? {
        let row = row?;
        exports.iter_mut().try_for_each(|export| export.take(&row))?;
        summary.take(&row);
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure { message: "interrupted; exports are not whole".into(), code: INTERRUPTED });
        }
    }
    exports.iter_mut().try_for_each(|export| export.finish())?;
    output::line(summary.words())
}

/// Begins the exports that flags ask for.
fn exporters(flags: &[String], spacing_hz: f64) -> Result<Vec<Box<dyn Exporter>>, Failure> {
    let begin = |flag: &String| -> Result<Box<dyn Exporter>, Failure> {
        let wrong = || {
            let formats = FORMATS.map(|(name, what)| format!("{name}={what}"));
            let message = format!("--export {flag}: {} is expected", formats.join(", "));
            Failure::bad_input(message)
        };
        let (format, path) = flag.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(wrong)?;
        export::begin(format, Path::new(path), spacing_hz)?.ok_or_else(wrong)
    };
    flags.iter().map(begin).collect()
}

/// Sums over the rows of each direction and stage.
#[derive(Default)]
struct Summary {
    rounds: u64,
    last: Option<u64>,
    links: BTreeMap<(Direction, Stage), Sums>,
}

#[derive(Default)]
struct Sums {
    rows: u64,
    delivered: f64,
    offered: f64,
    rate_bps: f64,
    latency_s: f64,
    most_s: f64,
    outages: u64,
}

impl Summary {
    fn take(&mut self, row: &TraceRow) {
        if self.last != Some(row.round) {
            (self.last, self.rounds) = (Some(row.round), self.rounds + 1);
        }
        let sums = self.links.entry((row.direction, row.stage)).or_default();
        sums.rows += 1;
        sums.delivered += row.bytes_delivered as f64;
        sums.offered += row.bytes_offered as f64;
        sums.rate_bps += row.rate_bps;
        sums.latency_s += row.latency_s;
        sums.most_s = sums.most_s.max(row.latency_s);
        sums.outages += u64::from(row.outage);
    }

    fn words(&self) -> String {
        let mut out = vec![
            format!("{} rounds", self.rounds),
            "direction stage        rows  delivered   Mbit/s mean  latency mean, most (ms)  outage".into(),
        ];
        for ((direction, stage), sums) in &self.links {
            let rows = sums.rows as f64;
            let share = if sums.offered > 0.0 { sums.delivered / sums.offered } else { 0.0 };
            out.push(format!(
                "{:<9} {:<8} {:>8}  {share:>9.6}  {:>12}  {:>10} {:>12}  {:>6}",
                direction.word(),
                stage.word(),
                sums.rows,
                short(sums.rate_bps / rows / 1e6),
                short(sums.latency_s / rows * 1e3),
                short(sums.most_s * 1e3),
                short(sums.outages as f64 / rows),
            ));
        }
        out.join("\n")
    }
}

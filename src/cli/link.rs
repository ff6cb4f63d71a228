//! `airloop link`.

use super::args::LinkArgs;
use super::failure::Failure;
use super::print::{self, Printed, short};
use super::progress::{Bar, catch_interrupt};
use super::sweep::{FolderRun, change, run_folder, shard};
use super::{load, output};
use airloop::experiment::Loader;
use airloop::link::{LINK_FIGURES, LINK_QUANTITIES, LinkReport};
use airloop::run::RunOptions;
use airloop::sweep::{RowReport, SweepPlan};
use std::path::Path;

/// Measures the digital link of a file: a single point is printed, more go into a folder.
///
/// # Errors
/// When the file is wrong, a point fails, or the folder holds another sweep.
pub fn link(args: &LinkArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let mut plan = SweepPlan::new(load::tree(&args.file, &args.changes)?)?;
    change(&mut plan, &args.points)?;
    let shard = shard(args.points.shard.as_ref())?;
    let points = plan.points();
    if let ([point], None) = (points.as_slice(), &args.points.out) {
        let experiment = Loader::of_links().load(&plan.tree(point)?)?;
        let bar = Bar::new("");
        let options =
            RunOptions { progress: &|done, all| bar.set(done, all), interrupted: catch_interrupt() };
        let report = LinkReport::run(&experiment, point.fidelity, &options);
        bar.clear();
        let report = report.map_err(Failure::of_run)?;
        if let (true, Some(warning)) = (args.changes.strict, report.warnings.first()) {
            let (code, message) = (&warning.code, &warning.message);
            return Err(Failure::bad_input(format!("{code}: {message} (an error because of --strict)")));
        }
        return output::line(if args.json { serde_json::to_string_pretty(&report)? } else { words(&report) });
    }
    if args.json {
        let count = points.len();
        return Err(Failure::bad_input(format!(
            "--json prints the report of a single point, and this file has {count}; results of several are in --out DIR"
        )));
    }
    let name = args.file.file_stem().map_or("link".into(), |stem| stem.to_string_lossy().into_owned());
    let out = args.points.out.clone().unwrap_or_else(|| Path::new("results").join(name));
    let run = FolderRun { file: &args.file, out: &out, shard, changes: &args.changes };
    run_folder::<LinkReport>(&plan, &Loader::of_links(), &run)
}

impl Printed for LinkReport {
    fn heading<'a>(reports: impl Iterator<Item = &'a Self> + Clone) -> &'static str {
        let mut reports = reports;
        match reports.any(|report| report.block_bits.is_none()) {
            true => "throughput in Mbit/s",
            false => "BLER, or BER of no code in theory",
        }
    }

    fn leading(&self) -> String {
        let of = |estimate: &Option<airloop::baseband::Estimate>| estimate.as_ref().and_then(|e| e.mean);
        let rate = |x: f64| if x != 0.0 && x < 1e-3 { format!("{x:.2e}") } else { format!("{x:.4}") };
        if self.block_bits.is_none() {
            return of(&self.figures.throughput_bps).map_or("-".into(), |x| format!("{:.3}", x / 1e6));
        }
        of(&self.figures.bler).or(of(&self.figures.ber_uncoded)).map_or("-".into(), rate)
    }
}

/// Returns a report in words.
fn words(report: &LinkReport) -> String {
    let kind = report.theory_kind.map_or(String::new(), |k| format!(" ({})", k.word()));
    let mut out = vec![
        format!("{} {} at {}{kind}", report.transmission, report.modulation, report.fidelity),
        format!("  trials                {} ({})", report.trials, report.stop_reason),
    ];
    let mut row = |name: &str, value: String| out.push(format!("  {name:<21} {value}"));
    for (name, of) in LINK_FIGURES {
        if let Some(figure) = of(&report.figures) {
            row(name, print::estimate(Some(figure), false));
        }
    }
    let given = [
        ("snr_db", Some(report.snr_db)),
        ("eb_n0_db", report.eb_n0_db),
        ("bandwidth_hz", Some(report.bandwidth_hz)),
        ("layers", Some(report.layers as f64)),
        ("block_bits", report.block_bits.map(|bits| bits as f64)),
        ("code_rate", report.code_rate),
    ];
    let measured = LINK_QUANTITIES.iter().map(|(name, of)| (*name, of(report)));
    for (name, value) in given.into_iter().chain(measured) {
        if let Some(value) = value {
            row(name, short(value));
        }
    }
    out.extend(report.warnings.iter().map(|w| print::warning(&w.code, &w.message, 1)));
    out.join("\n")
}

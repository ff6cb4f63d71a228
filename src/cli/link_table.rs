//! `airloop link-table`.

use super::args::LinkTableArgs;
use super::failure::Failure;
use super::print::{Printed, short};
use super::sweep::{FolderRun, change, run_folder, shard};
use super::{load, output};
use airloop::experiment::Loader;
use airloop::link_table::{CurveReport, JSON_NAME, Threshold, check_plan, write_nmse};
use airloop::report::Report;
use airloop::sweep::{PointRecord, SweepPlan, journal};
use std::path::Path;

/// Measures what a link table of a file takes, in a folder as that of a sweep, and writes the table there.
///
/// # Errors
/// When the file is wrong, a point fails, or the folder holds something else.
pub fn link_table(args: &LinkTableArgs) -> Result<(), Failure> {
    load::threads(&args.changes)?;
    let tree = load::tree(&args.file, &args.changes)?;
    let curve_schemes = |node: &airloop::config::Node| match &node.value {
        airloop::config::Value::Array(curves) => curves.iter().any(|curve| curve.get("scheme").is_some()),
        _ => false,
    };
    let aggregates = tree.get("scheme").is_some() || tree.get("curve").is_some_and(curve_schemes);
    let mut plan = SweepPlan::new(tree)?;
    change(&mut plan, &args.points)?;
    let shard = shard(args.points.shard.as_ref())?;
    let name = args.file.file_stem().map_or("link-table".into(), |stem| stem.to_string_lossy().into_owned());
    let out = args.points.out.clone().unwrap_or_else(|| Path::new("results").join(name));
    let run = FolderRun { file: &args.file, out: &out, shard, changes: &args.changes };
    let outcome = if aggregates {
        let outcome = run_folder::<Report>(&plan, &Loader::default(), &run);
        // What was finished before an end is a table too; how the run ended counts more.
        match out.join(journal::FILE_NAME).exists().then(|| write_nmse(&out)) {
            Some(Err(error)) if outcome.is_ok() => return Err(error.into()),
            _ => outcome,
        }
    } else {
        check_plan(&plan)?;
        run_folder::<CurveReport>(&plan, &Loader::of_link_tables(), &run)
    };
    outcome?;
    output::line(format!("wrote {}", out.join(JSON_NAME).display()))
}

impl Printed for CurveReport {
    fn heading<'a>(_: impl Iterator<Item = &'a Self> + Clone) -> &'static str {
        "SNR in dB at a BLER of 0.1 and 0.01 (above the normal approximation)"
    }

    fn leading(&self) -> String {
        let of = |threshold: &Threshold| match (threshold.snr_db, threshold.gap_db()) {
            (Some(snr_db), Some(gap_db)) => format!("{snr_db:8.3} ({gap_db:+.2})"),
            (Some(snr_db), None) => format!("{snr_db:8.3}"),
            _ => format!("{:>8}", "-"),
        };
        self.thresholds.iter().map(of).collect::<Vec<_>>().join("  ")
    }

    fn rows(points: &[PointRecord<Self>]) -> String {
        let name = |report: &Self| {
            format!(
                "{:>5} {:>3}  {:<10} {:>6}",
                report.mcs_table, report.mcs, report.modulation, report.block_bits
            )
        };
        let heading = Self::heading(points.iter().map(|point| &point.report));
        let head = format!("table mcs  modulation   bits  {heading}");
        let line = |point: &PointRecord<Self>| {
            let report = &point.report;
            let (first, last) = (report.points.first(), report.points.last());
            let end = |point: Option<&airloop::link_table::CurvePoint>| {
                point.map_or("-".into(), |p| short(p.snr_db))
            };
            let count = report.points.len();
            format!(
                "{}  {}  {count} points, {} to {} dB",
                name(report),
                report.leading(),
                end(first),
                end(last)
            )
        };
        std::iter::once(head).chain(points.iter().map(line)).collect::<Vec<_>>().join("\n")
    }
}

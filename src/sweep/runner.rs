//! Running a sweep: checks every point first, runs what the journal does not hold, and leaves the table.

use super::journal::{Header, Journal, PointRecord};
use super::merge::compatible;
use super::{PlannedPoint, Rows, Shard, SweepError, SweepPlan, write_table};
use crate::experiment::id::SCHEMA;
use crate::experiment::{Experiment, Loader};
use crate::run::{RunError, RunOptions, run};
use airloop_baseband::seeds::STREAM_LAYOUT_VERSION;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What a sweep tells while it runs.
#[derive(Clone, Debug)]
pub enum SweepEvent<'a> {
    /// All points are checked: how many there are, and how many are done already.
    Planned {
        /// Points of this shard.
        points: usize,
        /// Of these, finished in an earlier run.
        finished: usize,
        /// Trials still to run, at most.
        trials: u64,
    },
    /// A point begins.
    Begins {
        /// In words.
        point: &'a str,
        /// Trials to run, at most.
        trials: u64,
    },
    /// Trials of the current point are done.
    Trials(u64),
    /// A point is on disk.
    Finished(&'a PointRecord),
}

/// How a sweep is run.
pub struct SweepOptions<'a> {
    /// The result folder.
    pub out: &'a Path,
    /// Which part of the points.
    pub shard: Option<Shard>,
    /// Set to stop after the current batch of trials.
    pub interrupted: &'a AtomicBool,
    /// Whether doubts are errors.
    pub strict: bool,
    /// Called as the sweep goes on.
    pub tell: &'a (dyn Fn(SweepEvent<'_>) + Sync),
}

/// What a sweep left behind.
#[derive(Clone, Debug)]
pub struct SweepResult {
    /// The table.
    pub table: PathBuf,
    /// Finished points of the whole plan.
    pub finished: usize,
    /// Points of the whole plan.
    pub planned: usize,
    /// Whether the user interrupted.
    pub interrupted: bool,
    /// Warnings of all rows: code, message of the first, number of rows.
    pub warnings: Vec<(String, String, usize)>,
    /// Finished points in canonical order.
    pub rows: Vec<PointRecord>,
}

/// Runs a sweep, or resumes it.
///
/// # Errors
/// When a point is no valid experiment, the folder holds another one, or a point fails. Finished points stay on disk.
pub fn run_sweep(plan: &SweepPlan, loader: &Loader, options: &SweepOptions<'_>) -> Result<SweepResult, SweepError> {
    let points = plan.points();
    let mut experiments = Vec::with_capacity(points.len());
    for point in &points {
        experiments.push(load(plan, loader, point)?);
    }
    let header = header(plan, &points, &experiments);
    let mut journal = Journal::open(options.out)?;
    if let Some(there) = &journal.header {
        compatible(&options.out.join(super::journal::FILE_NAME), there, &header)?;
    }
    journal.begin(&header)?;
    let mine: Vec<(&PlannedPoint, &Experiment)> = points
        .iter()
        .zip(&experiments)
        .filter(|(p, _)| options.shard.is_none_or(|shard| shard.holds(p.index)))
        .collect();
    let missing: Vec<(&PlannedPoint, &Experiment)> =
        mine.iter().copied().filter(|(p, e)| !adopt(&mut journal, plan, p, e)).collect();
    let most = |e: &Experiment| e.stop.judgements().last().copied().unwrap_or(0);
    (options.tell)(SweepEvent::Planned {
        points: mine.len(),
        finished: mine.len() - missing.len(),
        trials: missing.iter().map(|(_, e)| most(e)).sum(),
    });
    let mut outcome = Ok(());
    for (point, experiment) in missing {
        outcome = run_point(plan, point, experiment, options, &mut journal);
        if outcome.is_err() {
            break;
        }
    }
    let interrupted = matches!(outcome, Err(SweepError::Interrupted));
    if !interrupted {
        // The points that were finished before a failure get their table too; the failure itself counts more.
        let table = finish(options.out, &header, &journal, false);
        outcome?;
        return table;
    }
    finish(options.out, &header, &journal, true)
}

fn finish(
    out: &Path,
    header: &Header,
    journal: &Journal,
    interrupted: bool,
) -> Result<SweepResult, SweepError> {
    let rows = Rows::new(header, &journal.points);
    let table = write_table(out, &rows)?;
    let mut warnings: Vec<(String, String, usize)> = Vec::new();
    for warning in rows.points().iter().flat_map(|p| &p.report.warnings) {
        match warnings.iter_mut().find(|w| w.0 == warning.code) {
            Some(seen) => seen.2 += 1,
            None => warnings.push((warning.code.clone(), warning.message.clone(), 1)),
        }
    }
    Ok(SweepResult {
        table,
        finished: rows.points().len(),
        planned: rows.planned,
        interrupted,
        warnings,
        rows: rows.points().iter().map(|p| (*p).clone()).collect(),
    })
}

fn load(plan: &SweepPlan, loader: &Loader, point: &PlannedPoint) -> Result<Experiment, SweepError> {
    let at = |error| SweepError::Point { point: plan.describe(point), error: Box::new(error) };
    loader.load(&plan.tree(point)?).map_err(at)
}

/// Returns whether the journal holds the point; a result of the same experiment under another label is taken over.
fn adopt(journal: &mut Journal, plan: &SweepPlan, point: &PlannedPoint, experiment: &Experiment) -> bool {
    let stop = experiment.stop.key();
    let same = |p: &&PointRecord| {
        p.report.experiment_id == experiment.id.as_str() && p.report.fidelity == point.fidelity && p.stop == stop
    };
    let Some(found) = journal.points.iter().find(same) else { return false };
    let record = record(plan, point, experiment, found.report.clone());
    let known = journal.points.iter().any(|p| p.key() == record.key());
    known || journal.push(record).is_ok()
}

fn run_point(
    plan: &SweepPlan,
    point: &PlannedPoint,
    experiment: &Experiment,
    options: &SweepOptions<'_>,
    journal: &mut Journal,
) -> Result<(), SweepError> {
    let words = plan.describe(point);
    let most = experiment.stop.judgements().last().copied().unwrap_or(0);
    (options.tell)(SweepEvent::Begins { point: &words, trials: most });
    let progress = |done, _| (options.tell)(SweepEvent::Trials(done));
    let run_options = RunOptions { progress: &progress, interrupted: options.interrupted };
    let report = match run(experiment, point.fidelity, &run_options) {
        Ok(report) => report,
        Err(RunError::Interrupted) => return Err(SweepError::Interrupted),
        Err(error) => return Err(SweepError::Run { point: words, error: Box::new(error) }),
    };
    if options.strict
        && let Some(warning) = report.warnings.first()
    {
        return Err(SweepError::Doubt { point: words, code: warning.code.clone(), message: warning.message.clone() });
    }
    let record = record(plan, point, experiment, report);
    journal.push(record.clone())?;
    (options.tell)(SweepEvent::Finished(&record));
    Ok(())
}

fn record(
    plan: &SweepPlan,
    point: &PlannedPoint,
    experiment: &Experiment,
    report: crate::report::Report,
) -> PointRecord {
    let paths = plan.axes.iter().map(|a| a.path.clone());
    PointRecord {
        curve: plan.curves[point.curve].label.clone(),
        values: paths.zip(plan.values(point)).collect(),
        stop: experiment.stop.key(),
        report,
    }
}

fn header(plan: &SweepPlan, points: &[PlannedPoint], experiments: &[Experiment]) -> Header {
    let swept = |key: &str| plan.axes.iter().any(|a| a.path == key);
    let keys = |curve: usize| -> Vec<(String, Json)> {
        let first = points.iter().position(|p| p.curve == curve);
        let canonical = first.map(|i| experiments[i].canonical.clone()).unwrap_or_default();
        canonical.into_iter().filter(|(key, _)| !swept(key)).collect()
    };
    let curves = plan.curves.iter().enumerate().map(|(i, c)| (c.label.clone(), keys(i))).collect();
    Header {
        schema: SCHEMA,
        stream_layout: STREAM_LAYOUT_VERSION,
        curves,
        axes: plan
            .axes
            .iter()
            .map(|a| (a.path.clone(), a.values.iter().map(super::plan::json_of).collect()))
            .collect(),
        fidelities: plan.fidelities.clone(),
        stop: experiments.first().map_or(String::new(), |e| e.stop.key()),
    }
}

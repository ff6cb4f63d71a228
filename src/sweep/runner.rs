//! Running a sweep: checks every point first, runs what the journal does not hold, and leaves the table.

use super::journal::{Header, Journal, PointRecord};
use super::merge::compatible;
use super::{PlannedPoint, RowReport, Rows, Shard, SweepError, SweepPlan, write_table};
use crate::experiment::id::SCHEMA;
use crate::experiment::{Experiment, Loader};
use crate::report::{Fidelity, Warning};
use crate::run::{RunError, RunOptions};
use airloop_baseband::seeds::STREAM_LAYOUT_VERSION;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};
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
    },
    /// Trials of the current point are done.
    Trials(u64),
    /// A point is on disk.
    Finished {
        /// Trials that it took.
        ran: u64,
        /// Trials that it could have taken.
        most: u64,
    },
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
pub struct SweepResult<R> {
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
    pub rows: Vec<PointRecord<R>>,
    /// Finished points of the folder that are not in this plan; the journal keeps them.
    pub left_aside: usize,
}

/// Runs a sweep, or resumes it.
///
/// # Errors
/// When a point is no valid experiment, the folder holds another one, or a point fails. Finished points stay on disk.
pub fn run_sweep<R: RowReport>(
    plan: &SweepPlan,
    loader: &Loader,
    options: &SweepOptions<'_>,
) -> Result<SweepResult<R>, SweepError> {
    let points = plan.points();
    let mut experiments = Vec::with_capacity(points.len());
    for point in &points {
        let experiment = load(plan, loader, point)?;
        let at = |error| SweepError::Run { point: plan.describe(point), error: Box::new(error) };
        R::check(&experiment, point.fidelity).map_err(at)?;
        experiments.push(experiment);
    }
    let header = Header { kind: R::KIND, ..header(plan, &points, &experiments) };
    let mut journal = Journal::<R>::open(options.out)?;
    if let Some(there) = &journal.header {
        compatible(&options.out.join(super::journal::FILE_NAME), there, &header)?;
    }
    journal.begin(&header)?;
    let mut known = Known::new(&journal);
    let (mut points_of_shard, mut missing) = (0, Vec::new());
    for (point, experiment) in points.iter().zip(&experiments) {
        if options.shard.is_some_and(|shard| !shard.holds(point.index)) {
            continue;
        }
        points_of_shard += 1;
        let finished = known.adopt(&mut journal, plan, point, experiment)?;
        if options.strict {
            let warnings = finished.as_ref().map_or(experiment.warnings.as_slice(), R::warnings);
            refuse_doubts(plan, point, warnings)?;
        }
        if finished.is_none() {
            missing.push((point, experiment));
        }
    }
    (options.tell)(SweepEvent::Planned {
        points: points_of_shard,
        finished: points_of_shard - missing.len(),
        trials: missing.iter().fold(0, |sum, (_, e)| sum.saturating_add(R::most_trials(e))),
    });
    let mut outcome = Ok(());
    for (point, experiment) in missing {
        // Another curve of the same experiment may have finished in the meantime.
        outcome = match known.adopt(&mut journal, plan, point, experiment) {
            Ok(Some(_)) => {
                (options.tell)(SweepEvent::Finished { ran: 0, most: R::most_trials(experiment) });
                Ok(())
            }
            Ok(None) => {
                run_point(plan, point, experiment, options, &mut journal).map(|record| known.insert(&record))
            }
            Err(error) => Err(error),
        };
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

fn finish<R: RowReport>(
    out: &Path,
    header: &Header,
    journal: &Journal<R>,
    interrupted: bool,
) -> Result<SweepResult<R>, SweepError> {
    let rows = Rows::new(header, &journal.points);
    let table = write_table(out, &rows)?;
    let mut warnings: Vec<(String, String, usize)> = Vec::new();
    for warning in rows.points().iter().flat_map(|p| p.report.warnings()) {
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
        left_aside: journal
            .points
            .iter()
            .map(PointRecord::key)
            .collect::<HashSet<_>>()
            .len()
            .saturating_sub(rows.points().len()),
        rows: rows.points().iter().map(|p| (*p).clone()).collect(),
    })
}

fn load(plan: &SweepPlan, loader: &Loader, point: &PlannedPoint) -> Result<Experiment, SweepError> {
    let at = |error| SweepError::Point { point: plan.describe(point), error: Box::new(error) };
    loader.load(&plan.tree(point)?).map_err(at)
}

fn refuse_doubts(plan: &SweepPlan, point: &PlannedPoint, warnings: &[Warning]) -> Result<(), SweepError> {
    let Some(Warning { code, message }) = warnings.first().cloned() else { return Ok(()) };
    Err(SweepError::Doubt { point: plan.describe(point), code, message })
}

/// What the journal holds: reports by experiment, and the experiment of each row.
struct Known<R> {
    by_experiment: HashMap<(String, Fidelity, String), R>,
    rows: HashMap<String, String>,
}

impl<R: RowReport> Known<R> {
    fn new(journal: &Journal<R>) -> Self {
        let mut known = Self { by_experiment: HashMap::new(), rows: HashMap::new() };
        journal.points.iter().for_each(|point| known.insert(point));
        known
    }

    fn insert(&mut self, point: &PointRecord<R>) {
        let report = &point.report;
        let name = (report.experiment_id().to_string(), report.fidelity(), point.stop.clone());
        self.by_experiment.entry(name).or_insert_with(|| report.clone());
        self.rows.insert(point.key(), report.experiment_id().to_string());
    }

    /// Returns the point's report if it is there; one of the same experiment under another label is taken over.
    fn adopt(
        &mut self,
        journal: &mut Journal<R>,
        plan: &SweepPlan,
        point: &PlannedPoint,
        experiment: &Experiment,
    ) -> Result<Option<R>, SweepError> {
        let name = (experiment.id.to_string(), point.fidelity, experiment.stop.key());
        let Some(report) = self.by_experiment.get(&name).cloned() else { return Ok(None) };
        let record = record(plan, point, experiment, report.clone());
        if self.rows.get(&record.key()) != Some(&report.experiment_id().to_string()) {
            self.insert(&record);
            journal.push(record)?;
        }
        Ok(Some(report))
    }
}

fn run_point<R: RowReport>(
    plan: &SweepPlan,
    point: &PlannedPoint,
    experiment: &Experiment,
    options: &SweepOptions<'_>,
    journal: &mut Journal<R>,
) -> Result<PointRecord<R>, SweepError> {
    let words = plan.describe(point);
    (options.tell)(SweepEvent::Begins { point: &words });
    let progress = |done, _| (options.tell)(SweepEvent::Trials(done));
    let run_options = RunOptions { progress: &progress, interrupted: options.interrupted };
    let report = match R::run(experiment, point.fidelity, &run_options) {
        Ok(report) => report,
        Err(RunError::Interrupted) => return Err(SweepError::Interrupted),
        Err(error) => return Err(SweepError::Run { point: words, error: Box::new(error) }),
    };
    let record = record(plan, point, experiment, report);
    journal.push(record.clone())?;
    (options.tell)(SweepEvent::Finished { ran: record.report.trials(), most: R::most_trials(experiment) });
    // A doubtful point is kept all the same: the same command without --strict need not run it again.
    if options.strict {
        refuse_doubts(plan, point, record.report.warnings())?;
    }
    Ok(record)
}

fn record<R>(plan: &SweepPlan, point: &PlannedPoint, experiment: &Experiment, report: R) -> PointRecord<R> {
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
        kind: super::Kind::default(),
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

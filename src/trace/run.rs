//! The rounds of a trace, in time: on all cores where they do not wait for each other, handed on in order.

use super::error::TraceError;
use super::file::TraceReader;
use super::leg::Source;
use super::plan::{LegPlan, TracePlan};
use super::row::TraceRow;
use super::runner::{LegRunner, LegStart};
use crate::run::RunOptions;
use rayon::prelude::*;
use std::sync::atomic::Ordering;

/// Rounds under way at once, for each thread.
const AHEAD: u64 = 4;

/// How a trace ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceOutcome {
    /// Rounds that were handed on.
    pub rounds: u64,
    /// Whether the user ended it before the last.
    pub interrupted: bool,
}

/// A round as computed: its rows, and when it ends.
struct Computed {
    rows: Vec<TraceRow>,
    start_s: f64,
    end_s: f64,
}

/// Runs the rounds of a trace and hands each one's rows on, in order; memory does not grow with rounds.
///
/// A round begins `round_interval_s` after the one before, or when that one ends, where that is later. Rows do not depend on threads.
///
/// # Errors
/// When a round cannot be carried, a stored trace cannot be read, or `sink` fails.
pub fn run_trace(
    plan: &TracePlan,
    options: &RunOptions<'_>,
    sink: &mut dyn FnMut(&[TraceRow]) -> Result<(), TraceError>,
) -> Result<TraceOutcome, TraceError> {
    if let Some(path) = &plan.stored {
        return replay_file(plan, TraceReader::open(path)?, options, sink);
    }
    let runners = plan.legs.iter().map(LegRunner::new).collect::<Result<Vec<_>, _>>()?;
    let rounds = plan.rounds.unwrap_or(0);
    // Where channels move and rounds follow each other, each must know when the one before ended.
    let moving = plan.legs.iter().any(LegPlan::is_moving);
    let waits = moving && plan.round_interval_s == 0.0;
    let ahead = if waits { 1 } else { AHEAD * rayon::current_num_threads() as u64 };
    let (mut done, mut free_s) = (0, 0.0f64);
    while done < rounds {
        let end = rounds.min(done + ahead);
        let nominal_s = |round: u64| round as f64 * plan.round_interval_s;
        let compute = |round: u64| {
            // Rounds of channels that stand still are the same at any time, and are put in their place afterwards.
            let guess_s = match (moving, round == done) {
                (false, _) => 0.0,
                (true, true) => nominal_s(round).max(free_s),
                (true, false) => nominal_s(round),
            };
            let stopped = options.interrupted.load(Ordering::Relaxed);
            (!stopped).then(|| compute(plan, &runners, round, guess_s))
        };
        let computed: Vec<_> = (done..end).into_par_iter().map(compute).collect();
        for computed in computed {
            let Some(computed) = computed else {
                return Ok(TraceOutcome { rounds: done, interrupted: true });
            };
            let mut computed = computed?;
            let start_s = nominal_s(done).max(free_s);
            if !moving {
                computed = computed.from(start_s);
            } else if start_s != computed.start_s {
                computed = self::compute(plan, &runners, done, start_s)?;
            }
            free_s = computed.end_s;
            sink(&computed.rows)?;
            done += 1;
            (options.progress)(done, rounds);
        }
    }
    Ok(TraceOutcome { rounds, interrupted: false })
}

/// Runs the legs of a round that begins at a time, one after another.
fn compute(
    plan: &TracePlan,
    runners: &[LegRunner<'_>],
    round: u64,
    start_s: f64,
) -> Result<Computed, TraceError> {
    let (mut rows, mut now_s) = (Vec::new(), start_s);
    for (leg, runner) in plan.legs.iter().zip(runners) {
        now_s += leg.config.delay_s;
        // Channels that stand still are drawn by the round, and their noise by the time within it.
        let origin_s = if leg.is_moving() { 0.0 } else { start_s };
        let outcome = runner.run(LegStart { round, at_s: now_s - origin_s })?;
        rows.extend(
            outcome.rows.into_iter().map(|row| TraceRow { t_start_s: row.t_start_s + origin_s, ..row }),
        );
        now_s = outcome.end_s + origin_s;
    }
    Ok(Computed { rows, start_s, end_s: now_s })
}

impl Computed {
    /// Returns a round that was computed for the start of the trace as it is when it begins later; its channels stand still.
    fn from(self, start_s: f64) -> Self {
        let later = |row: TraceRow| TraceRow { t_start_s: row.t_start_s + start_s, ..row };
        Self { rows: self.rows.into_iter().map(later).collect(), start_s, end_s: self.end_s + start_s }
    }
}

/// Hands the rounds of a stored trace on, as they are but for their source.
fn replay_file(
    plan: &TracePlan,
    reader: TraceReader,
    options: &RunOptions<'_>,
    sink: &mut dyn FnMut(&[TraceRow]) -> Result<(), TraceError>,
) -> Result<TraceOutcome, TraceError> {
    let (mut rows, mut done): (Vec<TraceRow>, u64) = (Vec::new(), 0);
    let wanted = plan.rounds.unwrap_or(u64::MAX);
    for row in reader {
        let row = TraceRow { source: Source::Replay, ..row? };
        if rows.last().is_some_and(|last| last.round != row.round) {
            sink(&rows)?;
            rows.clear();
            done += 1;
            (options.progress)(done, plan.rounds.unwrap_or(done));
            if done == wanted || options.interrupted.load(Ordering::Relaxed) {
                return Ok(TraceOutcome { rounds: done, interrupted: done < wanted });
            }
        }
        rows.push(row);
    }
    if !rows.is_empty() {
        sink(&rows)?;
        done += 1;
    }
    if plan.rounds.is_some_and(|rounds| done < rounds) {
        let what = format!("the stored trace has {done} rounds, and trace.rounds = {wanted} are asked for");
        return Err(TraceError::Rows { what });
    }
    Ok(TraceOutcome { rounds: done, interrupted: false })
}

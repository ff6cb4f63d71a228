//! The error budget: the total error of an experiment, split into its causes by switching them on and off one at a time.
//!
//! `cause` says which causes an experiment has, `switch` makes the experiment without some of them, on the same draws; `bench` runs
//! trials and keeps them, `compare` pairs them; `parts` relates them trial by trial; `floors` has the closed forms; `interaction`
//! finds the pairs that do not add up; `target` says what must improve by how much. `report` holds what comes out.
//!
//! ```text
//! base        error with everything off but the scheme
//! alone_c     error with only cause c on - base          removed_c   total - error with only cause c off
//! rest        total - base - sum of alone_c              interaction_cd = error(c, d on) - alone_c - alone_d - base
//! ```

mod bench;
mod cause;
mod compare;
mod error;
mod floors;
mod interaction;
mod metric;
mod parts;
mod report;
mod switch;
pub mod target;
#[cfg(test)]
mod tests;

pub use cause::{Cause, causes, fidelity_of};
pub use error::BudgetError;
pub use metric::BudgetMetric;
pub use parts::Part;
pub use report::{BudgetRow, COLUMNS, ErrorBudget, Interaction, WaterfallBar};
pub use target::{Need, TargetReport};

use crate::config::Node;
use crate::experiment::Loader;
use crate::report::Fidelity;
use crate::run::RunOptions;
use airloop_baseband::units::db_from_power;
use bench::{Air, Bench};
use compare::Compare;
use parts::{difference, mean_of};
use std::collections::BTreeSet;

/// What is asked of a budget.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BudgetConfig {
    /// The rung; `None` takes waveform where something acts only there, else symbol.
    pub fidelity: Option<Fidelity>,
    /// The error to be reached, in decibels.
    pub target_db: Option<f64>,
}

/// What is left of a total by rounding, over it.
const ROUNDING: f64 = 1e-12;

/// Range of a target, in decibels.
pub const TARGET_DB: (f64, f64) = (-200.0, 100.0);

/// Splits the error of an experiment (a tree without sweep and curves) into its causes.
///
/// All runs take the trials of the experiment's stop rule, which is judged on the whole experiment.
///
/// # Errors
/// When the experiment is wrong or cannot be run, its error has no mean, theory is asked for, or the target is out of range.
pub fn error_budget(
    tree: &Node,
    loader: &Loader,
    config: &BudgetConfig,
    options: &RunOptions<'_>,
) -> Result<ErrorBudget, BudgetError> {
    if config.fidelity == Some(Fidelity::Theory) {
        return Err(BudgetError::Theory);
    }
    if config.fidelity == Some(Fidelity::Radio) {
        let what = "the budget of an error, whose causes are switched off in the emulated air,".into();
        return Err(crate::run::RunError::Unsupported { what, fidelity: Fidelity::Radio }.into());
    }
    if let Some(target_db) = config.target_db
        && !(TARGET_DB.0..=TARGET_DB.1).contains(&target_db)
    {
        return Err(BudgetError::Target { target_db, least: TARGET_DB.0, most: TARGET_DB.1 });
    }
    let experiment = loader.load(tree).map_err(crate::run::RunError::from)?;
    let fidelity = match config.fidelity {
        Some(fidelity) => fidelity,
        None => fidelity_of(&experiment)?,
    };
    let metric = BudgetMetric::of(&experiment)?;
    let causes = causes(&experiment, fidelity)?;
    let mut bench = Bench::new((tree, loader), &experiment, (fidelity, metric), causes.len(), options);
    let level = experiment.stop.level;
    let total_errors = bench.total()?;
    let mut compare = Compare::new(&mut bench, &experiment, &causes);
    let base_errors = compare.base()?;
    let total = mean_of(&total_errors, level);
    let base = mean_of(&base_errors, level);
    let bare = compare.left_with(None)?;
    let (mut split, mut floors) = (Vec::new(), Vec::new());
    for cause in &causes {
        let (only, compared) = compare.with_only(&[*cause])?;
        let lacking = compare.lacking(*cause)?;
        let alone: Vec<f64> = only.iter().zip(compared.iter()).map(|(a, b)| a - b).collect();
        let removed: Vec<f64> = total_errors.iter().zip(lacking.iter()).map(|(a, b)| a - b).collect();
        split.push((*cause, alone, removed));
        floors.push(floors::of_cause(*cause, (&compare.left_with(Some(*cause))?, &bare)));
    }
    let rest: Vec<f64> = (0..total_errors.len())
        .map(|t| total_errors[t] - base_errors[t] - split.iter().map(|(_, alone, _)| alone[t]).sum::<f64>())
        .collect();
    let rest = mean_of(&rest, level);
    let rows: Vec<BudgetRow> =
        std::iter::once(report::scheme_row(&experiment, base, (total.mean, floors::of_scheme(&bare))))
            .chain(split.iter().zip(floors).map(|((cause, alone, removed), floor)| {
                let parts =
                    (mean_of(alone, level), mean_of(removed, level), difference(removed, alone, level));
                report::row(*cause, parts, (total.mean, floor))
            }))
            .collect();
    let nothing = rest.mean.abs() <= ROUNDING * total.mean;
    let within = |half: f64| rest.holds_zero() || rest.mean.abs() <= half;
    let adds_up = if nothing { Some(true) } else { total.half_width().map(within) };
    let interacting: Vec<Cause> =
        causes.iter().copied().zip(&rows[1..]).filter(|(_, row)| row.interacts).map(|(c, _)| c).collect();
    let interactions = match adds_up != Some(false) && interacting.is_empty() {
        true => Vec::new(),
        false => interaction::pairs(&mut compare, (&split, &interacting), level)?,
    };
    let target = match config.target_db {
        Some(target_db) => Some(target::report(target_db, total.mean, &rows, |off, scheme| {
            let set: BTreeSet<Cause> = causes.iter().copied().filter(|c| off.contains(&c.name())).collect();
            let left = mean_of(&bench.without(&set, Air::Own)?, level).mean;
            Ok::<f64, BudgetError>(if scheme { left - base.mean } else { left })
        })?),
        None => None,
    };
    let trials = total_errors.len() as u64;
    let mut remarks = report::remarks(&experiment, (fidelity, &causes), trials);
    remarks.extend(rows.iter().filter_map(|row| report::doubt(row, trials)));
    Ok(ErrorBudget {
        scheme: experiment.scheme.name.clone(),
        fidelity,
        metric: metric.word().into(),
        trials,
        level,
        total: total.mean,
        total_low: total.low,
        total_high: total.high,
        total_db: db_from_power(total.mean),
        rows,
        rest: rest.mean,
        rest_low: rest.low,
        rest_high: rest.high,
        adds_up,
        interactions,
        target,
        remarks,
    })
}

//! What must improve by how much to reach a target.

use super::ROUNDING;
use super::report::BudgetRow;
use airloop_baseband::units::{db_from_power, power_from_db};
use serde::Serialize;

/// By how much one cause must shrink if all else stays.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Need {
    /// The cause.
    pub cause: String,
    /// What it contributes: what its removal takes, of the scheme its own error.
    pub contribution: f64,
    /// Factor by which that must shrink, in decibels; `None` where even none of it is left would not do.
    pub shrink_db: Option<f64>,
}

/// How far a target is, and what reaches it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetReport {
    /// The target.
    pub target_db: f64,
    /// Target over total: positive where it is met.
    pub margin_db: f64,
    /// Whether it is met.
    pub met: bool,
    /// Each cause by itself, the largest first; empty where the target is met.
    pub needs: Vec<Need>,
    /// The shortest list of causes, the largest first, whose removal together reaches it; empty where the target is met or beyond
    /// what the removal of all reaches.
    pub together: Vec<String>,
    /// Whether that list holds what the scheme itself leaves.
    pub together_with_scheme: bool,
    /// The error that their removal leaves, as measured, in decibels; `None` where it is nothing.
    pub together_left_db: Option<f64>,
}

/// Returns the factor in decibels by which a contribution must shrink for the total to come down to a target.
///
/// ```text
/// total - (1 - f) contribution = target:   f = 1 - (total - target)/contribution,   shrink = -10 lg f
/// ```
///
/// `None` where `f` would not be positive; 0 where the target is met.
pub fn shrink_db(total: f64, target: f64, contribution: f64) -> Option<f64> {
    if total <= target {
        return Some(0.0);
    }
    let left = 1.0 - (total - target) / contribution;
    (contribution > 0.0 && left > 0.0).then(|| -db_from_power(left))
}

/// Returns how many of the contributions, taken from the largest on, take the total down to a target; `None` where all do not.
pub fn how_many(total: f64, target: f64, descending: &[f64]) -> Option<usize> {
    let mut left = total;
    if left <= target {
        return Some(0);
    }
    descending
        .iter()
        .filter(|c| **c > 0.0)
        .position(|c| {
            left -= c;
            left <= target
        })
        .map(|place| place + 1)
}

/// Says what reaches a target; `left` runs the experiment without causes, and without what the scheme leaves if asked.
pub(super) fn report<E>(
    target_db: f64,
    total: f64,
    rows: &[BudgetRow],
    mut left: impl FnMut(&[&str], bool) -> Result<f64, E>,
) -> Result<TargetReport, E> {
    let target = power_from_db(target_db);
    let margin_db = target_db - db_from_power(total);
    let met = total <= target;
    let (mut needs, mut together, mut together_left_db) = (Vec::new(), Vec::new(), None);
    let mut together_with_scheme = false;
    if !met {
        let mut largest: Vec<(&BudgetRow, f64)> =
            rows.iter().map(|row| (row, row.removed.unwrap_or(row.alone))).collect();
        largest.sort_by(|a, b| b.1.total_cmp(&a.1));
        needs = largest
            .iter()
            .map(|(row, contribution)| Need {
                cause: row.cause.clone(),
                contribution: *contribution,
                shrink_db: shrink_db(total, target, *contribution),
            })
            .collect();
        let sizes: Vec<f64> = largest.iter().map(|(_, contribution)| *contribution).collect();
        // Where causes interact the sum of single removals is not what is left: what the list leaves is measured.
        for count in how_many(total, target, &sizes).unwrap_or(sizes.len()).max(1)..=sizes.len() {
            let (scheme, off): (Vec<_>, Vec<_>) =
                largest[..count].iter().partition(|(row, _)| row.is_scheme());
            let off: Vec<&str> = off.iter().map(|(row, _)| row.cause.as_str()).collect();
            let rest = left(&off, !scheme.is_empty())?;
            if rest <= target {
                together = largest[..count].iter().map(|(row, _)| row.cause.clone()).collect();
                together_with_scheme = !scheme.is_empty();
                together_left_db = (rest > ROUNDING * total).then(|| db_from_power(rest));
                break;
            }
        }
    }
    Ok(TargetReport { target_db, margin_db, met, needs, together, together_with_scheme, together_left_db })
}

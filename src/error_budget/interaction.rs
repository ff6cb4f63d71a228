//! Which pairs of causes leave more, or less, together than each alone.

use super::BudgetError;
use super::cause::Cause;
use super::compare::Compare;
use super::parts::mean_of;
use super::report::Interaction;
use airloop_baseband::units::db_from_power;

/// Most causes of which all pairs are run.
const MOST: usize = 4;

/// A cause with what it adds alone and what its removal takes, trial by trial.
pub(super) type Split = (Cause, Vec<f64>, Vec<f64>);

/// Runs the pairs of the causes that interact, the largest first, and returns those that do not add up, the strongest first.
pub(super) fn pairs(
    compare: &mut Compare<'_, '_>,
    (split, interacting): (&[Split], &[Cause]),
    level: f64,
) -> Result<Vec<Interaction>, BudgetError> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mut largest: Vec<&Split> = split.iter().collect();
    largest.sort_by(|a, b| {
        let key = |s: &Split| (interacting.contains(&s.0), mean(&s.1).abs().max(mean(&s.2).abs()));
        let ((a_flag, a_size), (b_flag, b_size)) = (key(a), key(b));
        b_flag.cmp(&a_flag).then(b_size.total_cmp(&a_size))
    });
    largest.truncate(MOST);
    let mut found = Vec::new();
    for (i, first) in largest.iter().enumerate() {
        for second in &largest[i + 1..] {
            let (both, base) = compare.with_only(&[first.0, second.0])?;
            let more: Vec<f64> =
                (0..both.len()).map(|t| both[t] - base[t] - first.1[t] - second.1[t]).collect();
            let part = mean_of(&more, level);
            if !part.holds_zero() && part.half_width().is_some() {
                let sum = mean(&first.1) + mean(&second.1);
                found.push(Interaction {
                    causes: [first.0.min(second.0), first.0.max(second.0)].map(|cause| cause.name().into()),
                    interaction: part.mean,
                    interaction_low: part.low,
                    interaction_high: part.high,
                    interaction_db: db_from_power(part.mean.abs()),
                    together_over_sum_db: Some(db_from_power((sum + part.mean) / sum))
                        .filter(|x| x.is_finite()),
                });
            }
        }
    }
    found.sort_by(|a, b| b.interaction.abs().total_cmp(&a.interaction.abs()));
    Ok(found)
}

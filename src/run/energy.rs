//! The formula of energy aggregation over the channels, knowledge and payload that rounds draw.

use super::RunError;
use super::trial::TrialContext;
use super::walk::{Walk, over_rounds};
use crate::theory::energy::{EnergyConditional, EnergyFormula, EnergySlot};
use crate::theory::{Prediction, Setting};

/// Returns what the formula predicts for a trial, averaged over its rounds.
///
/// # Errors
/// When the payload cannot be read or a transport fails.
pub fn predict(
    context: &TrialContext<'_>,
    (setting, formula): (&Setting<'_>, EnergyFormula),
    trial: u64,
) -> Result<Prediction, RunError> {
    over_rounds(context, trial, |round| predict_round(context, (setting, formula), round))
}

/// Returns the prediction of one round, given by its index and the absolute symbol at which it begins, and where it ends.
fn predict_round(
    context: &TrialContext<'_>,
    (setting, formula): (&Setting<'_>, EnergyFormula),
    (index, first_symbol): (u64, usize),
) -> Result<(Prediction, usize), RunError> {
    let payload = setting.payload;
    let mut conditional = EnergyConditional::new(setting, formula);
    let mut walk = Walk::new(context, (index, first_symbol));
    let mut values = Vec::new();
    let mut more = true;
    while more {
        more = walk.step(usize::MAX, |segment, known, truth| {
            values.resize(payload.devices() * segment.values, 0.0);
            for (device, row) in values.chunks_exact_mut(segment.values).enumerate() {
                payload.read(index, device, segment.first_value, row)?;
            }
            let (first_element, elements) = (segment.first_element, segment.elements());
            let (truth, values) = (truth.unwrap_or(known), &values[..]);
            conditional.add(&EnergySlot { truth, known, first_element, elements, values });
            Ok(())
        })?;
    }
    Ok((conditional.finish(index), walk.end()))
}

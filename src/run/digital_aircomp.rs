//! The formula of sums of points over the channels, knowledge, payload and rounding that rounds draw.

use super::RunError;
use super::trial::TrialContext;
use super::walk::{Walk, over_rounds};
use crate::theory::digital_aircomp::{AircompSlot, DigitalAircompConditional, DigitalAircompFormula};
use crate::theory::{Prediction, Setting};
use airloop_baseband::Purpose;

/// Returns what the formula predicts for a trial, averaged over its rounds.
///
/// # Errors
/// When the payload cannot be read or a transport fails.
pub fn predict(
    context: &TrialContext<'_>,
    (setting, formula): (&Setting<'_>, DigitalAircompFormula),
    trial: u64,
) -> Result<Prediction, RunError> {
    over_rounds(context, trial, |round| predict_round(context, (setting, formula), round))
}

/// Returns the prediction of one round, given by its index and the absolute symbol at which it begins, and where it ends.
fn predict_round(
    context: &TrialContext<'_>,
    (setting, formula): (&Setting<'_>, DigitalAircompFormula),
    (index, first_symbol): (u64, usize),
) -> Result<(Prediction, usize), RunError> {
    let (payload, digits) = (setting.payload, formula.digits as usize);
    let mut conditional = DigitalAircompConditional::new(setting, formula);
    let mut walk = Walk::new(context, (index, first_symbol));
    let (mut values, mut uniforms) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        more = walk.step(usize::MAX, |segment, known, truth| {
            let (first_part, parts) = (segment.first_value, segment.values);
            let first = first_part / digits;
            let count = (first_part + parts).div_ceil(digits) - first;
            values.resize(payload.devices() * count, 0.0);
            uniforms.resize(payload.devices() * count, 0.5);
            let rows = values.chunks_exact_mut(count).zip(uniforms.chunks_exact_mut(count));
            for (device, (values, uniforms)) in rows.enumerate() {
                payload.read(index, device, first, values)?;
                let stream = context.experiment.seeds.stream(Purpose::Quantiser, index, device as u64);
                stream.fill_uniform(first as u64, uniforms);
            }
            let truth = truth.unwrap_or(known);
            let (values, uniforms) = (&values[..], &uniforms[..]);
            conditional.add(&AircompSlot { truth, known, first_part, parts, values, uniforms });
            Ok(())
        })?;
    }
    Ok((conditional.finish(index), walk.end()))
}

//! Doubts about functions beyond sum and mean.

use super::Warning;
use crate::payload::Payload;
use airloop_baseband::units::db_from_power;

/// Peak over mean square of mapped values from which the dynamic range is worth a word.
const WIDE_DB: f64 = 20.0;

/// Returns the doubt about mapped values of a wide dynamic range, if the payload is mapped.
pub(super) fn dynamic_range(payload: &Payload) -> Option<Warning> {
    payload.mapping()?;
    let db = db_from_power(payload.papr()?);
    (db > WIDE_DB).then(|| {
        let message = format!(
            "the peak of the mapped values is {db:.1} dB above their mean square, which the power budget goes by: most \
             values are sent far below it"
        );
        Warning::new("dynamic-range", message)
    })
}

/// Returns the doubt about received sums that a function could not take as they were.
pub fn of_clamping(share: f64) -> Option<Warning> {
    (share > 0.0).then(|| {
        let message = format!(
            "{:.3} % of the received sums lay beyond what payload.function maps back, and were clamped",
            100.0 * share
        );
        Warning::new("sums-clamped", message)
    })
}

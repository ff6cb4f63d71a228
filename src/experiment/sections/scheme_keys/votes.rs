//! Keys of schemes that take votes.

use crate::config::{Bound, ConfigError, TableReader};
use crate::scheme::one_bit_majority::OneBitMajority;
use crate::scheme::truncated_inversion::PowerConstraint;

/// Most times that a vote is sent.
const MAX_COPIES: usize = 1 << 16;

/// Reads the keys of `one-bit-majority`.
///
/// # Errors
/// When one is missing or wrong.
pub fn read_one_bit(reader: &TableReader<'_>) -> Result<OneBitMajority, ConfigError> {
    let threshold = reader.f64_in("threshold", None, Bound::between(0.0, 1e3))?;
    let constraint = match reader.choice("power_constraint", Some("average"), &["average", "peak"])? {
        "peak" => PowerConstraint::Peak,
        _ => PowerConstraint::Average,
    };
    Ok(OneBitMajority::new(threshold, constraint))
}

/// Reads the keys of `fsk-majority`: the copies of each vote, and the probability that a device casts it.
///
/// # Errors
/// When they are wrong, or follow from a budget.
pub fn read_fsk(reader: &TableReader<'_>, has_budget: bool) -> Result<(usize, f64), ConfigError> {
    reader.choice("power_constraint", Some("peak"), &["peak"])?;
    let participation = reader.f64_in("participation", Some(1.0), Bound::between(1e-6, 1.0))?;
    if has_budget {
        reader.require_absent("copies", "a [budget] fixes the airtime, and the copies follow from it")?;
        return Ok((1, participation));
    }
    let copies = reader.usize("copies", Some(1), 1)?;
    if copies > MAX_COPIES {
        let message = format!("{copies} is out of range: 1 to {MAX_COPIES} copies of a vote are possible");
        return Err(reader.invalid("copies", message));
    }
    Ok((copies, participation))
}

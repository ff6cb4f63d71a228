//! The keys of schemes whose devices need their own channel only: `"phase-only"` and `"cotaf"`.

use crate::config::{Bound, ConfigError, TableReader};
use crate::scheme::cotaf::Cotaf;
use crate::scheme::phase_only::PhaseOnly;
use crate::sounding::KnownStatistics;

/// Reads the keys of `"phase-only"`.
///
/// # Errors
/// When one is wrong.
pub fn read_phase_only(reader: &TableReader<'_>) -> Result<PhaseOnly, ConfigError> {
    reader.choice("power_constraint", Some("peak"), &["peak"])?;
    let unbiased = reader.choice("scale", Some("unbiased"), &["unbiased", "plain"])? == "unbiased";
    Ok(PhaseOnly { unbiased, known: KnownStatistics::perfect(f64::INFINITY) })
}

/// Reads the keys of `"cotaf"`.
///
/// # Errors
/// When one is wrong.
pub fn read_cotaf(reader: &TableReader<'_>) -> Result<Cotaf, ConfigError> {
    reader.choice("power_constraint", Some("peak"), &["peak"])?;
    let threshold = reader.f64_in("threshold", Some(0.0), Bound::between(0.0, 1e3))?;
    Ok(Cotaf { threshold, constant: false })
}

/// Returns why update-scaled precoding cannot run with its threshold, if so.
pub fn objection_to_cotaf(scheme: &Cotaf) -> Option<String> {
    (scheme.threshold == 0.0 && !scheme.constant).then(|| {
        "0 leaves no amplitude at which all devices could arrive at peak power; \
         a positive threshold is expected over a fading channel"
            .to_string()
    })
}

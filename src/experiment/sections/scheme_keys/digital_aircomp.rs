//! The keys of `scheme.kind = "digital-aircomp"`.

use super::energy::UNIFORM_RANGE;
use crate::config::{Bound, ConfigError, TableReader};
use crate::payload::Payload;
use crate::scheme::digital_aircomp::pam::MAX_NUMBERS;
use crate::scheme::digital_aircomp::{ChannelComp, Code, Computed, DigitalAircomp, PamCode, UniformLevels};
use crate::scheme::truncated_inversion::{PowerConstraint, Scale, TruncatedInversion};
use crate::sounding::KnownStatistics;
use crate::theory::digital_aircomp::DigitalAircompFormula;
use std::sync::Arc;

/// Most points a quadrature.
const MAX_BASE: u64 = 1 << 12;

/// Reads the keys.
///
/// # Errors
/// When a key is wrong or out of bounds, or there is a budget of airtime.
pub fn read(reader: &TableReader<'_>, has_budget: bool) -> Result<DigitalAircomp, ConfigError> {
    if has_budget {
        let message =
            "\"digital-aircomp\" has no [budget]: its airtime follows from digits; leave the budget out";
        return Err(reader.invalid("kind", message));
    }
    let range = reader.f64_in("range", Some(UNIFORM_RANGE), Bound::between(0.0, 1e6).open_low())?;
    let stochastic =
        reader.choice("rounding", Some("stochastic"), &["stochastic", "nearest"])? == "stochastic";
    let base = reader.u64("base", Some(4), 2)?;
    if base > MAX_BASE {
        let message = format!("{base} is out of range: 2 to {MAX_BASE} points are possible");
        return Err(reader.invalid("base", message));
    }
    let designed = reader.choice("constellation", Some("pam"), &["pam", "designed"])? == "designed";
    let code = if designed {
        let why =
            "goes with constellation = \"pam\"; a designed constellation has one point a value: leave it out";
        reader.require_absent("digits", why)?;
        let why = "goes with constellation = \"pam\"; sums of a designed constellation are those of all devices: leave it out";
        reader.require_absent("threshold", why)?;
        let levels = UniformLevels { range, levels: base as u32, stochastic };
        Code::Designed { levels, function: Computed::Sum, constellation: None }
    } else {
        let digits = reader.u64("digits", Some(1), 1)?;
        let numbers = u32::try_from(digits).ok().and_then(|digits| base.checked_pow(digits));
        if numbers.is_none_or(|numbers| numbers > MAX_NUMBERS) {
            let most = MAX_NUMBERS.ilog(base);
            let message = format!("{digits} is out of range: base {base} takes 1 to {most} digits");
            return Err(reader.invalid("digits", message));
        }
        Code::Pam(PamCode::new(base as u32, digits as u32, (range, stochastic)))
    };
    Ok(DigitalAircomp { code, inversion: read_inversion(reader)? })
}

fn read_inversion(reader: &TableReader<'_>) -> Result<Option<TruncatedInversion>, ConfigError> {
    if !reader.has("threshold") {
        reader.choice("power_constraint", Some("peak"), &["peak"])?;
        return Ok(None);
    }
    let threshold = reader.f64_in("threshold", None, Bound::between(0.0, 1e3))?;
    let constraint = match reader.choice("power_constraint", Some("average"), &["average", "peak"])? {
        "peak" => PowerConstraint::Peak,
        _ => PowerConstraint::Average,
    };
    Ok(Some(TruncatedInversion {
        threshold,
        scale: Scale::Plain,
        constraint,
        known: KnownStatistics::perfect(f64::INFINITY),
        passes: 1,
        fades: 1,
    }))
}

impl DigitalAircomp {
    /// Designs the constellation, where there is one to design, for the payload's function and devices.
    ///
    /// # Errors
    /// When it has too many sums, or the function's values are centred.
    pub fn settle(&mut self, reader: &TableReader<'_>, payload: &Payload) -> Result<(), ConfigError> {
        let Code::Designed { levels, function, constellation } = &mut self.code else { return Ok(()) };
        if payload.mapping().is_some_and(|mapping| mapping.function().is_largest()) {
            *function = Computed::Maximum;
            if payload.offset() != 0.0 {
                let message = "\"designed\" finds the largest value itself, which values without their means are not: \
                               leave payload.center at false";
                return Err(reader.invalid("constellation", message));
            }
        }
        let made = ChannelComp::design(*function, payload.devices(), levels.levels)
            .map_err(|error| reader.invalid("constellation", error.to_string()))?;
        *constellation = Some(Arc::new(made));
        Ok(())
    }

    /// Returns what theory calls the scheme; `None`: a designed constellation has no formula.
    pub fn formula(&self) -> Option<DigitalAircompFormula> {
        let Code::Pam(code) = &self.code else { return None };
        let of =
            |scheme: &TruncatedInversion| (scheme.threshold, scheme.constraint == PowerConstraint::Average);
        Some(DigitalAircompFormula {
            base: code.base,
            digits: code.digits,
            range: code.levels.range,
            stochastic: code.levels.stochastic,
            threshold: self.inversion.as_ref().map(of),
        })
    }
}

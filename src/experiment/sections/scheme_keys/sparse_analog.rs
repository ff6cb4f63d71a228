//! The keys of `scheme.kind = "a-dsgd"`: what devices keep, how many measurements they send, how the server recovers the sum.

use crate::config::{Bound, ConfigError, NumberOrWord, TableReader};
use crate::scheme::sparse_analog::SparseAnalog;
use crate::scheme::truncated_inversion::PowerConstraint;
use crate::sounding::KnownStatistics;
use crate::sparse::{AmpSettings, least_threshold, minimax_threshold};

/// Most entries of the projection: a pass over them takes seconds, and recovery takes two for every iteration.
const MAX_ENTRIES: u128 = 1 << 36;

/// Most iterations of message passing.
const MAX_ITERATIONS: usize = 10_000;

/// Message passing ends when its effective noise changes less than this share: far less than it differs from trial to trial.
const TOLERANCE: f64 = 1e-4;

/// The scheme as configured, and what follows from it and the payload.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseAnalogSection {
    /// What follows; rows, entries kept and threshold of recovery are settled by [`SparseAnalogSection::settle`].
    pub scheme: SparseAnalog,
    measurements: Measurements,
    sparsity: f64,
    /// In units of the effective noise; `None` for the minimax threshold.
    amp_threshold: Option<f64>,
}

/// How the number of measurements is given.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measurements {
    Rows(usize),
    /// Over the number of values.
    Compression(f64),
    /// As many as the budget carries.
    Budget,
}

impl Measurements {
    fn key(self) -> &'static str {
        match self {
            Self::Compression(_) => "compression",
            Self::Rows(_) | Self::Budget => "rows",
        }
    }
}

impl SparseAnalogSection {
    /// Reads the keys.
    ///
    /// # Errors
    /// When one is missing, wrong, or contradicts another.
    pub fn read(reader: &TableReader<'_>, has_budget: bool) -> Result<Self, ConfigError> {
        let constraint = match reader.choice("power_constraint", Some("average"), &["average", "peak"])? {
            "peak" => PowerConstraint::Peak,
            _ => PowerConstraint::Average,
        };
        let minimax = NumberOrWord::Word("minimax".into());
        let amp_threshold = match reader.number_or_word("amp_threshold", Some(minimax), &["minimax"])? {
            NumberOrWord::Word(_) => None,
            NumberOrWord::Number(alpha) if Bound::between(0.0, 20.0).allows(alpha) => Some(alpha),
            NumberOrWord::Number(alpha) => {
                let message = format!(
                    "{alpha} is out of range: 0 to 20 times the effective noise, or \"minimax\", is expected"
                );
                return Err(reader.invalid("amp_threshold", message));
            }
        };
        let iterations = reader.usize("amp_iterations", Some(30), 1)?;
        if iterations > MAX_ITERATIONS {
            let message =
                format!("{iterations} is out of range: 1 to {MAX_ITERATIONS} iterations are possible");
            return Err(reader.invalid("amp_iterations", message));
        }
        let measurements = read_measurements(reader, has_budget)?;
        Ok(Self {
            scheme: SparseAnalog {
                threshold: reader.f64_in("threshold", Some(0.0), Bound::between(0.0, 1e3))?,
                constraint,
                rows: 0,
                kept: 0,
                recovery: AmpSettings { alpha: 0.0, iterations, tolerance: TOLERANCE },
                error_feedback: reader.bool("error_feedback", Some(true))?,
                known: KnownStatistics::perfect(f64::INFINITY),
            },
            measurements,
            sparsity: reader.f64_in("sparsity", None, Bound::between(0.0, 1.0).open_low())?,
            amp_threshold,
        })
    }

    /// Settles rows, entries kept and the threshold of recovery for vectors of `length` values and a budget of elements.
    ///
    /// # Errors
    /// When there are fewer than 2 rows, the projection is too large, or message passing would diverge whatever is sent.
    pub fn settle(
        &mut self,
        reader: &TableReader<'_>,
        length: usize,
        budget_elements: Option<usize>,
    ) -> Result<(), ConfigError> {
        let rows = match self.measurements {
            Measurements::Rows(rows) => rows,
            Measurements::Compression(share) => (share * length as f64).round() as usize,
            // The pilot takes one of the values.
            Measurements::Budget => (2 * budget_elements.unwrap_or(0)).saturating_sub(1),
        };
        let key = self.measurements.key();
        if rows < 2 {
            let message =
                format!("{rows} measurements of {length} values are too few: at least 2 are expected");
            return Err(reader.invalid(key, message));
        }
        let entries = rows as u128 * length as u128;
        if entries > MAX_ENTRIES {
            let most = MAX_ENTRIES / length as u128;
            let message = format!(
                "{rows} measurements of {length} values make a projection of {entries} entries; at most {MAX_ENTRIES} \
                 are possible, that is {most} measurements: send fewer, or the payload in parts"
            );
            return Err(reader.invalid(key, message));
        }
        let delta = rows as f64 / length as f64;
        let least = least_threshold(delta);
        self.scheme.recovery.alpha = match self.amp_threshold {
            Some(alpha) if alpha > least => alpha,
            Some(alpha) => {
                let message = format!(
                    "{alpha} is too low: message passing of {rows} measurements of {length} values diverges below \
                     {least:.4}; more than that, or \"minimax\", is expected"
                );
                return Err(reader.invalid("amp_threshold", message));
            }
            None if rows >= length => {
                let message = format!(
                    "= \"minimax\" is 0 for {rows} measurements of {length} values and leaves all noise in; \
                     a number, for example 1.0, or fewer measurements than values are expected"
                );
                return Err(reader.invalid("amp_threshold", message));
            }
            None => minimax_threshold(delta),
        };
        self.scheme.rows = rows;
        self.scheme.kept = ((self.sparsity * length as f64).round() as usize).max(1);
        Ok(())
    }

    /// Returns why the scheme cannot run over its channel, if so.
    pub fn objection(&self) -> Option<String> {
        self.scheme.inverts_every_fade().then(|| {
            "0 inverts every fade, which takes infinite power on average; \
             a positive threshold is expected over a fading channel"
                .to_string()
        })
    }
}

fn read_measurements(reader: &TableReader<'_>, has_budget: bool) -> Result<Measurements, ConfigError> {
    if has_budget {
        for key in ["rows", "compression"] {
            reader
                .require_absent(key, "a [budget] fixes the airtime, and the measurements follow from it")?;
        }
        return Ok(Measurements::Budget);
    }
    if reader.has("rows") {
        let why = "says the same as rows: give one of the two";
        reader.require_absent("compression", why)?;
        return Ok(Measurements::Rows(reader.usize("rows", None, 2)?));
    }
    if reader.has("compression") {
        let share = reader.f64_in("compression", None, Bound::between(0.0, 10.0).open_low())?;
        return Ok(Measurements::Compression(share));
    }
    let message = "is missing: a-dsgd needs rows, or compression (rows over values), or a [budget]";
    Err(reader.invalid("rows", message))
}

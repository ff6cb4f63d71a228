//! `[budget]`: a fixed airtime for analog and digital alike.

use crate::config::{Bound, ConfigError, TableReader};
use crate::ofdm::Numerology;

/// Longest round, in seconds.
const MAX_AIRTIME_S: f64 = 3600.0;

/// Most elements of a round.
const MAX_ELEMENTS: u64 = 1 << 40;

/// The budget as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BudgetSection {
    airtime_s: Option<f64>,
    elements: Option<u64>,
}

impl BudgetSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When both airtime and elements are given.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let airtime_s = reader.optional_f64("airtime_s", Bound::between(0.0, MAX_AIRTIME_S).open_low())?;
        let elements = reader.optional_u64("elements", 1)?;
        if let Some(elements) = elements.filter(|e| *e > MAX_ELEMENTS) {
            return Err(reader.invalid("elements", format!("{elements} is out of range: must be at most {MAX_ELEMENTS}")));
        }
        if airtime_s.is_some() && elements.is_some() {
            return Err(reader.invalid("elements", "budget.airtime_s already fixes the budget"));
        }
        Ok(Self { airtime_s, elements })
    }

    /// Returns whether there is a budget.
    pub fn is_given(&self) -> bool {
        self.airtime_s.is_some() || self.elements.is_some()
    }

    /// Returns the whole OFDM symbols that fit the budget.
    ///
    /// # Errors
    /// When not even one fits.
    pub fn symbols(&self, reader: &TableReader<'_>, numerology: &Numerology) -> Result<Option<usize>, ConfigError> {
        let (key, symbols) = match (self.airtime_s, self.elements) {
            (Some(airtime_s), _) => {
                let guess = (airtime_s / numerology.duration_s(1)) as usize;
                // Prefixes differ in length: step to the last symbol that ends in time (to a thousandth of a sample).
                let ends = |n: usize| numerology.duration_s(n) <= airtime_s + 1e-3 / numerology.sample_rate_hz();
                let first = guess.saturating_sub(1);
                ("airtime_s", (first..).take_while(|n| *n == 0 || ends(*n)).last().unwrap_or(0))
            }
            (None, Some(elements)) => ("elements", (elements / numerology.used() as u64) as usize),
            (None, None) => return Ok(None),
        };
        if symbols == 0 {
            let message = format!(
                "is too small: one OFDM symbol takes {} elements and {:e} s",
                numerology.used(),
                numerology.duration_s(1)
            );
            return Err(reader.invalid(key, message));
        }
        Ok(Some(symbols))
    }
}

//! `[budget]`: a fixed airtime for analog and digital alike.

use crate::config::{Bound, ConfigError, TableReader};
use crate::ofdm::Numerology;

/// Most OFDM symbols of a round.
const MAX_SYMBOLS: usize = 1 << 24;

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
        let airtime_s = reader.optional_f64("airtime_s", Bound::positive())?;
        let elements = reader.optional_u64("elements", 1)?;
        if airtime_s.is_some() && elements.is_some() {
            return Err(
                reader.invalid("elements", "budget.airtime_s already fixes the budget; leave one out")
            );
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
    /// When not even one fits, or far too many.
    pub fn symbols(
        &self,
        reader: &TableReader<'_>,
        numerology: &Numerology,
    ) -> Result<Option<usize>, ConfigError> {
        let (key, symbols) = match (self.airtime_s, self.elements) {
            (Some(airtime_s), _) => {
                let guess = ((airtime_s / numerology.duration_s(1)) as usize).min(MAX_SYMBOLS + 1);
                // Prefixes differ in length: step to the last symbol that ends in time (to a thousandth of a sample).
                let ends =
                    |n: usize| numerology.duration_s(n) <= airtime_s + 1e-3 / numerology.sample_rate_hz();
                let first = guess.saturating_sub(1);
                (
                    "airtime_s",
                    (first..=guess + guess / 8 + 1).take_while(|n| *n == 0 || ends(*n)).last().unwrap_or(0),
                )
            }
            (None, Some(elements)) => ("elements", (elements / numerology.used() as u64) as usize),
            (None, None) => return Ok(None),
        };
        if symbols == 0 {
            let message = format!(
                "is too small: the first OFDM symbol takes {} elements and {:.4e} s",
                numerology.used(),
                numerology.duration_s(1)
            );
            return Err(reader.invalid(key, message));
        }
        if symbols > MAX_SYMBOLS {
            let message = format!("is too large: a round has at most {MAX_SYMBOLS} OFDM symbols");
            return Err(reader.invalid(key, message));
        }
        Ok(Some(symbols))
    }
}

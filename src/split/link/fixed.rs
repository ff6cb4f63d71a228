//! Rates that do not change.

use super::{LinkError, LinkRates, Transfer};

/// One rate a device.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedRates(
    /// Rates in bit/s.
    pub Vec<f64>,
);

impl LinkRates for FixedRates {
    fn rate_bps(&mut self, transfer: &Transfer) -> Result<f64, LinkError> {
        Ok(self.0[transfer.device])
    }
}

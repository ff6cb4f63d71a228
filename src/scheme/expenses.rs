//! Expenses: what the devices of an analog round spent, over their budgets.

use super::Account;
use super::alignment::Spent;
use crate::ofdm::Segments;

/// What all devices spent in the slots of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expenses {
    active: u64,
    energy_share: f64,
    peak: f64,
}

impl Expenses {
    /// Adds what a device spent in a slot: `nominal` is its budget per element, `power` that of its precoder.
    pub fn add(&mut self, spent: Spent, (nominal, power): (f64, f64)) {
        self.energy_share += spent.energy / nominal;
        self.peak = self.peak.max(f64::from(spent.peak) / power);
        self.active += spent.active;
    }

    /// Adds what was spent in other slots of the same round.
    pub fn join(&mut self, other: &Self) {
        self.energy_share += other.energy_share;
        self.peak = self.peak.max(other.peak);
        self.active += other.active;
    }

    /// Returns the account of a round of `devices` devices; `receive_snr` where devices align.
    pub fn account(&self, segments: &Segments, devices: usize, receive_snr: Option<f64>) -> Account {
        let pairs = segments.elements() as f64 * devices as f64;
        Account {
            elements: segments.elements(),
            symbols: segments.symbols(),
            active_fraction: self.active as f64 / pairs,
            power_used_mean: self.energy_share / pairs,
            power_peak: self.peak,
            receive_snr,
            sent_share: segments.sent() as f64 / segments.length() as f64,
            bits: None,
            recovered: None,
        }
    }
}

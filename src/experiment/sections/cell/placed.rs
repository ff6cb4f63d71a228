//! A drop as an experiment lives in it.

use airloop_baseband::units::power_from_db;
use airloop_channels::large_scale::{DroppedDevice, ElementBudget, RangeDoubt};

/// A device of the drop, with what the server receives of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellDevice {
    /// Where it stands and what it loses.
    pub dropped: DroppedDevice,
    /// Its total transmit power at full budget.
    pub transmit_power_dbm: f64,
    /// Its mean SNR per resource element.
    pub snr_db: f64,
    /// Whether it takes part.
    pub selected: bool,
}

impl CellDevice {
    /// Makes a device that takes part.
    pub fn new(dropped: DroppedDevice, transmit_power_dbm: f64, budget: &ElementBudget) -> Self {
        let snr_db = budget.snr_db(transmit_power_dbm, dropped.loss_db());
        Self { dropped, transmit_power_dbm, snr_db, selected: true }
    }
}

/// All devices of the drop, those included that take no part.
#[derive(Clone, Debug, PartialEq)]
pub struct CellDrop {
    /// The devices in the order of the payload's source.
    pub devices: Vec<CellDevice>,
    /// Where formulas are applied beyond the ranges that the standard states.
    pub doubts: Vec<RangeDoubt>,
}

impl CellDrop {
    /// Returns the devices that take part.
    pub fn participants(&self) -> impl Iterator<Item = &CellDevice> {
        self.devices.iter().filter(|device| device.selected)
    }

    /// Returns the numbers of the devices that take part, ascending; `None` where all do.
    pub fn part(&self) -> Option<Vec<usize>> {
        let part: Vec<usize> = (0..self.devices.len()).filter(|k| self.devices[*k].selected).collect();
        (part.len() < self.devices.len()).then_some(part)
    }

    /// Returns the azimuths in which the server sees all devices, in degrees from east towards north.
    pub fn azimuths_deg(&self) -> Vec<f64> {
        self.devices.iter().map(|d| d.dropped.y_m.atan2(d.dropped.x_m).to_degrees()).collect()
    }

    /// Returns the mean total transmit power of the devices that take part, in watts.
    pub fn mean_transmit_power_w(&self) -> f64 {
        let count = self.participants().count() as f64;
        self.participants().map(|d| 1e-3 * power_from_db(d.transmit_power_dbm)).sum::<f64>() / count
    }
}

//! Stored values: those of a file, read by range, and those that lie in memory.

use super::source::{Source, SourceError};
use airloop_baseband::Seeds;

/// Values that are read at once.
pub(super) const CHUNK: usize = 1 << 16;

/// K x N values that are there to be read, and are the same in every round.
pub(super) trait Stored: Sync {
    /// Returns the number of devices.
    fn devices(&self) -> usize;

    /// Returns the number of values a device.
    fn length(&self) -> usize;

    /// Writes a device's values from index `start`.
    fn read(&self, device: usize, start: usize, out: &mut [f32]) -> Result<(), SourceError>;

    /// Returns where the values come from, and the row that a device has there.
    fn place(&self, device: usize) -> (String, usize);

    /// Returns whether values lie in memory, where several threads read as fast as they can.
    fn in_memory(&self) -> bool;

    /// Returns what is wrong with a value that is not finite.
    fn not_finite(&self, device: usize, index: usize, value: f32) -> SourceError {
        let (origin, device) = self.place(device);
        SourceError::NotFinite { origin, device, index, value }
    }
}

impl Stored for Source {
    fn devices(&self) -> usize {
        self.devices()
    }

    fn length(&self) -> usize {
        self.length()
    }

    fn read(&self, device: usize, start: usize, out: &mut [f32]) -> Result<(), SourceError> {
        self.read(&Seeds::new(0), 0, device, start, out)
    }

    fn place(&self, device: usize) -> (String, usize) {
        (self.path().map_or("the array".to_string(), |p| p.display().to_string()), self.row(device))
    }

    fn in_memory(&self) -> bool {
        matches!(self, Self::Array { .. })
    }
}

/// An array that someone else holds, device after device.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    devices: usize,
    values: &'a [f32],
}

impl<'a> Rows<'a> {
    /// Takes an array of whole rows.
    ///
    /// # Errors
    /// When the array is empty or no multiple of the number of devices.
    pub(super) fn new(devices: usize, values: &'a [f32]) -> Result<Self, SourceError> {
        let length = values.len().checked_div(devices).unwrap_or(0);
        if length == 0 || length * devices != values.len() {
            let (found, expected) = (values.len(), length.max(1) * devices.max(1));
            return Err(SourceError::WrongSize { found, devices, length, expected });
        }
        Ok(Self { devices, values })
    }
}

impl Stored for Rows<'_> {
    fn devices(&self) -> usize {
        self.devices
    }

    fn length(&self) -> usize {
        self.values.len() / self.devices
    }

    fn read(&self, device: usize, start: usize, out: &mut [f32]) -> Result<(), SourceError> {
        let at = device * self.length() + start;
        out.copy_from_slice(&self.values[at..at + out.len()]);
        Ok(())
    }

    fn place(&self, device: usize) -> (String, usize) {
        ("the array".into(), device)
    }

    fn in_memory(&self) -> bool {
        true
    }
}

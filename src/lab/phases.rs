//! Phases of devices at one instant.

use super::DeviceCalibration;
use std::f64::consts::{PI, TAU};

/// Refers phases that were measured at indices of their own by the server's count to one index, by the carriers' offsets.
///
/// ```text
/// phase(n) = phase(m) + 2 pi cfo_hz (n - m) / sample_rate_hz,   in -pi to pi
/// ```
pub fn at_one_index(
    devices: &mut [DeviceCalibration],
    (measured, index): (&[f64], f64),
    sample_rate_hz: f64,
) {
    for (device, measured) in devices.iter_mut().zip(measured) {
        let turned = TAU * device.alignment.cfo_hz * (index - measured) / sample_rate_hz;
        device.phase_rad = (device.phase_rad + turned + PI).rem_euclid(TAU) - PI;
    }
}

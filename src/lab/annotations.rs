//! What is said of samples in a lab run's recording of the server, so that the round can be read again.

/// Label of the round's samples.
pub const ROUND: &str = "round";

/// Returns the label of a device's pilots.
pub fn pilots_of(device: usize) -> String {
    format!("pilots of {}", crate::run::seats::device_name(device))
}

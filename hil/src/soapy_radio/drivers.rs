//! What is known of drivers beyond what they say.

use crate::stream::WhenFull;

/// Whose times a driver gives samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    /// The device's: samples carry them, and bursts leave at them.
    Device,
    /// The host's, or none: they say nothing of single samples.
    Host,
    /// Not known here: the driver's word is taken.
    Unknown,
}

/// Returns whose times a driver gives, by its key.
pub(super) fn times(driver: &str) -> Times {
    match driver {
        "uhd" | "lime" | "bladerf" | "airloop" => Times::Device,
        "hackrf" | "rtlsdr" | "plutosdr" => Times::Host,
        _ => Times::Unknown,
    }
}

/// Returns what becomes of samples for which there is no room: only an emulated radio's time waits.
pub(super) fn when_full(driver: &str) -> WhenFull {
    if driver == "airloop" { WhenFull::Wait } else { WhenFull::DropOldest }
}

/// Returns the key of the driver that has the hardware, of what a device was found as.
pub(super) fn key(found: &[(String, String)]) -> &str {
    let of = |name: &str| found.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    match of("driver") {
        Some("remote") => of("remote:driver").unwrap_or("remote"),
        driver => driver.unwrap_or(""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Times, key, times};

    #[test]
    fn a_driver_behind_a_network_is_the_one_that_has_the_hardware() {
        let pairs = |words: &[(&str, &str)]| -> Vec<(String, String)> {
            words.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
        };
        assert_eq!(key(&pairs(&[("remote:driver", "uhd"), ("driver", "remote")])), "uhd");
        assert_eq!(key(&pairs(&[("driver", "hackrf"), ("serial", "1")])), "hackrf");
        assert_eq!(times(key(&pairs(&[("driver", "remote")]))), Times::Unknown);
        assert_eq!(times(key(&[])), Times::Unknown);
    }
}

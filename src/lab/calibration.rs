//! What was measured of the radios, under the names of the impairments.

use super::Alignment;
use serde::Serialize;

/// What was measured of one device against the server.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DeviceCalibration {
    /// Name of the radio.
    pub name: String,
    /// Oscillator against the server's, in parts per million.
    pub oscillator_ppm: f64,
    /// Its own count when the server's was 0: how many samples ahead of it what it sends is counted.
    pub delay_samples: f64,
    /// Phase at the server of what it sends, at [`Calibration::phases_at`], in radians.
    pub phase_rad: f64,
    /// Gain from the device's samples to the server's, in decibels.
    pub gain_db: f64,
    /// The same from the server to the device.
    pub gain_down_db: f64,
    /// SNR per sample at the server, in decibels.
    pub snr_db: f64,
    /// How its samples are made to arrive.
    #[serde(skip)]
    pub alignment: Alignment,
}

/// What was measured of all radios.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Calibration {
    /// Centre frequency, in hertz.
    pub centre_hz: f64,
    /// Sample rate, in hertz.
    pub sample_rate_hz: f64,
    /// Index by the server's count at which phases are stated.
    pub phases_at: f64,
    /// The devices.
    pub devices: Vec<DeviceCalibration>,
}

impl Calibration {
    /// Returns TOML whose `[impairments]` an experiment takes as they are.
    pub fn toml(&self) -> String {
        let list = |value: &dyn Fn(&DeviceCalibration) -> f64| {
            let values = self.devices.iter().map(|device| format!("{:.6}", value(device)));
            format!("[{}]", values.collect::<Vec<_>>().join(", "))
        };
        let names: Vec<String> = self.devices.iter().map(|device| format!("{:?}", device.name)).collect();
        let mut text = format!(
            "# Measured against the server at {} Hz, {} samples/s. Devices: {}.\n",
            self.centre_hz,
            self.sample_rate_hz,
            names.join(", ")
        );
        text +=
            "# The table below goes into an experiment as it is; delays are taken up by timing advance.\n";
        text += &format!(
            "# Phases are those at sample {:.1} of the server: there a round of it begins.\n",
            self.phases_at
        );
        text += "[impairments]\n";
        text += &format!("oscillator_ppm = {}\n", list(&|device| device.oscillator_ppm));
        text += &format!("phase_rad = {}\n\n", list(&|device| device.phase_rad));
        for device in &self.devices {
            let DeviceCalibration { name, delay_samples, gain_db, gain_down_db, snr_db, .. } = device;
            text += &format!("[[measured]]\nname = {name:?}\ndelay_samples = {delay_samples:.4}\n");
            text += &format!("gain_db = {gain_db:.3}\nreciprocity_db = {:.3}\n", gain_db - gain_down_db);
            text += &format!("snr_db = {snr_db:.2}\n\n");
        }
        text
    }
}

//! The arrays of a file: gains and delays, or sampled responses.

use super::shapes::{self, Expected, Layout};
use crate::tensor::{ComplexArray, read_complex_array, tensor_names};
use airloop_channels::ImpulseResponses;
use std::path::PathBuf;

/// Where the arrays are, and how they are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FileKeys {
    pub path: PathBuf,
    pub tensor: Option<String>,
    pub delay_tensor: String,
    /// `None`: as the shape tells.
    pub layout: Option<Layout>,
    pub step_s: Option<f64>,
    pub sample_rate_hz: Option<f64>,
}

/// What is wrong, and with which key.
type Wrong = (&'static str, String);

impl FileKeys {
    /// Reads the impulse responses of the expected devices and antennas; sampled ones must hold `band_hz` either side of the carrier.
    pub fn responses(&self, expected: Expected, band_hz: f64) -> Result<ImpulseResponses, Wrong> {
        let names = tensor_names(&self.path).map_err(|e| ("file", e.to_string()))?;
        let sampled = self.sample_rate_hz.is_some() || !names.contains(&self.delay_tensor);
        if sampled { self.sampled(&names, expected, band_hz) } else { self.paths(&names, expected) }
    }

    fn paths(&self, names: &[String], expected: Expected) -> Result<ImpulseResponses, Wrong> {
        let gains = self.array(Some(self.tensor.as_deref().unwrap_or("a")), "tensor")?;
        let delays = self.array(Some(&self.delay_tensor), "delay_tensor")?;
        let step_s = self.scalar(names, "step_s", self.step_s)?;
        let reading = shapes::of_paths(self.layout, (&gains.shape, &delays.shape), expected);
        let reading = reading.map_err(|what| ("file", what))?;
        if delays.is_complex {
            return Err(("delay_tensor", "delays are complex; real numbers of seconds are expected".into()));
        }
        let delays_s = reading.delays(&delays);
        self.take(reading, &gains, delays_s, step_s)
    }

    fn sampled(&self, names: &[String], expected: Expected, band_hz: f64) -> Result<ImpulseResponses, Wrong> {
        let has = |name: &str| names.iter().any(|n| n == name);
        let name = self.tensor.as_deref().or_else(|| has("h").then_some("h"));
        if name.is_none() && !names.is_empty() {
            let what = format!(
                "holds {}; gains \"a\" with delays \"{}\", or a sampled response \"h\", are expected: channel.tensor and \
                 channel.delay_tensor give other names",
                names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", "),
                self.delay_tensor
            );
            return Err(("file", what));
        }
        let array = self.array(name, "tensor")?;
        let Some(rate_hz) = self.scalar(names, "sample_rate_hz", self.sample_rate_hz)? else {
            let what =
                "is missing: a sampled response needs the rate at which it was sampled, for example 30.72e6";
            return Err(("sample_rate_hz", what.into()));
        };
        if band_hz > rate_hz / 2.0 {
            let what = format!(
                "is {rate_hz} Hz, so the response holds frequencies up to {} Hz from the carrier, and the used subcarriers \
                 reach {band_hz} Hz; a rate of at least {} Hz is expected",
                rate_hz / 2.0,
                2.0 * band_hz
            );
            return Err(("sample_rate_hz", what));
        }
        let step_s = self.scalar(names, "step_s", self.step_s)?;
        if self.layout.is_some_and(|layout| layout != Layout::Airloop) {
            return Err((
                "layout",
                "goes with gains and delays; sampled responses come as \"airloop\"".into(),
            ));
        }
        let reading = shapes::of_samples(&array.shape, expected).map_err(|what| ("file", what))?;
        let extent = reading.extent;
        let delays_s = (0..extent.drops * extent.devices)
            .flat_map(|_| (0..extent.paths).map(|n| n as f64 / rate_hz))
            .collect();
        self.take(reading, &array, delays_s, step_s)
    }

    fn take(
        &self,
        reading: shapes::Reading,
        gains: &ComplexArray,
        delays_s: Vec<f64>,
        step_s: Option<f64>,
    ) -> Result<ImpulseResponses, Wrong> {
        let times = reading.extent.times;
        if times > 1 && step_s.is_none() {
            let what = format!(
                "is missing: the file holds {times} samples in time; their spacing in seconds, above 0, is expected, here or as the \
                 array \"step_s\" of the file"
            );
            return Err(("step_s", what));
        }
        ImpulseResponses::new(reading.extent, reading.gains(gains), delays_s, step_s)
            .map_err(|e| ("file", e.to_string()))
    }

    fn array(&self, name: Option<&str>, key: &'static str) -> Result<ComplexArray, Wrong> {
        let key = if key == "tensor" && self.tensor.is_none() { "file" } else { key };
        read_complex_array(&self.path, name).map_err(|e| (key, e.to_string()))
    }

    /// Returns a number that a key gives, or else the file, if it is more than 0.
    fn scalar(&self, names: &[String], name: &'static str, key: Option<f64>) -> Result<Option<f64>, Wrong> {
        if key.is_some() || !names.iter().any(|n| n == name) {
            return Ok(key);
        }
        let array = self.array(Some(name), "file")?;
        match array.values[..] {
            [value] if value.im == 0.0 && value.re >= 0.0 && value.re.is_finite() => {
                Ok(Some(value.re).filter(|v| *v > 0.0))
            }
            _ => Err(("file", format!("the array \"{name}\" is not one number of at least 0"))),
        }
    }
}

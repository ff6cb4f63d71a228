//! Where clocks and times come from, and whether they hold.

use super::SoapyRadio;
use super::error::{offered, refused};
use super::ffi::{Device, Pairs};
use crate::error::RadioError;
use std::fmt;

/// Sensor that says whether a clock follows its reference.
const LOCKED: &str = "ref_locked";

/// Where a device's clock and time come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// What its clock can follow.
    pub clock_sources: Vec<String>,
    /// What its clock follows.
    pub clock_source: String,
    /// What its time can follow.
    pub time_sources: Vec<String>,
    /// What its time follows.
    pub time_source: String,
    /// Whether it shows a time.
    pub has_time: bool,
    /// Whether its time can be set at a pulse.
    pub has_pps: bool,
}

impl Clocks {
    pub(super) fn of(device: &Device) -> Result<Self, String> {
        Ok(Self {
            clock_sources: device.clock_sources()?,
            clock_source: device.clock_source()?,
            time_sources: device.time_sources()?,
            time_source: device.time_source()?,
            has_time: device.has_time("")?,
            has_pps: device.has_time("PPS")?,
        })
    }
}

impl fmt::Display for Clocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |now: &str, all: &[String]| match all {
            [] => "none".to_owned(),
            all => format!("{now} (of {})", all.join(", ")),
        };
        writeln!(f, "clock source    {}", list(&self.clock_source, &self.clock_sources))?;
        writeln!(f, "time source     {}", list(&self.time_source, &self.time_sources))?;
        let words = if self.has_time { "yes" } else { "no" };
        let pps = if self.has_pps { ", can be set at a pulse" } else { "" };
        writeln!(f, "device time     {words}{pps}")
    }
}

/// Returns the values of all sensors of a device.
pub(super) fn sensors(device: &Device) -> Result<Pairs, String> {
    let names = device.sensors()?;
    names.into_iter().map(|name| device.sensor(&name).map(|value| (name, value))).collect()
}

impl SoapyRadio {
    /// Returns where clock and time come from.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn clocks(&self) -> Result<Clocks, RadioError> {
        Clocks::of(&self.device).map_err(refused(&self.config.name, "ask for its clocks"))
    }

    /// Lets the clock follow a source.
    ///
    /// # Errors
    /// [`RadioError::NotOffered`] with what there is.
    pub fn set_clock_source(&self, name: &str) -> Result<(), RadioError> {
        offered(&self.config.name, "clock source", (name, self.clocks()?.clock_sources))?;
        self.device.set_clock_source(name).map_err(refused(&self.config.name, "set its clock source"))
    }

    /// Lets the time follow a source.
    ///
    /// # Errors
    /// [`RadioError::NotOffered`] with what there is.
    pub fn set_time_source(&self, name: &str) -> Result<(), RadioError> {
        offered(&self.config.name, "time source", (name, self.clocks()?.time_sources))?;
        self.device.set_time_source(name).map_err(refused(&self.config.name, "set its time source"))
    }

    /// Returns the values of all sensors.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn sensors(&self) -> Result<Vec<(String, String)>, RadioError> {
        sensors(&self.device).map_err(refused(&self.config.name, "read its sensors"))
    }

    /// Returns whether the clock follows its reference; `None` where no sensor says so.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn is_locked(&self) -> Result<Option<bool>, RadioError> {
        let value = self.sensors()?.into_iter().find(|(name, _)| name == LOCKED);
        Ok(value.map(|(_, value)| value.eq_ignore_ascii_case("true") || value == "1"))
    }

    /// Checks that the clock follows its reference, where a sensor says so.
    ///
    /// # Errors
    /// [`RadioError::NotLocked`] when it does not.
    pub fn check_locked(&self) -> Result<(), RadioError> {
        if self.is_locked()? != Some(false) {
            return Ok(());
        }
        let clock_source = self.clocks()?.clock_source;
        Err(RadioError::NotLocked { radio: self.config.name.clone(), clock_source })
    }

    /// Sets the time at the next pulse of the time source, in nanoseconds; streams do not run meanwhile.
    ///
    /// # Errors
    /// When a stream runs, or the device has no such time.
    pub fn set_time_at_pulse(&self, ns: i64) -> Result<(), RadioError> {
        let wrong = refused(&self.config.name, "set its time at a pulse");
        if self.transmitter.is_some() || self.receiver.is_some() {
            return Err(wrong("its streams run; stop them first".into()));
        }
        if !self.clocks()?.has_pps {
            return Err(wrong("its driver knows no time PPS".into()));
        }
        self.device.set_time_ns("PPS", ns).map_err(wrong)
    }

    /// Returns the time of the last pulse, in nanoseconds.
    ///
    /// # Errors
    /// When the device has no such time.
    pub fn pulse_ns(&self) -> Result<i64, RadioError> {
        self.device.time_ns("PPS").map_err(refused(&self.config.name, "read the time of its last pulse"))
    }
}

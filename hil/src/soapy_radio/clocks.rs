//! Where clocks and times come from, and whether they hold.

use super::SoapyRadio;
use super::error::{offered, refused};
use super::ffi::{Device, Pairs};
use crate::error::RadioError;
use crate::radio::{ClockStatus, Direction};
use crate::stream::WhenFull;
use std::fmt;

/// Sensors that say whether a clock follows its reference: UHD's, LimeSuite's.
const REFERENCE: [&str; 2] = ["ref_locked", "clock_locked"];
/// Sensor that says whether a receiver of satellites has a time.
const SATELLITES: &str = "gps_locked";
/// Sensor of a channel that says whether its oscillator follows the clock.
const OSCILLATOR: &str = "lo_locked";

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

    /// Returns whether the clock follows its reference, and the oscillators of all channels, once tuned, the clock; `None` where no sensor
    /// says so.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn is_locked(&self) -> Result<Option<bool>, RadioError> {
        Ok(self.says_of_clock()?.locked)
    }

    /// Checks that no sensor says that the clock does not follow its reference.
    ///
    /// # Errors
    /// [`RadioError::NotLocked`] when one does.
    pub fn check_locked(&self) -> Result<(), RadioError> {
        self.says_of_clock()?.check_locked(&self.config.name)
    }

    pub(super) fn says_of_clock(&self) -> Result<ClockStatus, RadioError> {
        let Clocks { clock_source, time_source, .. } = self.clocks()?;
        let mut all = self.sensors_of_clock().map_err(refused(&self.config.name, "read its sensors"))?;
        for direction in [Direction::Transmit, Direction::Receive] {
            for channel in self.config.channels(direction) {
                let at = (direction, *channel);
                let ask = || -> Result<Option<(String, String)>, String> {
                    let has = self.device.channel_sensors(at)?.iter().any(|name| name == OSCILLATOR);
                    let read = || self.device.channel_sensor(at, OSCILLATOR);
                    has.then(read).transpose().map(|value| value.map(|value| (OSCILLATOR.into(), value)))
                };
                all.extend(ask().map_err(refused(&self.config.name, "read its sensors"))?);
            }
        }
        Ok(judged((clock_source, time_source), &all, self.when_full != WhenFull::Wait))
    }

    /// Returns the values of the sensors that concern the clock; others, as of satellites' positions, can take seconds.
    fn sensors_of_clock(&self) -> Result<Pairs, String> {
        let concerns = |name: &String| REFERENCE.contains(&name.as_str()) || name == SATELLITES;
        let names = self.device.sensors()?.into_iter().filter(concerns);
        names.map(|name| self.device.sensor(&name).map(|value| (name, value))).collect()
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

/// Returns what sensors say of the clock of these sources. A clock of its own has no reference to miss, and satellites concern whoever
/// follows them.
fn judged(
    (clock_source, time_source): (String, String),
    sensors: &[(String, String)],
    runs_by_itself: bool,
) -> ClockStatus {
    let yes = |value: &str| value.eq_ignore_ascii_case("true") || value == "1";
    let own = clock_source == "internal";
    let satellites = [&clock_source, &time_source].iter().any(|source| source.to_lowercase().contains("gps"));
    let counts = |(name, value): &&(String, String)| match name.as_str() {
        name if REFERENCE.contains(&name) => !own || yes(value),
        SATELLITES => satellites,
        name => name == OSCILLATOR,
    };
    let said: Vec<_> = sensors.iter().filter(counts).collect();
    let unlocked: Vec<String> =
        said.iter().filter(|(_, value)| !yes(value)).map(|(name, _)| name.clone()).collect();
    let named = |source: String| Some(source).filter(|source| !source.is_empty());
    ClockStatus {
        clock_source: named(clock_source),
        time_source: named(time_source),
        locked: (!said.is_empty()).then_some(unlocked.is_empty()),
        unlocked,
        runs_by_itself,
    }
}

#[cfg(test)]
mod tests {
    use super::judged;

    fn locked(sources: (&str, &str), sensors: &[(&str, &str)]) -> (Option<bool>, Vec<String>) {
        let sensors: Vec<_> =
            sensors.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let judged = judged((sources.0.into(), sources.1.into()), &sensors, true);
        (judged.locked, judged.unlocked)
    }

    #[test]
    fn sensors_count_where_they_concern_the_clock() {
        let said = |locked: Option<bool>, unlocked: &[&str]| {
            (locked, unlocked.iter().map(|name| name.to_string()).collect::<Vec<_>>())
        };
        let external = ("external", "external");
        assert_eq!(locked(external, &[("ref_locked", "true"), ("temp", "31")]), said(Some(true), &[]));
        assert_eq!(locked(external, &[("ref_locked", "false")]), said(Some(false), &["ref_locked"]));
        assert_eq!(locked(external, &[("clock_locked", "0")]), said(Some(false), &["clock_locked"]));
        assert_eq!(locked(external, &[("temp", "31")]), said(None, &[]));
        // A clock of its own misses no reference, and nobody's satellites.
        assert_eq!(locked(("internal", "internal"), &[("ref_locked", "false")]), said(None, &[]));
        let satellites = [("ref_locked", "true"), ("gps_locked", "false")];
        assert_eq!(locked(external, &satellites), said(Some(true), &[]));
        assert_eq!(locked(("gpsdo", "gpsdo"), &satellites), said(Some(false), &["gps_locked"]));
        assert_eq!(locked(("external", "gpsdo"), &satellites), said(Some(false), &["gps_locked"]));
        // Oscillators of channels count whatever the clock follows.
        let oscillators = [("lo_locked", "true"), ("lo_locked", "false")];
        assert_eq!(locked(("internal", ""), &oscillators), said(Some(false), &["lo_locked"]));
    }
}

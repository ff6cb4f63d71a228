//! Settings of a device and of its channels.

use super::device::Device;
use super::soapy;
use super::strings::{Map, c_string, check, take_ranges, take_string, take_strings};
use crate::radio::Direction;
use soapysdr_sys as c;

/// A channel of a direction.
pub(crate) type At = (Direction, usize);

/// Calls a function of an open device with values, or with pointers to strings and maps that outlive the call.
macro_rules! call {
    ($device:expr, $function:ident $(, $argument:expr)*) => {{
        // SAFETY: the handle is good while the device lives; the arguments outlive the call.
        check(unsafe { c::$function($device.pointer() $(, $argument)*) })
    }};
}

/// Calls a function that gives a string away.
macro_rules! string {
    ($device:expr, $function:ident $(, $argument:expr)*) => {{
        // SAFETY: as for `call`; the string is ours.
        unsafe { take_string(c::$function($device.pointer() $(, $argument)*)) }
    }};
}

/// Calls a function that gives a list away and writes its length last.
macro_rules! list {
    ($take:ident, $device:expr, $function:ident $(, $argument:expr)*) => {{
        let mut length = 0;
        // SAFETY: as for `call`; the list is ours, and of the length that is written.
        unsafe { $take(c::$function($device.pointer() $(, $argument)*, &raw mut length), length) }
    }};
}

impl Device {
    pub fn antennas(&self, (direction, channel): At) -> Result<Vec<String>, String> {
        list!(take_strings, self, SoapySDRDevice_listAntennas, soapy(direction), channel)
    }

    pub fn antenna(&self, (direction, channel): At) -> Result<String, String> {
        string!(self, SoapySDRDevice_getAntenna, soapy(direction), channel)
    }

    pub fn set_antenna(&self, (direction, channel): At, name: &str) -> Result<(), String> {
        let name = c_string(name)?;
        call!(self, SoapySDRDevice_setAntenna, soapy(direction), channel, name.as_ptr()).map(|_| ())
    }

    /// Turns automatic gain off; returns whether it is on nevertheless.
    pub fn turn_agc_off(&self, (direction, channel): At) -> Result<bool, String> {
        call!(self, SoapySDRDevice_setGainMode, soapy(direction), channel, false)?;
        call!(self, SoapySDRDevice_getGainMode, soapy(direction), channel)
    }

    pub fn gain_db(&self, (direction, channel): At) -> Result<f64, String> {
        call!(self, SoapySDRDevice_getGain, soapy(direction), channel)
    }

    pub fn set_gain_db(&self, (direction, channel): At, gain_db: f64) -> Result<(), String> {
        call!(self, SoapySDRDevice_setGain, soapy(direction), channel, gain_db).map(|_| ())
    }

    pub fn gain_range_db(&self, (direction, channel): At) -> Result<(f64, f64), String> {
        let range = call!(self, SoapySDRDevice_getGainRange, soapy(direction), channel)?;
        Ok((range.minimum, range.maximum))
    }

    pub fn centre_hz(&self, (direction, channel): At) -> Result<f64, String> {
        call!(self, SoapySDRDevice_getFrequency, soapy(direction), channel)
    }

    pub fn set_centre_hz(&self, (direction, channel): At, centre_hz: f64) -> Result<(), String> {
        let args = Map::new(&Vec::new())?;
        let args = &raw const args.0;
        call!(self, SoapySDRDevice_setFrequency, soapy(direction), channel, centre_hz, args).map(|_| ())
    }

    pub fn centre_ranges_hz(&self, (direction, channel): At) -> Result<Vec<(f64, f64)>, String> {
        list!(take_ranges, self, SoapySDRDevice_getFrequencyRange, soapy(direction), channel)
    }

    pub fn sample_rate_hz(&self, (direction, channel): At) -> Result<f64, String> {
        call!(self, SoapySDRDevice_getSampleRate, soapy(direction), channel)
    }

    pub fn set_sample_rate_hz(&self, (direction, channel): At, rate_hz: f64) -> Result<(), String> {
        call!(self, SoapySDRDevice_setSampleRate, soapy(direction), channel, rate_hz).map(|_| ())
    }

    pub fn sample_rate_ranges_hz(&self, (direction, channel): At) -> Result<Vec<(f64, f64)>, String> {
        list!(take_ranges, self, SoapySDRDevice_getSampleRateRange, soapy(direction), channel)
    }

    pub fn set_bandwidth_hz(&self, (direction, channel): At, bandwidth_hz: f64) -> Result<(), String> {
        call!(self, SoapySDRDevice_setBandwidth, soapy(direction), channel, bandwidth_hz).map(|_| ())
    }

    pub fn bandwidth_ranges_hz(&self, (direction, channel): At) -> Result<Vec<(f64, f64)>, String> {
        list!(take_ranges, self, SoapySDRDevice_getBandwidthRange, soapy(direction), channel)
    }

    pub fn clock_sources(&self) -> Result<Vec<String>, String> {
        list!(take_strings, self, SoapySDRDevice_listClockSources)
    }

    pub fn clock_source(&self) -> Result<String, String> {
        string!(self, SoapySDRDevice_getClockSource)
    }

    pub fn set_clock_source(&self, name: &str) -> Result<(), String> {
        let name = c_string(name)?;
        call!(self, SoapySDRDevice_setClockSource, name.as_ptr()).map(|_| ())
    }

    pub fn time_sources(&self) -> Result<Vec<String>, String> {
        list!(take_strings, self, SoapySDRDevice_listTimeSources)
    }

    pub fn time_source(&self) -> Result<String, String> {
        string!(self, SoapySDRDevice_getTimeSource)
    }

    pub fn set_time_source(&self, name: &str) -> Result<(), String> {
        let name = c_string(name)?;
        call!(self, SoapySDRDevice_setTimeSource, name.as_ptr()).map(|_| ())
    }

    /// Returns whether there is a time: `""` is the present one, `"PPS"` that of the last pulse.
    pub fn has_time(&self, what: &str) -> Result<bool, String> {
        let what = c_string(what)?;
        call!(self, SoapySDRDevice_hasHardwareTime, what.as_ptr())
    }

    pub fn time_ns(&self, what: &str) -> Result<i64, String> {
        let what = c_string(what)?;
        call!(self, SoapySDRDevice_getHardwareTime, what.as_ptr())
    }

    pub fn set_time_ns(&self, what: &str, ns: i64) -> Result<(), String> {
        let what = c_string(what)?;
        call!(self, SoapySDRDevice_setHardwareTime, ns, what.as_ptr()).map(|_| ())
    }

    pub fn sensors(&self) -> Result<Vec<String>, String> {
        list!(take_strings, self, SoapySDRDevice_listSensors)
    }

    pub fn sensor(&self, name: &str) -> Result<String, String> {
        let name = c_string(name)?;
        string!(self, SoapySDRDevice_readSensor, name.as_ptr())
    }

    pub fn channel_sensors(&self, (direction, channel): At) -> Result<Vec<String>, String> {
        list!(take_strings, self, SoapySDRDevice_listChannelSensors, soapy(direction), channel)
    }

    pub fn channel_sensor(&self, (direction, channel): At, name: &str) -> Result<String, String> {
        let name = c_string(name)?;
        string!(self, SoapySDRDevice_readChannelSensor, soapy(direction), channel, name.as_ptr())
    }
}

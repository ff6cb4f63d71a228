//! How a radio behind a driver is opened.

use crate::radio::Direction;
use crate::stream::{TransmitPermit, WhenFull};
use crate::virtual_radio::TIMEOUT;
use std::time::Duration;

/// How a radio behind a driver is opened.
#[derive(Clone, Debug, PartialEq)]
pub struct SoapyConfig {
    /// Its name, which differs from that of every other radio of a run.
    pub name: String,
    /// SoapySDR's arguments, to which one device answers: `driver=uhd,serial=30AD123`.
    pub args: String,
    /// Channels of the device that transmit, in the radio's order.
    pub transmit_channels: Vec<usize>,
    /// Channels of the device that receive, in the radio's order.
    pub receive_channels: Vec<usize>,
    /// Antenna of channels that transmit; that of the driver without.
    pub transmit_antenna: Option<String>,
    /// Antenna of channels that receive; that of the driver without.
    pub receive_antenna: Option<String>,
    /// Width of analog filters, in hertz; that of the driver without.
    pub bandwidth_hz: Option<f64>,
    /// Where the device's clock comes from; what the driver has set without.
    pub clock_source: Option<String>,
    /// Where the device's time comes from; what the driver has set without.
    pub time_source: Option<String>,
    /// Seconds of samples that wait for who hears, at least.
    pub depth_s: f64,
    /// What becomes of samples for which there is no room; by the driver without.
    pub when_full: Option<WhenFull>,
    /// Whether bursts leave at their times, which needs the device's times; where it has them without.
    pub timed_bursts: Option<bool>,
    /// How long the radio waits for its driver.
    pub timeout: Duration,
    /// What may be sent; nothing without.
    pub permit: Option<TransmitPermit>,
}

impl SoapyConfig {
    /// Returns the usual way: the first channel that receives, none that transmits, half a second of samples.
    pub fn new(name: impl Into<String>, args: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            args: args.into(),
            transmit_channels: Vec::new(),
            receive_channels: vec![0],
            transmit_antenna: None,
            receive_antenna: None,
            bandwidth_hz: None,
            clock_source: None,
            time_source: None,
            depth_s: 0.5,
            when_full: None,
            timed_bursts: None,
            timeout: TIMEOUT,
            permit: None,
        }
    }

    /// Returns the channels of a direction.
    pub(super) fn channels(&self, direction: Direction) -> &[usize] {
        match direction {
            Direction::Transmit => &self.transmit_channels,
            Direction::Receive => &self.receive_channels,
        }
    }

    /// Returns the antenna of a direction.
    pub(super) fn antenna(&self, direction: Direction) -> Option<&str> {
        match direction {
            Direction::Transmit => self.transmit_antenna.as_deref(),
            Direction::Receive => self.receive_antenna.as_deref(),
        }
    }
}

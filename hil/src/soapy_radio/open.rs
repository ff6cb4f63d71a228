//! Opening a radio.

use super::config::SoapyConfig;
use super::error::{not_opened, offered, refused};
use super::ffi::Device;
use super::found::the_one;
use super::limits::Limits;
use super::{SoapyRadio, drivers};
use crate::error::RadioError;
use crate::radio::Direction;
use std::sync::Arc;

/// Shortest and longest wait of samples for who hears, in seconds.
const DEPTHS_S: std::ops::RangeInclusive<f64> = 0.01..=60.0;

impl SoapyRadio {
    /// Opens the one device that answers to the arguments, and sets its clock, time and antennas.
    ///
    /// # Errors
    /// [`RadioError::WhichDevice`] when none or several answer, [`RadioError::NotPermitted`] when the permit is for another device or makes no
    /// sense, [`RadioError::NoSuchChannel`], [`RadioError::NotOffered`] with what there is, and [`RadioError::Driver`] with what the driver says, as of a
    /// device that another program uses.
    pub fn open(config: SoapyConfig) -> Result<Self, RadioError> {
        if !DEPTHS_S.contains(&config.depth_s) {
            return Err(RadioError::OutOfRange {
                radio: config.name,
                what: "depth_s",
                value: config.depth_s,
                ranges: format!("{} to {}", DEPTHS_S.start(), DEPTHS_S.end()),
            });
        }
        let found = the_one(&config.args)?;
        let device = Device::open(&found).map_err(not_opened(&config.name, &config.args))?;
        check_channels(&device, &config)?;
        let limits = Limits::of(&device, &found, &config)?;
        let when_full = config.when_full.unwrap_or(drivers::when_full(drivers::key(&found)));
        let radio = Self {
            tuned: vec![None; config.transmit_channels.len()],
            transmitter: None,
            receiver: None,
            counters: Arc::default(),
            when_full,
            device,
            limits,
            config,
        };
        radio.check_permit(found)?;
        radio.set_sources()?;
        radio.set_antennas()?;
        Ok(radio)
    }

    fn check_permit(&self, found: super::ffi::Pairs) -> Result<(), RadioError> {
        let Some(permit) = &self.config.permit else { return Ok(()) };
        permit.check().map_err(self.forbidden())?;
        let mut known = found;
        known.extend(self.device.info().map_err(refused(&self.config.name, "ask what it is"))?);
        permit.check_device(&known).map_err(self.forbidden())
    }

    fn set_sources(&self) -> Result<(), RadioError> {
        if let Some(name) = &self.config.clock_source {
            self.set_clock_source(name)?;
        }
        if let Some(name) = &self.config.time_source {
            self.set_time_source(name)?;
        }
        Ok(())
    }

    fn set_antennas(&self) -> Result<(), RadioError> {
        let radio = &self.config.name;
        for direction in [Direction::Transmit, Direction::Receive] {
            let Some(name) = self.config.antenna(direction) else { continue };
            for at in self.config.channels(direction).iter().map(|channel| (direction, *channel)) {
                let list = self.device.antennas(at).map_err(refused(radio, "list antennas"))?;
                offered(radio, "antenna", (name, list))?;
                self.device.set_antenna(at, name).map_err(refused(radio, &format!("set antenna {name}")))?;
            }
        }
        Ok(())
    }
}

/// Checks that the device has the channels, each named once.
fn check_channels(device: &Device, config: &SoapyConfig) -> Result<(), RadioError> {
    for direction in [Direction::Transmit, Direction::Receive] {
        let radio = || config.name.clone();
        let channels = device.channels(direction).map_err(refused(&config.name, "count its channels"))?;
        let wanted = config.channels(direction);
        for (place, channel) in wanted.iter().copied().enumerate() {
            if channel >= channels {
                return Err(RadioError::NoSuchChannel { radio: radio(), direction, channel, channels });
            }
            if wanted[..place].contains(&channel) {
                let reason = format!("{direction} channel {channel} is named twice");
                return Err(refused(&config.name, "open its channels")(reason));
            }
        }
    }
    Ok(())
}

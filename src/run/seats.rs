//! Which radio of an experiment has which ports of its air.

use super::airs::AirParts;
use airloop_channels::Link;
use airloop_hil::{Place, RadioAirConfig, Seat};

/// Name of the server's radio.
pub const SERVER: &str = "server";

/// Returns the name of a device's radio.
pub fn device_name(device: usize) -> String {
    format!("device-{device}")
}

/// Radios of an experiment: one for the antennas of each device, one for those of the server.
///
/// ```text
/// transmit ports: devices' antennas, then, with downlinks, the server's
/// receive ports:  the server's antennas, then, with downlinks, devices'
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Devices.
    pub devices: usize,
    /// Antennas of a device.
    pub device_antennas: usize,
    /// Antennas of the server.
    pub server_antennas: usize,
    /// Whether the server sends and devices hear.
    pub downlinks: bool,
}

impl Seats {
    /// Returns the radios of an air that has uplinks alone.
    pub fn of(parts: &AirParts, device_antennas: usize) -> Self {
        let devices = parts.transmit_ports() / device_antennas;
        Self { devices, device_antennas, server_antennas: parts.config.receive_ports, downlinks: false }
    }

    /// Adds the downlinks of an air: by reciprocity those of the uplinks.
    pub fn with_downlinks(self, parts: &mut AirParts) -> Self {
        let (devices, servers) = (self.devices * self.device_antennas, self.server_antennas);
        let back = |link: &Link| Link {
            transmit: devices + link.receive,
            receive: servers + link.transmit,
            ..link.clone()
        };
        let links: Vec<Link> = parts.links.iter().map(back).collect();
        parts.links.extend(links);
        parts.config.receive_ports += devices;
        Self { downlinks: true, ..self }
    }

    /// Returns where radios stand, devices first.
    pub fn places(&self) -> Vec<Place> {
        let (antennas, servers) = (self.device_antennas, self.server_antennas);
        let all = self.devices * antennas;
        let shift = |ports: std::ops::Range<usize>, by: usize| -> Vec<usize> {
            if self.downlinks { ports.map(|port| port + by).collect() } else { Vec::new() }
        };
        let device = |device: usize| {
            let own = device * antennas..(device + 1) * antennas;
            let receive = shift(own.clone(), servers);
            Place { name: device_name(device), transmit: own.collect(), receive }
        };
        let transmit = shift(0..servers, all);
        let server = Place { name: SERVER.into(), transmit, receive: (0..servers).collect() };
        (0..self.devices).map(device).chain([server]).collect()
    }

    /// Returns the uplink as a transport of radios in the order of their places.
    pub fn config(&self, sample_rate_hz: f64, lead_samples: usize) -> RadioAirConfig {
        let antennas = self.device_antennas;
        let device = |port: usize| Some(Seat { radio: port / antennas, channel: port % antennas });
        RadioAirConfig {
            sample_rate_hz,
            lead_samples,
            transmit: (0..self.devices * antennas).map(device).collect(),
            receive: (0..self.server_antennas)
                .map(|channel| Some(Seat { radio: self.devices, channel }))
                .collect(),
        }
    }
}

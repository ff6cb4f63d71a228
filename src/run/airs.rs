//! What carries samples in a round: the emulated air itself, or radios that stand in it.

use crate::medium::MediumError;
use airloop_baseband::{Port, Stream};
use airloop_channels::impairment::Receiver;
use airloop_channels::{AirConfig, ChannelError, EmulatedAir, FrontEnd, Link, StreamedAir};
use airloop_hil::{Ether, EtherConfig, Place, Radio, RadioAir, RadioAirConfig, Seat, VirtualRadio};

/// What an air is made of, whoever carries it.
pub struct AirParts {
    /// What all links share.
    pub config: AirConfig,
    /// Links from transmit to receive ports.
    pub links: Vec<Link>,
    /// Stream of noise.
    pub noise: Stream,
    /// Front ends by transmit port.
    pub front_ends: Vec<(Port, FrontEnd)>,
    /// Receivers by receive port.
    pub receivers: Vec<(Port, Receiver)>,
}

impl AirParts {
    /// Makes the emulated air.
    ///
    /// # Errors
    /// When a front end or a receiver has no port.
    pub fn emulated(self) -> Result<EmulatedAir, ChannelError> {
        let air = EmulatedAir::new(self.config, self.links, self.noise);
        air.with_front_ends(self.front_ends)?.with_receivers(self.receivers)
    }

    /// Makes ideal radios that meet in an ether: one for the channels of each device, one for those of the server, whose windows open
    /// `lead_samples` before bursts begin.
    ///
    /// # Errors
    /// When a front end or a receiver has no port.
    pub fn radios(self, device_antennas: usize, lead_samples: usize) -> Result<RadioAir, MediumError> {
        let sample_rate_hz = self.config.sample_rate_hz;
        let transmit = self.links.iter().map(|link| link.transmit + 1).max().unwrap_or(0);
        let receive = self.config.receive_ports;
        let air = StreamedAir::new(self.config, self.links, self.noise)?;
        let air = air.with_front_ends(self.front_ends)?.with_receivers(self.receivers)?;
        let ether = Ether::new(EtherConfig::new((transmit, receive), lead_samples), air)?;
        let stand = |place: Place| -> Result<Box<dyn Radio>, MediumError> {
            Ok(Box::new(VirtualRadio::new(ether.attach(place)?)))
        };
        let devices = transmit / device_antennas;
        let device = |device: usize| {
            let ports = device * device_antennas..(device + 1) * device_antennas;
            stand(Place { name: format!("device {device}"), transmit: ports.collect(), receive: Vec::new() })
        };
        let mut radios: Vec<Box<dyn Radio>> = (0..devices).map(device).collect::<Result<_, _>>()?;
        let server = Place { name: "server".into(), transmit: Vec::new(), receive: (0..receive).collect() };
        radios.push(stand(server)?);
        let seat = |port: usize| Seat { radio: port / device_antennas, channel: port % device_antennas };
        let config = RadioAirConfig {
            sample_rate_hz,
            lead_samples,
            transmit: (0..transmit).map(seat).collect(),
            receive: (0..receive).map(|channel| Seat { radio: devices, channel }).collect(),
        };
        Ok(RadioAir::new(config, radios)?)
    }
}

//! What carries samples in a round: the emulated air itself, or radios that stand in it.

use super::RunError;
use super::seats::Seats;
use super::trial::TrialContext;
use crate::medium::{Medium, MediumError, WaveformConfig, WaveformMedium, WaveformPath};
use crate::report::Fidelity;
use crate::synchronisation::RoundClocks;
use airloop_baseband::{Port, Purpose, Stream, Transport};
use airloop_channels::impairment::{Receiver, SampleClock};
use airloop_channels::{AirConfig, ChannelError, EmulatedAir, Fading, FrontEnd, Link, Profile, StreamedAir};
use airloop_hil::{Ether, EtherConfig, Place, Radio, RadioAir, VirtualRadio};
use std::sync::Arc;

/// Number of the stream by which the server's radio is drawn; those of devices are below.
const RECEIVER: u64 = 64;

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
        let seats = Seats::of(&self, device_antennas);
        let config = seats.config(self.config.sample_rate_hz, lead_samples);
        let ether = self.ether(|config| config, lead_samples)?;
        let stand = |place: Place| -> Result<Box<dyn Radio>, MediumError> {
            Ok(Box::new(VirtualRadio::new(ether.attach(place)?)))
        };
        let radios = seats.places().into_iter().map(stand).collect::<Result<_, _>>()?;
        Ok(RadioAir::new(config, radios)?)
    }

    /// Makes the ether of the air, whose windows open `lead_samples` before bursts begin; `change` has the last word on how it keeps
    /// time.
    ///
    /// # Errors
    /// When a front end or a receiver has no port, or the ether cannot keep time so.
    pub fn ether(
        self,
        change: impl FnOnce(EtherConfig) -> EtherConfig,
        lead_samples: usize,
    ) -> Result<Ether<StreamedAir>, MediumError> {
        let ports = (self.transmit_ports(), self.config.receive_ports);
        let air = StreamedAir::new(self.config, self.links, self.noise)?;
        let air = air.with_front_ends(self.front_ends)?.with_receivers(self.receivers)?;
        Ok(Ether::new(change(EtherConfig::new(ports, lead_samples)), air)?)
    }

    /// Returns how many ports transmit.
    pub fn transmit_ports(&self) -> usize {
        self.links.iter().map(|link| link.transmit + 1).max().unwrap_or(0)
    }
}

impl TrialContext<'_> {
    /// Makes the medium of a round that begins at an absolute symbol, of samples.
    pub(super) fn sampled_medium(
        &self,
        index: u64,
        first_symbol: usize,
    ) -> Result<Box<dyn Medium>, RunError> {
        let (air, clocks) = self.air(index, first_symbol)?;
        let place = (index, first_symbol);
        Ok(match self.fidelity {
            Fidelity::Radio => Box::new(self.over(place, clocks, self.radios(air)?)),
            _ => Box::new(self.over(place, clocks, air.emulated()?)),
        })
    }

    /// Makes the medium of a round over what carries its samples.
    pub(crate) fn over<T: Transport>(
        &self,
        (index, first_symbol): (u64, usize),
        clocks: RoundClocks,
        transport: T,
    ) -> WaveformMedium<T>
    where
        MediumError: From<T::Error>,
    {
        let (keep, late_samples) = (self.keep_grids, self.late_samples);
        let numerology = Arc::clone(&self.experiment.numerology);
        let config = WaveformConfig { numerology, keep, late_samples, clocks, path: self.path };
        WaveformMedium::new(
            config,
            self.equipment.modem.clone(),
            self.channels(index, first_symbol),
            transport,
        )
    }

    /// Lets radios stand in an air.
    pub(super) fn radios(&self, air: AirParts) -> Result<RadioAir, MediumError> {
        air.radios(self.experiment.link.antennas().device, self.advance_samples())
    }

    /// Makes the chains of the server's radio.
    fn receivers(&self, (index, first_symbol): (u64, usize)) -> Result<Vec<(usize, Receiver)>, RunError> {
        let e = self.experiment;
        if e.receiver.is_ideal() {
            return Ok(Vec::new());
        }
        let (numerology, carrier_hz) = (&e.numerology, e.channel_section.carrier_hz);
        let start = numerology.symbol_start(first_symbol);
        let symbol_samples = numerology.symbol_start(first_symbol + 1) - start;
        let origin = (start + self.advance_samples()) as u64;
        let clock = SampleClock { sample_rate_hz: numerology.sample_rate_hz(), origin };
        let stream = e.seeds.stream(Purpose::Impairment, index, RECEIVER);
        let levels = (e.received_sample_power(), symbol_samples);
        Ok(e.receiver.receivers(stream, (clock, carrier_hz), levels, e.link.receive_antennas)?)
    }

    /// Makes the links that sums of spectra cross: to each receive antenna one that leaves samples as they are.
    fn links_of_sums(&self, ports: usize) -> Vec<Link> {
        let unit = Fading::new(Profile::flat(f64::INFINITY), 1.0, 0.0).draw(&self.experiment.seeds, 0, 0..1);
        let link = |port| Link {
            transmit: port,
            receive: port,
            taps: unit[0].clone(),
            filter: Arc::clone(&self.equipment.unit),
        };
        (0..ports).map(link).collect()
    }

    /// Returns what the air of a round that begins at an absolute symbol is made of, and what its devices send by.
    pub(super) fn air(&self, index: u64, first_symbol: usize) -> Result<(AirParts, RoundClocks), RunError> {
        let antennas = self.experiment.link.antennas();
        let noise_power = self.experiment.budget.noise_power * self.noise_factor;
        let noise = self.experiment.seeds.stream(Purpose::Noise, index, 0);
        let parts = AirParts {
            config: self.air_config(noise_power, antennas.receive),
            links: Vec::new(),
            noise,
            front_ends: Vec::new(),
            receivers: self.receivers((index, first_symbol))?,
        };
        if self.path == WaveformPath::SummedSpectra {
            let links = self.links_of_sums(antennas.receive);
            return Ok((AirParts { links, ..parts }, RoundClocks::default()));
        }
        let (taps, bank) = self.links(index);
        let mut clocks = match &self.clocks {
            Some(clocks) => clocks.round((&taps, &bank), (index, first_symbol), self.server_cfo_hz)?,
            None => RoundClocks::default(),
        };
        let link = |(link, taps)| Link {
            transmit: link / antennas.links() * antennas.device + link % antennas.device,
            receive: link % antennas.links() / antennas.device,
            taps,
            filter: Arc::clone(&bank),
        };
        let links = taps.into_iter().enumerate().map(link).collect();
        // The antennas of a device share its front end's clocks.
        let own = |device: usize| device * antennas.device..(device + 1) * antennas.device;
        let front_ends = std::mem::take(&mut clocks.front_ends);
        let front_ends = front_ends
            .into_iter()
            .flat_map(|(device, front_end)| own(device).map(move |port| (port, front_end.clone())));
        Ok((AirParts { links, front_ends: front_ends.collect(), ..parts }, clocks))
    }
}

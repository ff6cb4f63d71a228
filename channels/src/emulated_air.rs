//! The emulated air: directed links between numbered ports, each filtering what is sent; receivers hear the sum plus noise.

use crate::error::ChannelError;
use crate::filter::{FilterBank, FilterScratch};
use crate::taps::Taps;
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Stream, Transport, Window};
use std::sync::Arc;

/// What all links of an air share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AirConfig {
    /// Sample rate of all ports, in hertz.
    pub sample_rate_hz: f64,
    /// Noise power per complex sample at every receive port, `E|z|^2`.
    pub noise_power: f64,
    /// Sample index of time 0 of the taps; bursts begin late enough to leave room for the filters' precursors.
    pub origin: SampleIndex,
    /// Number of receive ports.
    pub receive_ports: usize,
}

/// A directed link: what is sent at one port is heard at another through a filter.
#[derive(Clone, Debug)]
pub struct Link {
    /// Port that transmits.
    pub transmit: Port,
    /// Port that receives.
    pub receive: Port,
    /// The realised impulse response.
    pub taps: Taps,
    /// The filter of the taps' delays.
    pub filter: Arc<FilterBank>,
}

/// A transport made of links: K to 1, 1 to K and N by N are sets of links.
///
/// Every sample is a function of absolute indices: filters and noise do not depend on how a run is cut into windows.
/// A port's sum takes bursts in the order in which they are handed over.
#[derive(Clone, Debug)]
pub struct EmulatedAir {
    config: AirConfig,
    /// By transmit port; the links of one port in the order in which they were given.
    links: Vec<Link>,
    noise: Stream,
    ears: Vec<Ear>,
    scratch: FilterScratch,
}

/// State of one receive port: what has been heard but not yet received.
#[derive(Clone, Debug, Default)]
struct Ear {
    received: SampleIndex,
    pending: Vec<Complex32>,
    noise: Vec<Complex32>,
    noise_energy: f64,
    noise_samples: u64,
}

impl EmulatedAir {
    /// Makes an air from its links; `noise` is the stream from which port `i` takes its substream `i`.
    pub fn new(config: AirConfig, mut links: Vec<Link>, noise: Stream) -> Self {
        links.sort_by_key(|link| link.transmit);
        let ears = vec![Ear::default(); config.receive_ports];
        Self { config, links, noise, ears, scratch: FilterScratch::default() }
    }

    /// Returns the longest precursor of any link: receivers open their windows that much early.
    pub fn precursor_samples(&self) -> usize {
        self.links.iter().map(|l| l.filter.precursor_samples()).max().unwrap_or(0)
    }
}

impl Ear {
    /// Returns where the samples that begin at the absolute index `start` add up.
    fn place(&mut self, port: Port, start: i64, length: usize) -> Result<&mut [Complex32], ChannelError> {
        let offset = start - self.received as i64;
        if offset < 0 {
            return Err(ChannelError::LateBurst { start, port, received: self.received });
        }
        let offset = offset as usize;
        if self.pending.len() < offset + length {
            self.pending.resize(offset + length, Complex32::default());
        }
        Ok(&mut self.pending[offset..offset + length])
    }

    /// Adds noise to samples that begin at an absolute index, and measures it.
    fn add_noise(&mut self, stream: Stream, power: f64, start: SampleIndex, samples: &mut [Complex32]) {
        self.noise.resize(samples.len(), Complex32::default());
        stream.fill_complex_gaussian(start, power as f32, &mut self.noise);
        for (block, noise) in samples.chunks_mut(256).zip(self.noise.chunks(256)) {
            let mut energy = [0.0f32; 16];
            for (i, (x, z)) in block.iter_mut().zip(noise).enumerate() {
                *x += z;
                energy[i % 16] += z.norm_sqr();
            }
            self.noise_energy += f64::from(energy.iter().sum::<f32>());
        }
        self.noise_samples += samples.len() as u64;
    }
}

impl Transport for EmulatedAir {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        let first = self.links.partition_point(|link| link.transmit < port);
        let count = self.links[first..].partition_point(|link| link.transmit == port);
        if count == 0 {
            return Err(ChannelError::NoSuchPort { port, action: "transmit" });
        }
        for link in &self.links[first..first + count] {
            let filter = &link.filter;
            let before = filter.precursor_samples();
            let length = burst.samples.len() + before + filter.tail_samples();
            let ear = &mut self.ears[link.receive];
            let out = ear.place(link.receive, burst.start as i64 - before as i64, length)?;
            filter.apply(&link.taps, burst, self.config.origin, &mut self.scratch, out);
        }
        Ok(())
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        let ear = self.ears.get_mut(port).ok_or(ChannelError::NoSuchPort { port, action: "receive" })?;
        if window.start != ear.received {
            let received = ear.received;
            return Err(ChannelError::WindowGap { start: window.start, port, received });
        }
        if ear.pending.len() < window.length_samples {
            ear.pending.resize(window.length_samples, Complex32::default());
        }
        let rest = ear.pending.split_off(window.length_samples);
        let mut samples = std::mem::replace(&mut ear.pending, rest);
        ear.received = window.end();
        if self.config.noise_power > 0.0 {
            let noise = self.noise.substream(port as u64);
            ear.add_noise(noise, self.config.noise_power, window.start, &mut samples);
        }
        Ok(Capture { start: window.start, samples, overflow: false, clipped_share: 0.0 })
    }

    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        self.ears.get(port).map(|ear| (ear.noise_energy, ear.noise_samples))
    }
}

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
    links: Vec<Link>,
    noise: Stream,
    ears: Vec<Ear>,
    scratch: FilterScratch,
    filtered: Vec<Complex32>,
}

/// State of one receive port: what has been heard but not yet received.
#[derive(Clone, Debug, Default)]
struct Ear {
    received: SampleIndex,
    pending: Vec<Complex32>,
}

impl EmulatedAir {
    /// Makes an air from its links; `noise` is the stream from which port `i` takes its substream `i`.
    pub fn new(config: AirConfig, links: Vec<Link>, noise: Stream) -> Self {
        let ears = vec![Ear::default(); config.receive_ports];
        Self { config, links, noise, ears, scratch: FilterScratch::default(), filtered: Vec::new() }
    }

    /// Returns the longest precursor of any link: receivers open their windows that much early.
    pub fn precursor_samples(&self) -> usize {
        self.links.iter().map(|l| l.filter.precursor_samples()).max().unwrap_or(0)
    }
}

impl Ear {
    /// Adds samples that begin at the absolute index `start`.
    fn hear(&mut self, port: Port, start: i64, samples: &[Complex32]) -> Result<(), ChannelError> {
        let offset = start - self.received as i64;
        if offset < 0 {
            return Err(ChannelError::LateBurst { start, port, received: self.received });
        }
        let offset = offset as usize;
        if self.pending.len() < offset + samples.len() {
            self.pending.resize(offset + samples.len(), Complex32::default());
        }
        for (sum, x) in self.pending[offset..].iter_mut().zip(samples) {
            *sum += x;
        }
        Ok(())
    }
}

impl Transport for EmulatedAir {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        let mut heard = false;
        for link in self.links.iter().filter(|l| l.transmit == port) {
            heard = true;
            let (filter, ear) = (&link.filter, &mut self.ears[link.receive]);
            let before = filter.precursor_samples();
            self.filtered.clear();
            self.filtered.resize(burst.samples.len() + before + filter.tail_samples(), Complex32::default());
            filter.apply(&link.taps, burst, self.config.origin, &mut self.scratch, &mut self.filtered);
            ear.hear(link.receive, burst.start as i64 - before as i64, &self.filtered)?;
        }
        if heard { Ok(()) } else { Err(ChannelError::NoSuchPort { port, action: "transmit" }) }
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
            noise.add_complex_gaussian(window.start, self.config.noise_power as f32, &mut samples);
        }
        Ok(Capture { start: window.start, samples, overflow: false, clipped_share: 0.0 })
    }
}

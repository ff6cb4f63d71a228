//! The emulated air: directed links between numbered ports, each filtering what is sent; receivers hear the sum plus noise.

use crate::error::ChannelError;
use crate::filter::{FilterBank, FilterScratch};
use crate::impairment::{FrontEnd, Receiver};
use crate::ports::{FrontEnds, ReceivePort};
use crate::taps::Taps;
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Stream, Transport, Window};
use std::ops::Range;
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
/// A burst passes the front end of its port once, then the filter of each link; what arrives at a port passes its receiver, noise
/// included. Every sample is a function of absolute indices: front ends, filters, noise and receivers do not depend on how a run
/// is cut into windows. A port's sum takes bursts in the order in which they are handed over.
#[derive(Clone, Debug)]
pub struct EmulatedAir {
    config: AirConfig,
    /// By transmit port; the links of one port in the order in which they were given.
    links: Vec<Link>,
    front_ends: FrontEnds,
    noise: Stream,
    ears: Vec<Ear>,
    scratch: FilterScratch,
    sent: Vec<Complex32>,
    shaped: Burst,
}

/// State of one receive port: what has been heard but not yet received.
#[derive(Clone, Debug, Default)]
struct Ear {
    port: ReceivePort,
    /// Sums from where it was received on, after `taken` that are gone.
    pending: Vec<Complex32>,
    taken: usize,
}

impl EmulatedAir {
    /// Makes an air from its links, with perfect front ends; `noise` is the stream from which port `i` takes its substream
    /// `i`.
    ///
    /// A link to a port that the config does not have is refused when something is sent over it.
    pub fn new(config: AirConfig, mut links: Vec<Link>, noise: Stream) -> Self {
        links.sort_by_key(|link| link.transmit);
        let ears = vec![Ear::default(); config.receive_ports];
        let (scratch, sent, shaped) = (FilterScratch::default(), Vec::new(), Burst::default());
        Self { config, links, front_ends: FrontEnds::default(), noise, ears, scratch, sent, shaped }
    }

    /// Gives transmit ports their front ends; one that changes nothing costs nothing.
    ///
    /// # Errors
    /// [`ChannelError::NoSuchPort`] for a port without links.
    pub fn with_front_ends(
        mut self,
        front_ends: impl IntoIterator<Item = (Port, FrontEnd)>,
    ) -> Result<Self, ChannelError> {
        for (port, front_end) in front_ends {
            self.links_of(port)?;
            self.front_ends.give(port, front_end);
        }
        Ok(self)
    }

    /// Gives receive ports their receivers, which hear what arrives with its noise; one that changes nothing costs nothing.
    ///
    /// # Errors
    /// [`ChannelError::NoSuchPort`] for a port that does not receive.
    pub fn with_receivers(
        mut self,
        receivers: impl IntoIterator<Item = (Port, Receiver)>,
    ) -> Result<Self, ChannelError> {
        for (port, receiver) in receivers {
            self.ears.get_mut(port).ok_or(ReceivePort::missing(port))?.port.give(receiver);
        }
        Ok(self)
    }

    /// Returns by how much receivers open their windows early, in samples, when all bursts begin near the origin.
    pub fn precursor_samples(&self) -> usize {
        self.precursor_samples_until(self.config.origin)
    }

    /// Returns by how much receivers open their windows early, in samples, when no burst begins after `last`.
    ///
    /// It is the sum of the longest precursors of any front end and of any link. Windows that abut and end this much before
    /// the next burst begins leave no burst late; an oscillator that runs fast needs more room the longer it runs.
    pub fn precursor_samples_until(&self, last: SampleIndex) -> usize {
        let filters = self.links.iter().map(|l| l.filter.precursor_samples()).max().unwrap_or(0);
        filters + self.front_ends.precursor_samples(last)
    }

    /// Returns the places of a port's links.
    fn links_of(&self, port: Port) -> Result<Range<usize>, ChannelError> {
        let first = self.links.partition_point(|link| link.transmit < port);
        let count = self.links[first..].partition_point(|link| link.transmit == port);
        if count == 0 {
            return Err(ChannelError::NoSuchPort { port, action: "transmit" });
        }
        Ok(first..first + count)
    }

    /// Checks that what leaves a front end at the absolute index `start` is heard in full on all links.
    fn check(&self, links: &[Link], start: i64) -> Result<(), ChannelError> {
        for link in links {
            let port = link.receive;
            let ear = self.ears.get(port).ok_or(ReceivePort::missing(port))?;
            ear.port.check_burst(port, start - link.filter.precursor_samples() as i64)?;
        }
        Ok(())
    }
}

impl Ear {
    /// Returns where samples add up that begin at the absolute index `start`, which has not been received.
    fn place(&mut self, start: SampleIndex, length: usize) -> &mut [Complex32] {
        let offset = self.taken + (start - self.port.received) as usize;
        if self.pending.len() < offset + length {
            self.pending.resize(offset + length, Complex32::default());
        }
        &mut self.pending[offset..offset + length]
    }

    /// Lets samples pass unheard up to an absolute index.
    fn skip(&mut self, until: SampleIndex) {
        let length = until.saturating_sub(self.port.received);
        self.port.received += length;
        self.clear((length as usize).min(self.pending.len() - self.taken));
    }

    /// Takes the next samples, which are then received.
    fn take(&mut self, length: usize) -> Vec<Complex32> {
        let samples = self.place(self.port.received, length).to_vec();
        self.clear(length);
        samples
    }

    /// Gives up the first pending samples; memory is freed when most of it is gone, so that a sample moves only once.
    fn clear(&mut self, length: usize) {
        self.taken += length;
        if 2 * self.taken >= self.pending.len() {
            self.pending.drain(..self.taken);
            self.taken = 0;
        }
    }
}

impl Transport for EmulatedAir {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        let links = self.links_of(port)?;
        let front_end = self.front_ends.of(port);
        let sent = burst.start as i64..burst.end() as i64;
        let start = front_end.map_or(sent.start, |front_end| front_end.outputs(sent).start);
        self.check(&self.links[links.clone()], start)?;
        let burst = if let Some(front_end) = front_end {
            front_end.shape_by(&mut self.sent, burst, &mut self.shaped)?;
            &self.shaped
        } else {
            burst
        };
        for link in &self.links[links] {
            let filter = &link.filter;
            let before = filter.precursor_samples();
            let length = burst.samples.len() + before + filter.tail_samples();
            let out = self.ears[link.receive].place(burst.start - before as u64, length);
            filter.apply(&link.taps, burst, self.config.origin, &mut self.scratch, out);
        }
        Ok(())
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        let ear = self.ears.get_mut(port).ok_or(ReceivePort::missing(port))?;
        ear.port.check_window(port, window.start)?;
        let samples = ear.take(window.length_samples);
        let noise = (self.noise.substream(port as u64), self.config.noise_power);
        Ok(ear.port.hear(noise, window, samples))
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), ChannelError> {
        let ear = self.ears.get_mut(port).ok_or(ReceivePort::missing(port))?;
        ear.skip(until);
        Ok(())
    }

    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        self.ears.get(port).map(|ear| ear.port.noise_added())
    }
}

//! The emulated air for streams: what is heard does not even depend on how bursts are cut.

use crate::emulated_air::{AirConfig, Link};
use crate::error::ChannelError;
use crate::filter::FilterScratch;
use crate::impairment::Receiver;
use crate::noise::AddedNoise;
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Stream, Transport, Window};
use std::collections::VecDeque;

/// A transport made of links that keeps what was sent until all have heard it.
///
/// [`EmulatedAir`](crate::EmulatedAir) adds each burst to the sums of its receivers and forgets it, so that a round of any number of
/// devices needs little memory; a burst in two pieces rounds otherwise than in one. Here a window is computed when it is received,
/// from samples side by side and in the order of links: cutting bursts and windows anywhere gives the same bytes, at the price of
/// keeping every port's samples of a window. Bursts of a port come in order of time and do not overlap.
#[derive(Clone, Debug)]
pub struct StreamedAir {
    config: AirConfig,
    /// By receive port, in the order of transmit ports.
    links: Vec<Vec<Link>>,
    /// By transmit port.
    sent: Vec<VecDeque<Burst>>,
    noise: Stream,
    ears: Vec<Ear>,
    scratch: FilterScratch,
    slice: Burst,
    sum: Vec<Complex32>,
}

#[derive(Clone, Debug, Default)]
struct Ear {
    received: SampleIndex,
    noise: AddedNoise,
    receiver: Option<Receiver>,
}

impl StreamedAir {
    /// Makes an air from its links; `noise` is the stream from which port `i` takes its substream `i`.
    ///
    /// # Errors
    /// [`ChannelError::NoSuchPort`] for a link to a port that the config does not have.
    pub fn new(config: AirConfig, mut links: Vec<Link>, noise: Stream) -> Result<Self, ChannelError> {
        links.sort_by_key(|link| link.transmit);
        let ports = links.last().map_or(0, |link| link.transmit + 1);
        let mut by_receiver = vec![Vec::new(); config.receive_ports];
        for link in links {
            let port = link.receive;
            let own =
                by_receiver.get_mut(port).ok_or(ChannelError::NoSuchPort { port, action: "receive" })?;
            own.push(link);
        }
        Ok(Self {
            config,
            links: by_receiver,
            sent: vec![VecDeque::new(); ports],
            noise,
            ears: vec![Ear::default(); config.receive_ports],
            scratch: FilterScratch::default(),
            slice: Burst::default(),
            sum: Vec::new(),
        })
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
            let ear = self.ears.get_mut(port).ok_or(ChannelError::NoSuchPort { port, action: "receive" })?;
            ear.receiver = (!receiver.is_identity()).then_some(receiver);
        }
        Ok(self)
    }

    /// Returns by how much the air answers ahead of what it is sent, in samples.
    pub fn precursor_samples(&self) -> usize {
        self.links.iter().flatten().map(|link| link.filter.precursor_samples()).max().unwrap_or(0)
    }

    /// Adds up what arrives at a port in a window, into `sum` after `edge` samples that mean nothing.
    fn gather(&mut self, port: Port, window: Window) -> usize {
        let edges =
            self.links[port].iter().map(|link| link.filter.tail_samples() + link.filter.precursor_samples());
        let edge = edges.max().unwrap_or(0);
        self.sum.clear();
        self.sum.resize(window.length_samples + 2 * edge, Complex32::default());
        for link in &self.links[port] {
            let (before, after) = (link.filter.tail_samples(), link.filter.precursor_samples());
            let start = window.start.saturating_sub(before as u64);
            if !slice(&self.sent[link.transmit], start..window.end() + after as u64, &mut self.slice) {
                continue;
            }
            // The filter writes its own edges too, which are not of this window.
            let first = (edge as u64 + self.slice.start - window.start) as usize - after;
            let out = &mut self.sum[first..first + self.slice.samples.len() + before + after];
            link.filter.apply(&link.taps, &self.slice, self.config.origin, &mut self.scratch, out);
        }
        edge
    }

    /// Gives up what nobody will hear any more.
    fn forget(&mut self) {
        for (port, sent) in self.sent.iter_mut().enumerate() {
            let links = self.links.iter().zip(&self.ears).flat_map(|(links, ear)| {
                let own = links.iter().filter(|link| link.transmit == port);
                own.map(|link| ear.received.saturating_sub(link.filter.tail_samples() as u64))
            });
            let until = links.min().unwrap_or(SampleIndex::MAX);
            while sent.front().is_some_and(|burst| burst.end() <= until) {
                sent.pop_front();
            }
        }
    }
}

/// Copies what was sent in a range of indices, from the first to the last sample; returns whether there is any.
fn slice(sent: &VecDeque<Burst>, range: std::ops::Range<SampleIndex>, out: &mut Burst) -> bool {
    out.samples.clear();
    for burst in sent {
        let (start, end) = (burst.start.max(range.start), burst.end().min(range.end));
        if start >= end {
            continue;
        }
        if out.samples.is_empty() {
            out.start = start;
        }
        out.samples.resize((start - out.start) as usize, Complex32::default());
        let first = (start - burst.start) as usize;
        out.samples.extend_from_slice(&burst.samples[first..first + (end - start) as usize]);
    }
    !out.samples.is_empty()
}

impl Transport for StreamedAir {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        let sent = self.sent.get_mut(port).ok_or(ChannelError::NoSuchPort { port, action: "transmit" })?;
        let earlier = sent.back().map_or(0, Burst::end);
        if burst.start < earlier {
            return Err(ChannelError::OverlappingBurst { start: burst.start, port, end: earlier });
        }
        for (receive, (links, ear)) in self.links.iter().zip(&self.ears).enumerate() {
            for link in links.iter().filter(|link| link.transmit == port) {
                let start = burst.start as i64 - link.filter.precursor_samples() as i64;
                let (received, missing_samples) = (ear.received, ear.received as i64 - start);
                // Nothing is heard before index 0.
                if missing_samples > 0 && received > 0 {
                    return Err(ChannelError::LateBurst { start, port: receive, received, missing_samples });
                }
            }
        }
        sent.push_back(burst.clone());
        Ok(())
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        let ear = self.ears.get(port).ok_or(ChannelError::NoSuchPort { port, action: "receive" })?;
        if window.start != ear.received {
            let received = ear.received;
            return Err(ChannelError::WindowGap { start: window.start, port, received });
        }
        let edge = self.gather(port, window);
        let mut samples = self.sum[edge..edge + window.length_samples].to_vec();
        let ear = &mut self.ears[port];
        let noise = (self.noise.substream(port as u64), self.config.noise_power);
        ear.noise.add(noise, window.start, &mut samples);
        let clipped_share = ear.receiver.as_mut().map_or(0.0, |r| r.apply(window.start, &mut samples));
        ear.received = window.end();
        self.forget();
        Ok(Capture { start: window.start, samples, overflow: false, clipped_share })
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), ChannelError> {
        let ear = self.ears.get_mut(port).ok_or(ChannelError::NoSuchPort { port, action: "receive" })?;
        ear.received = ear.received.max(until);
        self.forget();
        Ok(())
    }

    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        self.ears.get(port).map(|ear| ear.noise.measured())
    }
}

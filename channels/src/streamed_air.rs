//! The emulated air for streams: what is heard does not even depend on how bursts are cut.

use crate::emulated_air::{AirConfig, Link};
use crate::error::ChannelError;
use crate::filter::FilterScratch;
use crate::impairment::{FrontEnd, Receiver};
use crate::ports::{FrontEnds, ReceivePort};
use airloop_baseband::{Burst, Capture, Complex32, Port, SampleIndex, Stream, Transport, Window};
use std::collections::VecDeque;
use std::ops::Range;

/// A transport made of links that keeps what was sent until all have heard it.
///
/// [`EmulatedAir`](crate::EmulatedAir) adds each burst to the sums of its receivers and forgets it, so that a round of any number of
/// devices needs little memory; a burst in two pieces rounds otherwise than in one. Here a window is computed when it is received,
/// from samples side by side and in the order of links: cutting bursts and windows anywhere gives the same bytes, at the price of
/// keeping every port's samples of a window. Bursts of a port come in order of time and do not overlap. A front end shapes each
/// burst by itself: behind one that is not perfect, cuts round.
#[derive(Clone, Debug)]
pub struct StreamedAir {
    config: AirConfig,
    /// By receive port, in the order of transmit ports.
    links: Vec<Vec<Link>>,
    /// By transmit port: behind its front end, in order of time.
    sent: Vec<VecDeque<Burst>>,
    /// By transmit port: where its last burst ended.
    ends: Vec<SampleIndex>,
    front_ends: FrontEnds,
    noise: Stream,
    ears: Vec<ReceivePort>,
    scratch: FilterScratch,
    slice: Burst,
    sum: Vec<Complex32>,
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
            let own = by_receiver.get_mut(port).ok_or(ReceivePort::missing(port))?;
            own.push(link);
        }
        Ok(Self {
            config,
            links: by_receiver,
            sent: vec![VecDeque::new(); ports],
            ends: vec![0; ports],
            front_ends: FrontEnds::default(),
            noise,
            ears: vec![ReceivePort::default(); config.receive_ports],
            scratch: FilterScratch::default(),
            slice: Burst::default(),
            sum: Vec::new(),
        })
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
            if !self.links.iter().flatten().any(|link| link.transmit == port) {
                return Err(ChannelError::NoSuchPort { port, action: "transmit" });
            }
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
            self.ears.get_mut(port).ok_or(ReceivePort::missing(port))?.give(receiver);
        }
        Ok(self)
    }

    /// Returns by how much links answer ahead of what leaves front ends, in samples.
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
        for (port, sent) in self.sent.iter_mut().enumerate().filter(|(_, sent)| !sent.is_empty()) {
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

/// Adds up what was sent in a range of indices, from the first to the last sample; returns whether there is any.
fn slice(sent: &VecDeque<Burst>, range: Range<SampleIndex>, out: &mut Burst) -> bool {
    out.samples.clear();
    for burst in sent {
        let (start, end) = (burst.start.max(range.start), burst.end().min(range.end));
        if start >= end {
            continue;
        }
        if out.samples.is_empty() {
            out.start = start;
        }
        let (first, place) = ((start - burst.start) as usize, (start - out.start) as usize);
        let samples = &burst.samples[first..first + (end - start) as usize];
        let there = out.samples.len().max(place) - place;
        let (over, after) = samples.split_at(there.min(samples.len()));
        out.samples.resize(out.samples.len().max(place), Complex32::default());
        out.samples[place..place + over.len()].iter_mut().zip(over).for_each(|(sum, x)| *sum += x);
        out.samples.extend_from_slice(after);
    }
    !out.samples.is_empty()
}

impl Transport for StreamedAir {
    type Error = ChannelError;

    fn sample_rate_hz(&self) -> f64 {
        self.config.sample_rate_hz
    }

    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), ChannelError> {
        let end = *self.ends.get(port).ok_or(ChannelError::NoSuchPort { port, action: "transmit" })?;
        if burst.start < end {
            return Err(ChannelError::OverlappingBurst { start: burst.start, port, end });
        }
        let mut shaped = Burst::default();
        match self.front_ends.of(port) {
            Some(front_end) => front_end.shape(burst, &mut shaped)?,
            None => shaped.clone_from(burst),
        }
        for (receive, (links, ear)) in self.links.iter().zip(&self.ears).enumerate() {
            for link in links.iter().filter(|link| link.transmit == port) {
                // What would be heard before index 0 is not missed.
                let start = shaped.start.saturating_sub(link.filter.precursor_samples() as u64);
                ear.check_burst(receive, start as i64)?;
            }
        }
        self.ends[port] = burst.end();
        self.sent[port].push_back(shaped);
        Ok(())
    }

    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, ChannelError> {
        let ear = self.ears.get(port).ok_or(ReceivePort::missing(port))?;
        ear.check_window(port, window.start)?;
        let edge = self.gather(port, window);
        let samples = self.sum[edge..edge + window.length_samples].to_vec();
        let noise = (self.noise.substream(port as u64), self.config.noise_power);
        let capture = self.ears[port].hear(noise, window, samples);
        self.forget();
        Ok(capture)
    }

    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), ChannelError> {
        let ear = self.ears.get_mut(port).ok_or(ReceivePort::missing(port))?;
        ear.received = ear.received.max(until);
        self.forget();
        Ok(())
    }

    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        self.ears.get(port).map(|ear| ear.noise_added())
    }
}

//! What the ports of any emulated air have: front ends that shape what is sent, and receivers that hear it with noise.

use crate::error::ChannelError;
use crate::impairment::{FrontEnd, Receiver};
use airloop_baseband::{Capture, Complex32, Port, SampleIndex, Stream, Window};
use std::collections::BTreeMap;

/// Front ends by transmit port; ports with perfect ones have none.
#[derive(Clone, Debug, Default)]
pub(crate) struct FrontEnds(BTreeMap<Port, FrontEnd>);

impl FrontEnds {
    /// Gives a port its front end; one that changes nothing costs nothing.
    pub fn give(&mut self, port: Port, front_end: FrontEnd) {
        if front_end.is_identity() {
            self.0.remove(&port);
        } else {
            self.0.insert(port, front_end);
        }
    }

    /// Returns the front end of a port, unless it is perfect.
    pub fn of(&self, port: Port) -> Option<&FrontEnd> {
        self.0.get(&port)
    }

    /// Returns the longest precursor of any, when no burst begins after `last`.
    pub fn precursor_samples(&self, last: SampleIndex) -> usize {
        self.0.values().map(|front_end| front_end.precursor_samples(last)).max().unwrap_or(0)
    }
}

/// State of a receive port behind the links: how far it was received, its noise, and its receiver.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReceivePort {
    /// Samples before this index are gone.
    pub received: SampleIndex,
    noise: AddedNoise,
    receiver: Option<Receiver>,
}

impl ReceivePort {
    /// Returns the error of a port that does not exist.
    pub fn missing(port: Port) -> ChannelError {
        ChannelError::NoSuchPort { port, action: "receive" }
    }

    /// Gives the port its receiver; one that changes nothing costs nothing.
    pub fn give(&mut self, receiver: Receiver) {
        self.receiver = (!receiver.is_identity()).then_some(receiver);
    }

    /// Refuses what would be heard from an index on that is gone.
    pub fn check_burst(&self, port: Port, start: i64) -> Result<(), ChannelError> {
        let (received, missing_samples) = (self.received, self.received as i64 - start);
        if missing_samples > 0 {
            return Err(ChannelError::LateBurst { start, port, received, missing_samples });
        }
        Ok(())
    }

    /// Refuses a window that does not begin where the last one ended.
    pub fn check_window(&self, port: Port, start: SampleIndex) -> Result<(), ChannelError> {
        if start != self.received {
            return Err(ChannelError::WindowGap { start, port, received: self.received });
        }
        Ok(())
    }

    /// Makes of what arrives in a window what is heard: with noise of a stream and a power, through the receiver.
    pub fn hear(&mut self, noise: (Stream, f64), window: Window, mut samples: Vec<Complex32>) -> Capture {
        self.noise.add(noise, window.start, &mut samples);
        let clipped_share = self.receiver.as_mut().map_or(0.0, |r| r.apply(window.start, &mut samples));
        self.received = window.end();
        Capture { start: window.start, samples, overflow: false, clipped_share }
    }

    /// Returns the energy and the number of the noise samples added so far.
    pub fn noise_added(&self) -> (f64, u64) {
        (self.noise.energy, self.noise.samples)
    }
}

/// What was added at one port so far, and working memory.
#[derive(Clone, Debug, Default)]
struct AddedNoise {
    drawn: Vec<Complex32>,
    energy: f64,
    samples: u64,
}

impl AddedNoise {
    /// Adds noise of a stream and a power to samples that begin at an absolute index; power 0 adds and counts nothing.
    fn add(&mut self, (stream, power): (Stream, f64), start: SampleIndex, samples: &mut [Complex32]) {
        if power <= 0.0 {
            return;
        }
        self.drawn.resize(samples.len(), Complex32::default());
        stream.fill_complex_gaussian(start, power as f32, &mut self.drawn);
        for (block, noise) in samples.chunks_mut(256).zip(self.drawn.chunks(256)) {
            let mut energy = [0.0f32; 16];
            for (i, (x, z)) in block.iter_mut().zip(noise).enumerate() {
                *x += z;
                energy[i % 16] += z.norm_sqr();
            }
            self.energy += f64::from(energy.iter().sum::<f32>());
        }
        self.samples += samples.len() as u64;
    }
}

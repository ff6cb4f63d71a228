//! The seam between media and whatever carries samples: the emulated air, radios, recordings.

use crate::samples::{Burst, Capture, SampleIndex};

/// A numbered antenna connector of a transport.
pub type Port = usize;

/// A half-open range of absolute sample indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First index.
    pub start: SampleIndex,
    /// Length in samples.
    pub length_samples: usize,
}

impl Window {
    /// Returns the index just past the window.
    pub fn end(&self) -> SampleIndex {
        self.start + self.length_samples as u64
    }
}

/// Carries bursts from transmit ports to receive ports.
///
/// Bursts are handed over one at a time, so that the memory of a round is one burst and the sums, whatever the
/// number of devices. What a receiver hears depends on absolute sample indices only: cutting the same run into
/// windows of any length gives the same samples. Successive windows of a port abut.
pub trait Transport {
    /// Error of this transport.
    type Error;

    /// Returns the sample rate that all ports share, in hertz.
    fn sample_rate_hz(&self) -> f64;

    /// Hands over a burst to be sent from `port`.
    ///
    /// # Errors
    /// When the port does not transmit, or the burst lies before a window already received.
    fn transmit(&mut self, port: Port, burst: &Burst) -> Result<(), Self::Error>;

    /// Receives one window at `port`; all bursts that reach into it must have been handed over.
    ///
    /// # Errors
    /// When the port does not receive, or the window does not begin where the previous one ended.
    fn receive(&mut self, port: Port, window: Window) -> Result<Capture, Self::Error>;

    /// Lets samples of a port pass unheard up to an absolute index; the next window begins there.
    ///
    /// # Errors
    /// When the port does not receive.
    fn skip(&mut self, port: Port, until: SampleIndex) -> Result<(), Self::Error>;

    /// Returns the energy and number of the noise samples that the transport itself has added at a port so far; `None`
    /// where it cannot know.
    fn noise_added(&self, port: Port) -> Option<(f64, u64)> {
        let _ = port;
        None
    }
}

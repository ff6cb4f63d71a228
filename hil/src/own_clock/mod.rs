//! A radio whose clock and carrier are its own.

mod drawn;
mod incoming;
mod outgoing;

pub use drawn::{HEADROOM_DB, HardwareSetting};

use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, Radio, RadioStatus, Tuning};
use airloop_baseband::{Burst, Capture, SampleIndex, Window};
use airloop_channels::impairment::{Receiver, Transmitter};
use airloop_channels::{ChannelError, FrontEnd};
use incoming::Incoming;
use outgoing::Outgoing;

/// What a radio's own hardware does to samples.
#[derive(Clone, Debug)]
pub struct Hardware {
    /// Its clock, carrier and phase, as those of a transmitter; as a receiver it does the inverse.
    pub front_end: FrontEnd,
    /// Its chain from numbers to the antenna; its amplifier has no memory.
    pub transmitter: Transmitter,
    /// Its chains from the antenna to numbers, by channel that receives; none are perfect ones.
    pub receivers: Vec<Receiver>,
}

/// A radio that counts time by its own clock, around one whose clock is right.
///
/// One oscillator drives carrier and sample clock of both directions, so that a radio hears itself undistorted. Indices are those of
/// its own clock. A burst's last samples leave once it is known what follows them: with the next burst or a promise of silence.
pub struct ClockedRadio<R> {
    radio: R,
    transmitter: Transmitter,
    outgoing: Vec<Outgoing>,
    incoming: Vec<Incoming>,
    receivers: Vec<Receiver>,
}

impl<R: Radio> ClockedRadio<R> {
    /// Gives a radio its own clock.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] when the inverse of the front end is beyond its limits, and for a transmitter with memory.
    pub fn new(radio: R, hardware: Hardware) -> Result<Self, ChannelError> {
        let Hardware { front_end, transmitter, receivers } = hardware;
        let memory = transmitter.tail_samples();
        if memory > 0 {
            let (name, expected) =
                ("samples of the amplifier's memory", "0: bursts of a stream are cut anywhere");
            return Err(ChannelError::OutOfRange { name, value: memory as f64, expected });
        }
        let capabilities = radio.capabilities();
        let outgoing = vec![Outgoing::new(front_end.clone()); capabilities.transmit_channels];
        let incoming = vec![Incoming::new(front_end.receiving()?); capabilities.receive_channels];
        Ok(Self { radio, transmitter, outgoing, incoming, receivers })
    }
}

impl<R: Radio> Radio for ClockedRadio<R> {
    fn capabilities(&self) -> &Capabilities {
        self.radio.capabilities()
    }

    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.radio.tune(direction, channel, tuning)
    }

    fn start(&mut self, direction: Direction) -> Result<(), RadioError> {
        self.radio.start(direction)
    }

    fn now(&mut self) -> Result<SampleIndex, RadioError> {
        let now = self.radio.now()?;
        // The first own sample that changes nothing before the air's time.
        let Some(outgoing) = self.outgoing.first() else { return Ok(now) };
        let mut own = now;
        while outgoing.reach(own) < now {
            own += now - outgoing.reach(own);
        }
        Ok(own)
    }

    fn transmit(&mut self, channel: usize, burst: &Burst) -> Result<(), RadioError> {
        self.radio.capabilities().check_channel(Direction::Transmit, channel)?;
        let (radio, outgoing) = (&mut self.radio, &mut self.outgoing[channel]);
        let (start, position) = (burst.start, outgoing.end());
        if start < position {
            return Err(RadioError::Overlap { radio: radio.capabilities().name.clone(), start, position });
        }
        let mut given = burst.clone();
        self.transmitter.apply(&mut given.samples);
        outgoing.settle(burst.start, |burst| radio.transmit(channel, burst))?;
        outgoing.give(given);
        outgoing.settle(burst.end(), |burst| radio.transmit(channel, burst)).map(|_| ())
    }

    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError> {
        let mut settled = None;
        for (channel, outgoing) in self.outgoing.iter_mut().enumerate() {
            let until = outgoing.settle(index, |burst| self.radio.transmit(channel, burst))?;
            settled = Some(settled.map_or(until, |settled: SampleIndex| settled.min(until)));
        }
        settled.map_or(Ok(()), |until| self.radio.silent_until(until))
    }

    fn receive(&mut self, channel: usize, window: Window) -> Result<Capture, RadioError> {
        self.radio.capabilities().check_channel(Direction::Receive, channel)?;
        let incoming = &mut self.incoming[channel];
        let (start, position) = (window.start, incoming.end());
        if start < position {
            let radio = self.radio.capabilities().name.clone();
            return Err(RadioError::WindowGap { radio, start, position });
        }
        let heard = self.radio.receive(channel, incoming.needed(window))?;
        let mut capture = incoming.hear(window, &heard);
        if let Some(receiver) = self.receivers.get_mut(channel) {
            capture.clipped_share = receiver.apply(window.start, &mut capture.samples);
        }
        Ok(capture)
    }

    fn status(&mut self) -> RadioStatus {
        self.radio.status()
    }
}

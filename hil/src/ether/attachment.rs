//! What a radio sees of the ether, in this process or another.

use crate::error::RadioError;
use crate::radio::{Capabilities, Direction, RadioStatus, Span, Tuning};
use airloop_baseband::{Complex32, Port, SampleIndex};
use std::time::Duration;

/// Where a radio stands in the ether: its name, and the air's ports of its channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Name of the radio.
    pub name: String,
    /// Ports by channel that transmits.
    pub transmit: Vec<Port>,
    /// Ports by channel that receives.
    pub receive: Vec<Port>,
}

impl Place {
    /// Returns the ports of a direction by channel.
    pub fn ports(&self, direction: Direction) -> &[Port] {
        match direction {
            Direction::Transmit => &self.transmit,
            Direction::Receive => &self.receive,
        }
    }
}

/// What a radio must know of the ether.
#[derive(Clone, Debug, PartialEq)]
pub struct EtherInfo {
    /// Where the radio stands.
    pub place: Place,
    /// Sample rate of the air, in hertz.
    pub sample_rate_hz: f64,
    /// Samples by which the air answers ahead, and all radios hear later.
    pub lead_samples: usize,
    /// Centre frequency of the air, in hertz; `None` is that of whoever asks.
    pub centre_hz: Option<f64>,
}

impl EtherInfo {
    /// Returns what a radio can do that takes the samples of the air as they are.
    pub fn ideal(&self) -> Capabilities {
        let only = |value: f64| Span { least: value, most: value };
        Capabilities {
            name: self.place.name.clone(),
            hardware: "airloop virtual radio, ideal".into(),
            transmit_channels: self.place.transmit.len(),
            receive_channels: self.place.receive.len(),
            sample_rates_hz: vec![only(self.sample_rate_hz)],
            centres_hz: vec![self.centre_hz.map_or(Span { least: 0.0, most: 1e12 }, only)],
            transmit_gain_db: only(0.0),
            receive_gain_db: only(0.0),
            timestamps: true,
            timed_bursts: true,
        }
    }
}

/// Samples that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Index of the first.
    pub start: SampleIndex,
    /// How many; 0 when none came in time.
    pub count: usize,
    /// Samples lost between those read before and the first.
    pub lost: u64,
}

/// Something that went wrong at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A burst had no sample ready at this index, and ended there.
    Underflow(SampleIndex),
    /// Samples from this index on had nowhere to go.
    Overflow(SampleIndex),
    /// A burst for this index came after its time; so much of it was not sent.
    Late(SampleIndex, u64),
}

/// A radio's place in the ether. All indices are those of its samples: the air's, unless hardware of its own is between.
pub trait Attachment: Send {
    /// Returns what the radio must know.
    fn info(&self) -> &EtherInfo;

    /// Returns what the radio can do.
    fn capabilities(&self) -> &Capabilities;

    /// Sets a channel, and returns how it was set.
    ///
    /// # Errors
    /// When there is no such channel, a setting is out of range, or cannot change now.
    fn tune(&mut self, direction: Direction, channel: usize, tuning: &Tuning) -> Result<Tuning, RadioError> {
        self.capabilities().check_tuning(direction, channel, tuning)?;
        Ok(*tuning)
    }

    /// Returns the first index that can still be sent.
    ///
    /// # Errors
    /// When the ether has ended.
    fn now(&mut self) -> Result<SampleIndex, RadioError>;

    /// Starts the channels of a direction, at an index or now; returns the index.
    ///
    /// # Errors
    /// When they are active, or the ether has ended.
    fn activate(&mut self, direction: Direction, at: Option<SampleIndex>) -> Result<SampleIndex, RadioError>;

    /// Stops the channels of a direction. What was written is still sent.
    ///
    /// # Errors
    /// When the ether has ended.
    fn deactivate(&mut self, direction: Direction) -> Result<(), RadioError>;

    /// Writes samples of one channel: at an index or where the stream stands, and whether they are the last of a burst; returns how
    /// many were taken before the time-out.
    ///
    /// # Errors
    /// When the channels are not active, samples begin before the end of earlier ones or come too late, or the ether has ended.
    fn write(
        &mut self,
        channel: usize,
        piece: (Option<SampleIndex>, &[Complex32], bool),
        timeout: Duration,
    ) -> Result<usize, RadioError>;

    /// Sends what hardware keeps of a channel's last burst until it knows what follows: nothing does at once.
    ///
    /// # Errors
    /// When the ether has ended.
    fn finish(&mut self, channel: usize) -> Result<(), RadioError> {
        let _ = channel;
        Ok(())
    }

    /// Promises that nothing more is sent at any channel before an index.
    ///
    /// # Errors
    /// When the ether has ended.
    fn silent_until(&mut self, index: SampleIndex) -> Result<(), RadioError>;

    /// Reads samples of one channel, as many as there are; waits for the first of them.
    ///
    /// # Errors
    /// When the channels are not active, or the ether has ended.
    fn read(&mut self, channel: usize, out: &mut [Complex32], timeout: Duration)
    -> Result<Heard, RadioError>;

    /// Lets samples of one channel pass unread up to an index.
    ///
    /// # Errors
    /// When the channels are not active, or the ether has ended.
    fn skip(&mut self, channel: usize, until: SampleIndex) -> Result<(), RadioError>;

    /// Takes the count of samples of one channel that were at full scale.
    fn clipped(&mut self, channel: usize) -> u64 {
        let _ = channel;
        0
    }

    /// Takes the next thing that went wrong.
    fn event(&mut self) -> Option<Event>;

    /// Returns what went wrong so far.
    fn status(&mut self) -> RadioStatus;

    /// Names the radio that holds time back, where another one does.
    fn waits_for(&mut self) -> Option<String>;
}

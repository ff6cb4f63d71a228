//! The ether: one air in which radios of a process, or of several, meet.
//!
//! ```text
//! radio -> [Attachment::write] -> waiting samples -> block by block -> Transport -> unheard samples -> [Attachment::read] -> radio
//! ```
//!
//! Time is counted in samples of the air. It goes on in blocks, or less where a radio waits: in each, what waits at a port is handed to
//! the air in the order of ports, and every port that listens gets its window. Over a [`StreamedAir`](airloop_channels::StreamedAir)
//! what is heard therefore depends neither on how samples were cut when they were written or read, nor on which radio came first. Time
//! moves by the rule of lockstep ([`schedule`]) or with the wall's ([`Clock`]).
//!
//! Radios of other processes come over a unix socket: an [`EtherServer`] serves an ether there, and a [`RemoteAttachment`] is a place in it.

mod attachment;
mod client;
mod lane;
mod local;
mod meter;
mod metrics;
pub mod schedule;
mod server;
mod shared;
mod state;
mod station;
mod wall_time;
mod wire;

pub use attachment::{Attachment, EtherInfo, Event, Heard, Place};
pub use client::RemoteAttachment;
pub use local::{Ether, LocalAttachment};
pub use metrics::{EtherMetrics, Level, RadioMetrics};
pub use server::{Dropped, EtherServer};
pub use wire::{MOST_SAMPLES, Wanted};

use crate::error::RadioError;

/// Whose time samples keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// That of the radios: nobody is overtaken, nothing is late or lost.
    #[default]
    Lockstep,
    /// The wall's: what comes late is late, and what is not read is lost.
    Wall,
}

/// How an ether keeps time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EtherConfig {
    /// Whose time.
    pub clock: Clock,
    /// Samples by which the air answers ahead of what it is sent: time goes that much further than radios have heard.
    pub lead_samples: usize,
    /// Centre frequency of the air, in hertz; `None` is that of whoever asks.
    pub centre_hz: Option<f64>,
    /// Ports of the air that transmit, and that receive.
    pub ports: (usize, usize),
    /// Radios that must be active before time begins.
    pub radios: usize,
    /// Samples that go through the air at once, where nobody waits for less.
    pub block_samples: usize,
    /// How long after what it hears a radio sends at the earliest, beyond a block.
    pub turnaround_samples: usize,
    /// Samples that a channel keeps for who listens.
    pub unheard_samples: usize,
    /// Samples that a channel takes ahead of time.
    pub ahead_samples: usize,
    /// Seconds by which time may be behind the wall's clock; an ether that is further behind ends. An air that is too slow would else
    /// fall back for ever, and what radios hear of it would be no real time.
    pub most_behind_s: f64,
}

impl EtherConfig {
    /// Returns the usual distances for an air of so many ports that transmit and receive.
    pub fn new(ports: (usize, usize), lead_samples: usize) -> Self {
        Self {
            clock: Clock::Lockstep,
            lead_samples,
            centre_hz: None,
            ports,
            radios: 0,
            block_samples: 1024,
            turnaround_samples: 0,
            unheard_samples: 1 << 18,
            ahead_samples: 1 << 22,
            most_behind_s: 1.0,
        }
    }

    /// Checks the distances.
    ///
    /// # Errors
    /// When a block is empty, or longer than what channels keep, or time may be behind by nothing.
    pub fn check(&self) -> Result<(), RadioError> {
        let beyond = |what, value: usize, ranges: String| {
            Err(RadioError::OutOfRange { radio: "of the ether".into(), what, value: value as f64, ranges })
        };
        let block = self.block_samples;
        if !(1..=1 << 20).contains(&block) {
            return beyond("block_samples", block, "1 to 1048576".into());
        }
        if self.most_behind_s.is_nan() || self.most_behind_s <= 0.0 {
            let (radio, ranges) = ("of the ether".into(), "more than 0 s".into());
            return Err(RadioError::OutOfRange {
                radio,
                what: "most_behind_s",
                value: self.most_behind_s,
                ranges,
            });
        }
        for (what, value) in
            [("unheard_samples", self.unheard_samples), ("ahead_samples", self.ahead_samples)]
        {
            if value < block {
                return beyond(what, value, format!("{block}, the length of a block, or more"));
            }
        }
        Ok(())
    }
}

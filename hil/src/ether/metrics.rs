//! How far an ether is, for people and monitors.

use airloop_baseband::{Port, SampleIndex};
use serde::Serialize;

/// How far time and radios are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EtherMetrics {
    /// First index that can still be sent.
    pub time: SampleIndex,
    /// Sample rate of the air, in hertz.
    pub sample_rate_hz: f64,
    /// Whether enough radios are active for time to go on.
    pub begun: bool,
    /// The radio that holds time back.
    pub holder: Option<String>,
    /// Why the ether has ended, if it has.
    pub end: Option<String>,
    /// How many radios have come since the beginning.
    pub came: u64,
    /// The radios.
    pub radios: Vec<RadioMetrics>,
    /// Names of radios for which places are kept, and that are not there.
    pub missing: Vec<String>,
}

/// How far a radio is, and what went wrong on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RadioMetrics {
    /// Its name.
    pub name: String,
    /// Ports by channel that transmits.
    pub transmit_ports: Vec<Port>,
    /// Ports by channel that receives.
    pub receive_ports: Vec<Port>,
    /// By channel that transmits: nothing more comes before this index; `None` is not active.
    pub settled: Vec<Option<SampleIndex>>,
    /// By channel that receives: up to where it was heard; `None` is not active.
    pub heard: Vec<Option<SampleIndex>>,
    /// Whether it has left, and only what it has written is still sent.
    pub left: bool,
    /// Times at which a burst had no sample ready.
    pub underflows: u64,
    /// Times at which samples that were heard had nowhere to go.
    pub overflows: u64,
    /// Bursts that came after their time.
    pub late_bursts: u64,
    /// Samples that were lost in overflows.
    pub lost_samples: u64,
}

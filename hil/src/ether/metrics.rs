//! How far an ether is, for people and monitors.

use super::Clock;
use crate::radio::RadioStatus;
use airloop_baseband::{Port, SampleIndex};
use serde::Serialize;

/// How far time and radios are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EtherMetrics {
    /// First index that has not passed the air.
    pub time: SampleIndex,
    /// Sample rate of the air, in hertz.
    pub sample_rate_hz: f64,
    /// Seconds of the wall's clock since the ether was made.
    pub wall_s: f64,
    /// Seconds by which time is behind the wall's clock, which shows 0 when time begins; `None` in lockstep. A clock that keeps up
    /// stays within some milliseconds, and a block.
    pub behind_wall_s: Option<f64>,
    /// The most of that so far.
    pub most_behind_wall_s: Option<f64>,
    /// Whose time samples keep.
    pub clock: Clock,
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
    /// What went wrong at all radios that have come, those that are gone among them.
    pub losses: RadioStatus,
    /// Names of radios for which places are kept, and that are not there.
    pub missing: Vec<String>,
}

/// How far a radio is, and what went wrong on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    /// By channel that receives: samples of the air that it has not read yet, those it lost among them; `None` is not active.
    pub behind: Vec<Option<u64>>,
    /// By channel that transmits: what it sent, silence counted as zeros; `None` before time has passed it.
    pub sent: Vec<Option<Level>>,
    /// By channel that receives: what it heard last; `None` before it heard anything.
    pub received: Vec<Option<Level>>,
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

/// Level of a channel's samples over the last 20 to 25 ms of the air, and a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Level {
    /// Mean of |x|^2, relative to full scale; no number where samples were none.
    pub mean_power: f64,
    /// Largest magnitude of a component, relative to full scale.
    pub peak: f64,
    /// Share of samples with a component of magnitude 1 or more.
    pub full_scale_share: f64,
}

impl Level {
    /// Returns the mean power in decibels relative to full scale, 10 log10 of [`Level::mean_power`]; `None` for silence.
    pub fn mean_db(&self) -> Option<f64> {
        let db = 10.0 * self.mean_power.log10();
        db.is_finite().then_some(db)
    }
}

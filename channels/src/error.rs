//! Errors of the channel crate.

use std::ops::RangeInclusive;

/// What can be wrong with a channel or with the use of the emulated air.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// No profile of that name.
    #[error("there is no power delay profile \"{name}\"; known: {known}")]
    UnknownProfile {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// No choice of that name.
    #[error("there is no {what} \"{name}\"; known: {known}")]
    UnknownName {
        /// What is chosen.
        what: &'static str,
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: &'static str,
    },
    /// No large-scale scenario of that name.
    #[error("there is no scenario \"{name}\"; known: {known}")]
    UnknownScenario {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Positions that are not one for each device.
    #[error("there are {found} positions for {devices} devices; one [x_m, y_m] each is expected")]
    WrongPositions {
        /// Positions given.
        found: usize,
        /// Devices to place.
        devices: usize,
    },
    /// A position outside the cell.
    #[error(
        "device {device} at [{x_m}, {y_m}] stands {distance_m:.3} m from the server: outside the cell, which reaches from \
         {nearest_m} m{}", if farthest_m.is_finite() { format!(" to {farthest_m} m") } else { " on".into() }
    )]
    OutsideCell {
        /// The device.
        device: usize,
        /// Its position east of the server, in metres.
        x_m: f64,
        /// Its position north of the server, in metres.
        y_m: f64,
        /// Its distance, in metres.
        distance_m: f64,
        /// Smallest distance, in metres.
        nearest_m: f64,
        /// Largest distance, in metres.
        farthest_m: f64,
    },
    /// Channel vectors that cannot be combined.
    #[error(
        "channel vector {device} has {found} entries where the first has {expected}; all need one an antenna"
    )]
    UnevenChannels {
        /// The device.
        device: usize,
        /// Entries found.
        found: usize,
        /// Entries of the first vector.
        expected: usize,
    },
    /// A parameter outside its range.
    #[error("{name} = {value} is out of range: {expected}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// A port that has no link.
    #[error("port {port} does not {action} on this air")]
    NoSuchPort {
        /// The port asked for.
        port: usize,
        /// "transmit" or "receive".
        action: &'static str,
    },
    /// A burst that would change samples already received.
    #[error(
        "a burst that is heard from sample {start} on comes too late: port {port} was received up to sample {received}; \
         windows must open {missing_samples} samples earlier, for filters and front ends answer ahead of a burst"
    )]
    LateBurst {
        /// First sample that the burst would change.
        start: i64,
        /// The receive port.
        port: usize,
        /// Samples before this index are gone.
        received: u64,
        /// How many samples are missing.
        missing_samples: i64,
    },
    /// A burst that begins before the end of an earlier one of its port.
    #[error(
        "a burst of port {port} at sample {start} begins before sample {end}, where the one before it ends"
    )]
    OverlappingBurst {
        /// First sample of the burst.
        start: u64,
        /// The transmit port.
        port: usize,
        /// End of the burst before it.
        end: u64,
    },
    /// A burst that a front end sends before the first sample index.
    #[error("a burst would leave its front end at sample {start}: send it {} samples later", -start)]
    BeforeTime {
        /// First sample of the burst behind the front end.
        start: i64,
    },
    /// A window that does not begin where the last one ended.
    #[error("the window begins at sample {start}, but port {port} was received up to sample {received}")]
    WindowGap {
        /// First index of the window.
        start: u64,
        /// The receive port.
        port: usize,
        /// End of the previous window.
        received: u64,
    },
    /// A table of an amplifier's polynomial that cannot be read.
    #[error("line {line} of the amplifier's table: {what}")]
    AmplifierTable {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A phase noise mask without points.
    #[error("a phase noise mask holds no points; at least one of [offset_hz, dbc_hz] is expected")]
    EmptyMask,
}

/// Returns a value that lies in a range.
pub(crate) fn within(
    name: &'static str,
    value: f64,
    range: RangeInclusive<f64>,
    expected: &'static str,
) -> Result<f64, ChannelError> {
    if range.contains(&value) { Ok(value) } else { Err(ChannelError::OutOfRange { name, value, expected }) }
}

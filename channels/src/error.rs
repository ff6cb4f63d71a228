//! Errors of the channel crate.

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
}

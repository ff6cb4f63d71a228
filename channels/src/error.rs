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
    #[error("a burst at sample {start} comes too late: port {port} was received up to sample {received}")]
    LateBurst {
        /// First sample that the burst would change.
        start: i64,
        /// The receive port.
        port: usize,
        /// Samples before this index are gone.
        received: u64,
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

//! Why a connection is given up.

use std::io;

/// What a peer did that ends its connection.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It closed the connection, or went away.
    #[error("the connection was closed")]
    Closed,
    /// The system failed.
    #[error("{0}")]
    Io(io::Error),
    /// It did not end its handshake in time.
    #[error("the handshake was not ended in time")]
    Silent,
    /// What came is no ZMTP.
    #[error("{0}: ZMTP 3 is expected")]
    Rubbish(&'static str),
    /// It speaks an older protocol.
    #[error("the peer speaks ZMTP {0}: 3.0 or later is expected")]
    Version(u8),
    /// It wants security of another kind.
    #[error("the peer uses the mechanism {0}: NULL is expected")]
    Mechanism(String),
    /// Its socket does not go with ours.
    #[error("the peer's socket is a {found}: {expected} is expected")]
    Socket {
        /// What it is.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A message or command is longer than what is taken.
    #[error("a message of {bytes} bytes or more: {most} at most are expected")]
    TooLong {
        /// Its length so far, as announced.
        bytes: u64,
        /// What is taken.
        most: usize,
    },
    /// Others were before it.
    #[error("too many connections at a time: one receiver is expected")]
    Crowd,
    /// It refused us with an ERROR command.
    #[error("the peer refused: {0}")]
    Refused(String),
}

impl Broken {
    /// Tells a peer that is gone from one that misbehaved.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Closed | Self::Io(_))
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

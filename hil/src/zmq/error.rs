//! Errors of the broker.

use crate::error::RadioError;
use std::io;

/// Why a broker cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ZmqError {
    /// An endpoint that cannot be read.
    #[error("endpoint {endpoint:?}: tcp://HOST:PORT is expected{reason}")]
    Endpoint {
        /// What was given.
        endpoint: String,
        /// What is the matter with it.
        reason: &'static str,
    },
    /// A setting out of range.
    #[error("the broker's {what} = {found}: {expected} is expected")]
    Config {
        /// The setting.
        what: &'static str,
        /// Its value.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// An endpoint at which nothing can be received.
    #[error("node {node}: {endpoint}: {source}")]
    Bind {
        /// The node.
        node: String,
        /// Where it was to be.
        endpoint: String,
        /// Why not.
        source: io::Error,
    },
    /// A place in the ether that is none for a node.
    #[error(
        "node {node}: its place has {transmit} ports that transmit and {receive} that receive: one of each is expected"
    )]
    Ports {
        /// The node.
        node: String,
        /// Ports that transmit.
        transmit: usize,
        /// Ports that receive.
        receive: usize,
    },
    /// The ether refused.
    #[error("node {node}: {source}")]
    Radio {
        /// The node.
        node: String,
        /// Why.
        source: RadioError,
    },
    /// The system gave no thread.
    #[error("no thread for the broker: {0}")]
    Thread(#[from] io::Error),
}

//! What a broker did, and what went wrong.

use airloop_baseband::SampleIndex;
use serde::Serialize;

/// What happened to one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NodeReport {
    /// Its name.
    pub name: String,
    /// Whether its transmitter is connected.
    pub transmitter_connected: bool,
    /// Whether its receiver is connected.
    pub receiver_connected: bool,
    /// Connections to its transmitter that were made.
    pub transmitter_connections: u64,
    /// Connections of its receiver that were served.
    pub receiver_connections: u64,
    /// Whether time waits for what it sends.
    pub transmits: bool,
    /// Whether time waits for what it fetches.
    pub receives: bool,
    /// Index in the ether of the next sample from it.
    pub transmit_index: SampleIndex,
    /// Index in the ether of the next sample for it.
    pub receive_index: SampleIndex,
    /// Samples that came from it.
    pub delivered_samples: u64,
    /// Samples that were given to it, zeros among them.
    pub fetched_samples: u64,
    /// Times at which it delivered nothing within the time-out.
    pub timeouts: u64,
    /// Samples of zeros that the others heard in its place.
    pub substituted_samples: u64,
    /// Times at which it asked for nothing within the time-out and held the others up.
    pub dropouts: u64,
    /// Samples that it never fetched, or heard as zeros.
    pub dropped_samples: u64,
    /// Messages and connections that were refused for what came.
    pub refused: u64,
    /// What was wrong with the last of them, or why its threads have ended.
    pub last_trouble: Option<String>,
    /// Whether the broker has given the node up, because the ether has ended.
    pub ended: bool,
}

/// What a broker did so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BrokerReport {
    /// Sample rate of the ether, in hertz.
    pub sample_rate_hz: f64,
    /// Samples by which all nodes hear later than the air's own delays.
    pub delay_samples: usize,
    /// First index of the ether that can still be sent.
    pub time: SampleIndex,
    /// The nodes.
    pub nodes: Vec<NodeReport>,
}

impl NodeReport {
    /// Returns whether nothing was substituted, dropped or refused.
    pub fn is_clean(&self) -> bool {
        (self.timeouts, self.dropouts, self.refused, self.ended) == (0, 0, 0, false)
            && (self.substituted_samples, self.dropped_samples) == (0, 0)
    }
}

impl BrokerReport {
    /// Returns whether nothing was substituted, dropped or refused.
    pub fn is_clean(&self) -> bool {
        self.nodes.iter().all(NodeReport::is_clean)
    }
}

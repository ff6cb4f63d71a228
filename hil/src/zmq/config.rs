//! How a broker is set.

use super::error::ZmqError;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Most samples of a message: what buffers of srsRAN 4G hold.
pub const MOST_SAMPLES: usize = 3_072_000;

/// Longest time-outs, in seconds.
const LONGEST_S: f64 = 86_400.0;

/// Where a socket is: `tcp://HOST:PORT`; HOST is a name, an address, an IPv6 address in brackets, or `*` for all addresses of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// Returns what to resolve, to bind or connect to it.
    pub(super) fn address(&self) -> (&str, u16) {
        match self.host.as_str() {
            "*" => ("0.0.0.0", self.port),
            host => {
                (host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host), self.port)
            }
        }
    }
}

impl FromStr for Endpoint {
    type Err = ZmqError;

    fn from_str(text: &str) -> Result<Self, ZmqError> {
        let wrong = |reason| ZmqError::Endpoint { endpoint: text.into(), reason };
        let rest = text.strip_prefix("tcp://").ok_or(wrong(""))?;
        let (host, port) = rest.rsplit_once(':').ok_or(wrong(", with a port"))?;
        let port = port.parse().map_err(|_| wrong(", with a port from 0 to 65535"))?;
        let bracketed = host.starts_with('[') && host.ends_with(']');
        if host.is_empty() || host.contains(['/', ' ', ';']) || (host.contains(':') && !bracketed) {
            return Err(wrong(", with a name, an address, [an IPv6 address] or * as its host"));
        }
        Ok(Self { host: host.into(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tcp://{}:{}", self.host, self.port)
    }
}

/// A node: a program with one transmitter and one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeConfig {
    /// Its name, which differs from that of every other radio of the ether.
    pub name: String,
    /// Where its transmitter binds, and we connect.
    pub transmit_endpoint: Endpoint,
    /// Where we bind, and its receiver connects; port 0 is any that is free.
    pub receive_endpoint: Endpoint,
}

impl NodeConfig {
    /// Makes a node from the texts of its endpoints.
    ///
    /// # Errors
    /// [`ZmqError::Endpoint`] when one cannot be read, or nobody can connect to the transmitter's.
    pub fn new(name: &str, transmit_endpoint: &str, receive_endpoint: &str) -> Result<Self, ZmqError> {
        let (transmit, receive): (Endpoint, Endpoint) =
            (transmit_endpoint.parse()?, receive_endpoint.parse()?);
        if transmit.host == "*" || transmit.port == 0 {
            let (endpoint, reason) = (transmit_endpoint.into(), ", with the host and port of a transmitter");
            return Err(ZmqError::Endpoint { endpoint, reason });
        }
        Ok(Self { name: name.into(), transmit_endpoint: transmit, receive_endpoint: receive })
    }
}

/// Nodes and how the broker treats them.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerConfig {
    /// The nodes.
    pub nodes: Vec<NodeConfig>,
    /// How long the others wait for a node that delivers nothing or does not ask, in seconds.
    pub timeout_s: f64,
    /// How long they wait for a node that has never delivered anything, in seconds.
    pub start_timeout_s: f64,
    /// Most samples of a reply.
    pub most_samples: usize,
    /// Zeros that every node hears before the ether's first sample, beyond those that the air needs: a node that receives this many
    /// samples before it transmits any can begin. All that is heard is that much later.
    pub turnaround_samples: usize,
}

impl BrokerConfig {
    /// Returns the usual settings: time-outs of 1 s and at the start of 10 s, replies of 65536 samples at most, and no turnaround,
    /// as nodes of srsRAN transmit before they receive.
    pub fn new(nodes: Vec<NodeConfig>) -> Self {
        Self { nodes, timeout_s: 1.0, start_timeout_s: 10.0, most_samples: 1 << 16, turnaround_samples: 0 }
    }

    /// Checks settings.
    ///
    /// # Errors
    /// [`ZmqError::Config`] when one is out of range.
    pub fn check(&self) -> Result<(), ZmqError> {
        let wrong = |what, found: String, expected| Err(ZmqError::Config { what, found, expected });
        if self.nodes.is_empty() {
            return wrong("nodes", "none".into(), "one or more");
        }
        for (what, value) in [("timeout_s", self.timeout_s), ("start_timeout_s", self.start_timeout_s)] {
            if !(0.01..=LONGEST_S).contains(&value) {
                return wrong(what, value.to_string(), "0.01 to 86400");
            }
        }
        if !(1..=MOST_SAMPLES).contains(&self.most_samples) {
            return wrong("most_samples", self.most_samples.to_string(), "1 to 3072000");
        }
        if self.turnaround_samples > MOST_SAMPLES {
            return wrong("turnaround_samples", self.turnaround_samples.to_string(), "0 to 3072000");
        }
        Ok(())
    }

    pub(super) fn patience(&self) -> Patience {
        Patience {
            usual: Duration::from_secs_f64(self.timeout_s),
            start: Duration::from_secs_f64(self.start_timeout_s),
        }
    }
}

/// How long the others wait for a node.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one that was there.
    pub usual: Duration,
    /// For one that never was.
    pub start: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_or_refused_with_what_would_be_right() {
        for text in ["tcp://127.0.0.1:2000", "tcp://*:0", "tcp://[::1]:65535", "tcp://gnb.local:1"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        assert_eq!("tcp://[::1]:7".parse::<Endpoint>().unwrap().address(), ("::1", 7));
        for text in
            ["", "udp://a:1", "tcp://a", "tcp://:1", "tcp://a:", "tcp://a:65536", "tcp://a:-1", "tcp://::1:7"]
        {
            let error = text.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("endpoint {text:?}: tcp://HOST:PORT is expected")), "{error}");
        }
        assert!(NodeConfig::new("a", "tcp://*:2000", "tcp://*:2001").is_err());
        assert!(NodeConfig::new("a", "tcp://localhost:0", "tcp://*:2001").is_err());
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let node = || vec![NodeConfig::new("a", "tcp://localhost:2000", "tcp://*:2001").unwrap()];
        let good = BrokerConfig::new(node());
        assert!(good.check().is_ok());
        assert!(BrokerConfig { nodes: vec![], ..good.clone() }.check().is_err());
        for timeout_s in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(BrokerConfig { timeout_s, ..good.clone() }.check().is_err());
            assert!(BrokerConfig { start_timeout_s: timeout_s, ..good.clone() }.check().is_err());
        }
        assert!(BrokerConfig { most_samples: 0, ..good.clone() }.check().is_err());
        assert!(BrokerConfig { turnaround_samples: MOST_SAMPLES + 1, ..good }.check().is_err());
    }
}

//! A ZeroMQ broker: programs whose radio is a pair of ZeroMQ sockets, as srsRAN has it, meet in an ether.
//!
//! ```text
//! node's transmitter (REP, binds)  <- 0xFF -  we ask (REQ)      -> one burst without end  -> ether
//! node's receiver (REQ, connects)  - 0xFF ->  we answer (REP)   <- what is heard          <- ether
//! ```
//!
//! Messages carry any number of samples, two little-endian floats of 32 bits each (`cf32`), no head, no time and no rate: the count
//! of samples since the beginning is the time, and the rate is the ether's. Source: `lib/src/phy/rf/rf_zmq_imp*.c` of srsRAN 4G.
//!
//! **One clock.** What a node sends holds the ether's time in lockstep: time is where the slowest node is, and a receiver is
//! answered with what has been sent by all. A node that asks for more waits.
//!
//! **Delay.** Sample `n` of a node is heard by the others as their sample `n + lead + turnaround`, plus the delays of the air. `lead`
//! is by how much the air's filters answer ahead (0 where all delays are whole samples), `turnaround` is
//! [`BrokerConfig::turnaround_samples`]. So many zeros are what every node hears first.
//!
//! **Nobody waits for himself.** A node that has sent its samples up to `n` is answered up to `n + turnaround`, whatever comes first.
//! srsRAN sends (zeros, if it has nothing to say) up to the end of what it is about to receive, so that no turnaround is needed. A
//! node that receives `b` samples before it sends any needs a turnaround of `b`. Two threads a node carry its two directions and do
//! not wait for each other.
//!
//! **Nobody waits for long.** A node that delivers nothing within the time-out ([`BrokerConfig::timeout_s`]) is left behind: others
//! hear zeros in its place, which are counted. Whoever has sent more than others and waits for them is not blamed. One that is back
//! goes on at the present sample in both directions, so that what it counts still fits; one that has connected anew begins there with
//! a count of 0. A receiver that does not ask keeps others waiting when as much is unheard as the ether keeps, for the time-out at
//! most; what it misses is counted. Where no transmitter is left, time goes as fast as receivers ask.
//!
//! By the wall's clock nobody is waited for: what is late goes on at the present sample, as after a time-out.
//!
//! **Errors.** Whoever speaks no ZMTP 3, another mechanism, or is no fitting socket is turned away, as are messages longer than
//! [`MOST_SAMPLES`] samples or of no whole number of them: counted, with the reason of the last ([`NodeReport`]).

mod broker;
mod config;
mod error;
mod from_node;
mod reply;
mod report;
mod request;
mod samples;
mod session;
mod shared;
mod to_node;
mod zmtp;

pub use broker::Broker;
pub use config::{BrokerConfig, Endpoint, MOST_SAMPLES, NodeConfig};
pub use error::ZmqError;
pub use report::{BrokerReport, NodeReport};

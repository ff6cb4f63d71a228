//! What streams of real hardware need, whatever its driver: blocks that are allocated once, gap arithmetic on device times, windows cut from
//! a stream, bursts fed into one, and the permit without which nothing is sent.
//!
//! ```text
//! Source -> [fill, a thread] -> Pool of blocks -> [Cutter, by window] -> Capture
//! Burst -> [Outbox] -> [send_at_times or send_endlessly, a thread] -> Sink
//! ```
//!
//! The threads neither allocate nor lock nor log once they run.

mod block;
mod clock;
mod counters;
mod cutter;
mod ending;
mod feed;
mod follower;
mod outbox;
mod permit;
mod pool;
mod reader;
mod writer;

pub use block::{Block, Header, Rows};
pub use clock::SampleClock;
pub use counters::Counters;
pub use cutter::{CutError, Cutter, FULL_SCALE};
pub use ending::Ending;
pub use follower::{Backwards, Follower, Placed};
pub use outbox::{Job, MOST_JOBS, Outbox, Refused};
pub use permit::{DUTY_WINDOW_S, Duty, PermitError, TransmitPermit};
pub use pool::{Pool, PoolSize, WhenFull};
pub use reader::{Read, Source, fill};
pub use writer::{Piece, Sink, Trouble, send_at_times, send_endlessly};

/// Codes with which streams end, as SoapySDR numbers them; those of this crate lie below.
pub mod code {
    /// Times of the device went back.
    pub const BACKWARDS: i32 = -100;
    /// The stream was stopped.
    pub const STOPPED: i32 = -101;
    /// Samples came without the time that the device is said to give them.
    pub const UNTIMED: i32 = -102;

    /// Says what a code means.
    pub fn words(code: i32) -> &'static str {
        match code {
            -1 => "nothing came in time",
            -2 => "the stream failed",
            -3 => "a packet was corrupt",
            -4 => "samples were lost",
            -5 => "the driver does not support it",
            -6 => "its time had gone by",
            -7 => "samples were missing",
            BACKWARDS => "the device's time went back while it streamed",
            UNTIMED => "samples came without the device's time, which the driver was said to give",
            STOPPED => "the stream was stopped",
            _ => "the driver failed",
        }
    }
}

#[cfg(test)]
mod tests;

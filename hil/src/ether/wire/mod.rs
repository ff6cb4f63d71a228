//! How processes speak of an ether over a stream socket.
//!
//! Every frame is a [`Head`] of 40 bytes and a tail whose length the head states: samples, or words of at most 64 KiB (metrics: 1 MiB).
//! Numbers are little-endian; samples are pairs of `f32` as the machine keeps them, which both ends share.
//!
//! ```text
//! radio                                           server
//! Hello(magic, version, control), what is wanted   ->
//!                                                  <-  Done(magic, version, token, lead), rate and place; or Failed, why
//! Hello(magic, version, transmit, token)           ->      on a connection of its own
//! Hello(magic, version, receive, token)            ->      on a connection of its own
//! a request                                        ->
//!                                                  <-  Done, the answer; or Failed, why
//! ```
//!
//! Requests of a connection are answered one after the other. What may wait has a connection for itself, a write or a read, so that
//! neither holds up the other nor the rest. A radio whose connections are not all open is gone.

mod failure;
mod fields;
mod frame;
mod place;
mod report;
mod request;

pub use failure::{decode_failure, encode_failure};
pub use fields::{Cursor, Fields};
pub use frame::{Broken, Frames, Head};
pub use place::{Wanted, decode_info, encode_info};
pub use report::{decode_metrics, encode_metrics};
pub use request::{Request, decode_event, encode_event};

/// What every conversation begins with.
pub const MAGIC: u64 = u64::from_le_bytes(*b"airloop\n");
/// Version of what is spoken.
pub const VERSION: u64 = 1;
/// Most samples of a frame: 1 MiB.
pub const MOST_SAMPLES: usize = 1 << 17;
/// Most bytes of a tail that is not samples.
pub const MOST_WORDS: usize = 1 << 16;
/// Most bytes of a radio's name.
pub const MOST_NAME: usize = 256;
/// Largest index that can be spoken of.
pub const MOST_INDEX: u64 = 1 << 62;

/// Kinds of frames.
pub mod kind {
    /// Begins a conversation: magic, version, role, token.
    pub const HELLO: u32 = 1;
    /// A request was met.
    pub const DONE: u32 = 2;
    /// A request was not met; the tail says why.
    pub const FAILED: u32 = 3;
}

/// What a connection is for.
pub mod role {
    /// A radio's place, and what is answered at once.
    pub const CONTROL: u64 = 0;
    /// What a radio writes.
    pub const TRANSMIT: u64 = 1;
    /// What a radio reads.
    pub const RECEIVE: u64 = 2;
    /// One answer: how far the ether is.
    pub const METRICS: u64 = 3;
}

//! ZMTP, the wire protocol of ZeroMQ, as far as request and reply sockets over TCP need it.
//!
//! ```text
//! greeting (64 bytes)  handshake (READY commands)  frames of commands and messages
//! ```
//!
//! Version 3.1 with the NULL mechanism, which speaks with all of 3.x. Sources: 23/ZMTP (3.0), 37/ZMTP (3.1) and 28/REQREP at
//! rfc.zeromq.org.

mod broken;
mod connection;
mod frame;
#[cfg(test)]
mod fuzz;
mod greeting;
mod handshake;
mod message;

pub use broken::Broken;
pub use connection::Connection;
pub use handshake::SocketType;

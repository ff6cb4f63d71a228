//! The side that asks: connects to a node's transmitter, again and again where it must.

use super::config::{Endpoint, MOST_SAMPLES};
use super::samples::SAMPLE_BYTES;
use super::zmtp::{Broken, Connection, SocketType};
use std::net::{TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

/// What is asked; nodes do not look at it.
const QUESTION: u8 = 0xFF;
/// Envelope of a request: the empty frame, with more to follow.
const ENVELOPE: [u8; 2] = [1, 0];
/// Pauses between attempts to connect: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(320));

/// Something that came of asking.
#[derive(Debug)]
pub enum Asked {
    /// Nothing yet.
    Nothing,
    /// A connection was made.
    Connected,
    /// What a node answered.
    Answer(Vec<u8>),
    /// The connection, or what would have become one, is gone.
    Lost(Broken),
}

/// A request socket with one peer.
#[derive(Debug)]
pub struct Request {
    endpoint: Endpoint,
    connection: Option<Connection>,
    /// Whether an answer is due.
    asked: bool,
    pause: Duration,
    next_attempt: Instant,
}

impl Request {
    /// Makes a socket that is not yet connected.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, connection: None, asked: false, pause: PAUSES.0, next_attempt: Instant::now() }
    }

    /// Returns whether there is a connection.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Connects where it must, asks where nothing is asked, and waits for the answer for `wait`; making a connection ends at
    /// `deadline`.
    pub fn poll(&mut self, wait: Duration, deadline: Instant) -> Asked {
        let Some(connection) = &mut self.connection else { return self.reconnect(wait, deadline) };
        if !self.asked {
            connection.queue(&ENVELOPE, 1, |out| out.push(QUESTION));
            self.asked = true;
        }
        let until = Instant::now() + wait;
        let answer = match connection.flush(until) {
            Ok(true) => connection.poll_message(MOST_SAMPLES * SAMPLE_BYTES, until),
            Ok(false) => Ok(None),
            Err(broken) => Err(broken),
        };
        match answer {
            Ok(None) => Asked::Nothing,
            Ok(Some(message)) => {
                self.asked = false;
                Asked::Answer(message.body)
            }
            Err(broken) => {
                self.hang_up();
                Asked::Lost(broken)
            }
        }
    }

    /// Answers the node's heartbeats while nobody waits for its answer.
    pub fn attend(&mut self) {
        // What is wrong with the connection is found when the next answer is waited for.
        if let Some(connection) = self.connection.as_mut().filter(|_| !self.asked) {
            let _ = connection.attend(0);
        }
    }

    /// Gives the connection up; the next one is made after a pause.
    pub fn hang_up(&mut self) {
        self.connection = None;
        self.asked = false;
        self.next_attempt = Instant::now() + self.pause;
        self.pause = (2 * self.pause).min(PAUSES.1);
    }

    fn reconnect(&mut self, wait: Duration, deadline: Instant) -> Asked {
        let pause = self.next_attempt.saturating_duration_since(Instant::now());
        if !pause.is_zero() {
            thread::park_timeout(pause.min(wait));
            return Asked::Nothing;
        }
        match self.connect(deadline) {
            Ok(connection) => {
                self.connection = Some(connection);
                self.pause = PAUSES.0;
                Asked::Connected
            }
            Err(broken) => {
                self.hang_up();
                Asked::Lost(broken)
            }
        }
    }

    fn connect(&self, deadline: Instant) -> Result<Connection, Broken> {
        let mut failure = Broken::Closed;
        for address in self.endpoint.address().to_socket_addrs()? {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => return Connection::shake(stream, SocketType::Request, deadline),
                Err(error) => failure = error.into(),
            }
        }
        Err(failure)
    }
}

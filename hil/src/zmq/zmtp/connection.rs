//! A connection whose greeting and handshake are done.

use super::broken::Broken;
use super::frame::{Frame, FrameReader, Kind, MOST_COMMAND_BYTES, Step, put_head};
use super::greeting::{LENGTH, check, greeting};
use super::handshake::{SocketType, check_ready, command, put_error, put_ready, refusal};
use super::message::{Gatherer, Message};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 16;
/// Looks at what is there, after which others are attended to.
const STEPS_AT_ONCE: usize = 256;
/// Longest context of a PING, by 37/ZMTP.
const MOST_CONTEXT_BYTES: usize = 16;
/// Answers to PINGs that may wait; a peer that does not read gets no more of them.
const MOST_WAITING_BYTES: usize = 4096;

/// A connection to a peer. All waits end at a deadline, and go on where they stopped.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    reader: FrameReader,
    gatherer: Gatherer,
    outgoing: Vec<u8>,
    written: usize,
}

impl Connection {
    /// Greets a peer and shakes hands with it.
    ///
    /// # Errors
    /// When the peer is gone, no fitting socket of ZMTP 3, or not done by the deadline.
    pub fn shake(stream: TcpStream, own: SocketType, deadline: Instant) -> Result<Self, Broken> {
        stream.set_nodelay(true)?;
        let mut connection = Self {
            stream: BufReader::with_capacity(BUFFER_BYTES, stream),
            reader: FrameReader::default(),
            gatherer: Gatherer::default(),
            outgoing: greeting().to_vec(),
            written: 0,
        };
        connection.flush(deadline)?;
        connection.read_greeting(deadline)?;
        put_ready(&mut connection.outgoing, own);
        connection.flush(deadline)?;
        let first = connection.poll_frame(MOST_COMMAND_BYTES, deadline)?.ok_or(Broken::Silent)?;
        if let Err(broken) = check_ready(&first, own) {
            put_error(&mut connection.outgoing, &broken.to_string());
            connection.flush(deadline)?;
            return Err(broken);
        }
        Ok(connection)
    }

    fn read_greeting(&mut self, deadline: Instant) -> Result<(), Broken> {
        let (mut bytes, mut there) = ([0; LENGTH], 0);
        while there < LENGTH {
            self.wait_to_read(deadline)?.ok_or(Broken::Silent)?;
            match self.stream.read(&mut bytes[there..]) {
                Ok(0) => return Err(Broken::Closed),
                Ok(count) => there += count,
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error.into()),
            }
            check(&bytes[..there])?;
        }
        Ok(())
    }

    /// Waits for a message of at most `most` bytes until the deadline; what came of it is kept.
    ///
    /// # Errors
    /// When the connection is at its end.
    pub fn poll_message(&mut self, most: usize, deadline: Instant) -> Result<Option<Message>, Broken> {
        loop {
            let left = most.saturating_sub(self.gatherer.len());
            let Some(frame) = self.poll_frame(left, deadline)? else { return Ok(None) };
            if let Some(message) = self.take(frame)? {
                return Ok(Some(message));
            }
        }
    }

    /// Takes what is there without waiting: answers heartbeats, and returns a message if there is one.
    ///
    /// # Errors
    /// When the connection is at its end.
    pub fn attend(&mut self, most: usize) -> Result<Option<Message>, Broken> {
        self.stream.get_ref().set_nonblocking(true)?;
        let found = self.take_some(most);
        self.stream.get_ref().set_nonblocking(false)?;
        found
    }

    fn take_some(&mut self, most: usize) -> Result<Option<Message>, Broken> {
        for _ in 0..STEPS_AT_ONCE {
            let left = most.saturating_sub(self.gatherer.len());
            match self.reader.step(&mut self.stream, left)? {
                Step::Frame(frame) => {
                    let message = self.take(frame)?;
                    if message.is_some() {
                        return Ok(message);
                    }
                }
                Step::Part => {}
                Step::Nothing => break,
            }
        }
        Ok(None)
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Message>, Broken> {
        match frame.kind {
            Kind::Command => self.obey(&frame.body).map(|()| None),
            Kind::More | Kind::Last => self.gatherer.add(frame),
        }
    }

    /// Answers a heartbeat; commands that are for other sockets are let pass.
    fn obey(&mut self, body: &[u8]) -> Result<(), Broken> {
        match command(body)? {
            (b"ERROR", reason) => Err(refusal(reason)),
            (b"PING", data) if (2..=2 + MOST_CONTEXT_BYTES).contains(&data.len()) => {
                if self.outgoing.len() < MOST_WAITING_BYTES {
                    put_head(&mut self.outgoing, Kind::Command, 5 + data.len() - 2);
                    self.outgoing.extend_from_slice(b"\x04PONG");
                    self.outgoing.extend_from_slice(&data[2..]);
                }
                self.flush(Instant::now()).map(|_| ())
            }
            (b"PING", _) => Err(Broken::Rubbish("a PING that is too short or too long")),
            _ => Ok(()),
        }
    }

    fn poll_frame(&mut self, most: usize, deadline: Instant) -> Result<Option<Frame>, Broken> {
        loop {
            if self.wait_to_read(deadline)?.is_none() {
                return Ok(None);
            }
            if let Step::Frame(frame) = self.reader.step(&mut self.stream, most)? {
                return Ok(Some(frame));
            }
        }
    }

    /// Lets the next read wait until the deadline; `None` when it is over.
    fn wait_to_read(&mut self, deadline: Instant) -> Result<Option<()>, Broken> {
        let Some(left) = left(deadline) else { return Ok(None) };
        if self.stream.buffer().is_empty() {
            self.stream.get_ref().set_read_timeout(Some(left))?;
        }
        Ok(Some(()))
    }

    /// Puts a message behind what waits to be sent: an envelope, and its body, which `put` writes.
    pub fn queue(&mut self, envelope: &[u8], length: usize, put: impl FnOnce(&mut Vec<u8>)) {
        self.outgoing.extend_from_slice(envelope);
        put_head(&mut self.outgoing, Kind::Last, length);
        put(&mut self.outgoing);
    }

    /// Sends what waits until the deadline; returns whether all is sent.
    ///
    /// # Errors
    /// When the connection is at its end.
    pub fn flush(&mut self, deadline: Instant) -> Result<bool, Broken> {
        while self.written < self.outgoing.len() {
            // A deadline that is over still lets go what needs no waiting.
            let left = left(deadline).unwrap_or(Duration::from_millis(1));
            let stream = self.stream.get_mut();
            stream.set_write_timeout(Some(left))?;
            match stream.write(&self.outgoing[self.written..]) {
                Ok(0) => return Err(Broken::Closed),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_pause(&error) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        self.outgoing.clear();
        self.written = 0;
        Ok(true)
    }
}

/// Returns how long it is until a deadline, in what sockets can wait.
fn left(deadline: Instant) -> Option<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    (!left.is_zero()).then(|| left.max(Duration::from_millis(1)))
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

//! Frames on a socket, neither waited for without end nor believed in what they say of their length.

use std::io::{self, IoSlice, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Bytes of a head.
const HEAD_BYTES: usize = 40;

/// What a frame begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// What it is.
    pub kind: u32,
    /// Bytes of its tail.
    pub length: u32,
    /// Numbers that belong to the kind.
    pub values: [u64; 4],
}

impl Head {
    /// Makes the head of a frame without a tail.
    pub fn new(kind: u32, values: [u64; 4]) -> Self {
        Self { kind, length: 0, values }
    }

    /// Returns its bytes.
    pub fn bytes(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..4].copy_from_slice(&self.kind.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.length.to_le_bytes());
        for (bytes, value) in bytes[8..].chunks_exact_mut(8).zip(self.values) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// Reads its bytes.
    pub fn parse(bytes: &[u8; HEAD_BYTES]) -> Self {
        let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| bytes[at + i]));
        let values = std::array::from_fn(|i| number(8 + 8 * i));
        Self { kind: number(0) as u32, length: (number(0) >> 32) as u32, values }
    }
}

/// Why a connection is of no more use.
#[derive(Debug)]
pub enum Broken {
    /// The other end has closed it.
    Closed,
    /// The other end began a frame, or owes one, and says nothing.
    Silent,
    /// The other end does not read.
    Unread,
    /// What came is none of ours.
    Rubbish,
    /// The other end speaks another version.
    Version(u64),
    /// The system refused.
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
        match error.kind() {
            BrokenPipe | ConnectionReset | UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

fn is_wait(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// One end of a connection.
#[derive(Debug)]
pub struct Frames {
    socket: UnixStream,
    patience: Duration,
}

impl Frames {
    /// Speaks over a socket; who begins a frame or must take one has so long for it.
    ///
    /// # Errors
    /// When the system refuses time-outs.
    pub fn new(socket: UnixStream, patience: Duration) -> Result<Self, Broken> {
        // The system's time-outs only wake: deadlines are looked at here, so that who trickles gains nothing.
        let pulse = (patience / 4).max(Duration::from_millis(1));
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(pulse))?;
        socket.set_write_timeout(Some(pulse))?;
        Ok(Self { socket, patience })
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// When the other end is gone or does not read.
    pub fn send(&mut self, mut head: Head, tail: &[u8]) -> Result<(), Broken> {
        head.length = tail.len() as u32;
        let head = head.bytes();
        let deadline = Instant::now() + self.patience;
        let (mut sent, total) = (0, HEAD_BYTES + tail.len());
        while sent < total {
            let outcome = match sent < HEAD_BYTES {
                true => self.socket.write_vectored(&[IoSlice::new(&head[sent..]), IoSlice::new(tail)]),
                false => self.socket.write(&tail[sent - HEAD_BYTES..]),
            };
            match outcome {
                Ok(0) => return Err(Broken::Closed),
                Ok(count) => sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted || is_wait(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if sent < total && Instant::now() > deadline {
                return Err(Broken::Unread);
            }
        }
        Ok(())
    }

    /// Waits for a head: so long for its first byte, or for ever.
    ///
    /// # Errors
    /// When the other end is gone or silent.
    pub fn head(&mut self, wait: Option<Duration>) -> Result<Head, Broken> {
        let mut bytes = [0; HEAD_BYTES];
        let deadline = wait.and_then(|wait| Instant::now().checked_add(wait));
        self.fill(&mut bytes, deadline, true)?;
        Ok(Head::parse(&bytes))
    }

    /// Receives a tail, or a part of one.
    ///
    /// # Errors
    /// When the other end is gone or silent.
    pub fn tail(&mut self, bytes: &mut [u8]) -> Result<(), Broken> {
        self.fill(bytes, Some(Instant::now() + self.patience), false)
    }

    /// Receives a tail of at most so many bytes; its length was checked by nobody yet.
    ///
    /// # Errors
    /// When the other end is gone or silent, and when the tail is too long.
    pub fn words(&mut self, head: &Head, most: usize) -> Result<Vec<u8>, Broken> {
        if head.length as usize > most {
            return Err(Broken::Rubbish);
        }
        let mut words = vec![0; head.length as usize];
        self.tail(&mut words)?;
        Ok(words)
    }

    fn fill(&mut self, bytes: &mut [u8], mut deadline: Option<Instant>, begins: bool) -> Result<(), Broken> {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.socket.read(&mut bytes[filled..]) {
                Ok(0) => return Err(Broken::Closed),
                Ok(count) => {
                    if begins && filled == 0 && count < bytes.len() {
                        deadline = Some(Instant::now() + self.patience);
                    }
                    filled += count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted || is_wait(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if filled < bytes.len() && deadline.is_some_and(|end| Instant::now() > end) {
                return Err(Broken::Silent);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back() {
        let head = Head { kind: 9, length: 0x8000_0001, values: [1, u64::MAX, 3, 4] };
        assert_eq!(Head::parse(&head.bytes()), head);
    }

    #[test]
    fn who_is_silent_or_does_not_read_is_not_waited_for() {
        let patience = Duration::from_millis(40);
        let (here, mut there) = UnixStream::pair().unwrap();
        let mut frames = Frames::new(here, patience).unwrap();
        assert!(matches!(frames.head(Some(patience)), Err(Broken::Silent)));
        there.write_all(&[1, 2, 3]).unwrap();
        assert!(matches!(frames.head(None), Err(Broken::Silent)));
        let sent = frames.send(Head::default(), &vec![0; 1 << 23]);
        assert!(matches!(sent, Err(Broken::Unread)));
        drop(there);
        assert!(matches!(frames.head(None), Err(Broken::Closed)));
        assert!(matches!(frames.send(Head::default(), &[]), Err(Broken::Closed)));
    }
}

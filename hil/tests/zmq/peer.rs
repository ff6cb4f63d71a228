//! A node's sockets, byte by byte.

use airloop_baseband::Complex32;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// What a node waits at most.
const LONG: Duration = Duration::from_secs(60);

/// Greets and shakes hands as 23/ZMTP has it, as a socket of a type of three letters; returns the peer's READY command.
pub fn shake(stream: &mut TcpStream, socket: &[u8; 3]) -> Vec<u8> {
    try_shake(stream, socket).unwrap()
}

fn try_shake(stream: &mut TcpStream, socket: &[u8; 3]) -> std::io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(LONG))?;
    stream.write_all(&hello(socket))?;
    let mut greeting = [0; 64];
    stream.read_exact(&mut greeting)?;
    assert!((greeting[0], greeting[9], greeting[10]) == (0xFF, 0x7F, 3) && greeting[12..17] == *b"NULL\0");
    let (flags, body) = try_frame(stream)?;
    assert_eq!(flags, 4, "READY is a short command");
    Ok(body)
}

/// Returns greeting and READY of a socket.
pub fn hello(socket: &[u8; 3]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0, b'N', b'U', b'L', b'L'];
    bytes.resize(64, 0);
    bytes.extend_from_slice(b"\x04\x19\x05READY\x0BSocket-Type\x00\x00\x00\x03");
    bytes.extend_from_slice(socket);
    bytes
}

/// Reads a frame: flags and body.
pub fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    try_frame(stream).unwrap()
}

fn try_frame(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let mut length = u64::from(head[1]);
    if head[0] & 2 != 0 {
        let mut wide = [head[1], 0, 0, 0, 0, 0, 0, 0];
        stream.read_exact(&mut wide[1..])?;
        length = u64::from_be_bytes(wide);
    }
    let mut body = vec![0; length as usize];
    stream.read_exact(&mut body)?;
    Ok((head[0], body))
}

/// Returns a frame as bytes.
pub fn framed(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = match u8::try_from(body.len()) {
        Ok(length) => vec![flags, length],
        Err(_) => [&[flags | 2], (body.len() as u64).to_be_bytes().as_slice()].concat(),
    };
    bytes.extend_from_slice(body);
    bytes
}

/// Returns samples as bytes.
pub fn bytes(samples: &[Complex32]) -> Vec<u8> {
    samples.iter().flat_map(|x| [x.re.to_le_bytes(), x.im.to_le_bytes()].concat()).collect()
}

/// A node's transmitter: a reply socket that binds.
pub struct Transmitter {
    listener: TcpListener,
    stream: Option<TcpStream>,
}

impl Transmitter {
    pub fn bind() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").unwrap(), stream: None }
    }

    pub fn bind_again(port: u16) -> Self {
        let mut listener = None;
        super::air::wait_until(
            || {
                listener = TcpListener::bind(("127.0.0.1", port)).ok();
                listener.is_some()
            },
            "the port is free again",
        );
        Self { listener: listener.unwrap(), stream: None }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Returns the connection of who asks, before it shakes hands.
    pub fn accept(&self) -> TcpStream {
        self.listener.accept().unwrap().0
    }

    /// Waits until it is asked, and answers with these frames after the empty one.
    pub fn answer(&mut self, frames: &[Vec<u8>]) {
        while self.stream.is_none() {
            let mut stream = self.accept();
            // Who has waited in vain for the handshake has come again behind.
            if let Ok(ready) = try_shake(&mut stream, b"REP") {
                assert_eq!(ready, b"\x05READY\x0BSocket-Type\x00\x00\x00\x03REQ");
                self.stream = Some(stream);
            }
        }
        let stream = self.stream.as_mut().unwrap();
        assert_eq!(frame(stream), (1, vec![]), "the empty frame");
        assert_eq!(frame(stream), (0, vec![0xFF]), "the question");
        let mut reply = framed(1, &[]);
        for (i, body) in frames.iter().enumerate() {
            reply.extend(framed(u8::from(i + 1 < frames.len()), body));
        }
        stream.write_all(&reply).unwrap();
    }

    pub fn send(&mut self, samples: &[Complex32]) {
        self.answer(&[bytes(samples)]);
    }
}

/// A node's receiver: a request socket that connects.
pub struct Receiver {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// Samples that came and were not yet asked for.
    rest: Vec<Complex32>,
}

impl Receiver {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, rest: Vec::new() }
    }

    /// Returns the connection, made where there is none.
    pub fn stream(&mut self) -> &mut TcpStream {
        let address = self.address;
        self.stream.get_or_insert_with(|| {
            let mut stream = TcpStream::connect(address).unwrap();
            let ready = shake(&mut stream, b"REQ");
            assert_eq!(ready, b"\x05READY\x0BSocket-Type\x00\x00\x00\x03REP");
            stream
        })
    }

    /// Asks once and returns what is answered.
    pub fn ask(&mut self) -> Vec<Complex32> {
        let stream = self.stream();
        stream.write_all(&[1, 0, 0, 1, 0xFF]).unwrap();
        assert_eq!(frame(stream), (1, vec![]), "the empty frame");
        let (flags, body) = frame(stream);
        assert!(flags & !2 == 0 && body.len() % 8 == 0 && !body.is_empty(), "samples");
        let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
        body.chunks_exact(8).map(|x| Complex32::new(float(&x[..4]), float(&x[4..]))).collect()
    }

    /// Asks until so many samples are there.
    pub fn fetch(&mut self, count: usize) -> Vec<Complex32> {
        let mut samples = std::mem::take(&mut self.rest);
        while samples.len() < count {
            samples.extend(self.ask());
        }
        self.rest = samples.split_off(count);
        samples
    }
}

/// A node: sends so many samples, and receives as many.
pub struct Node {
    pub transmitter: Transmitter,
    pub receiver: Receiver,
}

impl Node {
    pub fn new(transmitter: Transmitter, address: SocketAddr) -> Self {
        Self { transmitter, receiver: Receiver::new(address) }
    }

    /// Sends and receives samples piece by piece as srsRAN does: what is about to be received has been sent before.
    pub fn exchange(&mut self, samples: &[Complex32], piece: usize) -> Vec<Complex32> {
        let mut heard = Vec::new();
        for piece in samples.chunks(piece) {
            self.transmitter.send(piece);
            heard.extend(self.receiver.fetch(piece.len()));
        }
        heard
    }

    /// The same the other way round: receives before it sends.
    pub fn exchange_late(&mut self, samples: &[Complex32], piece: usize) -> Vec<Complex32> {
        let mut heard = Vec::new();
        for piece in samples.chunks(piece) {
            heard.extend(self.receiver.fetch(piece.len()));
            self.transmitter.send(piece);
        }
        heard
    }
}

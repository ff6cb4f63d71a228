//! Peers whose bytes are nearly right.

use super::{Broken, Connection, SocketType};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// Peers that are tried.
const MUTANTS: usize = 4000;

/// Numbers that look random, from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) % most as u64) as usize
    }
}

/// Greeting, READY, PING, a command nobody knows, and a reply in two frames, one of them long.
fn conversation() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 1, b'N', b'U', b'L', b'L'];
    bytes.resize(64, 0);
    bytes.extend_from_slice(b"\x04\x19\x05READY\x0BSocket-Type\x00\x00\x00\x03REP\x04\x07\x04PING\x00\x01");
    bytes.extend_from_slice(b"\x04\x03\x02XY\x01\x00\x01\x05abcde\x02\x00\x00\x00\x00\x00\x00\x01\x00");
    bytes.extend_from_slice(&[9; 256]);
    bytes
}

/// Lets a peer say some bytes and hang up; returns the first message, or why there is none.
fn hear(listener: &TcpListener, bytes: &[u8]) -> Result<Vec<u8>, Broken> {
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.write_all(bytes).unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let stream = listener.accept().unwrap().0;
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut connection = Connection::shake(stream, SocketType::Request, deadline)?;
    let message = connection.poll_message(1000, deadline)?.expect("a peer that hung up keeps nobody waiting");
    drop(connection);
    let _ = peer.read(&mut [0; 256]);
    Ok(message.body)
}

#[test]
fn peers_that_are_nearly_right_do_no_harm() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let good = conversation();
    let said = [b"abcde".as_slice(), &[9; 256]].concat();
    assert_eq!(hear(&listener, &good).unwrap(), said);
    let (mut dice, mut refused) = (Dice(7), 0);
    for _ in 0..MUTANTS {
        let mut bytes = good.clone();
        // Most of the last frame is of no interest.
        let places = bytes.len() - 200;
        for _ in 0..=dice.below(3) {
            let Some(at) = places.min(bytes.len()).checked_sub(1).map(|last| dice.below(last + 1)) else {
                break;
            };
            match dice.below(4) {
                0 => bytes[at] ^= 1 << dice.below(8),
                1 => bytes[at] = dice.below(256) as u8,
                2 => drop(bytes.drain(at..(at + 1 + dice.below(9)).min(bytes.len()))),
                _ => bytes.truncate(at + 1),
            }
        }
        refused += usize::from(hear(&listener, &bytes).is_err());
    }
    // Padding and the filler mean nothing, so that not all mutants are wrong.
    assert!((MUTANTS / 2..MUTANTS).contains(&refused), "{refused}");
}

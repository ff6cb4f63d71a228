//! Clients that speak another version, or stop in the middle.

use super::air::{UNIT, attach, signal};
use super::peer::{MAGIC, Path, frame, hello, send, wait_until};
use airloop_hil::ether::Attachment;
use airloop_hil::{Direction, EtherServer};
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(150);

/// Takes an answer: its kind, its numbers and its tail.
fn answer(socket: &mut UnixStream) -> (u32, Vec<u64>, Vec<u8>) {
    let mut head = [0; 40];
    socket.read_exact(&mut head).unwrap();
    let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap());
    let values = head[8..].chunks(8).map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap())).collect();
    let mut tail = vec![0; word(4) as usize];
    socket.read_exact(&mut tail).unwrap();
    (word(0), values, tail)
}

#[test]
fn who_speaks_otherwise_or_stops_is_dropped_with_a_reason() {
    let (path, ether) = (Path::new(), UNIT.ether(UNIT.config()));
    let server = EtherServer::bind_with(&path, ether.clone(), PATIENCE).unwrap();
    let connect = || UnixStream::connect(&path).unwrap();
    // Another version is told which one is spoken here.
    let mut socket = connect();
    send(&mut socket, &frame(1, [MAGIC, 2, 0, 0], &[]));
    let (kind, values, tail) = answer(&mut socket);
    assert_eq!((kind, values[1]), (3, 1));
    assert!(String::from_utf8_lossy(&tail).contains("speaks version 1"));
    wait_until(|| server.dropped().other_version == 1, "the version");
    // A wrong magic, and nothing at all.
    send(&mut connect(), &frame(1, [MAGIC + 1, 1, 0, 0], &[]));
    wait_until(|| server.dropped().rubbish == 1, "the magic");
    let mute = connect();
    wait_until(|| server.dropped().silent == 1, "who says nothing");
    drop(mute);
    // A length that lies, and half a frame: their radio is gone.
    let mut socket = connect();
    send(&mut socket, &hello("liar"));
    assert_eq!(answer(&mut socket).0, 2);
    let mut lie = frame(16, [0; 4], &[]);
    lie[7] = 0xff;
    send(&mut socket, &lie);
    wait_until(|| server.dropped().rubbish == 2 && ether.metrics().radios.is_empty(), "the lie");
    let mut socket = connect();
    send(&mut socket, &hello("half"));
    assert_eq!(answer(&mut socket).0, 2);
    send(&mut socket, &frame(16, [0; 4], &[])[..39]);
    wait_until(|| server.dropped().silent == 2 && ether.metrics().radios.is_empty(), "half a frame");
    // A token that is none.
    send(&mut connect(), &frame(1, [MAGIC, 1, 1, 77], &[]));
    wait_until(|| server.dropped().rubbish == 3, "the token");
    assert_eq!(server.dropped().unread, 0);
}

#[test]
fn who_does_not_read_is_dropped_and_the_others_go_on() {
    let air = super::air::Parts { transmit: 2, receive: 2, ..UNIT };
    let (path, ether) = (Path::new(), air.ether(air.config()));
    let server = EtherServer::bind_with(&path, ether.clone(), PATIENCE).unwrap();
    let mut sender = attach(&ether, "sender", (&[1], &[1]));
    sender.activate(Direction::Transmit, Some(0)).unwrap();
    let mut control = UnixStream::connect(&path).unwrap();
    send(&mut control, &hello("deaf"));
    let token = answer(&mut control).1[2];
    send(&mut control, &frame(17, [1, 0, 1, 0], &[]));
    assert_eq!(answer(&mut control).0, 2);
    let samples = signal(0, 200_000);
    assert_eq!(sender.write(0, (Some(0), &samples, false), PATIENCE).unwrap(), samples.len());
    // It asks for far more than a socket keeps, and takes nothing.
    let mut receive = UnixStream::connect(&path).unwrap();
    send(&mut receive, &frame(1, [MAGIC, 1, 2, token], &[]));
    send(&mut receive, &frame(21, [0, 1 << 17, 0, 1_000_000_000], &[]));
    wait_until(|| server.dropped().unread == 1, "it is waited for");
    wait_until(|| ether.metrics().radios.len() == 1, "its place stays taken");
    wait_until(|| server.connections() == 0, "its connections stay");
    // Nobody listens any more: the sender is not held up.
    assert_eq!(sender.write(0, (None, &samples, true), PATIENCE).unwrap(), samples.len());
    wait_until(|| ether.metrics().time > 390_000, "time stands still");
}

//! Rubbish at both sockets of a node, while two others go on.

use super::air::{everyone, signal, start_at};
use super::dice::Dice;
use super::peer::{Node, Transmitter, framed, hello};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Mutants that a receiver's socket meets.
const MUTANTS: u64 = 3000;

impl Dice {
    /// A conversation that is right, or nearly.
    fn mutant(&mut self, socket: &[u8; 3], body: &[u8]) -> Vec<u8> {
        let ping = framed(4, b"\x04PING\x00\x01context");
        let mut bytes = [hello(socket), ping, framed(1, &[]), framed(0, body)].concat();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len() as u64) as usize;
            match self.below(5) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.next() as u8,
                2 => bytes.truncate(at + 1),
                3 => drop(bytes.drain(at..(at + 1 + self.below(9) as usize).min(bytes.len() - 1).max(at))),
                _ => (0..=self.below(20)).for_each(|_| bytes.insert(at, self.next() as u8)),
            }
        }
        bytes
    }
}

fn say(mut stream: TcpStream, bytes: &[u8]) {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    // Who is turned away cannot say all.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read(&mut [0; 256]);
}

fn annoy_receiver(address: SocketAddr, dice: &mut Dice) {
    for _ in 0..MUTANTS {
        say(TcpStream::connect(address).unwrap(), &dice.mutant(b"REQ", &[0xFF]));
    }
}

fn annoy_transmitter(listener: &TcpListener, dice: &mut Dice, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let (stream, _) = listener.accept().unwrap();
        let length = 8 * dice.below(2000) as usize;
        say(stream, &dice.mutant(b"REP", &vec![0; length]));
    }
}

#[test]
fn rubbish_harms_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let transmitters: Vec<Transmitter> = (0..2).map(|_| Transmitter::bind()).collect();
    let ports: Vec<u16> = transmitters.iter().map(Transmitter::port).chain([port]).collect();
    let broker = start_at(&everyone(3), &ports, |config| config.timeout_s = 0.3);
    let addresses = broker.addresses();
    let over = Arc::new(AtomicBool::new(false));
    let rubbish = {
        let (over, address) = (Arc::clone(&over), addresses[2]);
        let answers = thread::spawn(move || annoy_transmitter(&listener, &mut Dice(1), &over));
        let ends = thread::spawn(move || annoy_receiver(address, &mut Dice(2)));
        (ends, answers)
    };
    let nodes: Vec<_> = transmitters
        .into_iter()
        .zip(&addresses)
        .zip(0..)
        .map(|((transmitter, address), i)| {
            let mut node = Node::new(transmitter, *address);
            let over = Arc::clone(&over);
            thread::spawn(move || {
                let (mut rounds, samples) = (0, signal(i, 1000));
                while !over.load(Ordering::Relaxed) {
                    node.exchange(&samples, 100);
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    rubbish.0.join().unwrap();
    over.store(true, Ordering::Relaxed);
    // Nodes that end at different samples wait for each other a last time.
    let rounds: Vec<usize> = nodes.into_iter().map(|node| node.join().unwrap()).collect();
    let report = broker.report();
    assert!(
        rounds.iter().all(|rounds| *rounds > 0) && report.nodes[..2].iter().all(|node| node.refused == 0)
    );
    assert!(report.nodes[2].refused > MUTANTS / 10 && !report.nodes[2].ended, "{report:?}");
    // The last accept ends with a connection.
    let _ = TcpStream::connect(("127.0.0.1", port));
    rubbish.1.join().unwrap();
}

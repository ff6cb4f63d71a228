//! Peers that are none, messages that lie, settings that cannot be.

use super::air::{air, everyone, signal, start, wait_until};
use super::peer::{frame, framed, hello};
use airloop_hil::zmq::{Broker, BrokerConfig, NodeConfig, ZmqError};
use airloop_hil::{Ether, EtherConfig};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// Reads what comes until the connection is closed.
fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

#[test]
fn who_is_no_receiver_is_turned_away_with_a_reason() {
    let (broker, mut nodes) = start(&everyone(2), 2, |_| {});
    let address = broker.addresses()[0];
    let mut old = hello(b"REQ");
    old[10] = 2;
    let mut plain = hello(b"REQ");
    plain[12..18].copy_from_slice(b"PLAIN\0");
    let cases = [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "a greeting without its signature"),
        (old, "the peer speaks ZMTP 2: 3.0 or later is expected"),
        (plain, "the peer uses the mechanism PLAIN: NULL is expected"),
        (hello(b"SUB"), "the peer's socket is a SUB: REQ is expected"),
        ([hello(b"REQ"), framed(0, &[0xFF])].concat(), "a message without an empty frame before it"),
        ([hello(b"REQ"), vec![0x40, 0, 0]].concat(), "a frame with flags that do not exist"),
        (
            [hello(b"REQ"), framed(1, &[]), vec![2, 0, 0, 1, 0, 0, 0, 0, 0]].concat(),
            "256 at most are expected",
        ),
    ];
    for (refused, (bytes, reason)) in (1..).zip(cases) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&bytes).unwrap();
        let answer = rest(&mut stream);
        wait_until(|| broker.report().nodes[0].refused == refused, reason);
        let trouble = broker.report().nodes[0].last_trouble.clone().unwrap();
        assert!(trouble.contains(reason), "{trouble}");
        if reason.contains("SUB") {
            let command = format!("\x05ERROR\x2B{reason}");
            assert!(answer.ends_with(&framed(4, command.as_bytes())), "{answer:?}");
        }
    }
    // Who is one is served.
    nodes.iter_mut().zip(0..).for_each(|(node, i)| node.transmitter.send(&signal(i, 100)));
    assert!(nodes[0].receiver.fetch(100) == signal(1, 100));
}

#[test]
fn messages_that_are_no_samples_are_refused() {
    let (broker, mut nodes) = start(&everyone(2), 2, |_| {});
    nodes[0].transmitter.answer(&[vec![0; 12]]);
    wait_until(|| broker.report().nodes[0].refused == 1, "12 bytes");
    let trouble = broker.report().nodes[0].last_trouble.clone().unwrap();
    assert_eq!(trouble, "a message of 12 bytes: samples of 8 bytes each are expected");
    // It is asked again over another connection; a length that lies is refused before anything comes.
    let mut stream = nodes[0].transmitter.accept();
    stream.write_all(&[hello(b"REP"), framed(1, &[]), vec![2, 0, 0, 1, 0, 0, 0, 0, 0]].concat()).unwrap();
    wait_until(|| broker.report().nodes[0].refused == 2, "2^40 bytes");
    let trouble = broker.report().nodes[0].last_trouble.clone().unwrap();
    assert_eq!(trouble, "a message of 1099511627776 bytes or more: 24576000 at most are expected");
    // So is a socket that does not answer.
    let mut stream = nodes[0].transmitter.accept();
    stream.write_all(&hello(b"PUB")).unwrap();
    wait_until(|| broker.report().nodes[0].refused == 3, "PUB");
    // The node is as before once it answers as it should, with an empty message before.
    let mut stream = nodes[0].transmitter.accept();
    super::peer::shake(&mut stream, b"REP");
    for bytes in [vec![], super::peer::bytes(&signal(0, 50))] {
        assert_eq!((frame(&mut stream), frame(&mut stream)), ((1, vec![]), (0, vec![0xFF])));
        stream.write_all(&[framed(1, &[]), framed(0, &bytes)].concat()).unwrap();
    }
    nodes[1].transmitter.send(&signal(1, 50));
    assert!(nodes[1].receiver.fetch(50) == signal(0, 50));
}

#[test]
fn a_peer_that_hangs_in_its_handshake_stops_nobody() {
    let (broker, mut nodes) = start(&everyone(2), 2, |config| config.timeout_s = 0.5);
    let hang = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(broker.addresses()[0]).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    let _hanging = [hang(b""), hang(&hello(b"REQ")[..40]), hang(&hello(b"REQ")[..70])];
    nodes.iter_mut().zip(0..).for_each(|(node, i)| node.transmitter.send(&signal(i, 100)));
    assert!(nodes[0].receiver.fetch(100) == signal(1, 100));
    wait_until(|| broker.report().nodes[0].refused == 3, "handshakes that hang come to their end");
    let node = broker.report().nodes.swap_remove(0);
    assert_eq!(
        (node.refused, node.last_trouble.as_deref()),
        (3, Some("the handshake was not ended in time"))
    );
}

#[test]
fn of_two_receivers_the_first_is_served_until_it_goes() {
    let (broker, mut nodes) = start(&everyone(2), 2, |_| {});
    nodes.iter_mut().zip(0..).for_each(|(node, i)| node.transmitter.send(&signal(i, 200)));
    assert!(nodes[0].receiver.fetch(100).len() == 100);
    let mut second = super::peer::Receiver::new(broker.addresses()[0]);
    second.stream().write_all(&[1, 0, 0, 1, 0xFF]).unwrap();
    assert!(nodes[0].receiver.fetch(100).len() == 100);
    let kept = std::mem::replace(&mut nodes[0].receiver, second);
    drop(kept);
    nodes.iter_mut().for_each(|node| node.transmitter.send(&signal(7, 100)));
    assert_eq!(frame(nodes[0].receiver.stream()).0, 1);
    assert_eq!(frame(nodes[0].receiver.stream()).1, super::peer::bytes(&signal(7, 100)));
}

#[test]
fn brokers_that_cannot_be_are_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("tcp://{}", taken.local_addr().unwrap());
    let node = |receive: &str| NodeConfig::new("a", "tcp://127.0.0.1:9", receive).unwrap();
    let start = |config: &BrokerConfig, ports: (usize, usize)| {
        let ether = Ether::new(EtherConfig::new((2, 2), 0), air(2, &everyone(2))).unwrap();
        Broker::start(config, |node| ether.attach_anywhere(&node.name, ports)).err()
    };
    let at = |receive| BrokerConfig::new(vec![node(receive)]);
    let free = "tcp://127.0.0.1:0";
    assert!(start(&at(free), (1, 1)).is_none());
    assert!(matches!(start(&at(free), (2, 1)), Some(ZmqError::Ports { transmit: 2, receive: 1, .. })));
    assert!(matches!(start(&at(free), (3, 1)), Some(ZmqError::Radio { .. })));
    let error = start(&at(&taken), (1, 1)).unwrap();
    assert!(matches!(error, ZmqError::Bind { .. }) && error.to_string().contains(&taken), "{error}");
    let nobody = BrokerConfig::new(vec![]);
    assert!(matches!(start(&nobody, (1, 1)), Some(ZmqError::Config { what: "nodes", .. })));
}

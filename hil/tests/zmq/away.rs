//! Nodes that stop, are killed, come back, or never were there.

use super::air::{RATE_HZ, UNHEARD, air, everyone, signal, start, wait_until};
use super::peer::{self, Node, Transmitter};
use airloop_baseband::Complex32;
use airloop_hil::zmq::{Broker, BrokerConfig, NodeConfig, NodeReport};
use airloop_hil::{Clock, Ether, EtherConfig};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

const PIECE: usize = 1000;
/// Samples until a node goes, until it comes back, and to the end.
const GOES: usize = 20_000;
const COMES: usize = 220_000;
const ENDS: usize = 240_000;

/// A node that exchanges its signal when it is told to, up to an index.
struct Steered {
    until: Sender<usize>,
    heard: Receiver<Vec<Complex32>>,
}

impl Steered {
    fn new(number: u64, mut node: Node) -> Self {
        let ((until, told), (tell, heard)) = (channel::<usize>(), channel());
        thread::spawn(move || {
            let (samples, mut at) = (signal(number, ENDS), 0);
            while let Ok(until) = told.recv() {
                let heard = node.exchange(&samples[at..until], PIECE);
                at = until;
                tell.send(heard).unwrap();
            }
        });
        Self { until, heard }
    }
}

fn impatient(config: &mut BrokerConfig) {
    config.timeout_s = 2.0;
}

fn report(broker: &Broker, node: usize) -> NodeReport {
    broker.report().nodes.swap_remove(node)
}

fn sum(a: &[Complex32], b: &[Complex32]) -> Vec<Complex32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// What others hear of a node that sent nothing between two indices, and from there on its samples from a count on.
fn with_gap(number: u64, count: usize) -> Vec<Complex32> {
    let mut sent = signal(number, ENDS)[..GOES].to_vec();
    sent.resize(COMES, Complex32::default());
    sent.extend_from_slice(&signal(number, ENDS)[count..count + ENDS - COMES]);
    sent
}

#[test]
fn a_node_that_stops_is_replaced_by_zeros_and_goes_on_at_the_present_sample() {
    let (broker, mut nodes) = start(&everyone(3), 3, impatient);
    let mut third = nodes.pop().unwrap();
    let steered: Vec<Steered> = (0..).zip(nodes).map(|(i, node)| Steered::new(i, node)).collect();
    let signals: Vec<Vec<Complex32>> = (0..3).map(|i| signal(i, ENDS)).collect();
    let mut heard = vec![Vec::new(); 2];
    let mut all_until = |until: usize, third: &mut dyn FnMut()| {
        steered.iter().for_each(|node| node.until.send(until).unwrap());
        third();
        for (node, heard) in steered.iter().zip(&mut heard) {
            heard.extend(node.heard.recv().unwrap());
        }
    };
    // The third sends all its samples so far, and stops before it fetches the last of what it hears.
    let mut own = Vec::new();
    all_until(GOES, &mut || {
        own.extend(third.exchange(&signals[2][..GOES - PIECE], PIECE));
        third.transmitter.send(&signals[2][GOES - PIECE..GOES]);
    });
    assert!(broker.report().is_clean());
    all_until(COMES, &mut || {});
    let gone = report(&broker, 2);
    assert_eq!((gone.timeouts, gone.dropouts, gone.refused), (1, 1, 0), "{gone:?}");
    assert_eq!(gone.substituted_samples, (COMES - GOES) as u64);
    assert_eq!(gone.dropped_samples, (COMES - GOES + PIECE) as u64);
    assert!(!gone.transmits && !gone.receives && gone.transmitter_connected && gone.receiver_connected);
    // It wakes up: what it sends goes out at once, what it hears goes on as far behind as before.
    third.transmitter.send(&signals[2][GOES..GOES + PIECE]);
    wait_until(|| report(&broker, 2).transmits, "a node that is back is waited for");
    all_until(ENDS, &mut || {
        own.extend(third.receiver.fetch(PIECE));
        let rest = &signals[2][GOES + PIECE..GOES + ENDS - COMES];
        own.extend(third.exchange(rest, PIECE));
        own.extend(third.receiver.fetch(PIECE));
    });
    let of_third = with_gap(2, GOES);
    assert!(heard[0] == sum(&signals[1], &of_third) && heard[1] == sum(&signals[0], &of_third));
    let mut expected = sum(&signals[0], &signals[1]);
    // Missed: what was there before it came back, of which it hears the last piece as zeros.
    expected[COMES - PIECE..COMES].fill(Complex32::default());
    expected.drain(GOES - PIECE..COMES - PIECE);
    assert!(own == expected);
    let report = broker.stop();
    assert!(report.nodes[..2].iter().all(NodeReport::is_clean), "{report:?}");
    assert_eq!(report.nodes[2].substituted_samples, (COMES - GOES) as u64);
}

#[test]
fn a_node_that_was_killed_begins_again_at_the_present_sample() {
    let turnaround = 100;
    let (broker, mut nodes) = start(&everyone(3), 3, |config| {
        impatient(config);
        config.turnaround_samples = turnaround;
    });
    let mut third = nodes.pop().unwrap();
    let port = third.transmitter.port();
    let steered: Vec<Steered> = (0..).zip(nodes).map(|(i, node)| Steered::new(i, node)).collect();
    let signals: Vec<Vec<Complex32>> = (0..3).map(|i| signal(i, ENDS)).collect();
    let mut heard = vec![Vec::new(); 2];
    let mut all_until = |until: usize, third: &mut dyn FnMut()| {
        steered.iter().for_each(|node| node.until.send(until).unwrap());
        third();
        for (node, heard) in steered.iter().zip(&mut heard) {
            heard.extend(node.heard.recv().unwrap());
        }
    };
    all_until(GOES, &mut || drop(third.exchange(&signals[2][..GOES], PIECE)));
    drop(third);
    all_until(COMES, &mut || {});
    let gone = report(&broker, 2);
    assert_eq!((gone.timeouts, gone.dropouts), (1, 1), "{gone:?}");
    assert!(!gone.transmitter_connected && !gone.receiver_connected);
    // Another process at the same endpoints counts from 0; its receiver is the first to ask.
    let mut third = Node::new(Transmitter::bind_again(port), broker.addresses()[2]);
    let mut own = third.receiver.fetch(turnaround);
    third.transmitter.send(&signals[2][..PIECE]);
    wait_until(|| report(&broker, 2).transmits, "a node that is back is waited for");
    all_until(ENDS, &mut || {
        own.extend(third.receiver.fetch(PIECE - turnaround));
        own.extend(third.exchange(&signals[2][PIECE..ENDS - COMES], PIECE));
    });
    let late = |samples: Vec<Complex32>| {
        let mut heard = vec![Complex32::default(); turnaround];
        heard.extend_from_slice(&samples[..samples.len() - turnaround]);
        heard
    };
    let of_third = with_gap(2, 0);
    assert!(heard[0] == late(sum(&signals[1], &of_third)) && heard[1] == late(sum(&signals[0], &of_third)));
    assert!(own == late(sum(&signals[0][COMES..], &signals[1][COMES..])));
    let report = broker.stop();
    assert!(report.nodes[..2].iter().all(NodeReport::is_clean), "{report:?}");
    assert_eq!((report.nodes[2].transmitter_connections, report.nodes[2].receiver_connections), (2, 2));
    assert_eq!(report.nodes[2].substituted_samples, (COMES - GOES) as u64);
}

#[test]
fn a_node_that_never_asks_stops_nobody() {
    let (broker, mut nodes) = start(&everyone(2), 2, impatient);
    let (mut other, mut deaf) = (nodes.pop().unwrap(), nodes.pop().unwrap());
    let count = 3 * UNHEARD;
    let sender = thread::spawn(move || {
        signal(0, count).chunks(PIECE).for_each(|piece| deaf.transmitter.send(piece));
        deaf
    });
    assert!(other.exchange(&signal(1, count), PIECE) == signal(0, count));
    let mut deaf = sender.join().unwrap();
    let report = broker.report();
    assert!(report.nodes[1].is_clean(), "{report:?}");
    assert_eq!((report.nodes[0].dropouts, report.nodes[0].dropped_samples), (1, count as u64), "{report:?}");
    // What it asks for after all begins at the present sample, while the other goes on.
    let twos = vec![Complex32::new(2.0, 0.0); PIECE];
    let asks = thread::spawn(move || deaf.receiver.fetch(PIECE));
    while !asks.is_finished() {
        other.exchange(&twos, PIECE);
    }
    assert!(asks.join().unwrap() == twos);
    assert_eq!(broker.stop().nodes[1].timeouts, 0);
}

#[test]
fn a_node_that_never_comes_is_waited_for_at_the_start_only() {
    let (broker, mut nodes) = start(&everyone(2), 2, |config| {
        (config.timeout_s, config.start_timeout_s) = (20.0, 0.5);
    });
    let _silent = nodes.pop().unwrap();
    let heard = nodes[0].exchange(&signal(0, 20_000), PIECE);
    assert!(heard == vec![Complex32::default(); 20_000]);
    let report = broker.stop();
    assert!(report.nodes[0].is_clean(), "{report:?}");
    assert_eq!((report.nodes[1].timeouts, report.nodes[1].substituted_samples), (1, 20_000), "{report:?}");
}

#[test]
fn by_the_walls_clock_who_is_late_goes_on_at_the_present_sample() {
    let shown = Arc::new(AtomicU64::new(0));
    let samples = Arc::clone(&shown);
    let elapsed = move || Duration::from_secs_f64((samples.load(Ordering::Relaxed) as f64 + 0.5) / RATE_HZ);
    let ether_config = EtherConfig { clock: Clock::Wall, ..EtherConfig::new((2, 2), 0) };
    let ether = Ether::with_wall(ether_config, air(2, &everyone(2)), elapsed).unwrap();
    let (mut transmitter, other) = (Transmitter::bind(), Transmitter::bind());
    let node =
        |name, port| NodeConfig::new(name, &format!("tcp://127.0.0.1:{port}"), "tcp://127.0.0.1:0").unwrap();
    let nodes = vec![node("a", transmitter.port()), node("b", other.port())];
    let config = BrokerConfig { timeout_s: 0.5, ..BrokerConfig::new(nodes) };
    let broker = Broker::start(&config, |node| ether.attach_anywhere(&node.name, (1, 1))).unwrap();
    transmitter.send(&signal(0, 100));
    wait_until(|| report(&broker, 0).transmit_index == 100, "what is in time goes out");
    shown.store(5120, Ordering::Relaxed);
    ether.advance();
    transmitter.send(&signal(1, 100));
    wait_until(|| report(&broker, 0).transmit_index == 5220, "what is late goes out at the present sample");
    let late = report(&broker, 0);
    assert_eq!((late.timeouts, late.substituted_samples, late.delivered_samples), (1, 5020, 200));
    shown.store(10_240, Ordering::Relaxed);
    let mut expected = signal(0, 100);
    expected.resize(5120, Complex32::default());
    expected.extend(signal(1, 100));
    assert!(peer::Receiver::new(broker.addresses()[1]).fetch(5220) == expected);
}

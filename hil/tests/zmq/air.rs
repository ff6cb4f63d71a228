//! Airs, brokers and signals that the tests share.

use super::peer::{Node, Transmitter};
use airloop_baseband::{Complex32, Purpose, Seeds};
use airloop_channels::{
    AirConfig, Fading, FilterBank, FractionalDelay, Link, PathKind, PathSpec, Profile, StreamedAir, Taps,
};
use airloop_hil::zmq::{Broker, BrokerConfig, NodeConfig};
use airloop_hil::{Ether, EtherConfig};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sample rate, in hertz.
pub const RATE_HZ: f64 = 1e6;

/// Samples that the ethers of these tests keep for who does not ask.
pub const UNHEARD: usize = 50_000;

/// A link from one node to another.
#[derive(Clone, Copy)]
pub struct Way {
    /// From which node to which.
    pub ends: (usize, usize),
    /// Its delay.
    pub delay_samples: f64,
    /// Whether it has a complex gain, or leaves samples as they are.
    pub fades: bool,
}

/// Links that leave samples as they are, from every node to every other.
pub fn everyone(nodes: usize) -> Vec<Way> {
    let ends = (0..nodes).flat_map(|t| (0..nodes).map(move |r| (t, r))).filter(|(t, r)| t != r);
    ends.map(|ends| Way { ends, delay_samples: 0.0, fades: false }).collect()
}

/// Returns the taps of a link.
pub fn taps(number: usize, way: &Way) -> Taps {
    let kind = if way.fades { PathKind::Rayleigh } else { PathKind::LineOfSight };
    let path = PathSpec { delay_s: way.delay_samples / RATE_HZ, power: 1.0, kind };
    Fading::new(Profile::new(vec![path]).unwrap(), 3.5e9, 0.0)
        .draw(&Seeds::new(5), 0, number..number + 1)
        .remove(0)
}

/// Makes an air of links.
pub fn air(nodes: usize, ways: &[Way]) -> StreamedAir {
    let link = |(number, way): (usize, &Way)| {
        let taps = taps(number, way);
        let filter = FilterBank::new(taps.delays_s(), RATE_HZ, &FractionalDelay::new(0.6, -80.0));
        Link { transmit: way.ends.0, receive: way.ends.1, taps, filter: Arc::new(filter) }
    };
    let links = ways.iter().enumerate().map(link).collect();
    let config = AirConfig { sample_rate_hz: RATE_HZ, noise_power: 0.0, origin: 0, receive_ports: nodes };
    StreamedAir::new(config, links, Seeds::new(1).stream(Purpose::Noise, 0, 0)).unwrap()
}

/// Starts a broker and as many nodes, called a, b, c and so on.
pub fn start(ways: &[Way], nodes: usize, set: impl Fn(&mut BrokerConfig)) -> (Broker, Vec<Node>) {
    let transmitters: Vec<Transmitter> = (0..nodes).map(|_| Transmitter::bind()).collect();
    let broker = start_at(ways, &transmitters.iter().map(Transmitter::port).collect::<Vec<_>>(), set);
    let nodes = transmitters.into_iter().zip(broker.addresses());
    let nodes = nodes.map(|(transmitter, address)| Node::new(transmitter, address)).collect();
    (broker, nodes)
}

/// Starts a broker for nodes that transmit at some ports.
pub fn start_at(ways: &[Way], ports: &[u16], set: impl Fn(&mut BrokerConfig)) -> Broker {
    let name = |i: usize| char::from(b'a' + i as u8).to_string();
    let node = |(i, port)| {
        NodeConfig::new(&name(i), &format!("tcp://127.0.0.1:{port}"), "tcp://127.0.0.1:0").unwrap()
    };
    let mut config = BrokerConfig::new(ports.iter().enumerate().map(node).collect());
    config.timeout_s = 20.0;
    set(&mut config);
    let air = air(ports.len(), ways);
    let ether_config = EtherConfig {
        unheard_samples: UNHEARD,
        ..EtherConfig::new((ports.len(), ports.len()), air.precursor_samples())
    };
    let ether = Ether::new(ether_config, air).unwrap();
    Broker::start(&config, |node| ether.attach_anywhere(&node.name, (1, 1))).unwrap()
}

/// Returns Gaussian samples of unit power.
pub fn signal(number: u64, count: usize) -> Vec<Complex32> {
    let mut samples = vec![Complex32::default(); count];
    Seeds::new(9).stream(Purpose::Payload, 0, number).fill_complex_gaussian(0, 1.0, &mut samples);
    samples
}

/// Waits until something is so, for long.
pub fn wait_until(mut is: impl FnMut() -> bool, what: &str) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

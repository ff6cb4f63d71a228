//! A ZeroMQ broker: `cargo run -p airloop-hil --example zmq_broker RATE_HZ TIMEOUT_S NAME=TRANSMIT,RECEIVE ...`
//!
//! Every node hears the sum of all others, as it was sent. TRANSMIT is where a node's transmitter binds, RECEIVE where its receiver
//! connects (port 0: any). The first line of the output has the receivers' addresses; then every line of the input is answered with a
//! report in JSON, and at the end of the input the broker ends with its last one.

use airloop_baseband::{Purpose, Seeds};
use airloop_channels::{AirConfig, Fading, FilterBank, FractionalDelay, Link, Profile, StreamedAir};
use airloop_hil::zmq::{Broker, BrokerConfig, NodeConfig};
use airloop_hil::{Ether, EtherConfig};
use std::error::Error;
use std::sync::Arc;

/// Makes an air in which so many nodes hear all others, as they are.
fn air(nodes: usize, sample_rate_hz: f64) -> Result<StreamedAir, Box<dyn Error>> {
    let seeds = Seeds::new(1);
    let pairs: Vec<(usize, usize)> =
        (0..nodes).flat_map(|t| (0..nodes).map(move |r| (t, r))).filter(|(t, r)| t != r).collect();
    let filter = Arc::new(FilterBank::new(&[0.0], sample_rate_hz, &FractionalDelay::new(0.6, -80.0)));
    let taps = Fading::new(Profile::flat(f64::INFINITY), 2.4e9, 0.0).draw(&seeds, 0, 0..pairs.len());
    let link = |(taps, (transmit, receive))| Link { transmit, receive, taps, filter: Arc::clone(&filter) };
    let links = taps.into_iter().zip(pairs).map(link).collect();
    let config = AirConfig { sample_rate_hz, noise_power: 0.0, origin: 0, receive_ports: nodes };
    Ok(StreamedAir::new(config, links, seeds.stream(Purpose::Noise, 0, 0))?)
}

fn node(text: &str) -> Result<NodeConfig, Box<dyn Error>> {
    let parts = text.split_once('=').and_then(|(name, ends)| Some((name, ends.split_once(',')?)));
    let (name, (transmit, receive)) =
        parts.ok_or_else(|| format!("{text:?}: NAME=TRANSMIT,RECEIVE is expected"))?;
    Ok(NodeConfig::new(name, transmit, receive)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [rate_hz, timeout_s, nodes @ ..] = words.as_slice() else {
        return Err("RATE_HZ TIMEOUT_S NAME=TRANSMIT,RECEIVE ... are expected".into());
    };
    let nodes = nodes.iter().map(|text| node(text)).collect::<Result<Vec<_>, _>>()?;
    let count = nodes.len();
    let config = BrokerConfig { timeout_s: timeout_s.parse()?, ..BrokerConfig::new(nodes) };
    let air = air(count, rate_hz.parse()?)?;
    let ether = Ether::new(EtherConfig::new((count, count), air.precursor_samples()), air)?;
    let broker = Broker::start(&config, |node| ether.attach_anywhere(&node.name, (1, 1)))?;
    let addresses: Vec<String> = broker.addresses().iter().map(ToString::to_string).collect();
    println!("{}", serde_json::to_string(&addresses)?);
    for line in std::io::stdin().lines() {
        line?;
        println!("{}", serde_json::to_string(&broker.report())?);
    }
    println!("{}", serde_json::to_string(&broker.stop())?);
    Ok(())
}

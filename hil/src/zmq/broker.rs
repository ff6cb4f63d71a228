//! Nodes in one ether.

use super::config::{BrokerConfig, NodeConfig};
use super::error::ZmqError;
use super::from_node::{FromNode, hold};
use super::reply::Reply;
use super::report::BrokerReport;
use super::request::Request;
use super::session::Session;
use super::shared::Shared;
use super::to_node::ToNode;
use crate::error::RadioError;
use crate::ether::Attachment;
use crate::radio::Direction;
use airloop_baseband::SampleIndex;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Nodes that hear each other; it ends when it is dropped.
pub struct Broker {
    nodes: Vec<Node>,
    /// Asked for the time.
    clock: Mutex<Box<dyn Attachment>>,
    delay_samples: usize,
}

struct Node {
    shared: Arc<Shared>,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

impl Broker {
    /// Stands all nodes in an ether, in their order, and begins; `attach` gives each its place, with one port that transmits and one
    /// that receives. Time begins when all have delivered samples, or the time-out at the start is over.
    ///
    /// # Errors
    /// When a setting is out of range, an endpoint cannot be bound, or the ether refuses.
    pub fn start<A>(
        config: &BrokerConfig,
        mut attach: impl FnMut(&NodeConfig) -> Result<A, RadioError>,
    ) -> Result<Self, ZmqError>
    where
        A: Attachment + Clone + 'static,
    {
        config.check()?;
        let mut places: Vec<(A, SampleIndex)> = Vec::new();
        for node in &config.nodes {
            let refused = |source| ZmqError::Radio { node: node.name.clone(), source };
            let mut place = attach(node).map_err(refused)?;
            check_ports(node, &place)?;
            // The first holds time, so that all the others begin at the same index.
            let at = hold(&mut place, places.first().map(|(_, at)| *at)).map_err(refused)?;
            place.activate(Direction::Receive, Some(at)).map_err(refused)?;
            places.push((place, at));
        }
        let clock: Box<dyn Attachment> = Box::new(places[0].0.clone());
        let delay_samples = clock.info().lead_samples + config.turnaround_samples;
        let mut broker = Self { nodes: Vec::new(), clock: Mutex::new(clock), delay_samples };
        // Endpoints are bound before anyone is asked for anything.
        let mut replies = Vec::new();
        for (node, (_, at)) in config.nodes.iter().zip(&places) {
            let shared = Arc::new(Shared::new(Session::new(&node.name, *at, delay_samples as u64)));
            let told = Arc::clone(&shared);
            let endpoint = &node.receive_endpoint;
            let reply = Reply::bind(endpoint, config.patience().usual, move |broken| told.trouble(&broken));
            let wrong =
                |source| ZmqError::Bind { node: node.name.clone(), endpoint: endpoint.to_string(), source };
            replies.push((shared, reply.map_err(wrong)?));
        }
        for ((node, (place, _)), (shared, reply)) in config.nodes.iter().zip(places).zip(replies) {
            broker.run(config, node, (place, shared, reply))?;
        }
        Ok(broker)
    }

    fn run<A>(
        &mut self,
        config: &BrokerConfig,
        node: &NodeConfig,
        (place, shared, reply): (A, Arc<Shared>, Reply),
    ) -> Result<(), ZmqError>
    where
        A: Attachment + Clone + 'static,
    {
        let (patience, address) = (config.patience(), reply.address());
        let request = Request::new(node.transmit_endpoint.clone());
        let from = FromNode::new(place.clone(), request, Arc::clone(&shared), patience);
        let to = ToNode::new(place, reply, Arc::clone(&shared), (patience.usual, config.most_samples));
        self.nodes.push(Node { shared, address, threads: Vec::new() });
        let threads = &mut self.nodes.last_mut().expect("a node was just added").threads;
        threads.push(thread::Builder::new().name(format!("from {}", node.name)).spawn(|| from.run())?);
        threads.push(thread::Builder::new().name(format!("to {}", node.name)).spawn(|| to.run())?);
        Ok(())
    }

    /// Returns where the receivers of nodes connect, in their order.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.address).collect()
    }

    /// Returns by how many samples all nodes hear later than the air's own delays: those that the air answers ahead, and the turnaround.
    pub fn delay_samples(&self) -> usize {
        self.delay_samples
    }

    /// Returns what happened so far.
    pub fn report(&self) -> BrokerReport {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let lead = clock.info().lead_samples as u64;
        // Without an ether there is no time, and nodes have ended.
        let time = clock.now().unwrap_or(0);
        let at = (time, time.saturating_sub(lead));
        BrokerReport {
            sample_rate_hz: clock.info().sample_rate_hz,
            delay_samples: self.delay_samples,
            time,
            nodes: self.nodes.iter().map(|node| node.shared.lock().report_at(at)).collect(),
        }
    }

    /// Ends the broker and returns what happened.
    pub fn stop(mut self) -> BrokerReport {
        self.end();
        self.report()
    }

    fn end(&mut self) {
        for node in &self.nodes {
            node.shared.stop();
            node.threads.iter().for_each(|thread| thread.thread().unpark());
        }
        for thread in self.nodes.iter_mut().flat_map(|node| node.threads.drain(..)) {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.end();
    }
}

fn check_ports(node: &NodeConfig, place: &impl Attachment) -> Result<(), ZmqError> {
    let (transmit, receive) = (place.info().place.transmit.len(), place.info().place.receive.len());
    match (transmit, receive) {
        (1, 1) => Ok(()),
        _ => Err(ZmqError::Ports { node: node.name.clone(), transmit, receive }),
    }
}

//! ZeroMQ nodes in a served ether.

use super::args::EtherArgs;
use super::failure::Failure;
use super::output;
use airloop::run::shared::ServedAir;
use airloop_hil::zmq::{Broker, BrokerConfig, BrokerReport, NodeConfig};

/// Lets the nodes of `--zmq` stand for radios of the ether, if there are any.
///
/// # Errors
/// When a node or an endpoint is malformed, no radio has its name, or an endpoint cannot be bound.
pub fn broker(args: &EtherArgs, served: &ServedAir) -> Result<Option<Broker>, Failure> {
    if args.zmq.is_empty() {
        return Ok(None);
    }
    let text = &args.zmq_turnaround_samples;
    let turnaround_samples = text.parse().map_err(|_| {
        Failure::bad_input(format!("--zmq-turnaround-samples {text}: a number of samples is expected"))
    })?;
    let nodes = args.zmq.iter().map(|text| node(text)).collect::<Result<_, _>>()?;
    let config = BrokerConfig { turnaround_samples, ..BrokerConfig::new(nodes) };
    let broker = Broker::start(&config, |node| served.ether.attach_named(&node.name))?;
    let delay = broker.delay_samples();
    for (node, address) in config.nodes.iter().zip(broker.addresses()) {
        output::note(format!(
            "  ZeroMQ node {}: its receiver asks at tcp://{address}, {delay} samples later",
            node.name
        ));
    }
    Ok(Some(broker))
}

fn node(text: &str) -> Result<NodeConfig, Failure> {
    let parts = text.split_once('=').and_then(|(name, rest)| Some((name, rest.split_once(',')?)));
    let Some((name, (transmit, receive))) = parts else {
        let expected = "NAME=TX,RX is expected, e.g. device-0=tcp://localhost:2101,tcp://*:2100";
        return Err(Failure::bad_input(format!("--zmq {text}: {expected}")));
    };
    NodeConfig::new(name, transmit, receive)
        .map_err(|error| Failure::bad_input(format!("--zmq {text}: {error}")))
}

/// Returns what became of the nodes.
pub fn words(report: &BrokerReport) -> String {
    let text = serde_json::to_string_pretty(report);
    let state = if report.is_clean() {
        "nothing was substituted or lost"
    } else {
        "samples were substituted or lost"
    };
    format!("ZeroMQ nodes: {state}\n{}", text.unwrap_or_default())
}

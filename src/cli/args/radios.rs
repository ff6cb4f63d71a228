//! The arguments of commands that speak to radios.

use super::Changes;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Experiment file: the one that was recorded
    pub file: PathBuf,
    /// Recording: PATH of PATH.sigmf-meta and PATH.sigmf-data
    pub recording: PathBuf,
    /// The experiment is not the recorded one, and differs only in what the receiver does
    #[arg(long)]
    pub changed: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct RadiosArgs {
    /// SoapySDR arguments of the radio to be probed, e.g. driver=uhd,serial=30AD123
    #[arg(long, value_name = "ARGS")]
    pub probe: Option<String>,
}

#[derive(Debug, Args)]
pub struct LabArgs {
    /// What to do
    #[command(subcommand)]
    pub command: LabCommand,
}

#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// Levels, clipping, and whether each device and the server hear each other
    Check(LabCheckArgs),
    /// Measure delays, clocks, gains and phases of all devices against the server
    Calibrate(LabCalibrateArgs),
}

#[derive(Debug, Args)]
pub struct LabCheckArgs {
    /// Lab file
    pub file: PathBuf,
    /// Let real radios send, within what the lab file permits
    #[arg(long)]
    pub transmit: bool,
    /// Print the steps as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct LabCalibrateArgs {
    #[command(flatten)]
    pub common: LabCheckArgs,
    /// Write what was measured here, as TOML whose [impairments] an experiment takes
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct EtherArgs {
    /// Experiment file, whose channels, front ends and noise are the air
    pub file: PathBuf,
    /// Unix socket at which radios come; its file permissions say who may
    #[arg(long, value_name = "PATH", default_value = "ether.socket")]
    pub socket: PathBuf,
    /// Whose time samples keep: lockstep (nothing is late or lost) or wall (late is late)
    #[arg(long, value_name = "CLOCK", default_value = "lockstep")]
    pub clock: String,
    /// By the wall's clock: seconds by which time may be behind it before the ether ends with an error
    #[arg(long, value_name = "S", default_value = "1", allow_hyphen_values = true)]
    pub most_behind_s: String,
    /// Radios that must be active before time begins (default: all of the experiment's)
    #[arg(long, value_name = "N")]
    pub radios: Option<String>,
    /// Only devices send and only the server hears, as in a run; without it, downlinks are those of the uplinks by reciprocity
    #[arg(long)]
    pub uplinks_only: bool,
    /// Let a ZeroMQ radio node (srsRAN's protocol, cf32) stand for a radio: NAME=TX,RX, where TX is tcp://host:port at which the
    /// node's transmitter listens and RX the one at which its receiver asks; repeat for each node
    #[arg(long, value_name = "NAME=TX,RX")]
    pub zmq: Vec<String>,
    /// ZeroMQ nodes: samples of silence that each hears first, for nodes that hear before they send
    #[arg(long, value_name = "N", requires = "zmq", default_value = "0")]
    pub zmq_turnaround_samples: String,
    /// End when the radios that time waits for have come and left
    #[arg(long)]
    pub once: bool,
    /// Print how far time and radios were, at the end, as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub changes: Changes,
}

//! The arguments as typed.

use super::scope::ScopeArgs;
mod radios;
mod split;
mod trace;

pub use radios::{EtherArgs, LabArgs, LabCommand, RadiosArgs, ReplayArgs};
pub use split::SplitArgs;
pub use trace::TraceArgs;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Wireless channel and over-the-air computation emulator: one experiment, several fidelities.
#[derive(Debug, Parser)]
#[command(name = "airloop", version, about, max_term_width = 100)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run one experiment at one fidelity and print the report
    Run(RunArgs),
    /// Climb the ladder: hold each fidelity against the one below, and print what its physics costs
    Ladder(LadderArgs),
    /// Sweep an experiment over its axes, curves and fidelities into a table and figures; a second call resumes
    Sweep(SweepArgs),
    /// Measure a digital link: error rates, throughput and delay of NR-grade codes over an experiment's channel
    Link(LinkArgs),
    /// Write a link table: block error rates by scheme, block size and SINR, or errors of aggregation over a sweep, as JSON and CSV
    LinkTable(LinkTableArgs),
    /// Record a link trace: what each device's link gave in each round, up, down and on the air; or export a stored one
    Trace(TraceArgs),
    /// Run validation cards: hold the figures of papers, standards and closed forms against what is measured
    Verify(VerifyArgs),
    /// Plan: what clocks, pilots and powers an experiment's target asks for, and whether to aggregate coherently
    Plan(PlanArgs),
    /// Split the error of an experiment into its causes: what each adds, what its removal takes, and what a target asks for
    Budget(BudgetArgs),
    /// Print the drop of an experiment's cell: where devices stand, what they lose, and which take part
    Cell(CellArgs),
    /// Write the channels that an experiment draws as impulse responses, which model = "recorded" replays
    Channel(ChannelArgs),
    /// Sound a link: measure its delay profile, Doppler spectrum and correlations, with the configured truth beside them
    Sound(SoundArgs),
    /// Time and energy of rounds of split learning: device, uplink, server, downlink, device; where to cut; downloads
    Split(SplitArgs),
    /// Run an experiment's receiver on what `airloop run --record` recorded of its first round
    Replay(ReplayArgs),
    /// List radios: the kinds that are emulated, and those behind SoapySDR; with arguments, what one of them can do
    Radios(RadiosArgs),
    /// Measure the radios of a lab: levels, clocks, delays, gains
    Lab(LabArgs),
    /// Serve an experiment's air at a socket, where radios of other programs meet
    Ether(EtherArgs),
    /// Look at an ether that is served: levels, who holds time, what was late or lost
    Scope(ScopeArgs),
    /// Aggregate an array of K devices' vectors once, and write the estimate
    Aggregate(AggregateArgs),
    /// Bring the result folders of shards together
    Merge(MergeArgs),
    /// Draw figures from a result folder or a figure file
    Plot(PlotArgs),
    /// List schemes, channels or shipped experiments
    List(ListArgs),
    /// Write a shipped experiment (default: quickstart) and its data here, to be changed
    Init(InitArgs),
}

/// Changes to an experiment before it is checked.
#[derive(Debug, Args)]
pub struct Changes {
    /// Set a key, e.g. --set link.snr_db=20; applies before curves
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Make warnings errors
    #[arg(long)]
    pub strict: bool,
    /// Number of threads (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<String>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Fidelity: theory, symbol, waveform or radio
    #[arg(long, value_name = "F", default_value = "symbol")]
    pub fidelity: String,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the first trial's payload, gains, grids and estimate into this folder as .npz
    #[arg(long, value_name = "DIR")]
    pub dump: Option<PathBuf>,
    /// Record what the server's antennas hear in the first trial's first round, as PATH.sigmf-data and PATH.sigmf-meta
    #[arg(long, value_name = "PATH")]
    pub record: Option<PathBuf>,
    /// Run one round over the radios of a lab file, measured and aligned first
    #[arg(long, value_name = "LAB")]
    pub radios: Option<PathBuf>,
    /// Let real radios send, within what the lab file permits
    #[arg(long, requires = "radios")]
    pub transmit: bool,
    /// Draw a lab run's radios as phasors and the sum they formed into this file, its table beside it (.csv)
    #[arg(long, value_name = "FILE.png", requires = "radios")]
    pub figure: Option<PathBuf>,
    /// Take part in the ether that `airloop ether` serves at this socket; the file must be the one that is served
    #[arg(long, value_name = "SOCKET")]
    pub ether: Option<PathBuf>,
    /// Radios of the experiment that this program is, e.g. device-0,device-1; only the server's prints a report
    #[arg(
        long,
        value_name = "NAME,NAME",
        value_delimiter = ',',
        requires = "ether",
        default_value = "server"
    )]
    pub radio: Vec<String>,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 all laws hold and every control fails as it must; 1 a law is broken; 2 the experiment is \
                        wrong; 3 undecided: nothing speaks against the laws, but too few trials to see a control fail"
)]
pub struct LadderArgs {
    /// Experiment file
    pub file: PathBuf,
    #[command(flatten)]
    pub changes: Changes,
}

/// Which points are run, and where they go.
#[derive(Debug, Args)]
pub struct PointArgs {
    /// Replace or add an axis: start:step:stop (inclusive) or a,b,c; e.g. --over link.snr_db=-5:5:25
    #[arg(long, value_name = "PATH=VALUES")]
    pub over: Vec<String>,
    /// Fidelities, e.g. theory,symbol
    #[arg(long, value_name = "F,F", value_delimiter = ',')]
    pub fidelity: Vec<String>,
    /// Run only part I of N, to be merged later
    #[arg(long, value_name = "I/N")]
    pub shard: Option<String>,
    /// Result folder (default: results/NAME; a link of a single point is only printed)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SweepArgs {
    /// Experiment file; without it, the quick start that the binary carries
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub points: PointArgs,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct LinkArgs {
    /// File with [mcs] or [code]; payload and scheme may be missing
    pub file: PathBuf,
    #[command(flatten)]
    pub points: PointArgs,
    /// Print the report of a single point as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
#[command(
    after_help = "A file with [mcs] and without [scheme] gives block error rates: each point of --over mcs.table, mcs.index and \
                        mcs.block_bits is a whole curve over the SNR, walked as [table] says. A file with [scheme] gives the NMSE of \
                        aggregation, with every axis of its sweep as a coordinate."
)]
pub struct LinkTableArgs {
    /// Experiment file: a digital link with mcs.block_bits, or an aggregation
    pub file: PathBuf,
    #[command(flatten)]
    pub points: PointArgs,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Names of shipped cards, or paths of your own; without any, all shipped cards
    #[arg(value_name = "CARD")]
    pub cards: Vec<String>,
    /// List the shipped cards
    #[arg(long)]
    pub list: bool,
    /// Number of threads (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub threads: Option<String>,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Target (default: twice the error that noise and silent devices leave)
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    pub target_nmse_db: Option<String>,
    /// Standard deviation of the devices' oscillators from the server's (default, as below: what the file says)
    #[arg(long, value_name = "PPM", allow_hyphen_values = true)]
    pub oscillator_ppm: Option<String>,
    /// Rms of the devices' carrier offsets beside what their oscillators do
    #[arg(long, value_name = "HZ", allow_hyphen_values = true)]
    pub cfo_hz: Option<String>,
    /// Rms of the devices' time offsets
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub timing_rms_s: Option<String>,
    /// Standard deviation of the phase that inversion leaves
    #[arg(long, value_name = "RAD", allow_hyphen_values = true)]
    pub phase_sd_rad: Option<String>,
    /// Standard deviation of the devices' power error
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    pub power_sd_db: Option<String>,
    /// Power of the error of channel knowledge, relative to the channel's
    #[arg(long, value_name = "Q", allow_hyphen_values = true)]
    pub csi_error: Option<String>,
    /// Age of channel knowledge
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub csi_age_s: Option<String>,
    /// Print the plan as JSON
    #[arg(long)]
    pub json: bool,
    /// Set a key, e.g. --set link.snr_db=20
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct BudgetArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Fidelity: symbol or waveform (default: waveform where something acts only there, else symbol)
    #[arg(long, value_name = "F")]
    pub fidelity: Option<String>,
    /// Error to be reached: says which cause must improve by how much
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    pub target_db: Option<String>,
    /// Print the budget as JSON
    #[arg(long)]
    pub json: bool,
    /// Write budget.csv and its waterfall into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct CellArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Print the drop as JSON
    #[arg(long)]
    pub json: bool,
    /// Set a key, e.g. --set cell.drop=3
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ChannelArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Where the impulse responses go (.npz)
    #[arg(long, value_name = "CIR.npz")]
    pub out: PathBuf,
    /// Trials, from the first on; several come along a leading axis
    #[arg(long, value_name = "N", default_value = "1", allow_hyphen_values = true)]
    pub trials: String,
    /// Seed in place of the file's
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub seed: Option<String>,
    /// Spacing of the instants in seconds (default: 0.16 over the maximum Doppler shift)
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub step_s: Option<String>,
    /// Instants (default: as many as a trial takes; one where nothing moves)
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub count: Option<String>,
    /// Write the frequency responses on the used subcarriers too
    #[arg(long)]
    pub response: bool,
    /// Set a key, e.g. --set channel.speed_m_s=3
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
}

#[derive(Debug, Args)]
pub struct SoundArgs {
    /// Experiment file
    pub file: PathBuf,
    /// Fidelity: symbol or waveform
    #[arg(long, value_name = "F", default_value = "waveform")]
    pub fidelity: String,
    /// Device whose link, from its first antenna to the server's first, is sounded
    #[arg(long, value_name = "K", default_value = "0", allow_hyphen_values = true)]
    pub device: String,
    /// Independent draws of the channel (default: 64 of one that moves, 1024 of one that stands still)
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub draws: Option<String>,
    /// Sounding power over noise per element (default: the device's own budget over the noise)
    #[arg(long, value_name = "DB", allow_hyphen_values = true)]
    pub snr_db: Option<String>,
    /// Seed in place of the file's
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub seed: Option<String>,
    /// Print all of it as JSON
    #[arg(long)]
    pub json: bool,
    /// Write sound.csv and figures into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct AggregateArgs {
    /// K x N array: .npy, .npz, .safetensors or .csv
    pub input: PathBuf,
    /// Experiment file; its [payload] source is replaced by the array
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Where the estimate goes (.npy, N values)
    #[arg(long, value_name = "EST.npy")]
    pub out: PathBuf,
    /// Name of the tensor, if the file holds several
    #[arg(long, value_name = "NAME")]
    pub tensor: Option<String>,
    /// Number of the round: each has its own channels and noise
    #[arg(long, default_value_t = 0)]
    pub round: u64,
    /// Fidelity: symbol or waveform
    #[arg(long, value_name = "F", default_value = "symbol")]
    pub fidelity: String,
    #[command(flatten)]
    pub changes: Changes,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Result folders of the shards
    #[arg(required = true)]
    pub folders: Vec<PathBuf>,
    /// Folder for the whole
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct PlotArgs {
    /// Result folder, or figure file (.toml)
    pub what: PathBuf,
    /// Output file; its ending chooses .svg, .png, .pdf or .tex
    #[arg(long, value_name = "F")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    pub what: Listed,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Listed {
    /// Aggregation schemes
    Schemes,
    /// Channel models
    Channels,
    /// Shipped experiments
    Experiments,
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// Name of a shipped experiment
    #[arg(default_value = "quickstart")]
    pub name: String,
}

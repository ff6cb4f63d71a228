//! Rounds one after another, and what is left of them.

use super::config::{CutChoiceConfig, DirectionConfig, RateSource, SplitConfig};
use super::cut::by_thresholds;
use super::link::{FixedRates, Link, LinkError, LinkRates, TracedRates};
use super::multicast::DownloadTimes;
use super::round::{Links, Round};
use super::workload::{CutCost, Mode};
use airloop_baseband::units::db_from_power;
use serde::Serialize;

/// Rounds could not be run.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// A rate could not be told.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// No cut is possible for a device.
    #[error("split.cut = \"best\": device {device} has no cut: {why}")]
    NoCut {
        /// The device.
        device: usize,
        /// Why.
        why: &'static str,
    },
    /// Nobody took part in a round.
    #[error("round {round}: no device's link carries anything")]
    Silent {
        /// The round.
        round: u64,
    },
    /// What was computed could not be handed on.
    #[error("{0}")]
    Output(String),
}

/// Mean, smallest and largest over rounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Smallest.
    pub least: f64,
    /// Largest.
    pub most: f64,
}

/// What is left of all rounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitReport {
    /// The model.
    pub model: String,
    /// Whether it was trained.
    pub training: bool,
    /// The convention of every FLOP figure.
    pub flop_convention: &'static str,
    /// Parameters of the model, without adapters.
    pub params: u64,
    /// Parameters that are trained.
    pub trained: u64,
    /// Blocks on each device.
    pub cuts: Vec<usize>,
    /// Rounds.
    pub rounds: u64,
    /// Length of a round, in seconds.
    pub round_s: Spread,
    /// Energy of a round, in joules; none where a power is not known.
    pub round_j: Option<Spread>,
    /// Time of all rounds, in seconds.
    pub total_s: f64,
    /// Energy of all rounds, in joules.
    pub total_j: Option<f64>,
    /// Mean length of a round over the tokens of a sample, in inference by tokens.
    pub latency_per_token_s: Option<f64>,
    /// Times that a device took no part in a round, because a link carried nothing.
    pub absences: u64,
    /// What a batch costs on each device, in FLOP and bits.
    pub costs: Vec<BatchCost>,
    /// Airtime of the download before the first round.
    pub download: Option<DownloadTimes>,
    /// The first round.
    pub first_round: Round,
    /// Doubts, a sentence each.
    pub warnings: Vec<String>,
}

/// What a device's batch costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BatchCost {
    /// FLOP on the device, both ways.
    pub device_flop: f64,
    /// FLOP on the server, both ways.
    pub server_flop: f64,
    /// Bits of activations.
    pub up_bits: f64,
    /// Bits of gradients, or of the answer.
    pub down_bits: f64,
    /// Least memory of the device, in bytes.
    pub device_memory_bytes: f64,
}

impl From<CutCost> for BatchCost {
    fn from(cost: CutCost) -> Self {
        Self {
            device_flop: cost.device_forward_flop + cost.device_backward_flop,
            server_flop: cost.server_forward_flop + cost.server_backward_flop,
            up_bits: cost.up_bits,
            down_bits: cost.down_bits,
            device_memory_bytes: cost.device_memory_bytes,
        }
    }
}

/// The convention of every FLOP figure, in words.
pub const FLOP_CONVENTION: &str = "1 MAC = 2 FLOP";

/// SNR beyond which Shannon's formula says little about radios, in decibels.
const MOST_SNR_DB: f64 = 40.0;

/// Sums over rounds, in memory that does not grow with them.
#[derive(Default)]
struct Sums {
    rounds: u64,
    sum: f64,
    least: f64,
    most: f64,
}

impl Sums {
    fn add(&mut self, x: f64) {
        let first = self.rounds == 0;
        self.least = if first { x } else { self.least.min(x) };
        self.most = if first { x } else { self.most.max(x) };
        self.sum += x;
        self.rounds += 1;
    }

    fn spread(&self) -> Spread {
        Spread { mean: self.sum / self.rounds as f64, least: self.least, most: self.most }
    }
}

/// Runs all rounds of a file; each is handed to `on_round` with the time at which it begins.
///
/// # Errors
/// When a rate cannot be told, no cut is possible, nobody takes part, or `on_round` fails.
pub fn run(
    config: &SplitConfig,
    on_round: &mut dyn FnMut(f64, &Round) -> Result<(), SplitError>,
) -> Result<SplitReport, SplitError> {
    run_over(config, &mut Links { up: config.uplink.open()?, down: config.downlink.open()? }, on_round)
}

/// Runs all rounds of a file over links of one's own.
///
/// # Errors
/// As [`run`].
pub fn run_over(
    config: &SplitConfig,
    links: &mut Links,
    on_round: &mut dyn FnMut(f64, &Round) -> Result<(), SplitError>,
) -> Result<SplitReport, SplitError> {
    let cuts = cuts(config, links)?;
    let (mut lengths, mut energies, mut absences, mut first_round) =
        (Sums::default(), Some(Sums::default()), 0, None);
    for number in 0..config.rounds {
        let round = config.plan.round(number, &cuts, links)?;
        let absent = round.devices.iter().filter(|device| !device.takes_part).count();
        if absent == round.devices.len() {
            return Err(SplitError::Silent { round: number });
        }
        absences += absent as u64;
        on_round(lengths.sum, &round)?;
        lengths.add(round.round_s);
        energies = energies.zip(round.round_j).map(|(mut sums, energy_j)| {
            sums.add(energy_j);
            sums
        });
        first_round.get_or_insert(round);
    }
    let Some(first_round) = first_round else { return Err(SplitError::Silent { round: 0 }) };
    let workload = &config.plan.workload;
    let whole = workload.model.whole();
    let tokens = workload.model.tokens.filter(|_| workload.mode != Mode::Training);
    let round_s = lengths.spread();
    Ok(SplitReport {
        model: workload.model.name.clone(),
        training: workload.mode == Mode::Training,
        flop_convention: FLOP_CONVENTION,
        params: whole.params,
        trained: whole.trained,
        rounds: config.rounds,
        latency_per_token_s: tokens.map(|tokens| round_s.mean / tokens as f64),
        round_s,
        round_j: energies.as_ref().map(Sums::spread),
        total_s: lengths.sum,
        total_j: energies.map(|sums| sums.sum),
        absences,
        costs: cuts.iter().map(|cut| workload.at(*cut).into()).collect(),
        download: config.download_times(),
        cuts,
        first_round,
        warnings: config.warnings(),
    })
}

/// Returns the cuts given, or the best at the rates of the first round.
fn cuts(config: &SplitConfig, links: &mut Links) -> Result<Vec<usize>, SplitError> {
    let range = match &config.cut {
        CutChoiceConfig::Given(cuts) => return Ok(cuts.clone()),
        CutChoiceConfig::Best(range) => range.clone(),
    };
    let devices = 0..config.plan.devices.len();
    let paces = devices.map(|device| links.paces(0, device)).collect::<Result<Vec<_>, _>>()?;
    let problem = config.plan.cut_problem(range, config.objective, &paces, links);
    let missing = problem.candidates.iter().position(Vec::is_empty);
    match (by_thresholds(&problem), missing) {
        (Some(choice), None) => Ok(problem.cuts(&choice)),
        (_, missing) => {
            let device = missing.unwrap_or(0);
            let (up, down) = paces[device];
            let why = match up.rate_bps > 0.0 && down.rate_bps > 0.0 {
                true => "its memory holds none of them",
                false => "its link carries nothing in the first round",
            };
            Err(SplitError::NoCut { device, why })
        }
    }
}

impl SplitConfig {
    /// Returns doubts about the file.
    fn warnings(&self) -> Vec<String> {
        let ways = [("uplink", &self.uplink), ("downlink", &self.downlink)];
        let doubt = |(name, way): (&str, &DirectionConfig)| {
            let RateSource::Shannon(shannon) = &way.source else { return None };
            let snr = (0..shannon.gain.len()).map(|device| shannon.snr(device)).fold(0.0, f64::max);
            let (snr_db, most_bps) =
                (db_from_power(snr), way.steady_rates_bps()?.into_iter().fold(0.0, f64::max));
            (snr_db > MOST_SNR_DB).then(|| {
                format!(
                    "snr-out-of-reach: [{name}] has up to {snr_db:.1} dB and {:.0} Mbit/s a device: no radio sends what Shannon's \
                     formula allows beyond {MOST_SNR_DB} dB",
                    most_bps / 1e6
                )
            })
        };
        ways.into_iter().filter_map(doubt).collect()
    }

    /// Returns the airtime of the download, at rates that do not change.
    fn download_times(&self) -> Option<DownloadTimes> {
        let rates_bps = self.downlink.steady_rates_bps()?;
        self.download.as_ref().map(|download| download.times(&rates_bps))
    }
}

impl DirectionConfig {
    /// Opens a direction for its first round.
    ///
    /// # Errors
    /// When a trace cannot be read.
    pub fn open(&self) -> Result<Link, LinkError> {
        let rates: Box<dyn LinkRates> = match &self.source {
            RateSource::Fixed(rates) => Box::new(FixedRates(rates.clone())),
            RateSource::Shannon(shannon) => Box::new(shannon.clone()),
            RateSource::Trace(path) => Box::new(TracedRates::open(path)?),
        };
        let (slot_s, power_w) = (self.slot_s, self.power_w.clone());
        Ok(Link { rates, slot_s, power_w, broadcast_rate_bps: self.broadcast_rate_bps })
    }
}

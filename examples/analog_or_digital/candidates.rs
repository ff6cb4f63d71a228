//! Ways to aggregate: what each side may choose, as changes to the experiment that both share.

use crate::Failure;
use airloop::config::{Node, overrides};
use airloop::experiment::Loader;
use airloop::link::LinkReport;
use airloop::report::Fidelity;
use airloop::run::RunOptions;
use airloop::sweep::RowReport;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The experiment that both sides share.
const FILE: &str = "examples/analog_or_digital/air.toml";

/// Airtimes of the analog sum: the shortest, doubled up to the longest.
const ANALOG_AIRTIME_S: (f64, f64) = (3e-4, 0.7);

/// SNR and power a device of the analog sum: all of it, and a tenth.
const ANALOG_POWERS: [(f64, f64); 2] = [(10.0, 0.2), (0.0, 0.02)];

/// The sum in the air: inversion with the best threshold, its channels learnt from pilots twice in a millisecond.
const ANALOG: [&str; 5] = [
    "scheme.kind=truncated-inversion",
    "scheme.threshold=best",
    "scheme.scale=lmmse",
    "pilots.spacing_subcarriers=6",
    "pilots.period_symbols=14",
];

/// Coded slots in turn: a symbol of pilots, one of control, one of feedback, four transmissions at most.
const DIGITAL: [&str; 5] = [
    "slot.pilot_symbols=1",
    "slot.control_symbols=1",
    "harq.transmissions=4",
    "harq.feedback_symbols=1",
    "mcs.table=1",
];

/// Whether a device in its turn has the power of its silence too.
pub const POWERS: [&str; 2] = ["same-energy", "same-power"];

/// Schemes that the digital side chooses from.
const SCHEMES: [usize; 13] = [0, 2, 4, 6, 8, 10, 12, 14, 17, 20, 23, 26, 28];

/// Values that a quantiser keeps, and bits for each.
const KEPT: [usize; 6] = [48, 96, 240, 480, 960, 2400];

/// One side of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Values added by the air.
    Analog,
    /// Bits of one device after the other.
    Digital,
}

impl Side {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Analog => "analog",
            Self::Digital => "digital",
        }
    }
}

/// One way to aggregate.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Whose.
    pub side: Side,
    /// What was chosen, in words.
    pub choice: String,
    changes: Vec<String>,
}

impl Candidate {
    fn new(side: Side, choice: String, changes: impl IntoIterator<Item = String>) -> Self {
        let base = match side {
            Side::Analog => ANALOG,
            Side::Digital => DIGITAL,
        };
        Self { side, choice, changes: base.iter().map(|s| s.to_string()).chain(changes).collect() }
    }

    /// Returns the tree of the candidate for so many devices.
    pub fn tree(&self, devices: usize) -> Result<Node, Failure> {
        tree(self.changes.iter().cloned().chain([format!("payload.devices={devices}")]))
    }
}

/// Returns the shared experiment with some keys changed.
fn tree(changes: impl Iterator<Item = String>) -> Result<Node, Failure> {
    let mut root = Node::read_toml(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE))?;
    for change in changes {
        let (path, value) = overrides::parse_set(&change)?;
        root.set(&path, value)?;
    }
    Ok(root)
}

/// Returns the analog candidates in order of airtime, for each power: passes of the same sum over more and more of it.
pub fn analog() -> [Vec<Candidate>; 2] {
    let (first_s, last_s) = ANALOG_AIRTIME_S;
    let airtimes = || std::iter::successors(Some(first_s), |s| Some(2.0 * s)).take_while(|s| *s < last_s);
    let candidate = |airtime_s: f64, (snr_db, power_w): (f64, f64)| {
        Candidate::new(
            Side::Analog,
            format!("{} ms at {power_w} W", airtime_s * 1e3),
            [
                "link.csi=estimated".into(),
                format!("budget.airtime_s={airtime_s}"),
                format!("link.snr_db={snr_db}"),
                format!("link.transmit_power_w={power_w}"),
            ],
        )
    };
    ANALOG_POWERS.map(|power| airtimes().map(|airtime_s| candidate(airtime_s, power)).collect())
}

/// Returns the digital candidates of a power rule: quantisers with the scheme that is fastest over one device's link.
pub fn digital(devices: usize, power: &str) -> Result<Vec<Candidate>, Failure> {
    let gain = if power == "same-energy" { devices as f64 } else { 1.0 };
    let index = fastest(10.0 + 10.0 * gain.log10())?;
    let kept = KEPT.map(|kept| (format!("largest {kept}"), format!("top-k kept={kept} value_bits=5")));
    let uniform = (4..=9).map(|bits| (format!("{bits} bits"), format!("stochastic bits={bits}")));
    let quantisers = uniform.chain(kept).chain([("signs".into(), "sign".to_string())]);
    let candidate = |(words, quantiser): (String, String)| {
        let mut parts = quantiser.split(' ');
        let kind = parts.next().map(|kind| format!("scheme.quantiser={kind}"));
        let keys = parts.map(|part| format!("scheme.{part}"));
        let settings =
            ["scheme.kind=digital".into(), format!("mcs.index={index}"), format!("scheduling.power={power}")];
        let changes: Vec<String> = settings.into_iter().chain(kind).chain(keys).collect();
        Candidate::new(Side::Digital, format!("{words}, MCS {index}, {power}"), changes)
    };
    Ok(quantisers.map(candidate).collect())
}

/// Returns the scheme with the highest measured throughput of one device at an SNR.
fn fastest(snr_db: f64) -> Result<usize, Failure> {
    let throughput = |index: usize| -> Result<f64, Failure> {
        let changes = DIGITAL.iter().map(|s| s.to_string()).chain([
            format!("mcs.index={index}"),
            format!("link.snr_db={snr_db}"),
            "stop.trials=64".into(),
        ]);
        let mut root = tree(changes)?;
        root.take("payload");
        let experiment = Loader::of_links().load(&root)?;
        let options = RunOptions { progress: &|_, _| {}, interrupted: &AtomicBool::new(false) };
        let report = LinkReport::run(&experiment, Fidelity::Symbol, &options)?;
        Ok(report.figures.throughput_bps.and_then(|e| e.mean).unwrap_or(0.0))
    };
    let mut best = (0, 0.0);
    for index in SCHEMES {
        let rate = throughput(index)?;
        if rate > best.1 {
            best = (index, rate);
        }
    }
    Ok(best.0)
}

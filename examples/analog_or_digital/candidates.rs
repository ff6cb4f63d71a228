//! Ways to aggregate: what each side may choose, as changes to the experiment that both share.

use crate::{Failure, Point};
use airloop::config::{Node, overrides};
use std::path::Path;

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
const SCHEMES: [usize; 10] = [2, 4, 6, 8, 10, 12, 14, 17, 21, 25];

/// How much more error than that of rounding alone a scheme may leave.
const WHOLE: f64 = 1.05;

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

/// Returns the digital candidates of a power rule and a scheme, one a quantiser; the first is the one that schemes are tried with.
pub fn digital(power: &str, index: usize) -> Vec<Candidate> {
    let uniform = [6, 4, 5, 7, 8, 9].map(|bits| (format!("{bits} bits"), format!("stochastic bits={bits}")));
    let kept = KEPT.map(|kept| (format!("largest {kept}"), format!("top-k kept={kept} value_bits=5")));
    let quantisers = uniform.into_iter().chain(kept).chain([("signs".into(), "sign".to_string())]);
    let candidate = |(words, quantiser): (String, String)| {
        let mut parts = quantiser.split(' ');
        let kind = parts.next().map(|kind| format!("scheme.quantiser={kind}"));
        let keys = parts.map(|part| format!("scheme.{part}"));
        let settings =
            ["scheme.kind=digital".into(), format!("mcs.index={index}"), format!("scheduling.power={power}")];
        let changes: Vec<String> = settings.into_iter().chain(kind).chain(keys).collect();
        Candidate::new(Side::Digital, format!("{words}, MCS {index}, {power}"), changes)
    };
    quantisers.map(candidate).collect()
}

/// Returns the scheme whose round is shortest among those that lose hardly a block, as `measure` finds.
pub fn fastest(
    power: &str,
    measure: impl Fn(&Candidate) -> Result<Option<Point>, Failure>,
) -> Result<usize, Failure> {
    let mut tried = Vec::new();
    for index in SCHEMES {
        if let Some(point) = measure(&digital(power, index)[0])? {
            tried.push((index, point));
        }
    }
    let least = tried.iter().map(|(_, point)| point.nmse).fold(f64::INFINITY, f64::min);
    let whole = tried.iter().filter(|(_, point)| point.nmse < WHOLE * least);
    let best = whole.min_by(|a, b| a.1.airtime_s.total_cmp(&b.1.airtime_s));
    Ok(best.ok_or("no scheme reaches its devices")?.0)
}

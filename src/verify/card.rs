//! A card as written becomes a checked card.

use super::column::{Statistic, has_quantiles, measured};
use super::measure::FIRST_BATCHES;
use crate::config::{Bound, ConfigError, Node, TableReader, Value};
use crate::experiment::{Experiment, ExperimentError, Loader};
use crate::report::Fidelity;
use crate::sweep::plan::read_fidelity;

/// Widest tolerance: half of the 0.3 dB that a card must be able to see.
pub const MAX_TOLERANCE_DB: f64 = 0.15;

/// Widest relative tolerance: as many decibels.
pub const MAX_TOLERANCE_RELATIVE: f64 = 0.035;

/// Trials of a batch, unless the card says otherwise.
const BATCH_TRIALS: u64 = 64;

/// The same for cards that look at quantiles, which are biased in small batches.
const BATCH_TRIALS_QUANTILES: u64 = 4096;

/// Fewest trials of a batch whose quantiles are looked at.
const MIN_BATCH_TRIALS_QUANTILES: u64 = 1024;

/// Most trials, unless the card says otherwise.
const MAX_TRIALS: u64 = 1 << 16;

/// Tables of an experiment file that have no meaning in a card.
const REFUSED: [(&str, &str); 3] = [
    ("stop", "has no place in a card, which runs until it can tell; card.max_trials bounds it"),
    ("sweep", "has no place in a card, which is a single experiment"),
    ("curve", "has no place in a card, which is a single experiment"),
];

/// How far from its figure a number may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// In decibels.
    Db(f64),
    /// As a share of the figure.
    Relative(f64),
}

/// A figure that a card expects.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Column of the table.
    pub metric: String,
    /// Which number of it.
    pub statistic: Statistic,
    /// The figure.
    pub value: f64,
    /// How far from it the number may be.
    pub tolerance: Tolerance,
}

/// A validation card.
#[derive(Clone, Debug)]
pub struct Card {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// What gives the figures: a paper, a clause of a standard, a closed form.
    pub source: String,
    /// Rungs to be run.
    pub fidelities: Vec<Fidelity>,
    /// The figures.
    pub expectations: Vec<Expectation>,
    /// Trials of a batch; the interval is that of the mean over batches.
    pub batch_trials: u64,
    /// Most trials at a rung.
    pub max_trials: u64,
    tree: Node,
    seed: u64,
}

impl Card {
    /// Reads a card from a file's tree.
    ///
    /// # Errors
    /// When a key is unknown, missing or wrong, in the card or in its experiment.
    pub fn read(name: &str, mut tree: Node) -> Result<Self, ExperimentError> {
        let origin = tree.origin.clone();
        let Some(table) = tree.take("card") else {
            let expected = "a table with title, source, fidelity and [[card.expect]] is expected".into();
            return Err(ConfigError::Missing { origin, path: "card".into(), expected }.into());
        };
        for (key, why) in REFUSED {
            if let Some(node) = tree.get(key) {
                let (origin, path) = (node.origin.clone(), key.into());
                return Err(ConfigError::Invalid { origin, path, message: why.into() }.into());
            }
        }
        let reader = TableReader::new(&table, "card")?;
        let (title, source) = (text(&reader, "title")?, text(&reader, "source")?);
        let fidelities = fidelities(&reader)?;
        let expectations = expectations(&reader)?;
        let quantiles = expectations.iter().any(|e| e.statistic != Statistic::Mean);
        let (usual, least) =
            if quantiles { (BATCH_TRIALS_QUANTILES, MIN_BATCH_TRIALS_QUANTILES) } else { (BATCH_TRIALS, 1) };
        let batch_trials = reader.u64("batch_trials", Some(usual), least)?;
        let max_trials = reader.u64("max_trials", Some(MAX_TRIALS.max(usual * FIRST_BATCHES)), 1)?;
        if max_trials / FIRST_BATCHES < batch_trials {
            let message = format!(
                "{max_trials} trials are fewer than {FIRST_BATCHES} batches of {batch_trials}, the least that \
                 gives an interval; raise it or lower card.batch_trials"
            );
            return Err(reader.invalid("max_trials", message).into());
        }
        reader.finish()?;
        let seed = Loader::default().load(&tree)?.seeds.master();
        let name = name.into();
        Ok(Self { name, title, source, fidelities, expectations, batch_trials, max_trials, tree, seed })
    }

    /// Makes the experiment of a batch: the card's own, with the seed that many further.
    ///
    /// # Errors
    /// When a file that the experiment reads is gone.
    pub fn experiment(&self, batch: u64) -> Result<Experiment, ExperimentError> {
        let mut tree = self.tree.clone();
        // Seeds of a file are whole numbers of 63 bits.
        let seed = Value::Integer((self.seed.wrapping_add(batch) & i64::MAX as u64) as i64);
        let origin = tree.origin.clone();
        tree.set("seed", Node::new(seed, origin))?;
        Loader::default().load(&tree)
    }
}

fn text(reader: &TableReader<'_>, key: &str) -> Result<String, ConfigError> {
    let text = reader.string(key, None)?;
    if text.trim().is_empty() { Err(reader.invalid(key, "is empty")) } else { Ok(text) }
}

fn fidelities(reader: &TableReader<'_>) -> Result<Vec<Fidelity>, ConfigError> {
    let Some(node) = reader.node("fidelity") else {
        return Err(ConfigError::Missing {
            origin: reader.origin("fidelity").clone(),
            path: reader.path("fidelity"),
            expected: "a rung or a list is expected, for example [\"theory\", \"symbol\"]".into(),
        });
    };
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut all = Vec::new();
    for item in items {
        let fidelity = read_fidelity(item)?;
        if !all.contains(&fidelity) {
            all.push(fidelity);
        }
    }
    if all.is_empty() {
        return Err(reader.invalid("fidelity", "is empty; for example [\"theory\", \"symbol\"]"));
    }
    Ok(all)
}

fn expectations(reader: &TableReader<'_>) -> Result<Vec<Expectation>, ConfigError> {
    let all: Vec<Expectation> =
        reader.table_array("expect")?.iter().map(expectation).collect::<Result<_, _>>()?;
    if all.is_empty() {
        return Err(ConfigError::Missing {
            origin: reader.origin("expect").clone(),
            path: reader.path("expect"),
            expected: "at least one [[card.expect]] with metric, value and tolerance_db is expected".into(),
        });
    }
    Ok(all)
}

fn expectation(reader: &TableReader<'_>) -> Result<Expectation, ConfigError> {
    let columns = measured();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let metric = reader.choice("metric", None, &names)?.to_string();
    let word = reader.choice("statistic", Some("mean"), &Statistic::ALL.map(Statistic::word))?;
    let statistic = Statistic::ALL.into_iter().find(|s| s.word() == word).unwrap_or(Statistic::Mean);
    if statistic != Statistic::Mean && !has_quantiles(&metric) {
        return Err(reader.invalid("statistic", format!("{metric} has a mean only")));
    }
    let in_db = metric.ends_with("_db");
    let value = reader.f64_in("value", None, if in_db { Bound::any() } else { Bound::positive() })?;
    if in_db {
        reader.require_absent("tolerance_relative", "is not for columns in decibels; give tolerance_db")?;
    }
    if reader.has("tolerance_db") {
        reader.require_absent("tolerance_relative", "stands beside tolerance_db; give one of them")?;
    }
    let bound = |widest: f64| Bound::between(0.0, widest).open_low();
    let tolerance = match reader.optional_f64("tolerance_relative", bound(MAX_TOLERANCE_RELATIVE))? {
        Some(share) => Tolerance::Relative(share),
        None => Tolerance::Db(reader.f64_in("tolerance_db", None, bound(MAX_TOLERANCE_DB))?),
    };
    Ok(Expectation { metric, statistic, value, tolerance })
}

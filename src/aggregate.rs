//! Aggregation as a call: vectors of K devices in, the estimate of their aggregate and a report out.

use crate::config::{ConfigError, Node};
use crate::experiment::{ExperimentError, Loader};
use crate::payload::Source;
use crate::report::{Fidelity, Report};
use crate::run::trial::TrialContext;
use crate::run::{RunError, point};
use std::path::Path;
use std::sync::Arc;

/// Aggregates vectors over the link that an experiment describes, for training loops.
pub struct Aggregator {
    tree: Node,
    fidelity: Fidelity,
}

/// What a round gave.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Estimate of the aggregate (what `payload.function` says), N values in their own order and units; of a majority the
    /// decisions: +1, -1, or 0 where the statistic is 0, as for votes that a short budget left out.
    pub estimate: Vec<f64>,
    /// Error, airtime, energy and doubts of this round.
    pub report: Report,
}

impl Aggregator {
    /// Makes an aggregator from an experiment as TOML; `[payload]` may name a function, but needs no source.
    ///
    /// # Errors
    /// When the text is no TOML.
    pub fn from_toml(text: &str, fidelity: Fidelity) -> Result<Self, RunError> {
        let wrap = |e: ConfigError| RunError::Experiment(ExperimentError::from(e));
        Ok(Self::from_tree(Node::parse_toml(text, Path::new("experiment")).map_err(wrap)?, fidelity))
    }

    /// Makes an aggregator from an experiment's tree; its sweep and curves are left aside.
    pub fn from_tree(mut tree: Node, fidelity: Fidelity) -> Self {
        tree.take("sweep");
        tree.take("curve");
        Self { tree, fidelity }
    }

    /// Aggregates the vectors of `devices` devices, laid one after the other in `values`.
    ///
    /// Each round has its own channels and noise; the same round sees the same ones.
    ///
    /// # Errors
    /// When the values do not make whole vectors or are not finite, or the experiment is wrong.
    pub fn aggregate(&self, devices: usize, values: &[f32], round: u64) -> Result<Aggregate, RunError> {
        self.aggregate_source(Source::array(devices, Arc::from(values))?, round)
    }

    /// Aggregates the rows of any source of stored values.
    ///
    /// # Errors
    /// When the source cannot be read, or the experiment is wrong.
    pub fn aggregate_source(&self, source: Source, round: u64) -> Result<Aggregate, RunError> {
        let experiment = Loader::with_source(source).load(&self.tree)?;
        let context = TrialContext::new(&experiment, self.fidelity)?;
        let (trial, vectors) = context.run_with_vectors(round)?;
        let payload = &experiment.payload;
        let own = |v: &f32| match payload.is_majority() {
            true => decision(*v),
            false => payload.aggregate(f64::from(*v)),
        };
        let estimate = payload.restore_order(&vectors.estimate.iter().map(own).collect::<Vec<f64>>());
        Ok(Aggregate { estimate, report: point::report_of_trial(&experiment, self.fidelity, &trial) })
    }
}

/// Returns what the statistic of a vote decides.
fn decision(statistic: f32) -> f64 {
    if statistic == 0.0 { 0.0 } else { f64::from(statistic.signum()) }
}

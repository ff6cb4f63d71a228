//! What a point of a sweep reports: a row of its table.

use super::table::number;
use super::{Rows, SweepError};
use crate::experiment::Experiment;
use crate::report::{ERRORS, Fidelity, QUANTITIES, Report, Warning};
use crate::run::trial::TrialContext;
use crate::run::{RunError, RunOptions, run};
use airloop_baseband::Estimate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which kind of result a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Aggregation rounds: reports of [`Report`].
    #[default]
    Aggregation,
    /// Digital links.
    Link,
    /// Curves of block error rates of a link table.
    #[serde(rename = "error-rate-curve")]
    ErrorRateCurve,
}

impl Kind {
    /// Returns the word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aggregation => "aggregation rounds",
            Self::Link => "digital links",
            Self::ErrorRateCurve => "a link table",
        }
    }
}

/// A report that is a row of a table, and how a point comes to it.
///
/// The columns of a row are schema, experiment_id, curve and fidelity, then [`RowReport::given`], the axes that have no column
/// yet, and [`RowReport::measured`]; the warnings come last.
pub trait RowReport: Clone + PartialEq + Serialize + DeserializeOwned + Send {
    /// What the journal says of its folder.
    const KIND: Kind;

    /// Axes that already have a column of their own: path and column.
    const COVERED: &'static [(&'static str, &'static str)];

    /// Checks, before any point runs, that a rung can run an experiment.
    ///
    /// # Errors
    /// When it cannot.
    fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError>;

    /// Runs a point.
    ///
    /// # Errors
    /// When the rung cannot run it, or the user interrupts.
    fn run(experiment: &Experiment, fidelity: Fidelity, options: &RunOptions<'_>) -> Result<Self, RunError>;

    /// Returns the most trials that a point may take.
    fn most_trials(experiment: &Experiment) -> u64 {
        experiment.stop.judgements().last().copied().unwrap_or(0)
    }

    /// Writes what a folder of such reports holds beside its table, for most kinds nothing.
    ///
    /// # Errors
    /// When the folder cannot be written.
    fn write_beside(_dir: &Path, _rows: &Rows<'_, Self>) -> Result<(), SweepError> {
        Ok(())
    }

    /// Returns the name of the experiment.
    fn experiment_id(&self) -> &str;

    /// Returns the rung.
    fn fidelity(&self) -> Fidelity;

    /// Returns the doubts.
    fn warnings(&self) -> &[Warning];

    /// Returns the trials that were run.
    fn trials(&self) -> u64;

    /// Returns the names of the columns before the axes.
    fn given() -> Vec<String>;

    /// Returns the names of the columns after the axes.
    fn measured() -> Vec<String>;

    /// Returns the cells of [`RowReport::given`].
    fn given_cells(&self) -> Vec<String>;

    /// Returns the cells of [`RowReport::measured`].
    fn measured_cells(&self) -> Vec<String>;
}

/// Columns of an estimate after its mean.
const PARTS: [&str; 6] = ["low", "high", "median", "q90", "q95", "count"];

/// Returns the columns of an estimate of this name.
pub fn estimate_columns(name: &str) -> impl Iterator<Item = String> + '_ {
    std::iter::once(name.to_string()).chain(PARTS.iter().map(move |part| format!("{name}_{part}")))
}

/// Returns the cells of an estimate; empty ones where there is none.
pub fn estimate_cells(estimate: Option<&Estimate>) -> [String; 7] {
    let Some(e) = estimate else { return Default::default() };
    [cell(e.mean), cell(e.low), cell(e.high), cell(e.median), cell(e.q90), cell(e.q95), e.count.to_string()]
}

/// Returns a number as a cell; an empty one where there is none.
pub fn cell(x: Option<f64>) -> String {
    x.map_or(String::new(), number)
}

impl RowReport for Report {
    const KIND: Kind = Kind::Aggregation;

    const COVERED: &'static [(&'static str, &'static str)] = &[
        ("link.snr_db", "snr_db"),
        ("ofdm.bandwidth_hz", "bandwidth_hz"),
        ("payload.devices", "devices"),
        ("payload.length", "length"),
        ("scheme.kind", "scheme"),
    ];

    fn check(experiment: &Experiment, fidelity: Fidelity) -> Result<(), RunError> {
        match fidelity {
            Fidelity::Waveform | Fidelity::Radio => TrialContext::new(experiment, fidelity).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn run(experiment: &Experiment, fidelity: Fidelity, options: &RunOptions<'_>) -> Result<Self, RunError> {
        run(experiment, fidelity, options)
    }

    fn experiment_id(&self) -> &str {
        &self.experiment_id
    }

    fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn trials(&self) -> u64 {
        self.trials
    }

    fn given() -> Vec<String> {
        let columns =
            ["theory_kind", "scheme", "snr_db", "bandwidth_hz", "devices", "length", "trials", "stop_reason"];
        columns.map(String::from).to_vec()
    }

    fn measured() -> Vec<String> {
        let errors = ERRORS.iter().flat_map(|error| estimate_columns(error));
        errors.chain(QUANTITIES.iter().map(|q| q.0.to_string())).collect()
    }

    fn given_cells(&self) -> Vec<String> {
        vec![
            self.theory_kind.map_or(String::new(), |k| k.word().into()),
            self.scheme.clone(),
            number(self.snr_db),
            number(self.bandwidth_hz),
            self.devices.to_string(),
            self.length.to_string(),
            self.trials.to_string(),
            self.stop_reason.clone(),
        ]
    }

    fn measured_cells(&self) -> Vec<String> {
        let errors = self.metrics.all().into_iter().flat_map(estimate_cells);
        errors.chain(QUANTITIES.iter().map(|(_, of)| cell(of(self)))).collect()
    }
}

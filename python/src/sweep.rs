//! Sweeps: points of an experiment, run into a folder as the command line does, and figures of their table.

use crate::errors::{config_error, exception, of_run};
use crate::experiment::{Experiment, rung};
use crate::tree::node_of;
use crate::working::at_length;
use airloop::experiment::Loader;
use airloop::report::Report;
use airloop::sweep::{SweepError, SweepOptions, SweepPlan, run_sweep};
use airloop_plots::{Figure, PlotError, Table, render};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// A path to a value, and what it takes.
type Axis<'py> = (String, Vec<Bound<'py, PyAny>>);

/// Runs or resumes the sweep of an experiment; returns its table, and the number of points in it.
#[pyfunction]
pub fn sweep(
    py: Python<'_>,
    experiment: &Experiment,
    over: Vec<Axis<'_>>,
    fidelities: Vec<String>,
    out: PathBuf,
) -> PyResult<(PathBuf, usize)> {
    let wrong = |error| config_error(py, error);
    let mut plan = SweepPlan::new(experiment.tree.clone()).map_err(wrong)?;
    for (path, values) in over {
        let nodes = values.iter().map(|value| node_of(value, &path)).collect::<PyResult<Vec<_>>>()?;
        plan.replace_axis(path, nodes).map_err(wrong)?;
    }
    if !fidelities.is_empty() {
        plan.set_fidelities(fidelities.iter().map(|word| rung(py, word)).collect::<PyResult<_>>()?);
    }
    plan.check_flags().map_err(wrong)?;
    let interrupted = AtomicBool::new(false);
    let options =
        SweepOptions { out: &out, shard: None, interrupted: &interrupted, strict: false, tell: &|_| {} };
    let result = at_length(py, &interrupted, || run_sweep::<Report>(&plan, &Loader::default(), &options))?;
    let result = result.map_err(|error| of_sweep(py, &error))?;
    if result.interrupted {
        return Err(PyKeyboardInterrupt::new_err(()));
    }
    Ok((result.table, result.finished))
}

fn of_sweep(py: Python<'_>, error: &SweepError) -> PyErr {
    match error {
        SweepError::Run { error: inner, .. } => {
            let made = of_run(py, inner);
            // The same exception, with the point in its words.
            made.get_type(py).call1((error.to_string(),)).map_or(made, PyErr::from_value)
        }
        SweepError::Interrupted => PyKeyboardInterrupt::new_err(()),
        SweepError::Config(_) | SweepError::Point { .. } | SweepError::OtherExperiment { .. } => {
            config_error(py, error)
        }
        _ => exception(py, "AirloopError", error),
    }
}

/// Draws a table by a figure file, or by default the first of the figures that a sweep leaves; returns remarks.
#[pyfunction]
#[pyo3(signature = (table, out, figure=None))]
pub fn draw(py: Python<'_>, table: PathBuf, out: PathBuf, figure: Option<PathBuf>) -> PyResult<Vec<String>> {
    let work = || -> Result<Vec<String>, PlotError> {
        let table = Table::read(&table)?;
        let figure = match figure {
            Some(path) => Figure::from_file(path)?,
            None => match airloop_plots::default_figures(&table, None).into_iter().next() {
                Some((_, figure)) => figure,
                None => return Ok(vec!["the table has no row to draw".into()]),
            },
        };
        Ok(render(&figure, &table, &out)?.iter().map(ToString::to_string).collect())
    };
    py.detach(work).map_err(|error| config_error(py, error))
}

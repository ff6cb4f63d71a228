//! `Experiment`: what a file says, run from Python.

use crate::errors::{config_error, of_run};
use crate::report::Report;
use crate::tree;
use crate::working::at_length;
use airloop::config::{Node, Origin, Value};
use airloop::experiment::{ExperimentError, Loader};
use airloop::ladder::climb;
use airloop::report::Fidelity;
use airloop::run::{RunError, RunOptions, run};
use airloop::sweep::SweepPlan;
use airloop::sweep::plan::read_fidelity;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// An experiment as it is written.
#[pyclass(module = "airloop", frozen)]
pub struct Experiment {
    pub tree: Node,
}

#[pymethods]
impl Experiment {
    #[staticmethod]
    fn of_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Ok(Self { tree: tree::of_file(py, &path)? })
    }

    #[staticmethod]
    fn of_text(py: Python<'_>, text: &str) -> PyResult<Self> {
        Ok(Self { tree: tree::of_text(py, text)? })
    }

    #[staticmethod]
    fn of_dict(dict: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self { tree: tree::of_dict(dict)? })
    }

    fn with_changes(&self, py: Python<'_>, changes: Vec<String>) -> PyResult<Self> {
        let mut changed = self.tree.clone();
        tree::change(py, &mut changed, &changes)?;
        Ok(Self { tree: changed })
    }

    fn run(&self, py: Python<'_>, fidelity: &str) -> PyResult<Report> {
        let (fidelity, tree) = (rung(py, fidelity)?, self.single());
        let interrupted = AtomicBool::new(false);
        let work = || {
            let experiment = Loader::default().load(&tree)?;
            run(&experiment, fidelity, &RunOptions { progress: &|_, _| {}, interrupted: &interrupted })
        };
        let report: Result<_, RunError> = at_length(py, &interrupted, work)?;
        report.map(Report).map_err(|error| of_run(py, &error))
    }

    /// Returns the ladder of each curve: its label, its lines, and whether it holds.
    fn ladder(&self, py: Python<'_>) -> PyResult<Vec<(String, String, bool)>> {
        let plan = SweepPlan::new(self.tree.clone()).map_err(|error| config_error(py, error))?;
        let interrupted = AtomicBool::new(false);
        let one = |curve: usize| -> Result<_, RunError> {
            let tree = plan.curve_tree(curve).map_err(ExperimentError::from)?;
            let ladder = climb(&tree, &Loader::default(), &interrupted)?;
            Ok((plan.curves[curve].label.clone(), ladder.to_string(), ladder.holds()))
        };
        let work = || (0..plan.curves.len()).map(one).collect::<Result<Vec<_>, _>>();
        at_length(py, &interrupted, work)?.map_err(|error| of_run(py, &error))
    }
}

impl Experiment {
    /// Returns the experiment without its sweep and curves.
    pub fn single(&self) -> Node {
        let mut tree = self.tree.clone();
        ["sweep", "curve"].iter().for_each(|key| drop(tree.take(key)));
        tree
    }
}

/// Reads the name of a rung.
pub fn rung(py: Python<'_>, word: &str) -> PyResult<Fidelity> {
    let node = Node::new(Value::String(word.into()), Origin::flag(format!("fidelity = \"{word}\"")));
    read_fidelity(&node).map_err(|error| config_error(py, error))
}

//! `Link`: transmission as a call.

use crate::air::{Said, exclusively, said};
use crate::arrays::{AT_LENGTH, slice};
use crate::errors::{of_clock, of_run};
use crate::experiment::{Experiment, rung};
use crate::working::{at_length, briefly};
use airloop::live::Link as RustLink;
use airloop::run::RunError;
use numpy::{PyReadonlyArrayDyn, PyReadwriteArrayDyn};
use pyo3::prelude::*;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};

/// The links of devices, in one process.
#[pyclass(module = "airloop", frozen)]
pub struct Link {
    link: Mutex<RustLink>,
    interrupted: Arc<AtomicBool>,
    process: u32,
}

#[pymethods]
impl Link {
    #[new]
    #[pyo3(signature = (experiment, fidelity, interval_s=None))]
    fn new(
        py: Python<'_>,
        experiment: &Experiment,
        fidelity: &str,
        interval_s: Option<f64>,
    ) -> PyResult<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let link = RustLink::from_tree(experiment.tree.clone(), rung(py, fidelity)?);
        let link = link.interrupted_by(Arc::clone(&interrupted));
        let link = match interval_s {
            Some(interval_s) => link.every_s(interval_s).map_err(|error| of_clock(py, &error))?,
            None => link,
        };
        Ok(Self { link: Mutex::new(link), interrupted, process: std::process::id() })
    }

    /// Sends an array and writes what arrives to `out`, of the same shape.
    fn send(
        &self,
        py: Python<'_>,
        values: PyReadonlyArrayDyn<'_, f32>,
        place: (u64, Option<u64>),
        mut out: PyReadwriteArrayDyn<'_, f32>,
    ) -> PyResult<Said> {
        let out = out.as_slice_mut()?;
        self.work(py, &values, |link, values| link.send_into(place, values, out)).map(said)
    }

    /// Carries an array over the channel of the last transmission and writes what arrives to `out`.
    fn retrace(
        &self,
        py: Python<'_>,
        values: PyReadonlyArrayDyn<'_, f32>,
        device: u64,
        mut out: PyReadwriteArrayDyn<'_, f32>,
    ) -> PyResult<()> {
        let out = out.as_slice_mut()?;
        self.work(py, &values, |link, values| link.retrace_into(device, values, out))
    }

    #[pyo3(signature = (wait_s, device=0))]
    fn wait(&self, py: Python<'_>, wait_s: f64, device: u64) -> PyResult<()> {
        self.lock(py)?.wait(device, wait_s).map_err(|error| of_run(py, &error))
    }

    fn capacities_bps(&self, py: Python<'_>, devices: u64) -> PyResult<Vec<f64>> {
        let mut link = self.lock(py)?;
        let link = &mut *link;
        at_length(py, &self.interrupted, || link.capacities_bps(devices))?.map_err(|error| of_run(py, &error))
    }
}

impl Link {
    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, RustLink>> {
        exclusively(py, &self.link, self.process, "Link")
    }

    /// Lets the link work on an array.
    fn work<T: Send>(
        &self,
        py: Python<'_>,
        values: &PyReadonlyArrayDyn<'_, f32>,
        on: impl FnOnce(&mut RustLink, &[f32]) -> Result<T, RunError> + Send,
    ) -> PyResult<T> {
        let values = slice(py, values)?;
        let mut link = self.lock(py)?;
        let link = &mut *link;
        let work = || on(link, values);
        let result = match values.len() < AT_LENGTH {
            true => briefly(py, work),
            false => at_length(py, &self.interrupted, work)?,
        };
        result.map_err(|error| of_run(py, &error))
    }
}

//! `Link`: transmission as a call.

use crate::air::exclusively;
use crate::arrays::{AT_LENGTH, shape, shaped, slice};
use crate::errors::{of_clock, of_run};
use crate::experiment::{Experiment, rung};
use crate::report::Report;
use crate::working::{at_length, briefly};
use airloop::live::{Delivery, Link as RustLink};
use airloop::run::RunError;
use numpy::PyReadonlyArrayDyn;
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

/// What arrived: values, report, number of the transmission, start in seconds.
type Arrival<'py> = (Bound<'py, PyAny>, Report, u64, f64);

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

    #[pyo3(signature = (values, device=0, round=None))]
    fn send<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArrayDyn<'py, f32>,
        device: u64,
        round: Option<u64>,
    ) -> PyResult<Arrival<'py>> {
        let delivery = self.work(py, &values, |link, values| link.send(device, values, round))?;
        arrival(py, delivery, &shape(&values))
    }

    #[pyo3(signature = (values, devices, round=None))]
    fn broadcast<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArrayDyn<'py, f32>,
        devices: u64,
        round: Option<u64>,
    ) -> PyResult<Vec<Arrival<'py>>> {
        let all = self.work(py, &values, |link, values| link.broadcast(devices, values, round))?;
        all.into_iter().map(|delivery| arrival(py, delivery, &shape(&values))).collect()
    }

    #[pyo3(signature = (values, device=0))]
    fn retrace<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArrayDyn<'py, f32>,
        device: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let received = self.work(py, &values, |link, values| link.retrace(device, values))?;
        shaped(py, received, &shape(&values))
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

fn arrival<'py>(py: Python<'py>, delivery: Delivery<f32>, shape: &[usize]) -> PyResult<Arrival<'py>> {
    let Delivery { received, report, round, start_s } = delivery;
    Ok((shaped(py, received, shape)?, Report(report), round, start_s))
}

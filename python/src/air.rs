//! `Air`: aggregation as a call.

use crate::arrays::{AT_LENGTH, slice};
use crate::errors::{of_clock, of_run, payload_error, state_error};
use crate::experiment::{Experiment, rung};
use crate::report::Report;
use crate::working::{at_length, briefly};
use airloop::live::{Air as RustAir, Reception, RoundOptions};
use numpy::{PyReadonlyArray1, PyReadonlyArrayDyn, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

/// The air that an experiment describes, in one process.
#[pyclass(module = "airloop", frozen)]
pub struct Air {
    air: Mutex<RustAir>,
    interrupted: Arc<AtomicBool>,
    process: u32,
}

/// What is said of a round: report, number, start in seconds.
pub type Said = (Report, u64, f64);

#[pymethods]
impl Air {
    #[new]
    #[pyo3(signature = (experiment, fidelity, interval_s=None))]
    fn new(
        py: Python<'_>,
        experiment: &Experiment,
        fidelity: &str,
        interval_s: Option<f64>,
    ) -> PyResult<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let air = RustAir::from_tree(experiment.tree.clone(), rung(py, fidelity)?);
        let air = air.interrupted_by(Arc::clone(&interrupted));
        let air = match interval_s {
            Some(interval_s) => air.every_s(interval_s).map_err(|error| of_clock(py, &error))?,
            None => air,
        };
        Ok(Self { air: Mutex::new(air), interrupted, process: std::process::id() })
    }

    /// Runs a round and writes its estimate to `out`.
    fn aggregate(
        &self,
        py: Python<'_>,
        values: PyReadonlyArrayDyn<'_, f32>,
        weights: Option<PyReadonlyArray1<'_, f64>>,
        round: Option<u64>,
        mut out: PyReadwriteArray1<'_, f32>,
    ) -> PyResult<Said> {
        let devices = match values.shape() {
            [devices, _] => *devices,
            shape => return Err(wrong_shape(py, shape)),
        };
        let (values, weights) = (slice(py, &values)?, weights.as_ref().map(|w| w.as_slice()).transpose()?);
        let options = RoundOptions { round, weights };
        let out = out.as_slice_mut()?;
        let mut air = self.lock(py)?;
        let air = &mut *air;
        let work = || air.aggregate_into(devices, values, options, out);
        let result = match values.len() < AT_LENGTH {
            true => briefly(py, work),
            false => at_length(py, &self.interrupted, work)?,
        };
        result.map(said).map_err(|error| of_run(py, &error))
    }

    fn wait(&self, py: Python<'_>, wait_s: f64) -> PyResult<()> {
        self.lock(py)?.wait(wait_s).map_err(|error| of_clock(py, &error))
    }

    #[getter]
    fn next_round(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(self.lock(py)?.next_round())
    }

    #[getter]
    fn time_s(&self, py: Python<'_>) -> PyResult<f64> {
        Ok(self.lock(py)?.time_s())
    }
}

impl Air {
    fn lock(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, RustAir>> {
        exclusively(py, &self.air, self.process, "Air")
    }
}

/// Says of a round what Python is told.
pub fn said(Reception { report, round, start_s }: Reception) -> Said {
    (Report(report), round, start_s)
}

fn wrong_shape(py: Python<'_>, shape: &[usize]) -> PyErr {
    payload_error(py, format!("the array has shape {shape:?}; K devices by N values, (K, N), is expected"))
}

/// Takes what only one thread of the process that made it may use at a time.
pub fn exclusively<'a, T>(
    py: Python<'_>,
    held: &'a Mutex<T>,
    process: u32,
    name: &str,
) -> PyResult<MutexGuard<'a, T>> {
    if process != std::process::id() {
        let message = format!(
            "this {name} was made before the process forked: its noise would be that of the parent's; make one in each \
             process, with a seed of its own"
        );
        return Err(state_error(py, message));
    }
    held.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            state_error(py, format!("this {name} is at work in another thread: give each thread its own"))
        }
        TryLockError::Poisoned(_) => state_error(py, format!("this {name} has failed within; make another")),
    })
}

//! `Air`: aggregation as a call.

use crate::arrays::{AT_LENGTH, slice};
use crate::errors::{of_clock, of_run, payload_error, state_error};
use crate::experiment::{Experiment, rung};
use crate::report::Report;
use crate::working::{at_length, briefly};
use airloop::live::{Aggregate, Air as RustAir, RoundOptions};
use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArrayDyn, PyUntypedArrayMethods};
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

/// What a round gave: estimate, report, number of the round, start in seconds.
type Round<'py> = (Bound<'py, PyArray1<f32>>, Report, u64, f64);

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

    #[pyo3(signature = (values, weights=None, round=None))]
    fn aggregate<'py>(
        &self,
        py: Python<'py>,
        values: PyReadonlyArrayDyn<'py, f32>,
        weights: Option<PyReadonlyArray1<'py, f64>>,
        round: Option<u64>,
    ) -> PyResult<Round<'py>> {
        let devices = match values.shape() {
            [devices, _] => *devices,
            shape => return Err(wrong_shape(py, shape)),
        };
        let (values, weights) = (slice(py, &values)?, weights.as_ref().map(|w| w.as_slice()).transpose()?);
        let options = RoundOptions { round, weights };
        let mut air = self.lock(py)?;
        let air = &mut *air;
        let work = || air.aggregate_as(devices, values, options);
        let result = match values.len() < AT_LENGTH {
            true => briefly(py, work),
            false => at_length(py, &self.interrupted, work)?,
        };
        let Aggregate { estimate, report, round, start_s } = result.map_err(|error| of_run(py, &error))?;
        Ok((PyArray1::from_vec(py, estimate), Report(report), round, start_s))
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

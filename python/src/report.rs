//! Reports as Python sees them.

use crate::errors::exception;
use airloop::report::{ERRORS, QUANTITIES, Report as RustReport};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;

/// What one rung says of one experiment, or of one round.
#[pyclass(module = "airloop", frozen)]
pub struct Report(pub RustReport);

#[pymethods]
impl Report {
    /// Returns the report as `airloop run --json` prints it.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        serde_json::to_string_pretty(&self.0).map_err(|error| exception(py, "AirloopError", error))
    }

    /// Returns the report as a dictionary.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("json")?.getattr("loads")?.call1((self.to_json(py)?,))
    }

    #[getter]
    fn warnings(&self) -> Vec<(String, String)> {
        self.0.warnings.iter().map(|w| (w.code.to_string(), w.message.clone())).collect()
    }

    #[getter]
    fn experiment_id(&self) -> &str {
        &self.0.experiment_id
    }

    #[getter]
    fn fidelity(&self) -> String {
        self.0.fidelity.to_string()
    }

    #[getter]
    fn scheme(&self) -> &str {
        &self.0.scheme
    }

    #[getter]
    fn devices(&self) -> usize {
        self.0.devices
    }

    #[getter]
    fn length(&self) -> usize {
        self.0.length
    }

    #[getter]
    fn trials(&self) -> u64 {
        self.0.trials
    }

    #[getter]
    fn snr_db(&self) -> f64 {
        self.0.snr_db
    }

    #[getter]
    fn bandwidth_hz(&self) -> f64 {
        self.0.bandwidth_hz
    }

    /// Returns an error's mean by its name (`None` where it has none), or another number of the report.
    fn __getattr__(&self, name: &str) -> PyResult<Option<f64>> {
        if let Some(i) = ERRORS.iter().position(|error| *error == name) {
            return Ok(self.0.metrics.all()[i].and_then(|estimate| estimate.mean));
        }
        match QUANTITIES.iter().find(|(quantity, _)| *quantity == name) {
            Some((_, of)) => Ok(of(&self.0)),
            None => Err(PyAttributeError::new_err(format!("a report has no {name}"))),
        }
    }

    fn __dir__(&self) -> Vec<&'static str> {
        let own =
            ["experiment_id", "fidelity", "scheme", "devices", "length", "trials", "snr_db", "bandwidth_hz"];
        let more = ["warnings", "to_json", "to_dict"];
        own.into_iter().chain(more).chain(ERRORS).chain(QUANTITIES.iter().map(|(name, _)| *name)).collect()
    }

    fn __repr__(&self) -> String {
        let error = match (&self.0.metrics.vote_error_rate, &self.0.metrics.nmse) {
            (Some(rate), _) => ("vote_error_rate", rate.mean),
            (None, nmse) => ("nmse", nmse.as_ref().and_then(|estimate| estimate.mean)),
        };
        let shown = |x: Option<f64>| x.map_or("None".into(), |x| format!("{x:.4e}"));
        let (name, mean) = (error.0, shown(error.1));
        let airtime = shown(self.0.airtime_s);
        format!("Report({}, {}, {name}={mean}, airtime_s={airtime})", self.0.scheme, self.0.fidelity)
    }
}

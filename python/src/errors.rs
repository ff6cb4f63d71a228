//! What goes wrong in Rust, as the exceptions of `airloop.errors`.

use airloop::experiment::ExperimentError;
use airloop::live::clock::ClockError;
use airloop::medium::MediumError;
use airloop::run::RunError;
use airloop::trace::TraceError;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::fmt::Display;

/// Makes an exception of a class of `airloop.errors`.
pub fn exception(py: Python<'_>, class: &str, message: impl Display) -> PyErr {
    let made = py.import("airloop.errors").and_then(|module| module.getattr(class));
    match made.map(|class| class.cast_into::<PyType>()) {
        Ok(Ok(class)) => PyErr::from_type(class, message.to_string()),
        _ => PyRuntimeError::new_err(message.to_string()),
    }
}

/// A file, a key or a value of an experiment is wrong.
pub fn config_error(py: Python<'_>, message: impl Display) -> PyErr {
    exception(py, "ConfigError", message)
}

/// An array is wrong.
pub fn payload_error(py: Python<'_>, message: impl Display) -> PyErr {
    exception(py, "PayloadError", message)
}

/// An object is asked for what it cannot do now.
pub fn state_error(py: Python<'_>, message: impl Display) -> PyErr {
    exception(py, "StateError", message)
}

/// Returns the exception of a run that failed.
pub fn of_run(py: Python<'_>, error: &RunError) -> PyErr {
    match error {
        RunError::Experiment(ExperimentError::Payload { .. }) | RunError::Medium(MediumError::Source(_)) => {
            payload_error(py, error)
        }
        RunError::Experiment(_) | RunError::Link(_) | RunError::LinkTable(_) => config_error(py, error),
        RunError::Unsupported { .. } => exception(py, "UnsupportedError", error),
        RunError::Clock(error) => of_clock(py, error),
        RunError::Interrupted => PyKeyboardInterrupt::new_err(()),
        _ => exception(py, "AirloopError", error),
    }
}

/// Returns the exception of a trace that cannot be recorded, read or written.
pub fn of_trace(py: Python<'_>, error: &TraceError) -> PyErr {
    match error {
        TraceError::Run(error) => of_run(py, error),
        _ => config_error(py, error),
    }
}

/// Returns the exception of a time or a round that cannot be.
pub fn of_clock(py: Python<'_>, error: &ClockError) -> PyErr {
    match error {
        ClockError::Time { .. } => config_error(py, error),
        _ => state_error(py, error),
    }
}

//! Arrays in: borrowed where they lie.

use crate::errors::payload_error;
use numpy::PyReadonlyArrayDyn;
use pyo3::prelude::*;

/// Values from which on work is done at length: on all cores, and with an eye on signals.
pub const AT_LENGTH: usize = 1 << 16;

/// Returns the values of an array whose rows lie one behind the other.
pub fn slice<'a>(py: Python<'_>, array: &'a PyReadonlyArrayDyn<'_, f32>) -> PyResult<&'a [f32]> {
    array
        .as_slice()
        .map_err(|_| payload_error(py, "the array is not C-contiguous: numpy.ascontiguousarray(array) is"))
}

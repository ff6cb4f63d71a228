//! Arrays in and out: borrowed where they lie, made once where they are new.

use crate::errors::payload_error;
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;

/// Values from which on work is done at length: on all cores, and with an eye on signals.
pub const AT_LENGTH: usize = 1 << 16;

/// Returns the values of an array whose rows lie one behind the other.
pub fn slice<'a>(py: Python<'_>, array: &'a PyReadonlyArrayDyn<'_, f32>) -> PyResult<&'a [f32]> {
    array
        .as_slice()
        .map_err(|_| payload_error(py, "the array is not C-contiguous: numpy.ascontiguousarray(array) is"))
}

/// Returns the shape of an array.
pub fn shape(array: &PyReadonlyArrayDyn<'_, f32>) -> Vec<usize> {
    array.shape().to_vec()
}

/// Makes an array of a shape of values that were made for it.
pub fn shaped<'py>(py: Python<'py>, values: Vec<f32>, shape: &[usize]) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyArray1::from_vec(py, values).reshape(shape.to_vec())?.into_any())
}

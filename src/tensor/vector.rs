//! Small vectors beside the matrices, read whole.

use std::path::Path;

use super::error::{Place, TensorError};
use super::format::Format;
use super::{Result, csv, npy, npz, safetensors};

/// Reads a whole vector, such as the samples that each device holds, as `f64`.
///
/// The tensor is `[N]`, `[1, N]` or `[N, 1]`, or one value without a shape; `tensor` chooses it as in
/// [`TensorFile::open`](super::TensorFile::open).
///
/// # Errors
///
/// Those of [`TensorFile::open`](super::TensorFile::open), and [`TensorError::Shape`] where the tensor is a matrix.
pub fn read_vector_f64(path: &Path, tensor: Option<&str>) -> Result<Vec<f64>> {
    let format = Format::of(path)?;
    format.check_name(path, tensor)?;
    let (source, layout, place) = match format {
        Format::Csv => {
            let csv::Table { values, rows, columns } = csv::read(path)?;
            vector(&Place::file(path), rows, columns)?;
            return Ok(values);
        }
        Format::Npy => {
            let (source, layout) = npy::open(path)?;
            (source, layout, Place::file(path))
        }
        Format::Npz => {
            let (source, layout, name) = npz::open(path, tensor)?;
            (source, layout, Place::tensor(path, &name))
        }
        Format::Safetensors => {
            let (source, layout, name) = safetensors::open(path, tensor)?;
            (source, layout, Place::tensor(path, &name))
        }
    };
    vector(&place, layout.rows, layout.columns)?;
    let flat = layout.flattened();
    let mut values = vec![0.0; flat.columns];
    flat.read(&source, 0, 0, &mut values)?;
    Ok(values)
}

fn vector(place: &Place, rows: usize, columns: usize) -> Result<()> {
    if rows == 1 || columns == 1 {
        return Ok(());
    }
    let shape = vec![rows as u64, columns as u64];
    let right = "a vector: [N], [1, N] or [N, 1]";
    Err(TensorError::Shape { place: place.clone(), shape, right })
}

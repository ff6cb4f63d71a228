//! Real matrices on disk: K devices by N values, read by position and written whole or not at all.
//!
//! | extension | layout | source of the format |
//! |---|---|---|
//! | `.npy` | one array, C or Fortran order, either byte order | NumPy NEP 1 and `numpy.lib.format` |
//! | `.npz` | a zip of `.npy` members, stored or deflated, zip64 too | PKWARE APPNOTE 6.3.10, RFC 1951 |
//! | `.safetensors` | a JSON header, then the tensors one after another | safetensors format, README of its repository |
//! | `.csv` | plain numbers, one device a row | RFC 4180, without quotes |
//!
//! A header is held against the true size of its file before anything is allocated, so a torn or
//! hostile file costs an error and nothing else. A stored tensor of any size is then read in small
//! pieces; only `.csv` files and deflated members are held in memory.

mod array;
mod atomic;
mod cast;
mod complex;
mod crc32;
mod csv;
mod dtype;
mod error;
mod file;
mod format;
mod inflate;
mod input;
mod layout;
mod npy;
mod npy_header;
mod npz;
mod npz_writer;
mod safetensors;
mod select;
mod vector;
mod zip;
mod zip_records;

#[cfg(test)]
mod tests;

pub use array::{ComplexArray, read_complex_array, tensor_names};
pub use complex::{ComplexMatrix, read_complex_matrix};
pub use dtype::Dtype;
pub use error::{Place, TensorError};
pub use file::TensorFile;
pub use npy::write_npy_f32;
pub use npz_writer::NpzWriter;
pub use vector::read_vector_f64;

type Result<T> = std::result::Result<T, TensorError>;

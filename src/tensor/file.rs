//! One matrix of a file, whatever its format.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::dtype::Dtype;
use super::error::{Place, TensorError};
use super::format::Format;
use super::input::Source;
use super::layout::Layout;
use super::{Result, csv, npy, npz, safetensors};

/// Values looked through at a time.
const SCANNED: usize = 4096;

/// Reads rows of one real matrix, K devices by N values, from a file that stays on disk.
#[derive(Debug)]
pub struct TensorFile {
    path: PathBuf,
    name: Option<String>,
    layout: Layout,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Stored(Source),
    Parsed(Vec<f32>),
}

impl TensorFile {
    /// Opens the tensor of a name, or the only one, in the format that the extension tells.
    ///
    /// A single vector is taken as one device, and a Fortran-ordered array is read by its rows all
    /// the same, at the cost of reading across its columns.
    ///
    /// # Errors
    ///
    /// Every [`TensorError`] of reading: a file that cannot be opened or is torn, a header that is
    /// broken, values that are not real, a shape that is not `[K, N]` or `[N]`, and a name that is
    /// missing or must be given.
    pub fn open(path: &Path, tensor: Option<&str>) -> Result<Self> {
        let format = Format::of(path)?;
        format.check_name(path, tensor)?;
        let (values, layout, name) = match format {
            Format::Npy => {
                let (source, layout) = npy::open(path)?;
                (Values::Stored(source), layout, None)
            }
            Format::Npz => {
                let (source, layout, name) = npz::open(path, tensor)?;
                (Values::Stored(source), layout, Some(name))
            }
            Format::Safetensors => {
                let (source, layout, name) = safetensors::open(path, tensor)?;
                (Values::Stored(source), layout, Some(name))
            }
            Format::Csv => {
                let csv::Table { values, rows, columns } = csv::read(path)?;
                let layout = Layout { dtype: Dtype::F32, big_endian: false, fortran: false, rows, columns };
                (Values::Parsed(values), layout, None)
            }
        };
        Ok(Self { path: path.to_path_buf(), name, layout, values })
    }

    /// Gives the number of devices, K.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.layout.rows
    }

    /// Gives the number of values of each device, N.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.layout.columns
    }

    /// Gives the file, as it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the name of the tensor, where the format has names.
    #[must_use]
    pub fn tensor_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Gives the type of the values on disk; that of a `.csv` file is `f32`.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        self.layout.dtype
    }

    /// Fills `out` with the given columns of one row, each value rounded once to `f32`.
    ///
    /// # Errors
    ///
    /// [`TensorError::Bounds`] outside the matrix, [`TensorError::Room`] where `out` is not as long
    /// as `columns`, and [`TensorError::Read`] where the file changed since it was opened.
    pub fn read(&self, row: usize, columns: Range<usize>, out: &mut [f32]) -> Result<()> {
        let inside = columns.start <= columns.end && columns.end <= self.columns();
        if row >= self.rows() || !inside {
            return Err(TensorError::Bounds {
                place: self.place(),
                row,
                columns,
                rows: self.rows(),
                columns_held: self.columns(),
            });
        }
        if columns.len() != out.len() {
            let (asked, room) = (columns.len(), out.len());
            return Err(TensorError::Room { place: self.place(), asked, room });
        }
        match &self.values {
            Values::Stored(source) => self.layout.read(source, row, columns.start, out),
            Values::Parsed(values) => {
                let begin = row * self.columns();
                out.copy_from_slice(&values[begin + columns.start..begin + columns.end]);
                Ok(())
            }
        }
    }

    /// Finds the first value, row by row, that is NaN or infinite as `f32`: its row, column and value.
    ///
    /// A value beyond the range of `f32` counts as infinite.
    ///
    /// # Errors
    ///
    /// [`TensorError::Read`] where the file cannot be read to its end.
    pub fn first_non_finite(&self) -> Result<Option<(usize, usize, f32)>> {
        let source = match &self.values {
            Values::Parsed(values) => {
                let found = values.iter().position(|value| !value.is_finite());
                return Ok(found.map(|index| self.found(index as u64, values[index])));
            }
            Values::Stored(_) if !self.layout.dtype.is_float() => return Ok(None),
            Values::Stored(source) => source,
        };
        // In the order on disk, whichever it is: each byte is read once.
        let flat = self.layout.flattened();
        let mut first: Option<(usize, usize, f32)> = None;
        let mut buffer = [0.0_f32; SCANNED];
        let total = self.layout.values();
        let mut index = 0;
        while index < total {
            let len = usize::try_from(total - index).unwrap_or(SCANNED).min(SCANNED);
            let part = &mut buffer[..len];
            flat.read(source, 0, index as usize, part)?;
            for (at, &value) in part.iter().enumerate() {
                if value.is_finite() {
                    continue;
                }
                let found = self.found(index + at as u64, value);
                if !self.layout.fortran {
                    return Ok(Some(found));
                }
                if first.is_none_or(|held| (found.0, found.1) < (held.0, held.1)) {
                    first = Some(found);
                }
            }
            index += len as u64;
        }
        Ok(first)
    }

    fn found(&self, index: u64, value: f32) -> (usize, usize, f32) {
        let (row, column) = self.layout.position(index);
        (row, column, value)
    }

    fn place(&self) -> Place {
        Place { path: self.path.clone(), tensor: self.name.clone() }
    }
}

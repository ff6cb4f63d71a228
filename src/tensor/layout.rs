//! Where each value of a matrix lies, and how a row is gathered.

use super::Result;
use super::cast::{Real, convert};
use super::dtype::Dtype;
use super::error::{Place, TensorError};
use super::input::Source;

/// Bytes converted at a time, on the stack.
const CHUNK: usize = 16 * 1024;

/// Describes how the values of a K by N matrix follow one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) dtype: Dtype,
    pub(super) big_endian: bool,
    /// Whether the values of a column are neighbours, not those of a row.
    pub(super) fortran: bool,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Gives the bytes that a shape needs, unless they overflow.
pub(super) fn bytes_of(shape: &[u64], dtype: Dtype) -> Option<u64> {
    shape.iter().try_fold(dtype.size() as u64, |bytes, &side| bytes.checked_mul(side))
}

impl Layout {
    /// Takes a shape as K devices by N values, a single vector as one device.
    pub(super) fn new(place: &Place, shape: &[u64], dtype: Dtype) -> Result<Self> {
        let wrong = |right| TensorError::Shape { place: place.clone(), shape: shape.to_vec(), right };
        let (rows, columns) = match *shape {
            [] => (1, 1),
            [columns] => (1, columns),
            [rows, columns] => (rows, columns),
            _ => {
                return Err(wrong("[K, N], one row a device: flatten the sides of each device's own tensor"));
            }
        };
        if rows == 0 || columns == 0 {
            return Err(wrong("[K, N] with at least one device and one value"));
        }
        match (usize::try_from(rows), usize::try_from(columns)) {
            (Ok(rows), Ok(columns)) if bytes_of(shape, dtype).is_some() => {
                Ok(Self { dtype, big_endian: false, fortran: false, rows, columns })
            }
            _ => Err(wrong("[K, N] whose bytes can be counted in 64 bits")),
        }
    }

    /// Gives the number of values.
    pub(super) fn values(&self) -> u64 {
        self.rows as u64 * self.columns as u64
    }

    /// Takes the values in their order on disk as one row.
    pub(super) fn flattened(self) -> Self {
        Self { rows: 1, columns: self.rows.saturating_mul(self.columns), fortran: false, ..self }
    }

    /// Names the row and column of the value at an index on disk.
    pub(super) fn position(&self, index: u64) -> (usize, usize) {
        let (rows, columns) = (self.rows as u64, self.columns as u64);
        let (row, column) =
            if self.fortran { (index % rows, index / rows) } else { (index / columns, index % columns) };
        (row as usize, column as usize)
    }

    /// Fills `out` with values of `row` from `first` on; the caller has checked the bounds.
    pub(super) fn read<T: Real>(
        &self,
        source: &Source,
        row: usize,
        first: usize,
        out: &mut [T],
    ) -> Result<()> {
        let (row, first) = (row as u64, first as u64);
        if self.fortran {
            let rows = self.rows as u64;
            self.gather(source, first * rows + row, rows, out)
        } else {
            self.gather(source, row * self.columns as u64 + first, 1, out)
        }
    }

    /// Fills `out` with every `step`-th value from index `begin` on.
    fn gather<T: Real>(&self, source: &Source, begin: u64, step: u64, out: &mut [T]) -> Result<()> {
        let size = self.dtype.size();
        // A step wider than the buffer is never spanned: then each value is a read of its own.
        let stride = usize::try_from(step).unwrap_or(CHUNK).min(CHUNK) * size;
        let at_once = CHUNK.saturating_sub(size) / stride + 1;
        let mut buffer = [0; CHUNK];
        let mut index = begin;
        for part in out.chunks_mut(at_once) {
            let span = (part.len() - 1) * stride + size;
            source.read_at(index * size as u64, &mut buffer[..span])?;
            if step == 1 {
                convert(self.dtype, self.big_endian, &buffer[..span], part);
            } else {
                for (bytes, value) in buffer[..span].chunks(stride).zip(part.chunks_mut(1)) {
                    convert(self.dtype, self.big_endian, bytes, value);
                }
            }
            index += part.len() as u64 * step;
        }
        Ok(())
    }
}

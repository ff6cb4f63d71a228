//! Small complex matrices in `.npy` files, read whole.

use std::path::Path;

use num_complex::Complex64;

use super::Result;
use super::array::complex_parts;
use super::dtype::{Dtype, unsupported};
use super::error::{Place, TensorError};
use super::format::Format;
use super::input::{InputFile, Section, Source};
use super::layout::{Layout, bytes_of};
use super::npy::{self, Holder};

/// Longest side of a matrix that is read.
const MAX_SIDE: u64 = 1024;

/// A complex matrix in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct ComplexMatrix {
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Entries, row by row.
    pub values: Vec<Complex64>,
}

/// Reads a matrix of complex (`c8`, `c16`) or real values from a `.npy` file.
///
/// # Errors
///
/// [`TensorError::Extension`] for other files, [`TensorError::Shape`] where the array is no matrix or a side is above 1024, and
/// those of [`TensorFile::open`](super::TensorFile::open).
pub fn read_complex_matrix(path: &Path) -> Result<ComplexMatrix> {
    if !matches!(Format::of(path)?, Format::Npy) {
        return Err(TensorError::Extension { path: path.to_path_buf() });
    }
    let input = InputFile::open(path)?;
    let (len, place) = (input.len(), Place::file(path));
    let holder = Holder { place: place.clone(), len, name: "the file", format: "an npy file" };
    let (dictionary, begin) = npy::dictionary(&holder, &mut Section::new(&input, 0, len))?;
    let (part, parts) = complex_parts(&dictionary.descr);
    let (dtype, big_endian) =
        Dtype::from_npy(part).ok_or_else(|| unsupported(place.clone(), &dictionary.descr))?;
    let [rows, columns] = dictionary.shape[..] else { return Err(no_matrix(place, dictionary.shape)) };
    if rows.max(columns) > MAX_SIDE {
        return Err(no_matrix(place, dictionary.shape));
    }
    let reals = [rows * columns * parts];
    let layout = Layout { big_endian, ..Layout::new(&place, &reals, dtype)? };
    holder
        .check_end(bytes_of(&reals, dtype).and_then(|bytes| bytes.checked_add(begin)).unwrap_or(u64::MAX))?;
    let mut numbers = vec![0.0; reals[0] as usize];
    layout.read(&Source::File { input, base: begin }, 0, 0, &mut numbers)?;
    let (rows, columns) = (rows as usize, columns as usize);
    let at = |row: usize, column: usize| {
        let place = if dictionary.fortran { column * rows + row } else { row * columns + column };
        match parts {
            2 => Complex64::new(numbers[2 * place], numbers[2 * place + 1]),
            _ => Complex64::from(numbers[place]),
        }
    };
    let values = (0..rows * columns).map(|entry| at(entry / columns, entry % columns)).collect();
    Ok(ComplexMatrix { rows, columns, values })
}

fn no_matrix(place: Place, shape: Vec<u64>) -> TensorError {
    TensorError::Shape { place, shape, right: "a matrix [rows, columns] with sides up to 1024" }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes an array of the given type and shape, and reads it as a complex matrix.
    fn read(name: &str, descr: &str, (fortran, shape): (&str, &str), bytes: &[u8]) -> Result<ComplexMatrix> {
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(bytes);
        let path = std::env::temp_dir().join(format!("airloop-complex-{}-{name}", std::process::id()));
        std::fs::write(&path, file).unwrap();
        let matrix = read_complex_matrix(&path);
        std::fs::remove_file(&path).unwrap();
        matrix
    }

    #[test]
    fn complex_and_real_arrays_in_either_order_are_read() {
        let numbers: Vec<f64> = (0..12).map(f64::from).collect();
        let little: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let big: Vec<u8> = numbers.iter().flat_map(|x| (*x as f32).to_be_bytes()).collect();
        let z = |i: f64| Complex64::new(2.0 * i, 2.0 * i + 1.0);
        let rows = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(z).to_vec();
        let of = |values| ComplexMatrix { rows: 2, columns: 3, values };
        assert_eq!(read("a.npy", "<c16", ("False", "(2, 3)"), &little).unwrap(), of(rows.clone()));
        assert_eq!(read("b.npy", ">c8", ("False", "(2, 3)"), &big).unwrap(), of(rows));
        let columns = [0.0, 2.0, 4.0, 1.0, 3.0, 5.0].map(z).to_vec();
        assert_eq!(read("c.npy", "<c16", ("True", "(2, 3)"), &little).unwrap(), of(columns));
        let real = numbers[..6].iter().map(|x| Complex64::from(*x)).collect();
        assert_eq!(read("d.npy", "<f8", ("False", "(2, 3)"), &little[..48]).unwrap(), of(real));
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        let said = |name: &str, descr: &str, shape: &str, bytes: usize| {
            read(name, descr, ("False", shape), &vec![0; bytes]).unwrap_err().to_string()
        };
        assert!(said("e.npy", "<c16", "(4,)", 64).contains("the shape is [4]; expected a matrix"));
        assert!(said("f.npy", "<c16", "(2, 2000)", 64).contains("sides up to 1024"));
        assert!(said("g.npy", "<c16", "(2, 2)", 60).contains("claims"), "torn");
        assert!(said("h.npy", "<c16", "(2, 2)", 72).contains("8 bytes follow the values"));
        assert!(said("i.npy", "|b1", "(2, 2)", 4).contains("booleans"));
        assert!(said("j.csv", "<c16", "(2, 2)", 64).contains("j.csv"));
    }
}

//! Arrays of any number of axes, real or complex, read whole.

use std::path::Path;

use num_complex::Complex64;

use super::dtype::{Dtype, unsupported};
use super::error::{Place, TensorError};
use super::format::Format;
use super::input::Source;
use super::layout::{Layout, bytes_of};
use super::{Result, npy, npz, safetensors};

/// Most values of an array that is read whole: 4 GiB of complex numbers.
const MAX_VALUES: u64 = 1 << 28;

/// An array in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct ComplexArray {
    /// Lengths of its axes.
    pub shape: Vec<usize>,
    /// Values in C order: those of the last axis are neighbours.
    pub values: Vec<Complex64>,
    /// Whether the file holds complex numbers, also where all imaginary parts are 0.
    pub is_complex: bool,
}

/// An array as a header describes it, and where its values are.
pub(super) struct Stored {
    pub source: Source,
    pub place: Place,
    pub shape: Vec<u64>,
    /// NumPy's name of the type.
    pub descr: String,
    pub fortran: bool,
}

impl Stored {
    /// Returns the type of the real numbers behind the values, whether they are big-endian, and how many make one value.
    fn parts(&self) -> Result<(Dtype, bool, u64)> {
        let (part, parts) = complex_parts(&self.descr);
        let (dtype, big_endian) =
            Dtype::from_npy(part).ok_or_else(|| unsupported(self.place.clone(), &self.descr))?;
        Ok((dtype, big_endian, parts))
    }

    /// Returns the bytes that the values take, or the largest number where they cannot be counted.
    pub fn bytes(&self) -> Result<u64> {
        let (dtype, _, parts) = self.parts()?;
        Ok(bytes_of(&self.shape, dtype).and_then(|bytes| bytes.checked_mul(parts)).unwrap_or(u64::MAX))
    }

    fn read(self) -> Result<ComplexArray> {
        let (dtype, big_endian, parts) = self.parts()?;
        let values = self.shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
        let Some(values) = values.filter(|values| (1..=MAX_VALUES).contains(values)) else {
            let right = "an array of 1 to 2^28 values";
            return Err(TensorError::Shape { place: self.place, shape: self.shape, right });
        };
        let layout = Layout { big_endian, ..Layout::new(&self.place, &[values * parts], dtype)? };
        let mut numbers = vec![0.0; (values * parts) as usize];
        layout.read(&self.source, 0, 0, &mut numbers)?;
        let mut values: Vec<Complex64> = match parts {
            2 => numbers.chunks_exact(2).map(|z| Complex64::new(z[0], z[1])).collect(),
            _ => numbers.into_iter().map(Complex64::from).collect(),
        };
        let shape: Vec<usize> = self.shape.iter().map(|side| *side as usize).collect();
        if self.fortran {
            values = in_c_order(&shape, &values);
        }
        Ok(ComplexArray { shape, values, is_complex: parts == 2 })
    }
}

/// Returns NumPy's name of the real type behind a type, and how many make one value.
pub(super) fn complex_parts(descr: &str) -> (&str, u64) {
    match descr {
        "<c8" => ("<f4", 2),
        ">c8" => (">f4", 2),
        "<c16" => ("<f8", 2),
        ">c16" => (">f8", 2),
        real => (real, 1),
    }
}

/// Brings values whose first axis has neighbours into the order in which the last one has.
fn in_c_order(shape: &[usize], values: &[Complex64]) -> Vec<Complex64> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for side in shape {
        strides.push(stride);
        stride *= side;
    }
    let of = |mut index: usize| {
        let mut at = 0;
        for (side, stride) in shape.iter().zip(&strides).rev() {
            at += index % side * stride;
            index /= side;
        }
        values[at]
    };
    (0..values.len()).map(of).collect()
}

/// Reads an array of complex (`c8`, `c16`, safetensors' `C64`) or real values from a `.npy`, `.npz` or `.safetensors` file; the
/// name chooses among several.
///
/// # Errors
///
/// [`TensorError::Extension`] for other files, [`TensorError::Shape`] for an empty or huge array, and those of
/// [`TensorFile::open`](super::TensorFile::open).
pub fn read_complex_array(path: &Path, tensor: Option<&str>) -> Result<ComplexArray> {
    let format = Format::of(path)?;
    format.check_name(path, tensor)?;
    match format {
        Format::Npy => npy::stored(path)?.read(),
        Format::Npz => npz::stored(path, tensor)?.read(),
        Format::Safetensors => safetensors::stored(path, tensor)?.read(),
        Format::Csv => Err(TensorError::Extension { path: path.to_path_buf() }),
    }
}

/// Returns the names of the arrays of a `.npz` or `.safetensors` file, in its order; none for other files.
///
/// # Errors
///
/// Those of [`TensorFile::open`](super::TensorFile::open) but for the choice of a tensor.
pub fn tensor_names(path: &Path) -> Result<Vec<String>> {
    match Format::of(path)? {
        Format::Npz => npz::names(path),
        Format::Safetensors => safetensors::names(path),
        Format::Npy | Format::Csv => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::NpzWriter;

    fn path(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("airloop-array-{}-{name}", std::process::id()))
    }

    fn npy(descr: &str, fortran: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.as_bytes());
        file.extend(bytes);
        file
    }

    #[test]
    fn axes_come_in_c_order_from_either() {
        let numbers: Vec<u8> = (0..24).flat_map(|i| f64::from(i).to_le_bytes()).collect();
        let file = path("a.npy");
        std::fs::write(&file, npy("<f8", "False", "(2, 3, 4)", &numbers)).unwrap();
        let c = read_complex_array(&file, None).unwrap();
        std::fs::write(&file, npy("<f8", "True", "(2, 3, 4)", &numbers)).unwrap();
        let fortran = read_complex_array(&file, None).unwrap();
        for (i, j, k) in [(0, 0, 0), (1, 0, 0), (0, 2, 1), (1, 2, 3)] {
            let at = (i * 3 + j) * 4 + k;
            assert_eq!(c.values[at].re, at as f64);
            assert_eq!(fortran.values[at].re, (i + 2 * (j + 3 * k)) as f64);
        }
        std::fs::write(&file, npy("<c16", "False", "(2, 7)", &numbers)).unwrap();
        assert!(read_complex_array(&file, None).unwrap_err().to_string().contains("claims"));
        std::fs::write(&file, npy("<c16", "False", "(0, 7)", &[])).unwrap();
        assert!(read_complex_array(&file, None).unwrap_err().to_string().contains("1 to 2^28 values"));
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn archives_and_safetensors_give_named_arrays() {
        let file = path("b.npz");
        let mut npz = NpzWriter::create(&file).unwrap();
        npz.complex64("a", &[1, 2, 1], &[[1.0, 2.0], [3.0, 4.0]]).unwrap();
        npz.f64("tau", &[2], &[0.0, 1e-6]).unwrap();
        npz.finish().unwrap();
        assert_eq!(tensor_names(&file).unwrap(), ["a", "tau"]);
        let a = read_complex_array(&file, Some("a")).unwrap();
        assert_eq!((a.shape, a.values[1]), (vec![1, 2, 1], Complex64::new(3.0, 4.0)));
        assert!(read_complex_array(&file, None).unwrap_err().to_string().contains("name the one to read"));
        std::fs::remove_file(&file).unwrap();

        let file = path("c.safetensors");
        let header = r#"{"h":{"dtype":"C64","shape":[2,1],"data_offsets":[0,16]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([1.0f32, -1.0, 2.0, -2.0].iter().flat_map(|x| x.to_le_bytes()));
        std::fs::write(&file, &bytes).unwrap();
        let h = read_complex_array(&file, None).unwrap();
        assert_eq!((h.shape, h.values[1]), (vec![2, 1], Complex64::new(2.0, -2.0)));
        let wrong = String::from_utf8_lossy(&bytes[8..8 + header.len()]).replace("[2,1]", "[3,1]");
        bytes.splice(8..8 + header.len(), wrong.bytes());
        std::fs::write(&file, &bytes).unwrap();
        assert!(read_complex_array(&file, None).unwrap_err().to_string().contains("data_offsets"));
        std::fs::remove_file(&file).unwrap();
    }
}

//! Archives of arrays, written: stored members, zip64 throughout, the same bytes each time.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Result;
use super::atomic::{AtomicFile, write_values};
use super::crc32::Crc32;
use super::error::{Place, TensorError};
use super::npy::{check_fill, header};
use super::zip_records::{CRC_AT, SIZES_AT, Written, directory, local_header};

const LONGEST_NAME: usize = 60_000;
/// Writes named arrays in C order to a `.npz` file, which appears whole at [`finish`](Self::finish)
/// or not at all.
///
/// The container is the zip of PKWARE APPNOTE 6.3.10, the arrays those of `numpy.lib.format`.
#[derive(Debug)]
pub struct NpzWriter {
    path: PathBuf,
    file: AtomicFile,
    written: u64,
    members: Vec<Written>,
    failed: bool,
}

impl NpzWriter {
    /// Begins an archive under a temporary name in the folder of `path`.
    ///
    /// # Errors
    ///
    /// [`TensorError::Write`] where the folder cannot be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let file = AtomicFile::create(path)?;
        Ok(Self { path: path.to_path_buf(), file, written: 0, members: Vec::new(), failed: false })
    }

    /// Adds an array of `f32`.
    ///
    /// # Errors
    ///
    /// [`TensorError::Fill`] where the values do not fill the shape, [`TensorError::Name`] where the
    /// name is empty, too long or taken, and [`TensorError::Write`] where the file cannot be written.
    pub fn f32(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Result<()> {
        self.member(name, "<f4", shape, values, f32::to_le_bytes)
    }

    /// Adds an array of `f64`.
    ///
    /// # Errors
    ///
    /// Those of [`f32`](Self::f32).
    pub fn f64(&mut self, name: &str, shape: &[usize], values: &[f64]) -> Result<()> {
        self.member(name, "<f8", shape, values, f64::to_le_bytes)
    }

    /// Adds an array of `u64`.
    ///
    /// # Errors
    ///
    /// Those of [`f32`](Self::f32).
    pub fn u64(&mut self, name: &str, shape: &[usize], values: &[u64]) -> Result<()> {
        self.member(name, "<u8", shape, values, u64::to_le_bytes)
    }

    /// Adds an array of complex values, each a real and an imaginary `f32`.
    ///
    /// # Errors
    ///
    /// Those of [`f32`](Self::f32).
    pub fn complex64(&mut self, name: &str, shape: &[usize], values: &[[f32; 2]]) -> Result<()> {
        self.member(name, "<c8", shape, values, |[re, im]| {
            let ([a, b, c, d], [e, f, g, h]) = (re.to_le_bytes(), im.to_le_bytes());
            [a, b, c, d, e, f, g, h]
        })
    }

    /// Writes the directory and gives the archive its name.
    ///
    /// # Errors
    ///
    /// [`TensorError::Write`] where the file cannot be written, and [`TensorError::Abandoned`] where
    /// an earlier write failed; an older file of that name then stays.
    pub fn finish(mut self) -> Result<()> {
        self.check_whole()?;
        let directory = directory(&self.members, self.written);
        self.file.write_all(&directory).map_err(|source| TensorError::Write { path: self.path, source })?;
        self.file.finish()
    }

    fn check_whole(&self) -> Result<()> {
        if self.failed { Err(TensorError::Abandoned { path: self.path.clone() }) } else { Ok(()) }
    }

    fn member<T: Copy, const N: usize>(
        &mut self,
        name: &str,
        descr: &str,
        shape: &[usize],
        values: &[T],
        bytes_of: impl Fn(T) -> [u8; N],
    ) -> Result<()> {
        self.check_whole()?;
        let place = Place::tensor(&self.path, name);
        let wrong = match name.len() {
            0 => Some("empty"),
            len if len > LONGEST_NAME => Some("too long"),
            _ => self.members.iter().any(|held| held.name == name).then_some("taken"),
        };
        if let Some(what) = wrong {
            return Err(TensorError::Name { place, what });
        }
        check_fill(&place, shape, values.len())?;
        let local = self.written;
        let file_name = format!("{name}.npy");
        let write = || -> io::Result<(u32, u64)> {
            self.file.write_all(&local_header(&file_name))?;
            let mut body = Summed { inner: &mut self.file, crc: Crc32::new(), size: 0 };
            body.write_all(&header(descr, shape))?;
            write_values(&mut body, values, bytes_of)?;
            let Summed { crc, size, .. } = body;
            self.file.patch(local + CRC_AT, &crc.value().to_le_bytes())?;
            let sizes = [size.to_le_bytes(), size.to_le_bytes()];
            self.file.patch(local + SIZES_AT + file_name.len() as u64, sizes.as_flattened())?;
            Ok((crc.value(), size))
        };
        let (crc, size) = write().map_err(|source| {
            self.failed = true;
            TensorError::Write { path: self.path.clone(), source }
        })?;
        self.written += SIZES_AT + 16 + file_name.len() as u64 + size;
        self.members.push(Written { name: name.to_owned(), crc, size, local });
        Ok(())
    }
}

/// Sums and counts the bytes that pass by.
struct Summed<'a> {
    inner: &'a mut AtomicFile,
    crc: Crc32,
    size: u64,
}

impl Write for Summed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.crc.update(&bytes[..taken]);
        self.size += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

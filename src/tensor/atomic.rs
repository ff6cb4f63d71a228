//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Result;
use super::error::TensorError;

/// Writes under a temporary name in the folder of its target, and takes the target's name at the end.
#[derive(Debug)]
pub(super) struct AtomicFile {
    writer: BufWriter<File>,
    target: PathBuf,
    temporary: Option<PathBuf>,
}

impl AtomicFile {
    pub(super) fn create(target: &Path) -> Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let failed = |source| TensorError::Write { path: target.to_path_buf(), source };
        let name = target.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let count = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{count}.part", process::id()));
        let temporary = target.with_file_name(hidden);
        let file = File::create_new(&temporary).map_err(failed)?;
        Ok(Self {
            writer: BufWriter::with_capacity(1 << 16, file),
            target: target.to_path_buf(),
            temporary: Some(temporary),
        })
    }

    /// Overwrites bytes that were written before, and goes on at the end.
    pub(super) fn patch(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.writer.seek(SeekFrom::Start(offset))?;
        self.writer.write_all(bytes)?;
        self.writer.seek(SeekFrom::End(0))?;
        Ok(())
    }

    /// Brings the bytes to the disk and gives the file its name.
    pub(super) fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush().and_then(|()| self.writer.get_ref().sync_all());
        let named = flushed.and_then(|()| match &self.temporary {
            Some(temporary) => fs::rename(temporary, &self.target),
            None => Ok(()),
        });
        named.map_err(|source| TensorError::Write { path: self.target.clone(), source })?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // Nothing is left to do where the removal fails too: the target is as it was.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Writes values a few thousand bytes at a time.
pub(super) fn write_values<T: Copy, const N: usize>(
    writer: &mut impl Write,
    values: &[T],
    bytes_of: impl Fn(T) -> [u8; N],
) -> io::Result<()> {
    const TOGETHER: usize = 1024;
    let mut buffer = [[0; N]; TOGETHER];
    for part in values.chunks(TOGETHER) {
        for (bytes, &value) in buffer.iter_mut().zip(part) {
            *bytes = bytes_of(value);
        }
        writer.write_all(buffer[..part.len()].as_flattened())?;
    }
    Ok(())
}

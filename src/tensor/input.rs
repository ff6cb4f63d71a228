//! Reads by position, from a file or from memory.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::Result;
use super::error::TensorError;

/// Holds an open regular file and the size it had when it was opened.
#[derive(Debug)]
pub(super) struct InputFile {
    path: PathBuf,
    #[cfg(unix)]
    file: File,
    #[cfg(not(unix))]
    file: std::sync::Mutex<File>,
    len: u64,
}

impl InputFile {
    /// Opens a regular file; a folder or a pipe is refused, for neither has a size to check.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let opened = || {
            if !fs::metadata(path)?.is_file() {
                let what = "it is not a regular file";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
            }
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) =
            opened().map_err(|source| TensorError::Open { path: path.to_path_buf(), source })?;
        #[cfg(not(unix))]
        let file = std::sync::Mutex::new(file);
        Ok(Self { path: path.to_path_buf(), file, len })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Fills `buffer` from `offset` on.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.fill(offset, buffer).map_err(|source| self.read_error(source))
    }

    pub(super) fn read_error(&self, source: io::Error) -> TensorError {
        TensorError::Read { path: self.path.clone(), source }
    }

    #[cfg(unix)]
    fn fill(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn fill(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::io::{Seek, SeekFrom};
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(buffer)
    }
}

/// Reads one stretch of a file from its begin to its end.
#[derive(Debug)]
pub(super) struct Section<'a> {
    input: &'a InputFile,
    next: u64,
    end: u64,
}

impl<'a> Section<'a> {
    /// Takes `len` bytes from `begin` on, or as many as there are.
    pub(super) fn new(input: &'a InputFile, begin: u64, len: u64) -> Self {
        let end = begin.saturating_add(len).min(input.len());
        Self { input, next: begin.min(end), end }
    }
}

impl Read for Section<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        let taken = left.min(buffer.len());
        self.input.fill(self.next, &mut buffer[..taken])?;
        self.next += taken as u64;
        Ok(taken)
    }
}

/// Holds the bytes of a tensor: a stretch of a file, or what a deflated member inflated to.
#[derive(Debug)]
pub(super) enum Source {
    /// The values begin at `base` in the file.
    File { input: InputFile, base: u64 },
    /// The values themselves.
    Memory { path: PathBuf, bytes: Vec<u8> },
}

impl Source {
    /// Fills `buffer` from `offset` bytes after the first value on.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        match self {
            Self::File { input, base } => input.read_at(base.saturating_add(offset), buffer),
            Self::Memory { path, bytes } => {
                let held =
                    usize::try_from(offset).ok().and_then(|begin| bytes.get(begin..)?.get(..buffer.len()));
                let Some(held) = held else {
                    let source = io::ErrorKind::UnexpectedEof.into();
                    return Err(TensorError::Read { path: path.clone(), source });
                };
                buffer.copy_from_slice(held);
                Ok(())
            }
        }
    }
}

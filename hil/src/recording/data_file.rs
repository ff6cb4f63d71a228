//! The file of samples while it is written.

use super::error::RecordingError;
use super::pair::refused;
use sha2::{Digest, Sha512};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Appends frames by way of one buffer, and hashes what it writes.
pub(super) struct DataFile {
    path: PathBuf,
    file: File,
    frame_bytes: usize,
    buffer: Vec<u8>,
    used: usize,
    written: u64,
    hash: Sha512,
}

/// Bytes of the buffer, about.
const BUFFER_BYTES: usize = 1 << 18;

impl DataFile {
    /// Opens a file without cutting it; an existing one only where that is allowed.
    pub fn open(path: &Path, overwrite: bool, frame_bytes: usize) -> Result<Self, RecordingError> {
        let mut options = OpenOptions::new();
        options.write(true).truncate(false);
        let file = if overwrite { options.create(true) } else { options.create_new(true) }.open(path);
        let file = file.map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => RecordingError::Exists { path: path.to_path_buf() },
            _ => refused(path, "create")(source),
        })?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            frame_bytes,
            buffer: vec![0; BUFFER_BYTES / frame_bytes * frame_bytes],
            used: 0,
            written: 0,
            hash: Sha512::new(),
        })
    }

    /// Forgets what the file held before.
    pub fn clear(&mut self) -> Result<(), RecordingError> {
        let metadata = self.file.metadata().map_err(refused(&self.path, "read"))?;
        if metadata.is_file() { self.file.set_len(0).map_err(refused(&self.path, "empty")) } else { Ok(()) }
    }

    /// Returns how many more frames fit before [`write`](Self::write) must go to the disk; never 0.
    pub fn room(&mut self) -> Result<usize, RecordingError> {
        if self.used == self.buffer.len() {
            self.flush()?;
        }
        Ok((self.buffer.len() - self.used) / self.frame_bytes)
    }

    /// Returns the bytes of the next frames, no more than there is room for, to be filled.
    pub fn write(&mut self, frames: usize) -> &mut [u8] {
        let start = self.used;
        self.used += frames * self.frame_bytes;
        &mut self.buffer[start..self.used]
    }

    /// Hands all frames to the system.
    pub fn flush(&mut self) -> Result<(), RecordingError> {
        let mut done = 0;
        while done < self.used {
            let error = match self.file.write(&self.buffer[done..self.used]) {
                Ok(0) => ErrorKind::WriteZero.into(),
                Ok(count) => {
                    done += count;
                    self.written += count as u64;
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => error,
            };
            self.used = 0;
            return Err(refused(&self.path, "write")(error));
        }
        self.hash.update(&self.buffer[..self.used]);
        self.used = 0;
        Ok(())
    }

    /// Returns how many whole frames the system has.
    pub fn frames_written(&self) -> u64 {
        self.written / self.frame_bytes as u64
    }

    /// Writes all frames to the disk, and returns their hash.
    pub fn finish(&mut self) -> Result<String, RecordingError> {
        use std::fmt::Write;
        self.flush()?;
        if self.file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            self.file.sync_data().map_err(refused(&self.path, "write"))?;
        }
        let digest = self.hash.finalize_reset();
        Ok(digest.iter().fold(String::with_capacity(128), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

//! Room on the disk that is kept until the disk is full.

use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Write};
use std::path::Path;

/// Room for metadata that must be written when data no longer can.
///
/// The room belongs to a file that has no name any more, so that a process that is killed leaves nothing behind.
pub(super) struct Reserve {
    file: Option<File>,
    bytes: u64,
}

/// Least room, in bytes.
const LEAST: u64 = 1 << 18;

impl Reserve {
    /// Takes room on the disk of a path at which no file is kept.
    pub fn take(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        remove_file(path)?;
        let mut reserve = Self { file: Some(file), bytes: 0 };
        reserve.hold(LEAST)?;
        Ok(reserve)
    }

    /// Grows to so many bytes.
    pub fn hold(&mut self, bytes: u64) -> io::Result<()> {
        const ZEROS: [u8; 4096] = [0; 4096];
        let Some(file) = &mut self.file else { return Ok(()) };
        while self.bytes < bytes {
            file.write_all(&ZEROS)?;
            self.bytes += ZEROS.len() as u64;
        }
        Ok(())
    }

    /// Gives the room back; returns whether there was any.
    pub fn release(&mut self) -> bool {
        self.file.take().is_some()
    }
}

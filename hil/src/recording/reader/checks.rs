//! What of a recording is checked before it is read.

use super::Recording;
use crate::recording::MAX_METADATA_BYTES;
use crate::recording::error::RecordingError;
use crate::recording::fields::wrong;
use crate::recording::metadata::Metadata;
use crate::recording::pair::{Pair, refused};
use sha2::{Digest, Sha512};
use std::fs::{File, metadata};
use std::io::Read;
use std::path::Path;

impl Recording {
    /// Checks every byte of the data, where the metadata have a hash.
    pub(super) fn check_hash(&mut self) -> Result<(), RecordingError> {
        let Some(expected) = &self.metadata.sha512 else { return Ok(()) };
        let mut hash = Sha512::new();
        loop {
            match self.file.read(&mut self.bytes) {
                Ok(0) => break,
                Ok(count) => hash.update(&self.bytes[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refused(&self.pair.data, "read")(error)),
            }
        }
        let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        if found.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(RecordingError::Hash {
            path: self.pair.data.clone(),
            found: found[..16].into(),
            expected: expected[..16].into(),
        })
    }
}

/// Reads a metadata file of bounded size.
pub(super) fn read_metadata(path: &Path) -> Result<Vec<u8>, RecordingError> {
    let size = file_bytes(path)?;
    let too_large = |size: u64| {
        let right = format!("at most {MAX_METADATA_BYTES} bytes");
        Err(wrong(path, "its size", format!("{size} bytes"), right))
    };
    if size > MAX_METADATA_BYTES {
        return too_large(size);
    }
    let mut bytes = Vec::with_capacity(size as usize);
    let file = File::open(path).map_err(refused(path, "open"))?;
    file.take(MAX_METADATA_BYTES + 1).read_to_end(&mut bytes).map_err(refused(path, "read"))?;
    if bytes.len() as u64 > MAX_METADATA_BYTES { too_large(bytes.len() as u64) } else { Ok(bytes) }
}

/// Returns the size of a file, which must be one.
pub(super) fn file_bytes(path: &Path) -> Result<u64, RecordingError> {
    let metadata = metadata(path).map_err(refused(path, "open"))?;
    if metadata.is_file() {
        return Ok(metadata.len());
    }
    Err(wrong(path, "it", "not a file", "a file"))
}

/// Returns how many samples of each channel there are.
pub(super) fn count(
    metadata: &Metadata,
    bytes: u64,
    frame_bytes: u64,
    pair: &Pair,
) -> Result<u64, RecordingError> {
    let held = bytes / frame_bytes;
    let size = |right: String| Err(wrong(&pair.data, "its size", format!("{bytes} bytes"), right));
    if let Some(samples) = metadata.samples {
        let needed = u128::from(samples) * u128::from(frame_bytes);
        let right = format!("{needed} bytes, {samples} samples of {frame_bytes}");
        return match u128::from(bytes) {
            bytes if bytes == needed || (metadata.unfinished && bytes > needed) => Ok(samples),
            _ if metadata.unfinished => size(format!("at least {right}")),
            _ => size(right),
        };
    }
    if !bytes.is_multiple_of(frame_bytes) && !metadata.unfinished {
        return size(format!(
            "a multiple of {frame_bytes} bytes, {} channels of {}",
            metadata.channels,
            metadata.datatype.name()
        ));
    }
    Ok(held)
}

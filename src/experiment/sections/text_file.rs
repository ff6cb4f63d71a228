//! Small files of text that keys name.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// Largest file, in bytes: a thousand lines and many comments.
const MAX_BYTES: u64 = 1 << 20;

/// Reads a file as a whole.
///
/// # Errors
/// When it is no regular file, too large, no text, or cannot be read.
pub(super) fn read(path: &Path) -> Result<String> {
    let found = std::fs::metadata(path)?;
    let what = match found.len() {
        _ if !found.is_file() => "it is not a regular file".into(),
        bytes if bytes > MAX_BYTES => format!("it has {bytes} bytes, and at most {MAX_BYTES} are expected"),
        _ => return std::fs::read_to_string(path),
    };
    Err(Error::new(ErrorKind::InvalidInput, what))
}

//! The two files of a recording.

use super::error::RecordingError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Paths of a recording's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// The samples.
    pub data: PathBuf,
    /// What they are.
    pub meta: PathBuf,
}

impl Pair {
    /// Returns the files of a recording that is named by either of them, or without an ending.
    pub fn new(path: &Path) -> Self {
        let known = path.extension().is_some_and(|ending| ending == "sigmf-meta" || ending == "sigmf-data");
        let stem = if known { path.with_extension("") } else { path.to_path_buf() };
        let with = |ending: &str| {
            PathBuf::from([stem.as_os_str(), ending.as_ref()].into_iter().collect::<OsString>())
        };
        Self { data: with(".sigmf-data"), meta: with(".sigmf-meta") }
    }

    /// Returns the file next to the metadata in which they are written before they get their name.
    pub fn part(&self) -> PathBuf {
        self.meta.with_extension("sigmf-meta.part")
    }

    /// Returns the file whose room is kept for metadata.
    pub fn reserve(&self) -> PathBuf {
        self.meta.with_extension("sigmf-meta.reserve")
    }
}

/// Returns the error of a file that the system refused.
pub(super) fn refused(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> RecordingError {
    move |source| RecordingError::File { path: path.to_path_buf(), action, source }
}

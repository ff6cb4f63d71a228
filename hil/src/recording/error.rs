//! Errors of recordings.

use airloop_baseband::{Port, SampleIndex};
use std::path::PathBuf;

/// What can be wrong with a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The system refused a file.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A file that would be written over.
    #[error("{} exists already: choose another name, or allow writing over it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Metadata that is no JSON.
    #[error("{}: not JSON, line {line}, column {column}: {reason}; near {near:?}", path.display())]
    NotJson {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
        /// What the parser found.
        reason: String,
        /// The text around the place.
        near: String,
    },
    /// A value that cannot be right.
    #[error("{}: {key} is {found}; right is {right}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The key, with its place.
        key: String,
        /// The value.
        found: String,
        /// What would be right.
        right: String,
    },
    /// Data that do not belong to the hash.
    #[error("{}: the data have SHA-512 {found}.. but the metadata say {expected}..: bytes have changed", path.display())]
    Hash {
        /// The data file.
        path: PathBuf,
        /// First digits of the hash of the data.
        found: String,
        /// First digits of the hash in the metadata.
        expected: String,
    },
    /// Samples that begin before the end of those recorded before.
    #[error("{}: samples from {start} on begin before {position}, where those recorded before end", path.display())]
    Backwards {
        /// The data file.
        path: PathBuf,
        /// First index.
        start: SampleIndex,
        /// Where the recording stands.
        position: SampleIndex,
    },
    /// Slices of samples that do not belong to the channels.
    #[error("{}: {found} slices of {lengths} samples were given; right are {channels}, all of one length", path.display())]
    Slices {
        /// The data file.
        path: PathBuf,
        /// Slices given.
        found: usize,
        /// Their lengths.
        lengths: String,
        /// Channels of the recording.
        channels: usize,
    },
    /// Samples that are not in the recording.
    #[error("{}: {what} {start} to {end} do not all lie in the recording, which holds {held}", path.display())]
    Outside {
        /// The data file.
        path: PathBuf,
        /// What is counted.
        what: &'static str,
        /// First.
        start: u64,
        /// Just past the last.
        end: u64,
        /// What there is.
        held: String,
    },
    /// Ports of one recording that are not received over the same windows.
    #[error(
        "{}: port {port} receives samples {start} to {end} where port {other} has {other_start} to {other_end}: ports of one \
         recording are received over the same windows, each once",
        path.display()
    )]
    UnevenWindows {
        /// The data file.
        path: PathBuf,
        /// The port.
        port: Port,
        /// First index of its window.
        start: SampleIndex,
        /// Just past its last.
        end: SampleIndex,
        /// Another port of the recording.
        other: Port,
        /// First index of that one's window.
        other_start: SampleIndex,
        /// Just past its last.
        other_end: SampleIndex,
    },
    /// More interruptions than metadata can hold.
    #[error("{}: more than {most} {what}: begin another recording", path.display())]
    Full {
        /// The metadata file.
        path: PathBuf,
        /// What is counted.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// A recording that has failed before.
    #[error("{}: recording stopped before: {reason}", path.display())]
    Stopped {
        /// The data file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

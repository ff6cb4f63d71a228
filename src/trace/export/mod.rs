//! Traces in the formats of other programs.

mod mahimahi;
mod round_link;
mod rx_packet_trace;

pub use mahimahi::{Mahimahi, PACKET_BYTES};
pub use round_link::RoundLink;
pub use rx_packet_trace::RxPacketTrace;

use super::error::TraceError;
use super::row::TraceRow;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Takes the rows of a trace in their order, and writes them in another format.
pub trait Exporter {
    /// Takes a row.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn take(&mut self, row: &TraceRow) -> Result<(), TraceError>;

    /// Writes what is left.
    ///
    /// # Errors
    /// When a file cannot be written, or the format has no file for such a trace.
    fn finish(&mut self) -> Result<(), TraceError>;
}

/// A file that is written to its end.
struct Out {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Out {
    fn create(path: &Path) -> Result<Self, TraceError> {
        let io = |source| TraceError::Io { path: path.into(), action: "write the export", source };
        Ok(Self { path: path.into(), out: BufWriter::new(File::create(path).map_err(io)?) })
    }

    fn write(&mut self, text: &str) -> Result<(), TraceError> {
        let io = |source| TraceError::Io { path: self.path.clone(), action: "write the export", source };
        self.out.write_all(text.as_bytes()).map_err(io)
    }

    fn flush(&mut self) -> Result<(), TraceError> {
        let io = |source| TraceError::Io { path: self.path.clone(), action: "write the export", source };
        self.out.flush().map_err(io)
    }
}

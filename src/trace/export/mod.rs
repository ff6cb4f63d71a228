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

/// Spacing of subcarriers that slots of a stored trace are counted at, in hertz.
pub const USUAL_SPACING_HZ: f64 = 15e3;

/// The formats, by their names in flags, each with what it writes.
pub const FORMATS: [(&str, &str); 3] =
    [("mahimahi", "DIR"), ("rx-packet-trace", "FILE"), ("round-link", "FILE")];

/// Begins an export by the name of its format; none of a name that no format has. Slots are those of a subcarrier spacing.
///
/// # Errors
/// When its file or folder cannot be made.
pub fn begin(
    format: &str,
    path: &Path,
    subcarrier_spacing_hz: f64,
) -> Result<Option<Box<dyn Exporter>>, TraceError> {
    Ok(Some(match format {
        "mahimahi" => Box::new(Mahimahi::create(path)?),
        "rx-packet-trace" => Box::new(RxPacketTrace::create(path, subcarrier_spacing_hz)?),
        "round-link" => Box::new(RoundLink::create(path)?),
        _ => return Ok(None),
    }))
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

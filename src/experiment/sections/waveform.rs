//! `[waveform]`: how the samples of the waveform rung are made.

use crate::config::{ConfigError, TableReader};
use crate::medium::WaveformPath;

/// The words for [`WaveformSection::path`].
const PATHS: [&str; 3] = ["auto", "per-sample", "summed-spectra"];

/// The table as configured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaveformSection {
    /// The path asked for; `None` leaves the choice to what summed spectra would leave out.
    pub path: Option<WaveformPath>,
}

impl WaveformSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When the path is another word.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let path = match reader.choice("path", Some(PATHS[0]), &PATHS)? {
            "per-sample" => Some(WaveformPath::PerSample),
            "summed-spectra" => Some(WaveformPath::SummedSpectra),
            _ => None,
        };
        Ok(Self { path })
    }
}

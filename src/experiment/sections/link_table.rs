//! `[table]`: how far the curves of a link table are walked.

use crate::config::{Bound, ConfigError, TableReader};

/// The table as configured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkTableSection {
    /// Distance of the SNRs of a curve; `None`: by the width of the waterfall.
    pub step_db: Option<f64>,
    /// A curve ends at the first SNR at which a smaller share of blocks than this is lost.
    pub lowest_bler: f64,
    /// It begins at the last SNR at which more than this share are lost.
    pub highest_bler: f64,
    /// It ends here in any case.
    pub highest_snr_db: f64,
}

impl LinkTableSection {
    /// Reads the table.
    ///
    /// # Errors
    /// When a value is out of range, or the rates are the wrong way round.
    pub fn read(reader: &TableReader<'_>) -> Result<Self, ConfigError> {
        let section = Self {
            step_db: reader.optional_f64("step_db", Bound::between(1e-3, 10.0))?,
            lowest_bler: reader.f64_in("lowest_bler", Some(1e-3), Bound::between(1e-9, 0.5))?,
            highest_bler: reader.f64_in("highest_bler", Some(0.95), Bound::between(0.1, 0.999))?,
            highest_snr_db: reader.f64_in("highest_snr_db", Some(60.0), Bound::between(-50.0, 150.0))?,
        };
        if section.highest_bler <= section.lowest_bler {
            let message =
                format!("{} is not above table.lowest_bler = {}", section.highest_bler, section.lowest_bler);
            return Err(reader.invalid("highest_bler", message));
        }
        Ok(section)
    }
}

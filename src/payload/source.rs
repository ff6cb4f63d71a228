//! Where values come from: a file read by range, an array in memory, or a synthetic draw by index.

pub use super::synthetic::{Distribution, Synthetic};
use crate::tensor::{TensorError, TensorFile};
use airloop_baseband::Seeds;
use std::path::PathBuf;
use std::sync::Arc;

/// What can be wrong with a source of values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A tensor file that cannot be used.
    #[error(transparent)]
    Tensor(#[from] TensorError),
    /// A value that is not finite.
    #[error("{origin}: device {device}, value {index} is {value}; payloads must be finite")]
    NotFinite {
        /// The file, or "the array".
        origin: String,
        /// Row.
        device: usize,
        /// Column.
        index: usize,
        /// The value.
        value: f32,
    },
    /// Nothing but zeros.
    #[error("every value of the payload is zero: there is nothing to send and no error to relate to it")]
    AllZero,
    /// Values that cancel.
    #[error("the devices' values cancel exactly: the target is zero, and no error can be related to it")]
    Cancels,
    /// A value that the function does not take.
    #[error("{origin}: device {device}, value {index} is {value}; {needed}")]
    OutsideDomain {
        /// The file, or "the array".
        origin: String,
        /// Row.
        device: usize,
        /// Column.
        index: usize,
        /// The value.
        value: f32,
        /// What the function takes.
        needed: &'static str,
    },
    /// A lognormal source for a function of plain values.
    #[error(
        "lognormal values are for functions of positive ones: payload.function = \"geometric-mean\", \"norm\" or \
         \"max\" is expected"
    )]
    OnlyMapped,
    /// Values that a function's map leaves nothing of.
    #[error(
        "the function maps every value of the payload to zero, or to its device's mean, which is taken off: \
         there is nothing to send"
    )]
    NothingMapped,
    /// Draws whose power comes from values that nobody draws.
    #[error(
        "{map}: the mean square of the mapped values comes from values so rare that hardly a round draws one, and \
         scaled by it the others vanish; a smaller {key} or another payload.source is expected"
    )]
    RarePower {
        /// The map.
        map: String,
        /// The key that sets it.
        key: &'static str,
    },
    /// Nobody votes.
    #[error(
        "no device casts a vote: no value is {limit} or more of its device's rms; \
         a smaller payload.abstain_below is expected"
    )]
    NobodyVotes {
        /// The limit, in units of each device's rms.
        limit: f64,
    },
    /// Votes whose number is fixed over all devices, for a part of them.
    #[error(
        "payload.positive_votes counts the votes of all devices, of which cell.selection leaves some out; \
         payload.agreement is expected"
    )]
    PartOfVotes,
    /// Weights for what is no mean.
    #[error("weights go with a mean; payload.function = \"mean\" or \"weighted-mean\" is expected")]
    NoMean,
    /// Weights that do not fit.
    #[error(
        "{found} weights were given for {devices} devices{}; one positive number each is expected",
        .wrong.map_or(String::new(), |w| format!(", {w} among them"))
    )]
    Weights {
        /// Weights found.
        found: usize,
        /// Devices.
        devices: usize,
        /// One that is not positive and finite.
        wrong: Option<f64>,
    },
    /// Other values for a payload that was read from a source.
    #[error("this payload was read from a source of its own; values are taken by one that was made of rows")]
    NotHandedOver,
    /// An array of the wrong size.
    #[error("the array holds {found} values; {devices} devices of {length} values are {expected}")]
    WrongSize {
        /// Values found.
        found: usize,
        /// Rows promised.
        devices: usize,
        /// Columns promised.
        length: usize,
        /// Values that would fit.
        expected: usize,
    },
}

/// A source of K x N values.
#[derive(Clone, Debug)]
pub enum Source {
    /// Rows of a file, read by range.
    File(Arc<TensorFile>),
    /// Some rows of a file, in the order given.
    Rows {
        /// The file.
        file: Arc<TensorFile>,
        /// Its rows, one a device.
        rows: Arc<[usize]>,
    },
    /// An array in memory, device after device.
    Array {
        /// Number of devices.
        devices: usize,
        /// All values.
        values: Arc<[f32]>,
    },
    /// Drawn by index.
    Synthetic(Synthetic),
}

impl Source {
    /// Makes a source of an array, device after device.
    ///
    /// # Errors
    /// When the array is empty or no multiple of the number of devices.
    pub fn array(devices: usize, values: Arc<[f32]>) -> Result<Self, SourceError> {
        let length = values.len().checked_div(devices).unwrap_or(0);
        if length == 0 || length * devices != values.len() {
            let (found, expected) = (values.len(), length.max(1) * devices.max(1));
            return Err(SourceError::WrongSize { found, devices, length, expected });
        }
        Ok(Self::Array { devices, values })
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        match self {
            Self::File(file) => file.rows(),
            Self::Rows { rows, .. } => rows.len(),
            Self::Array { devices, .. } => *devices,
            Self::Synthetic(s) => s.devices,
        }
    }

    /// Returns the number of values a device.
    pub fn length(&self) -> usize {
        match self {
            Self::File(file) | Self::Rows { file, .. } => file.columns(),
            Self::Array { devices, values } => values.len() / devices,
            Self::Synthetic(s) => s.length,
        }
    }

    /// Returns whether values are drawn anew in every trial.
    pub fn is_synthetic(&self) -> bool {
        self.synthetic().is_some()
    }

    /// Returns the synthetic model, if this is one.
    pub fn synthetic(&self) -> Option<&Synthetic> {
        if let Self::Synthetic(s) = self { Some(s) } else { None }
    }

    /// Returns the file behind the source, if there is one.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Self::File(file) | Self::Rows { file, .. } => Some(file.path().to_path_buf()),
            _ => None,
        }
    }

    /// Writes a device's own values from index `start`.
    pub(super) fn read(
        &self,
        seeds: &Seeds,
        trial: u64,
        device: usize,
        start: usize,
        out: &mut [f32],
    ) -> Result<(), SourceError> {
        match self {
            Self::File(file) => file.read(device, start..start + out.len(), out)?,
            Self::Rows { file, rows } => file.read(rows[device], start..start + out.len(), out)?,
            Self::Array { values, .. } => {
                let at = device * self.length() + start;
                out.copy_from_slice(&values[at..at + out.len()]);
            }
            Self::Synthetic(synthetic) => synthetic.draw(seeds, trial, device, start, out),
        }
        Ok(())
    }
}

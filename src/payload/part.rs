//! Which rows devices have: those of a part of the devices that a cell selects, or a file's in turn.

use super::source::{Distribution, Source, SourceError, Synthetic};
use super::{Function, Preparation, Votes};
use crate::tensor::TensorFile;
use std::collections::HashSet;
use std::sync::Arc;

impl Source {
    /// Returns the values of a part of the devices, which take their numbers in order.
    ///
    /// # Errors
    /// When how many devices vote which way is fixed over all of them.
    pub fn part(&self, devices: &[usize]) -> Result<Self, SourceError> {
        Ok(match self {
            Self::File(file) => Self::Rows { file: Arc::clone(file), rows: devices.into() },
            Self::Rows { file, rows } => {
                Self::Rows { file: Arc::clone(file), rows: devices.iter().map(|k| rows[*k]).collect() }
            }
            Self::Array { values, .. } => {
                let length = self.length();
                let row = |k: &usize| values[k * length..(k + 1) * length].iter().copied();
                Self::Array { devices: devices.len(), values: devices.iter().flat_map(row).collect() }
            }
            Self::Synthetic(Synthetic { distribution: Distribution::Sign(Votes::Positive(_)), .. }) => {
                return Err(SourceError::PartOfVotes);
            }
            Self::Synthetic(synthetic) => Self::Synthetic(Synthetic { devices: devices.len(), ..*synthetic }),
        })
    }

    /// Makes a source of a file's rows in turn: device k sends row k modulo the number of rows.
    pub fn rows_in_turn(file: Arc<TensorFile>, devices: usize) -> Self {
        let rows = (0..devices).map(|device| device % file.rows()).collect();
        Self::Rows { file, rows }
    }

    /// Returns the number of devices that send a row which an earlier device sends too.
    pub fn repeated_rows(&self) -> usize {
        let Self::Rows { rows, .. } = self else { return 0 };
        rows.len() - rows.iter().collect::<HashSet<_>>().len()
    }

    /// Returns the row of the file that a device has.
    pub(super) fn row(&self, device: usize) -> usize {
        if let Self::Rows { rows, .. } = self { rows[device] } else { device }
    }
}

impl Preparation {
    /// Returns the same for a part of the devices, which take their numbers in order.
    #[must_use]
    pub fn part(mut self, devices: &[usize]) -> Self {
        if let Function::WeightedMean(weights) = &mut self.function {
            *weights = devices.iter().map(|k| weights[*k]).collect();
        }
        self
    }

    /// Returns the same with other weights of the devices in their mean.
    ///
    /// # Errors
    /// When a function other than a mean is asked for, or the weights are not one positive number a device.
    pub fn weighted(mut self, weights: &[f64], devices: usize) -> Result<Self, SourceError> {
        if !matches!(self.function, Function::Mean | Function::WeightedMean(_)) {
            return Err(SourceError::NoMean);
        }
        let wrong = weights.iter().copied().find(|w| !(*w > 0.0 && w.is_finite()));
        if weights.len() != devices || wrong.is_some() {
            return Err(SourceError::Weights { found: weights.len(), devices, wrong });
        }
        self.function = Function::WeightedMean(weights.to_vec());
        Ok(self)
    }
}

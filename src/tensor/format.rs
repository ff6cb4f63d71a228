//! The choice of a format by the extension of a file.

use std::path::Path;

use super::Result;
use super::error::TensorError;

pub(super) enum Format {
    Npy,
    Npz,
    Safetensors,
    Csv,
}

impl Format {
    pub(super) fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("npy") => Ok(Self::Npy),
            Some("npz") => Ok(Self::Npz),
            Some("safetensors") => Ok(Self::Safetensors),
            Some("csv") => Ok(Self::Csv),
            _ => Err(TensorError::Extension { path: path.to_path_buf() }),
        }
    }

    /// Refuses a name where the format has none.
    pub(super) fn check_name(&self, path: &Path, tensor: Option<&str>) -> Result<()> {
        match (self, tensor) {
            (Self::Npy | Self::Csv, Some(name)) => {
                Err(TensorError::Unnamed { path: path.to_path_buf(), name: name.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

//! What cannot cross a link.

use airloop::run::RunError;
use candle_core::{DType, DeviceLocation};

/// Why a tensor or a gradient cannot cross a link. Calls on tensors give it as a [`candle_core::Error`] of the same text.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// Values on an accelerator.
    #[error("{name} is on {found:?}; the emulator works on the CPU: {name}.to_device(&Device::Cpu)")]
    Device {
        /// What was to be sent.
        name: &'static str,
        /// Where it is.
        found: DeviceLocation,
    },
    /// Values of another type.
    #[error("{name} has dtype {}; values travel as f32: {name}.to_dtype(DType::F32)", found.as_str())]
    Type {
        /// What was to be sent.
        name: &'static str,
        /// Its type.
        found: DType,
    },
    /// The link refuses: values that are not finite, an experiment that is wrong.
    #[error("sending {name}: {source}")]
    Link {
        /// What was to be sent.
        name: &'static str,
        /// What the link says.
        source: Box<RunError>,
    },
    /// A link without an adjoint.
    #[error("an adjoint gradient needs {needed}; {found}; straight-through and detached gradients do not")]
    NoAdjoint {
        /// What it needs.
        needed: &'static str,
        /// What the link does.
        found: String,
    },
}

impl From<ChannelError> for candle_core::Error {
    fn from(error: ChannelError) -> Self {
        Self::wrap(error)
    }
}

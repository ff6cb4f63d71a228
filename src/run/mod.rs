//! Running: trials of one experiment at one rung, gathered into a report.
//!
//! `trial` runs one round; `point` runs trials on all cores and decides when to stop; `theory` asks the formulas.

mod airs;
mod carried;
pub mod clocks;
pub mod continued;
pub mod digital_aircomp;
pub mod dump;
pub mod energy;
pub mod equipment;
pub mod impulse_responses;
pub mod interruptible;
pub mod loss;
pub mod measurement;
pub mod misaligned;
mod opening;
mod parted;
pub mod passes;
pub mod point;
pub mod record;
pub mod seats;
pub mod shared;
pub mod theory;
pub mod trial;
mod walk;

pub use dump::dump;
pub use point::{RunOptions, run};
pub use record::record;
pub use trial::{Trial, TrialContext};

use crate::experiment::ExperimentError;
use crate::medium::MediumError;
use crate::report::Fidelity;

/// Why a run did not give a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A rung that cannot answer.
    #[error("{what} is not supported at {fidelity} fidelity")]
    Unsupported {
        /// What was asked.
        what: String,
        /// The rung.
        fidelity: Fidelity,
    },
    /// The experiment is wrong.
    #[error(transparent)]
    Experiment(#[from] ExperimentError),
    /// Something failed while grids were carried.
    #[error(transparent)]
    Medium(#[from] MediumError),
    /// A misaligned round that cannot be carried, or a receiver of it that cannot be made.
    #[error(transparent)]
    Misaligned(#[from] crate::misaligned::MisalignedError),
    /// A digital link that cannot be planned.
    #[error(transparent)]
    Link(#[from] crate::link::LinkError),
    /// An effective SINR that cannot be fitted.
    #[error(transparent)]
    EffectiveSinr(Box<crate::effective_sinr::EffectiveSinrError>),
    /// A curve of a link table that cannot be walked.
    #[error(transparent)]
    LinkTable(#[from] crate::link_table::LinkTableError),
    /// The privacy meter could not count.
    #[error(transparent)]
    Privacy(crate::privacy::PrivacyError),
    /// A preamble that cannot be searched for.
    #[error(transparent)]
    Synchronisation(#[from] airloop_baseband::synchronisation::SynchronisationError),
    /// Channels that cannot be written as impulse responses.
    #[error("{what}")]
    Channels {
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A file could not be written.
    #[error(transparent)]
    Tensor(#[from] crate::tensor::TensorError),
    /// A round that cannot be when it is asked for.
    #[error(transparent)]
    Clock(#[from] crate::live::clock::ClockError),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl From<airloop_channels::ChannelError> for RunError {
    fn from(error: airloop_channels::ChannelError) -> Self {
        Self::Medium(error.into())
    }
}

impl From<airloop_hil::RadioError> for RunError {
    fn from(error: airloop_hil::RadioError) -> Self {
        Self::Medium(error.into())
    }
}

impl From<crate::payload::SourceError> for RunError {
    fn from(error: crate::payload::SourceError) -> Self {
        Self::Medium(error.into())
    }
}

//! What can be wrong in a lab.

use crate::config::ConfigError;
use crate::run::RunError;
use airloop_baseband::synchronisation::SynchronisationError;
use airloop_channels::ChannelError;
use airloop_hil::RadioError;

/// Why a lab run did not come to a result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// A lab file that is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A radio that is not there, or refuses.
    #[error(transparent)]
    Radio(#[from] RadioError),
    /// What was heard cannot be recorded.
    #[error(transparent)]
    Recording(#[from] airloop_hil::RecordingError),
    /// A sounding that cannot be made.
    #[error(transparent)]
    Synchronisation(#[from] SynchronisationError),
    /// Clocks that cannot be undone.
    #[error(transparent)]
    Channel(#[from] ChannelError),
    /// A round that cannot be carried.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Fewer radios than the experiment has devices, or none for the server.
    #[error("the lab has no radio called {name}: the experiment needs {needed}, and there are {there}")]
    Missing {
        /// The radio.
        name: String,
        /// All that are needed.
        needed: String,
        /// All that are there.
        there: String,
    },
    /// A number beyond its limit.
    #[error("{0}")]
    Failed(String),
    /// A round that no lab can plan.
    #[error("{0}")]
    Unplannable(&'static str),
}

//! Preambles: sequences, search, delay and carrier offset, and the bounds that no estimator beats.
//!
//! ```text
//! Preamble (samples) -> PreambleSearch (where?) -> PreambleEstimator (where to a part of a sample, how far off in frequency?)
//! DetectionLaw: false alarms and detections of the search;   bounds: Cramer-Rao bounds of the estimates
//! ```
//!
//! Everything here assumes white noise; a search in coloured noise alarms more often than its law says.

pub mod bounds;
mod carrier;
mod detection;
mod error;
mod estimator;
mod preamble;
mod refinement;
mod search;
mod sequence;

pub use bounds::SynchronisationBounds;
pub use carrier::repetition_cfo;
pub use detection::{DetectionLaw, cfo_loss, known_noise_detection_probability};
pub use error::SynchronisationError;
pub use estimator::{CarrierOffset, PreambleEstimator, SyncEstimate};
pub use preamble::{Preamble, PreambleDesign, Sequence};
pub use search::{Combining, Peak, PreambleSearch};
pub use sequence::{golay_pair, zadoff_chu, zadoff_chu_extended};

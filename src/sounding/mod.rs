//! Sounding: how devices come to know their channels, and how well.
//!
//! `config` says what knowledge there is; `model` prepares it for a channel and a numerology (estimators, airtime);
//! `sounder` gives it slot by slot in one trial; `pilots` is the air that pilots cross; `statistics` says how good it is.
//! `known_gain` has the means that it takes, `mismatch` the errors of reciprocity.

pub mod config;
mod known_gain;
pub mod least_squares;
pub mod matrix;
pub mod mismatch;
pub mod mmse;
pub mod model;
pub mod pilots;
pub mod sounder;
pub mod statistics;

pub use config::{Estimator, KnowledgeConfig, KnowledgeSource, Pilots, Sounding};
pub use mismatch::Mismatch;
pub use model::KnowledgeModel;
pub use pilots::{AirPilots, GridPilots, PilotAir};
pub use sounder::Sounder;
pub use statistics::{KnownElement, KnownStatistics};

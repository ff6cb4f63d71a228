//! Sounding: how devices come to know their channels, and how well.
//!
//! `config` says what knowledge there is; `model` prepares it for a channel and a numerology (estimators, airtime);
//! `sounder` gives it slot by slot in one trial; `pilots` is the air that pilots cross; `statistics` says how good it is.

pub mod config;
pub mod least_squares;
pub mod matrix;
pub mod mmse;
pub mod model;
pub mod pilots;
pub mod sounder;
pub mod statistics;

pub use config::{Estimator, KnowledgeConfig, KnowledgeSource, Pilots, Sounding};
pub use model::KnowledgeModel;
pub use pilots::{AirPilots, GridPilots, PilotAir};
pub use sounder::Sounder;
pub use statistics::{KnownElement, KnownStatistics};

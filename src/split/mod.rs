//! Split learning and split inference round by round: what a model cut between devices and a server costs in time and energy.
//!
//! `model` says what layers compute and hand on, `workload` what that is at a cut, `processor` and `link` how fast, `round` puts the stages
//! together, `cut` chooses cuts, `config` reads files, `run` goes through rounds. See `docs/split.md`.

pub mod config;
pub mod cut;
pub mod link;
pub mod model;
pub mod multicast;
pub mod processor;
pub mod round;
pub mod run;
pub mod table;
pub mod workload;

pub use config::SplitConfig;
pub use run::{SplitError, SplitReport, run};

//! Errors of sweeps.

use crate::config::ConfigError;
use crate::experiment::ExperimentError;
use crate::run::RunError;
use std::path::PathBuf;

/// Why a sweep cannot be run, resumed or merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// A key or value is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A point of the sweep is no valid experiment.
    #[error("{error} (at the point {point})")]
    Point {
        /// The point.
        point: String,
        /// What is wrong.
        error: Box<ExperimentError>,
    },
    /// A point could not be run.
    #[error("{error} (at the point {point})")]
    Run {
        /// The point.
        point: String,
        /// What went wrong.
        error: Box<RunError>,
    },
    /// A doubt that `--strict` makes an error.
    #[error("{code}: {message} (at the point {point}; an error because of --strict)")]
    Doubt {
        /// The point.
        point: String,
        /// The warning's code.
        code: String,
        /// Its message.
        message: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A file or folder that cannot be read or written.
    #[error("{path}: cannot {action}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A folder that holds results of another experiment.
    #[error(
        "{path} holds results of another experiment: {key} is {there} there and {here} here; \
         choose another --out, or move that folder away"
    )]
    OtherExperiment {
        /// The journal.
        path: PathBuf,
        /// The first key that differs.
        key: String,
        /// Its value in the folder.
        there: String,
        /// Its value now.
        here: String,
    },
    /// A folder that holds results of another command.
    #[error("{path} holds results of {there}, not of {here}; choose another --out, or move that folder away")]
    OtherKind {
        /// The journal.
        path: PathBuf,
        /// What it holds.
        there: &'static str,
        /// What was to be put there.
        here: &'static str,
    },
    /// A folder without results.
    #[error(
        "{path}: there are no results here (no journal.jsonl); `airloop sweep --out {path}` would make some"
    )]
    NoJournal {
        /// The folder.
        path: PathBuf,
    },
    /// A journal of a newer or damaged layout.
    #[error(
        "{path}: line {line} is not a record of this version of airloop ({reason}); \
         nothing was changed: mend or move the file, or choose another --out"
    )]
    BadJournal {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
}

impl SweepError {
    /// Returns an adapter that names a path and an action in an I/O error.
    pub fn io(path: &std::path::Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { path, action, source }
    }
}

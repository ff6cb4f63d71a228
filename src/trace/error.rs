//! What can be wrong with a trace.

use std::path::PathBuf;

/// Why a trace cannot be read, written, replayed or exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A file that cannot be read or written.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file whose name does not say what it is.
    #[error("{}: a name that ends in .csv or .jsonl is expected of a trace", path.display())]
    Ending {
        /// The file.
        path: PathBuf,
    },
    /// A line that is none of a trace.
    #[error("{}:{line}: {found}; {expected}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line of a file, or row of a table, from 1.
        line: u64,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A cell that holds something else than its column.
    #[error("{}:{line}: {column} is {found}; {expected}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line of a file, or row of a table, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A row that cannot be written.
    #[error("round {round}, device {device}: {column} is {found}; {expected}")]
    Unwritable {
        /// Its round.
        round: u64,
        /// Its device.
        device: u32,
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
        /// What would be right.
        expected: &'static str,
    },
    /// Rows that do not make a trace.
    #[error("{what}")]
    Rows {
        /// What is wrong, and what would be right.
        what: String,
    },
    /// A file of a trace that is wrong.
    #[error(transparent)]
    Experiment(#[from] crate::experiment::ExperimentError),
    /// A round that cannot be run.
    #[error(transparent)]
    Run(Box<crate::run::RunError>),
}

impl From<crate::run::RunError> for TraceError {
    fn from(error: crate::run::RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl From<crate::config::ConfigError> for TraceError {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::Experiment(error.into())
    }
}

//! Errors of link tables.

use airloop_coding::CodingError;
use std::path::PathBuf;

/// Why a table cannot be made, read or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkTableError {
    /// A file that cannot be read or written.
    #[error("{path}: cannot {action}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A field of a file that is not as it must be.
    #[error("{path}: {field} is {found}; {expected}")]
    Field {
        /// The file.
        path: PathBuf,
        /// The field.
        field: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A curve of more SNRs than anyone needs.
    #[error(
        "a curve of block error rates takes more than {most} SNRs at steps of {step_db} dB; give a larger table.step_db, a larger \
         table.lowest_bler or a smaller table.highest_snr_db"
    )]
    TooManyPoints {
        /// The most.
        most: usize,
        /// The step.
        step_db: f64,
    },
    /// A curve that does not come down.
    #[error(
        "at {snr_db} dB, the highest SNR of a curve, the block error rate is still {bler}; give a larger table.highest_snr_db, or a \
         larger table.highest_bler where the receiver never does better"
    )]
    NoWaterfall {
        /// The highest SNR.
        snr_db: f64,
        /// The error rate there.
        bler: f64,
    },
    /// A scheme that the table does not have.
    #[error("the table has no entry of mcs {index} of table {table}; it has {known}")]
    NoScheme {
        /// MCS table.
        table: u8,
        /// MCS index.
        index: u8,
        /// The schemes that it has, in words.
        known: String,
    },
    /// A block size outside those of the table.
    #[error(
        "a block of {given} bits is outside the table: of mcs {index} of table {table} it has {least} to {most} bits"
    )]
    BlockBits {
        /// The size asked for.
        given: usize,
        /// MCS table.
        table: u8,
        /// MCS index.
        index: u8,
        /// The smallest there is.
        least: usize,
        /// The largest there is.
        most: usize,
    },
    /// A block error rate that was not measured.
    #[error("a block error rate of {given} is outside the table: there it has {least:.3e} to {most:.3e}")]
    ErrorRate {
        /// The rate asked for.
        given: f64,
        /// The lowest there is.
        least: f64,
        /// The highest there is.
        most: f64,
    },
    /// A SINR that is no number.
    #[error("the SINR is no number; decibels are expected")]
    Sinr,
    /// A transport block that the standard does not have.
    #[error(transparent)]
    Coding(#[from] CodingError),
    /// A coordinate that the table does not have, or that must be chosen.
    #[error("{name}: {problem}")]
    Coordinate {
        /// Its name.
        name: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// A value outside the grid.
    #[error("{name} = {given} is outside the table: it has {least} to {most}")]
    Outside {
        /// The coordinate.
        name: String,
        /// The value asked for.
        given: f64,
        /// The smallest there is.
        least: f64,
        /// The largest there is.
        most: f64,
    },
    /// Another number of values than coordinates.
    #[error("{given} values are given for the {expected} coordinates {names}")]
    Values {
        /// How many are given.
        given: usize,
        /// How many there are.
        expected: usize,
        /// Their names.
        names: String,
    },
}

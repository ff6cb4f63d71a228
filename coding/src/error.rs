//! What can be wrong with a code, a block or a constellation.

use thiserror::Error;

/// Why a block cannot be coded, mapped or read.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CodingError {
    /// A lifting size that the standard does not have.
    #[error(
        "lifting size {size} is not one of TS 38.212 table 5.3.2-1 (2 to 384: a 2^j with a of 2, 3, 5, 7, 9, 11, 13, 15)"
    )]
    LiftingSize {
        /// The size asked for.
        size: usize,
    },
    /// A buffer of the wrong length.
    #[error("{what} has {given} elements, but {expected} are needed")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length it must have.
        expected: usize,
    },
}

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
    /// A number outside of what is allowed.
    #[error("{what} is {given}, but must be from {least} to {most}")]
    Range {
        /// Which number.
        what: &'static str,
        /// The number given.
        given: usize,
        /// The smallest allowed.
        least: usize,
        /// The largest allowed.
        most: usize,
    },
    /// A code rate that is not allowed.
    #[error("the code rate is {given}, but must be above 0 and at most {most}")]
    CodeRate {
        /// The code rate given.
        given: f64,
        /// The largest allowed.
        most: f64,
    },
    /// A modulation order that the standard does not have.
    #[error("the modulation order is {given}, but must be 1, 2, 4, 6, 8 or 10 bits a point")]
    ModulationOrder {
        /// The order given.
        given: usize,
    },
    /// Coded bits that do not fill constellation points.
    #[error(
        "{coded_bits} coded bits do not fill constellation points: at least {unit} and a whole number of points on every layer are needed"
    )]
    CodedBits {
        /// The number of coded bits.
        coded_bits: usize,
        /// The fewest that do.
        unit: usize,
    },
    /// Bits that do not divide into equal code blocks.
    #[error("{bits} bits with their CRC do not divide into {blocks} equal code blocks; {next} bits would")]
    Segmentation {
        /// The bits with their CRC.
        bits: usize,
        /// The code blocks that they need.
        blocks: usize,
        /// The next larger number of bits that divides.
        next: usize,
    },
    /// A scaling of the transport block size that is not allowed.
    #[error("the scaling of the transport block size is {given}, but must be above 0 and at most 1")]
    Scaling {
        /// The scaling given.
        given: f64,
    },
    /// An index that its table of modulation and coding schemes does not have.
    #[error(
        "table {table} has no modulation and coding scheme {index}: tables 1 to 4 have the indices 0 to 28, 27, 28 and 26"
    )]
    Mcs {
        /// The table.
        table: u8,
        /// The index.
        index: u8,
    },
    /// A modulation that the standard does not have.
    #[error("modulation \"{name}\" is not one of {}", crate::Modulation::NAMES.join(", "))]
    ModulationName {
        /// The name given.
        name: String,
    },
    /// A way of demapping that is not known.
    #[error("demapping \"{name}\" is not one of {}", crate::Demapping::NAMES.join(", "))]
    DemappingName {
        /// The name given.
        name: String,
    },
    /// A setting of a decoder that is out of range.
    #[error("a decoder's {setting} cannot be {given}: it is {needed}")]
    DecoderSetting {
        /// Which.
        setting: &'static str,
        /// Its value.
        given: f64,
        /// What it must be.
        needed: &'static str,
    },
    /// The fixed-point rule with a schedule that it does not have.
    #[error("the fixed-point decoder is layered only; flooding takes boxplus or a min-sum in floating point")]
    FixedPointFlooding,
}

impl CodingError {
    /// Checks the length of a buffer.
    pub fn check_length(what: &'static str, given: usize, expected: usize) -> Result<(), Self> {
        if given == expected { Ok(()) } else { Err(Self::Length { what, given, expected }) }
    }
}

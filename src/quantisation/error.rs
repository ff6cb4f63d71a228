//! What can be wrong with a quantiser's parameters.

/// Why a quantiser cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantisationError {
    /// Bits a value out of range.
    #[error("{bits} bits a value are out of range: 1 to {most} are possible")]
    Bits {
        /// Bits asked for.
        bits: u32,
        /// Most that are possible.
        most: u32,
    },
    /// Levels out of range.
    #[error("{levels} levels are out of range: 1 to {most} are possible")]
    Levels {
        /// Levels asked for.
        levels: u32,
        /// Most that are possible.
        most: u32,
    },
    /// Buckets of no values.
    #[error("a bucket of 0 values has nothing to quantise: at least 1 is expected")]
    EmptyBucket,
    /// Nothing kept, or more than there is.
    #[error("{kept} values to keep are out of range: 1 to {length}, the length of the vector, are possible")]
    Kept {
        /// Values to keep.
        kept: usize,
        /// Values there are.
        length: usize,
    },
    /// A vector that is too short or too long.
    #[error("{length} values are out of range: 1 to {most} are possible")]
    Length {
        /// Values of the vector.
        length: usize,
        /// Most that are possible.
        most: usize,
    },
    /// Packets that hold not even one value.
    #[error("packets of {bits} bits are too small: one value with its header takes up to {least} bits")]
    PacketTooSmall {
        /// Bits of a packet.
        bits: usize,
        /// Fewest bits that hold any value.
        least: usize,
    },
}

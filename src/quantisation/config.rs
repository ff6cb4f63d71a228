//! Which quantiser, and with which parameters.

use super::arithmetic::MOST_PLACES;
use super::error::QuantisationError;
use super::positions::Coding;

/// Most bits of a dithered value: beyond, single precision holds no more.
pub const MAX_BITS: u32 = 24;

/// Most bits of a stochastically rounded value.
pub const MAX_STOCHASTIC_BITS: u32 = 16;

/// Most levels of QSGD.
pub const MAX_LEVELS: u32 = 1 << 15;

/// Bits of a scale: a magnitude or norm as a 32-bit float.
pub const SIDE_BITS: u32 = super::bits::FLOAT_BITS;

/// How QSGD's levels become bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelCoding {
    /// A sign and `ceil(log2(s + 1))` bits each.
    Fixed,
    /// Elias's code of `level + 1`, and a sign where the level is not 0.
    EliasDense,
    /// Elias's codes of the gaps between nonzero levels and of these levels, with their signs.
    EliasSparse,
}

/// What is sent of a value that top-k keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptValues {
    /// Itself, in 32 bits.
    Float,
    /// A level of stochastic uniform quantisation up to the largest magnitude of the packet.
    Stochastic {
        /// Bits a value.
        bits: u32,
    },
}

/// A quantiser with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantiserConfig {
    /// Uniform levels with dither that both ends know.
    Dithered {
        /// Bits a value.
        bits: u32,
        /// Whether the dither is taken off again. From votes it is not, which lie on levels; left on, it rounds at random without
        /// bias.
        subtractive: bool,
    },
    /// Uniform levels, rounded at random without bias.
    StochasticUniform {
        /// Bits a value; 1 is the unbiased stochastic sign.
        bits: u32,
    },
    /// Levels of magnitudes over the norm of a bucket, rounded at random without bias.
    Qsgd {
        /// Levels above 0, s.
        levels: u32,
        /// Values that share a norm.
        bucket: usize,
        /// How levels become bits.
        coding: LevelCoding,
    },
    /// Signs, times the mean magnitude of a bucket; biased.
    Sign {
        /// Values that share a mean magnitude.
        bucket: usize,
    },
    /// The largest values only, with their positions.
    TopK {
        /// Values kept.
        kept: usize,
        /// How positions become bits; `None`: the cheapest of all, packet by packet.
        positions: Option<Coding>,
        /// What is sent of a value.
        values: KeptValues,
        /// Whether what is not sent is added to the next round's values.
        error_feedback: bool,
    },
}

impl QuantiserConfig {
    /// Returns the name in files and tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dithered { .. } => "dithered",
            Self::StochasticUniform { .. } => "stochastic-uniform",
            Self::Qsgd { .. } => "qsgd",
            Self::Sign { .. } => "sign",
            Self::TopK { .. } => "top-k",
        }
    }

    /// Returns whether the expectation of what arrives is the value itself.
    pub fn is_unbiased(&self) -> bool {
        match self {
            Self::Dithered { .. } | Self::StochasticUniform { .. } | Self::Qsgd { .. } => true,
            Self::Sign { .. } | Self::TopK { .. } => false,
        }
    }

    /// Returns whether a device must remember what it has not sent.
    pub fn remembers(&self) -> bool {
        matches!(self, Self::TopK { error_feedback: true, .. })
    }

    /// Refuses parameters that are out of range for vectors of `length` values.
    pub(super) fn check(&self, length: usize) -> Result<(), QuantisationError> {
        let bits = |bits: u32, most: u32| {
            if (1..=most).contains(&bits) { Ok(()) } else { Err(QuantisationError::Bits { bits, most }) }
        };
        let bucket = |bucket: usize| if bucket > 0 { Ok(()) } else { Err(QuantisationError::EmptyBucket) };
        match *self {
            Self::Dithered { bits: b, .. } => bits(b, MAX_BITS),
            Self::StochasticUniform { bits: b } => bits(b, MAX_STOCHASTIC_BITS),
            Self::Qsgd { levels, .. } if !(1..=MAX_LEVELS).contains(&levels) => {
                Err(QuantisationError::Levels { levels, most: MAX_LEVELS })
            }
            Self::Qsgd { bucket: of, .. } | Self::Sign { bucket: of } => bucket(of),
            Self::TopK { kept, .. } if !(1..=length).contains(&kept) => {
                Err(QuantisationError::Kept { kept, length })
            }
            Self::TopK { positions: Some(Coding::Enumerative), .. } if length > MOST_PLACES => {
                Err(QuantisationError::Length { length, most: MOST_PLACES })
            }
            Self::TopK { values: KeptValues::Stochastic { bits: b }, .. } => bits(b, MAX_STOCHASTIC_BITS),
            Self::TopK { .. } => Ok(()),
        }
    }
}

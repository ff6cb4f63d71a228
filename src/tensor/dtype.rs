//! The types of values that are read as real numbers.

use std::fmt;

use super::error::{Place, TensorError};

/// Names the type of the values of a tensor on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dtype {
    /// IEEE 754 binary16.
    F16,
    /// The upper half of an IEEE 754 binary32.
    Bf16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// Signed integer of 8 bits.
    I8,
    /// Signed integer of 16 bits.
    I16,
    /// Signed integer of 32 bits.
    I32,
    /// Signed integer of 64 bits.
    I64,
    /// Unsigned integer of 8 bits.
    U8,
    /// Unsigned integer of 16 bits.
    U16,
    /// Unsigned integer of 32 bits.
    U32,
    /// Unsigned integer of 64 bits.
    U64,
}

impl Dtype {
    /// Gives the bytes of one value.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Tells whether the type can hold NaN and infinities.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::Bf16 | Self::F32 | Self::F64)
    }

    /// Reads a NumPy `descr`: byte order, kind, size; the flag says big-endian.
    pub(super) fn from_npy(descr: &str) -> Option<(Self, bool)> {
        let (big_endian, kind) = match descr.split_at_checked(1)? {
            ("<" | "|", kind) => (false, kind),
            (">", kind) => (true, kind),
            _ => return None,
        };
        let dtype = match kind {
            "f2" => Self::F16,
            "f4" => Self::F32,
            "f8" => Self::F64,
            "i1" => Self::I8,
            "i2" => Self::I16,
            "i4" => Self::I32,
            "i8" => Self::I64,
            "u1" => Self::U8,
            "u2" => Self::U16,
            "u4" => Self::U32,
            "u8" => Self::U64,
            _ => return None,
        };
        Some((dtype, big_endian))
    }

    /// Reads the `dtype` of a safetensors header.
    pub(super) fn from_safetensors(name: &str) -> Option<Self> {
        Some(match name {
            "F16" => Self::F16,
            "BF16" => Self::Bf16,
            "F32" => Self::F32,
            "F64" => Self::F64,
            "I8" => Self::I8,
            "I16" => Self::I16,
            "I32" => Self::I32,
            "I64" => Self::I64,
            "U8" => Self::U8,
            "U16" => Self::U16,
            "U32" => Self::U32,
            "U64" => Self::U64,
            _ => return None,
        })
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
        })
    }
}

/// Builds the error for a type that is not read, by NumPy `descr` or safetensors `dtype`.
pub(super) fn unsupported(place: Place, found: &str) -> TensorError {
    let kind = found.trim_start_matches(['<', '>', '|', '=']);
    let (what, right) = if kind.starts_with('[') {
        ("a structured type", "save each field as an array of its own")
    } else if matches!(kind, "c8" | "c16" | "c32" | "C64" | "C128") {
        ("complex", "save the real and the imaginary parts side by side as [K, 2 N] real values")
    } else if matches!(kind, "b1" | "BOOL") {
        ("booleans", "save them as u8, or as one of f16, bf16, f32, f64, i8 to i64, u8 to u64")
    } else {
        ("not supported", "expected one of f16, bf16, f32, f64, i8 to i64, u8 to u64")
    };
    let found = format!("{what} ({})", super::error::quoted(found));
    TensorError::Dtype { place, found, right }
}

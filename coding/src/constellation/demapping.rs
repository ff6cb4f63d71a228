//! Received points to log-likelihood ratios and to bits.

use super::{Modulation, exact, hard, max_log};
use crate::CodingError;
use airloop_baseband::Complex32;
use std::fmt;
use std::str::FromStr;

/// The largest magnitude of a log-likelihood ratio that a demapper gives.
pub const LLR_LIMIT: f32 = 1000.0;

/// Noise variances `E |n|^2`, linear, of received points of unit mean signal energy.
///
/// An infinite variance and one that is not a number mean that nothing is known: all LLRs are 0. A variance below 1e-30,
/// zero and negative ones too, counts as 1e-30: LLRs are `LLR_LIMIT`, or 0 on a boundary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoiseVariance<'a> {
    /// One for all symbols.
    Common(f32),
    /// One each.
    PerSymbol(&'a [f32]),
}

/// How log-likelihood ratios are formed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Demapping {
    /// The exact ratio of sums over all points; absolute error below 1e-5 plus 1e-6 of the magnitude.
    ///
    /// ```text
    /// LLR = ln(sum over x with bit 0 of exp(-|z - x|^2 / v)) - ln(sum over x with bit 1 of exp(-|z - x|^2 / v))
    /// ```
    Exact,
    /// The nearest point of each kind alone, many times as fast; at most `ln(levels a dimension / 2)` off the exact ratio.
    ///
    /// ```text
    /// LLR = (min over x with bit 1 of |z - x|^2 - min over x with bit 0 of |z - x|^2) / v
    /// ```
    #[default]
    MaxLog,
}

impl Demapping {
    /// Both, in the order of [`Demapping::NAMES`].
    pub const ALL: [Self; 2] = [Self::Exact, Self::MaxLog];

    /// The names, as files write them.
    pub const NAMES: [&'static str; 2] = ["exact", "max-log"];

    /// Returns the name, as files write it.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Computes the log-likelihood ratios of all bits of received points, `[bits_per_symbol received.len()]`.
    ///
    /// **Positive means 0.** Every LLR is finite and at most [`LLR_LIMIT`] in magnitude. A received point with a part that
    /// is not a number gives 0 for the bits of that part (for BPSK: of the symbol). `first_index` is as in
    /// [`Modulation::map`].
    ///
    /// # Errors
    ///
    /// [`CodingError::Length`] if `llrs` or the noise variances are not as long as `received` needs.
    pub fn demap(
        self,
        modulation: Modulation,
        received: &[Complex32],
        noise: NoiseVariance<'_>,
        first_index: u64,
        llrs: &mut [f32],
    ) -> Result<(), CodingError> {
        CodingError::check_length("LLRs", llrs.len(), received.len() * modulation.bits_per_symbol())?;
        if let NoiseVariance::PerSymbol(variances) = noise {
            CodingError::check_length("noise variances", variances.len(), received.len())?;
        }
        match (modulation, self) {
            (Modulation::Bpsk, _) => max_log::bpsk(received, noise, None, llrs),
            (Modulation::Pi2Bpsk, _) => max_log::bpsk(received, noise, Some(first_index), llrs),
            (Modulation::Qpsk, _) | (_, Self::MaxLog) => max_log::demap(modulation, received, noise, llrs),
            (_, Self::Exact) => exact::demap(modulation, received, noise, llrs),
        }
        Ok(())
    }
}

impl fmt::Display for Demapping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Demapping {
    type Err = CodingError;

    /// Reads a name of [`Demapping::NAMES`].
    ///
    /// # Errors
    ///
    /// [`CodingError::DemappingName`] for any other text.
    fn from_str(name: &str) -> Result<Self, CodingError> {
        let place = Self::NAMES.iter().position(|&known| known == name);
        place
            .map(|place| Self::ALL[place])
            .ok_or_else(|| CodingError::DemappingName { name: name.to_owned() })
    }
}

impl Modulation {
    /// Decides the bits of the nearest point of each received one, `[bits_per_symbol received.len()]`.
    ///
    /// A value on a boundary, or one that is not a number, decides for 0. `first_index` is as in [`Modulation::map`].
    ///
    /// # Errors
    ///
    /// [`CodingError::Length`] if `bits` is not as long as `received` needs.
    pub fn decide(
        self,
        received: &[Complex32],
        first_index: u64,
        bits: &mut [u8],
    ) -> Result<(), CodingError> {
        CodingError::check_length("bits", bits.len(), received.len() * self.bits_per_symbol())?;
        match self {
            Self::Bpsk => hard::bpsk(received, None, bits),
            Self::Pi2Bpsk => hard::bpsk(received, Some(first_index), bits),
            _ => hard::decide(self, received, bits),
        }
        Ok(())
    }
}

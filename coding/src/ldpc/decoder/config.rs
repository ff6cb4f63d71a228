//! What a decoder is asked to do.

use crate::error::CodingError;

/// How a check answers its bits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CheckRule {
    /// Min-sum in 8 bits whose two minima are corrected by how many others lie near them; layered only. The decoder for
    /// all uses but references.
    #[default]
    FixedPoint,
    /// The exact rule in single precision.
    ///
    /// ```text
    /// a boxplus b = ln((1 + e^(a + b)) / (e^a + e^b))
    ///             = sign(a) sign(b) (min(|a|, |b|) + ln(1 + e^-(|a| + |b|)) - ln(1 + e^-||a| - |b||))
    /// ```
    Boxplus,
    /// The smallest magnitude of the others, in single precision.
    MinSum,
    /// The same, times a factor.
    NormalisedMinSum {
        /// The factor, above 0 and at most 1.
        factor: f32,
    },
    /// The same, less an offset, at least 0.
    OffsetMinSum {
        /// The offset in units of the LLR, at least 0.
        offset: f32,
    },
}

/// In which order messages pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Schedule {
    /// Row after row; each sees what the rows before it found. Needs about half the iterations of flooding.
    #[default]
    Layered,
    /// All rows at once.
    Flooding,
}

/// When a decoder stops before its last iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyStop {
    /// Never.
    Never,
    /// As soon as the hard decisions fulfil every check in use and are accepted.
    #[default]
    Parity,
}

/// What a decoder is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DecoderConfig {
    /// How a check answers its bits.
    pub rule: CheckRule,
    /// In which order messages pass.
    pub schedule: Schedule,
    /// The most iterations, at least 1.
    pub iterations: usize,
    /// When to stop before.
    pub stop: EarlyStop,
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            rule: CheckRule::default(),
            schedule: Schedule::default(),
            iterations: 20,
            stop: EarlyStop::default(),
        }
    }
}

impl DecoderConfig {
    /// Checks that such a decoder exists.
    pub(super) fn check(&self) -> Result<(), CodingError> {
        let wrong = |setting, given: f64, needed| Err(CodingError::DecoderSetting { setting, given, needed });
        match self.rule {
            _ if self.iterations == 0 => wrong("iterations", 0.0, "at least 1"),
            CheckRule::FixedPoint if self.schedule == Schedule::Flooding => {
                Err(CodingError::FixedPointFlooding)
            }
            CheckRule::NormalisedMinSum { factor } if !(factor > 0.0 && factor <= 1.0) => {
                wrong("factor", f64::from(factor), "a number above 0 and at most 1")
            }
            CheckRule::OffsetMinSum { offset } if !(offset >= 0.0 && offset.is_finite()) => {
                wrong("offset", f64::from(offset), "a number of at least 0")
            }
            _ => Ok(()),
        }
    }
}

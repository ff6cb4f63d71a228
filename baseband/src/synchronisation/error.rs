//! Errors of preambles.

/// What can be wrong with a preamble or with what is asked of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SynchronisationError {
    /// A parameter outside its range.
    #[error("{name} = {value} is out of range: {expected}")]
    OutOfRange {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: String,
    },
    /// Not one value for each bin.
    #[error("there are {values} values for {bins} bins: give one value for each bin")]
    Unequal {
        /// How many values.
        values: usize,
        /// How many bins.
        bins: usize,
    },
    /// A bin named more than once.
    #[error("bin {bin} is given twice: name each bin once")]
    RepeatedBin {
        /// The bin, between `-fft_size/2` and `fft_size/2 - 1`.
        bin: i32,
    },
    /// Samples without power.
    #[error("the preamble has no energy: at least one value must differ from zero, and all must be finite")]
    NoEnergy,
}

impl SynchronisationError {
    /// Returns `value` if it lies in the range, an error otherwise.
    pub(super) fn check(
        name: &'static str,
        value: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<usize, Self> {
        if range.contains(&value) {
            Ok(value)
        } else {
            let expected = format!("a whole number from {} to {}", range.start(), range.end());
            Err(Self::OutOfRange { name, value: value as f64, expected })
        }
    }
}

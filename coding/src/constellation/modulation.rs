//! The modulations by name and order.

use crate::CodingError;
use std::fmt;
use std::str::FromStr;

/// A modulation of TS 38.211 clause 5.1, with Gray labels and unit mean energy.
///
/// ```text
/// pi/2-BPSK  x(i) = exp(j pi/2 (i mod 2)) ((1 - 2 b0) + j (1 - 2 b0)) / sqrt(2)
/// BPSK       x = ((1 - 2 b0) + j (1 - 2 b0)) / sqrt(2)
/// QPSK       x = ((1 - 2 b0) + j (1 - 2 b1)) / sqrt(2)
/// 16-QAM     x = ((1 - 2 b0) (2 - (1 - 2 b2)) + j (1 - 2 b1) (2 - (1 - 2 b3))) / sqrt(10)
/// 64-QAM     levels (1 - 2 b0) (4 - (1 - 2 b2) (2 - (1 - 2 b4))), over sqrt(42); so on to 1024-QAM
/// ```
///
/// Bits of even position choose the real part, bits of odd position the imaginary part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Modulation {
    /// One bit a symbol, every second symbol turned by a quarter turn (clause 5.1.1).
    Pi2Bpsk,
    /// One bit a symbol (clause 5.1.2).
    Bpsk,
    /// Two bits a symbol (clause 5.1.3).
    Qpsk,
    /// Four bits a symbol (clause 5.1.4).
    Qam16,
    /// Six bits a symbol (clause 5.1.5).
    Qam64,
    /// Eight bits a symbol (clause 5.1.6).
    Qam256,
    /// Ten bits a symbol (clause 5.1.7).
    Qam1024,
}

impl Modulation {
    /// Every modulation, by rising order.
    pub const ALL: [Self; 7] =
        [Self::Pi2Bpsk, Self::Bpsk, Self::Qpsk, Self::Qam16, Self::Qam64, Self::Qam256, Self::Qam1024];

    /// The names of [`Modulation::ALL`], as files write them.
    pub const NAMES: [&'static str; 7] =
        ["pi/2-bpsk", "bpsk", "qpsk", "16-qam", "64-qam", "256-qam", "1024-qam"];

    /// Returns the name, as files write it.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Returns the modulation of `order` bits a symbol (`Q_m` of TS 38.214); 1 is BPSK.
    ///
    /// # Errors
    ///
    /// [`CodingError::ModulationOrder`] for an order other than 1, 2, 4, 6, 8 and 10.
    pub const fn from_order(order: usize) -> Result<Self, CodingError> {
        match order {
            1 => Ok(Self::Bpsk),
            2 => Ok(Self::Qpsk),
            4 => Ok(Self::Qam16),
            6 => Ok(Self::Qam64),
            8 => Ok(Self::Qam256),
            10 => Ok(Self::Qam1024),
            _ => Err(CodingError::ModulationOrder { given: order }),
        }
    }

    /// Returns how many bits a symbol carries.
    pub const fn bits_per_symbol(self) -> usize {
        self.dimensions() * self.bits_per_dimension()
    }

    /// Returns in how many real dimensions bits lie: 2, or 1 for (pi/2-)BPSK, whose points lie on a diagonal.
    pub const fn dimensions(self) -> usize {
        match self {
            Self::Pi2Bpsk | Self::Bpsk => 1,
            _ => 2,
        }
    }

    /// Returns how many bits a real dimension carries.
    pub const fn bits_per_dimension(self) -> usize {
        match self {
            Self::Pi2Bpsk | Self::Bpsk | Self::Qpsk => 1,
            Self::Qam16 => 2,
            Self::Qam64 => 3,
            Self::Qam256 => 4,
            Self::Qam1024 => 5,
        }
    }

    /// Returns the mean energy of a symbol whose levels in each dimension are the odd integers.
    ///
    /// ```text
    /// level_energy = dimensions (4^bits_per_dimension - 1) / 3:  1 (BPSK), 2, 10, 42, 170, 682
    /// ```
    ///
    /// Points have unit mean energy: a level `a` stands for the amplitude `a / sqrt(level_energy)`.
    pub const fn level_energy(self) -> f64 {
        let levels_squared = 1u64 << (2 * self.bits_per_dimension());
        (self.dimensions() as u64 * (levels_squared - 1) / 3) as f64
    }
}

impl fmt::Display for Modulation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Modulation {
    type Err = CodingError;

    /// Reads a name of [`Modulation::NAMES`].
    ///
    /// # Errors
    ///
    /// [`CodingError::ModulationName`] for any other text.
    fn from_str(name: &str) -> Result<Self, CodingError> {
        let place = Self::NAMES.iter().position(|&known| known == name);
        place
            .map(|place| Self::ALL[place])
            .ok_or_else(|| CodingError::ModulationName { name: name.to_owned() })
    }
}

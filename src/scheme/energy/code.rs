//! Energy codes: how a real value becomes non-negative levels of mean 1, and how levels weigh in the estimate.

/// Most numbers that the digits of a balanced code may tell apart.
pub const MAX_NUMBERS: u64 = 1 << 20;

/// How a value, clipped to plus or minus `range`, becomes levels on its own elements.
///
/// ```text
/// affine     level = 1 + u/range on all L elements;                w = range/L, offset = range
/// balanced   q = round(u/step), step = 2 range/(base^D - 1), |q| <= (base^D - 1)/2, q = sum_d base^d digit_d
///            levels on the two bins of a digit: c max(digit, 0) and c max(-digit, 0), c = 8 base/(base^2 - 1)
///            w = +-step base^d/(c copies), offset = 0
/// ```
///
/// Affine levels have mean 1 for values of mean 0; balanced ones for digits that are all equally likely, since then
/// `E|digit| = (base^2 - 1)/(4 base)` lies on one bin of two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EnergyCode {
    /// The value itself, shifted to be positive.
    Affine {
        /// Largest magnitude of a value.
        range: f64,
        /// Elements of a value, L.
        sequence_length: usize,
    },
    /// Digits of a balanced number system, each on a bin for positive and a bin for negative ones.
    Balanced {
        /// Largest magnitude of a value.
        range: f64,
        /// Base, odd: digits are `-(base - 1)/2` to `(base - 1)/2`.
        base: u32,
        /// Digits of a value, D.
        digits: u32,
        /// Elements of each bin.
        copies: usize,
    },
}

impl EnergyCode {
    /// Returns the largest magnitude of a value; beyond it values are clipped.
    pub fn range(&self) -> f64 {
        match *self {
            Self::Affine { range, .. } | Self::Balanced { range, .. } => range,
        }
    }

    /// Returns the number of elements of a value: `L`, or `2 copies D` in the order digit, copy, bin.
    pub fn elements(&self) -> usize {
        match *self {
            Self::Affine { sequence_length, .. } => sequence_length,
            Self::Balanced { digits, copies, .. } => 2 * copies * digits as usize,
        }
    }

    /// Returns what is taken off the estimate for each device.
    pub fn offset(&self) -> f64 {
        match *self {
            Self::Affine { range, .. } => range,
            Self::Balanced { .. } => 0.0,
        }
    }

    /// Returns the distance of the numbers that balanced digits stand for.
    pub fn step(range: f64, base: u32, digits: u32) -> f64 {
        2.0 * range / (f64::from(base).powi(digits as i32) - 1.0)
    }

    /// Returns what the energy on each element of a value weighs in the estimate.
    pub fn weights(&self) -> Vec<f32> {
        match *self {
            Self::Affine { range, sequence_length } => {
                vec![(range / sequence_length as f64) as f32; sequence_length]
            }
            Self::Balanced { range, base, digits, copies } => {
                let unit = Self::step(range, base, digits) / (level_of_one(base) * copies as f64);
                let of = |d: u32| {
                    let weight = (unit * f64::from(base).powi(d as i32)) as f32;
                    std::iter::repeat_n([weight, -weight], copies).flatten()
                };
                (0..digits).flat_map(of).collect()
            }
        }
    }

    /// Writes the levels of consecutive values, [`EnergyCode::elements`] each.
    pub fn encode(&self, values: &[f32], levels: &mut [f32]) {
        match *self {
            Self::Affine { range, sequence_length } => {
                let (range, inverse) = (range as f32, (1.0 / range) as f32);
                for (u, levels) in values.iter().zip(levels.chunks_exact_mut(sequence_length)) {
                    levels.fill((1.0 + u.clamp(-range, range) * inverse).max(0.0));
                }
            }
            Self::Balanced { range, base, digits, copies } => {
                let inverse = 1.0 / Self::step(range, base, digits);
                let largest = (f64::from(base).powi(digits as i32) - 1.0) / 2.0;
                let (half, one) = ((base - 1) / 2, level_of_one(base) as f32);
                for (u, levels) in values.iter().zip(levels.chunks_exact_mut(self.elements())) {
                    let number = (f64::from(*u) * inverse).round().clamp(-largest, largest);
                    // Balanced digits are those of the number plus the largest, less half the base.
                    let mut rest = (number + largest) as u32;
                    for bins in levels.chunks_exact_mut(2 * copies) {
                        let digit = (rest % base) as f32 - half as f32;
                        rest /= base;
                        for pair in bins.as_chunks_mut::<2>().0 {
                            *pair = [one * digit.max(0.0), one * (-digit).max(0.0)];
                        }
                    }
                }
            }
        }
    }
}

/// Returns the level of a digit of 1: `8 base/(base^2 - 1)`.
fn level_of_one(base: u32) -> f64 {
    let base = f64::from(base);
    8.0 * base / (base * base - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(code: &EnergyCode, u: f32) -> f64 {
        let mut levels = vec![0.0; code.elements()];
        code.encode(&[u], &mut levels);
        let sum: f64 = levels.iter().zip(code.weights()).map(|(l, w)| f64::from(l * w)).sum();
        sum - code.offset()
    }

    #[test]
    fn affine_levels_decode_to_the_value_and_clip() {
        let code = EnergyCode::Affine { range: 1.5, sequence_length: 7 };
        for (u, expected) in [(0.0, 0.0), (1.5, 1.5), (-1.5, -1.5), (0.3, 0.3), (2.0, 1.5), (-9.0, -1.5)] {
            assert!((decoded(&code, u) - expected).abs() < 1e-6, "{u}");
        }
    }

    #[test]
    fn balanced_digits_decode_to_the_nearest_number() {
        // Base 3, two digits: nine numbers, -4 to 4 quarters of the range.
        let code = EnergyCode::Balanced { range: 2.0, base: 3, digits: 2, copies: 3 };
        assert_eq!(code.elements(), 12);
        for i in -40..=40 {
            let u = 0.06 * i as f32;
            let expected = (f64::from(u) / 0.5).round().clamp(-4.0, 4.0) * 0.5;
            assert!((decoded(&code, u) - expected).abs() < 1e-6, "{u}");
        }
        let mut levels = vec![0.0; 12];
        // 1.5 is three steps, 0 + 1 times 3: one level of 3 on the second digit's bin of positive digits.
        code.encode(&[1.5], &mut levels);
        assert_eq!(levels, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 3.0, 0.0, 3.0, 0.0]);
    }

    #[test]
    fn levels_of_equally_likely_digits_have_mean_one() {
        for (base, digits) in [(3, 4), (5, 3), (7, 2), (9, 1)] {
            let code = EnergyCode::Balanced { range: 1.0, base, digits, copies: 1 };
            let largest = (base.pow(digits) as i32 - 1) / 2;
            let values: Vec<f32> = (-largest..=largest).map(|q| q as f32 / largest as f32).collect();
            let mut levels = vec![0.0; values.len() * code.elements()];
            code.encode(&values, &mut levels);
            let mean = levels.iter().map(|l| f64::from(*l)).sum::<f64>() / levels.len() as f64;
            assert!((mean - 1.0).abs() < 1e-6, "{base} {digits}: {mean}");
        }
    }
}

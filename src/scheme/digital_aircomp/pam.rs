//! Numbers, their digits, and the amplitudes that digits are sent with.

use multiversion::multiversion;

/// Most numbers that values are rounded to.
pub const MAX_NUMBERS: u64 = 1 << 20;

/// Numbers on evenly spaced levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UniformLevels {
    /// Largest magnitude of a value; beyond it values are clipped.
    pub range: f64,
    /// Levels, from `-range` to `range`.
    pub levels: u32,
    /// Whether values are rounded at random, so that they are right in the mean, or to the nearest level.
    pub stochastic: bool,
}

impl UniformLevels {
    /// Returns the distance of levels.
    pub fn step(&self) -> f64 {
        2.0 * self.range / f64::from(self.levels - 1)
    }

    /// Writes the numbers of values; `uniforms` round them at random and are not used otherwise.
    pub fn number(&self, values: &[f32], uniforms: &[f32], numbers: &mut [u32]) {
        round_all(self, values, uniforms, numbers);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn round_all(levels: &UniformLevels, values: &[f32], uniforms: &[f32], numbers: &mut [u32]) {
    let (range, inverse) = (levels.range, 1.0 / levels.step());
    let (most, random) = (f64::from(levels.levels - 1), f64::from(u8::from(levels.stochastic)));
    for ((number, value), uniform) in numbers.iter_mut().zip(values).zip(uniforms) {
        let position = (f64::from(*value).clamp(-range, range) + range) * inverse;
        // The nearest number to a position moved by up to a half is the one below or the one above, as often as is right.
        let moved = position + random * (f64::from(*uniform) - 0.5);
        *number = (moved + 0.5).floor().clamp(0.0, most) as u32;
    }
}

/// Digits on the quadratures of elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PamCode {
    /// How values become numbers below `base^digits`.
    pub levels: UniformLevels,
    /// Points a quadrature, q.
    pub base: u32,
    /// Digits of a number, D.
    pub digits: u32,
}

impl PamCode {
    /// Makes the code whose numbers have so many digits.
    pub fn new(base: u32, digits: u32, (range, stochastic): (f64, bool)) -> Self {
        let levels = UniformLevels { range, levels: base.pow(digits), stochastic };
        Self { levels, base, digits }
    }

    /// Returns half the distance of points of unit power: `sqrt(3/(q^2 - 1))`.
    pub fn half_distance(&self) -> f64 {
        (3.0 / (f64::from(self.base).powi(2) - 1.0)).sqrt()
    }

    /// Returns what each digit weighs, the least first.
    pub fn weights(&self) -> Vec<f64> {
        (0..self.digits).map(|d| self.levels.step() * f64::from(self.base).powi(d as i32)).collect()
    }

    /// Writes the amplitudes of the digits of numbers, the least digit of a number first.
    pub fn amplitudes(&self, numbers: &[u32], out: &mut [f32]) {
        let (half, offset) = (self.half_distance() as f32, (self.base - 1) as i32);
        let amplitude = |digit: u32| (2 * digit as i32 - offset) as f32 * half;
        if self.digits == 1 {
            out.iter_mut().zip(numbers).for_each(|(out, number)| *out = amplitude(*number));
            return;
        }
        for (number, out) in numbers.iter().zip(out.chunks_exact_mut(self.digits as usize)) {
            let mut rest = *number;
            for out in out {
                *out = amplitude(rest % self.base);
                rest /= self.base;
            }
        }
    }

    /// Returns the sum of the digits of `active` devices, less its middle, that lies nearest to a received sum of amplitudes.
    ///
    /// ```text
    /// S = round((r/half_distance + K_a (q - 1))/2) within 0 .. K_a (q - 1);   returns S - K_a (q - 1)/2
    /// ```
    #[inline]
    pub fn decide(&self, received: f32, active: u32) -> f32 {
        let most = active as f32 * (self.base - 1) as f32;
        let position = 0.5 * (received / self.half_distance() as f32 + most);
        (position + 0.5).floor().clamp(0.0, most) - 0.5 * most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_up_numbers() {
        let code = PamCode::new(5, 3, (2.0, false));
        let numbers: Vec<u32> = (0..125).collect();
        let mut amplitudes = vec![0.0; 375];
        code.amplitudes(&numbers, &mut amplitudes);
        let weights = code.weights();
        for (number, parts) in numbers.iter().zip(amplitudes.chunks(3)) {
            let value: f64 = parts.iter().zip(&weights).map(|(a, w)| w * f64::from(code.decide(*a, 1))).sum();
            assert!((value - (-2.0 + f64::from(*number) * 4.0 / 124.0)).abs() < 1e-6, "{number}: {value}");
        }
        // Every digit is equally often any of five: the mean power is 1.
        let power: f64 = amplitudes.iter().map(|a| f64::from(*a).powi(2)).sum::<f64>() / 375.0;
        assert!((power - 1.0).abs() < 1e-6);
    }

    #[test]
    fn numbers_are_near_and_clipped() {
        let values = [-9.0, -1.0, -0.26, -0.24, 0.1, 0.76, 1.0, 9.0];
        let mut numbers = [0; 8];
        let mut levels = UniformLevels { range: 1.0, levels: 5, stochastic: false };
        levels.number(&values, &[0.99; 8], &mut numbers);
        assert_eq!(numbers, [0, 0, 1, 2, 2, 4, 4, 4]);
        levels.stochastic = true;
        levels.number(&values, &[0.01; 8], &mut numbers);
        assert_eq!(numbers, [0, 0, 1, 1, 2, 3, 4, 4]);
        levels.number(&values, &[0.99; 8], &mut numbers);
        assert_eq!(numbers, [0, 0, 2, 2, 3, 4, 4, 4]);
    }

    #[test]
    fn sums_are_decided_within_what_devices_can_send() {
        let code = PamCode::new(4, 1, (1.0, false));
        let half = code.half_distance() as f32;
        // Three devices: sums of 0 to 9, amplitudes of -9 to 9 half distances.
        for (received, sum) in
            [(-20.0, -4.5), (-9.2, -4.5), (-8.1, -4.5), (-7.9, -3.5), (0.9, 0.5), (40.0, 4.5)]
        {
            assert_eq!(code.decide(received * half, 3), sum, "{received}");
        }
        assert_eq!(code.decide(3.0, 0), 0.0);
    }
}

//! Samples as programs keep them.

use crate::error::DriverError;
use airloop_baseband::Complex32;

/// How a sample lies in a program's memory, in the machine's byte order; no alignment is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Two 32-bit floats: what the ether carries.
    Cf32,
    /// Two 16-bit integers of which [`FULL_SCALE`] is 1, rounded to the nearest and cut at both ends.
    Cs16,
}

/// What of a 16-bit integer is 1.0, as in SoapySDR's own converters: every integer comes back from its float.
pub const FULL_SCALE: f32 = 32_768.0;

impl Format {
    /// Names of all, the native one first.
    pub const NAMES: [&'static str; 2] = ["CF32", "CS16"];

    /// Returns the format of a name.
    pub fn of(name: &str, radio: &str) -> Result<Self, DriverError> {
        match name {
            "CF32" => Ok(Self::Cf32),
            "CS16" => Ok(Self::Cs16),
            _ => Err(DriverError::Unknown {
                radio: radio.into(),
                what: "stream format",
                name: name.into(),
                known: Self::NAMES.join(", "),
            }),
        }
    }

    /// Returns the bytes of a sample.
    pub fn bytes(self) -> usize {
        match self {
            Self::Cf32 => 8,
            Self::Cs16 => 4,
        }
    }

    /// Writes samples to the front of a program's memory.
    pub fn put(self, samples: &[Complex32], out: &mut [u8]) {
        match self {
            Self::Cf32 => out[..8 * samples.len()].copy_from_slice(bytemuck::cast_slice(samples)),
            Self::Cs16 => {
                for (x, out) in samples.iter().zip(out.chunks_exact_mut(4)) {
                    // The conversion cuts what is too large, and makes 0 of what is no number.
                    let [re, im] = [x.re, x.im].map(|x| (x * FULL_SCALE).round_ties_even() as i16);
                    out[..2].copy_from_slice(&re.to_ne_bytes());
                    out[2..].copy_from_slice(&im.to_ne_bytes());
                }
            }
        }
    }

    /// Takes samples from a program's memory.
    pub fn take(self, bytes: &[u8], out: &mut Vec<Complex32>) {
        out.clear();
        match self {
            Self::Cf32 => {
                out.resize(bytes.len() / 8, Complex32::default());
                bytemuck::cast_slice_mut(out).copy_from_slice(bytes);
            }
            Self::Cs16 => out.extend(bytes.chunks_exact(4).map(|x| {
                let part = |at: usize| f32::from(i16::from_ne_bytes([x[at], x[at + 1]])) / FULL_SCALE;
                Complex32::new(part(0), part(2))
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_integer_comes_back_and_the_rest_is_rounded_and_cut() {
        let all: Vec<u8> =
            (i16::MIN..=i16::MAX).flat_map(|x| [x, -1 - x]).flat_map(i16::to_ne_bytes).collect();
        let (mut samples, mut back) = (Vec::new(), vec![0; all.len()]);
        Format::Cs16.take(&all, &mut samples);
        Format::Cs16.put(&samples, &mut back);
        assert!(back == all);
        let put = |re: f32, im: f32| {
            let mut out = [0; 4];
            Format::Cs16.put(&[Complex32::new(re, im)], &mut out);
            [out[0..2].try_into().unwrap(), out[2..4].try_into().unwrap()].map(i16::from_ne_bytes)
        };
        assert_eq!(put(1.0, -1.0), [32_767, -32_768]);
        assert_eq!(put(-9.0, f32::NAN), [-32_768, 0]);
        assert_eq!(put(0.4 / FULL_SCALE, -0.6 / FULL_SCALE), [0, -1]);
    }
}

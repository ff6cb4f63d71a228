//! Automatic gain control: held through a frame, or running through it.

use crate::error::ChannelError;
use airloop_baseband::Complex32;

/// Least time constant of a running loop, in samples.
pub const LEAST_TIME_CONSTANT_SAMPLES: f64 = 4.0;

/// Largest change of a gain's power against nominal, either way.
const MOST_POWER: f64 = 1e4;

/// How a receiver sets the gain ahead of its converter.
///
/// ```text
/// g = sqrt(mean_power / p),   p the power that it has measured
/// frozen    p is the mean of |y|^2 over the first length_samples that are heard, held from then; undone behind the converter
/// running   p += (1 - exp(-1/c)) (|y|^2 - p),   c = attack_samples above p, decay_samples below; not undone
/// ```
///
/// Until something is measured the gain is 1. A held gain that is known changes only what the converter does. A running one turns
/// fluctuations of the signal into amplitude: where values superpose, they are wrong by what it moves. Gains stay within 40 dB of
/// nominal, and a running loop holds while nobody listens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum GainControl {
    /// The gain that suits the nominal mean power.
    #[default]
    Nominal,
    /// Measured once, then held.
    Frozen {
        /// Length of the measurement.
        length_samples: u64,
    },
    /// A loop that never stops.
    Running {
        /// Time constant where the power is above what was measured, at least [`LEAST_TIME_CONSTANT_SAMPLES`].
        attack_samples: f64,
        /// Time constant where it is below.
        decay_samples: f64,
    },
}

impl GainControl {
    /// Returns the error over the signal's power that a running loop with equal time constants `c` leaves on Gaussian samples
    /// that are white at the sample rate; `None` for unequal ones, 0 where the gain is held.
    ///
    /// ```text
    /// E(g - 1)^2 = v/4 - 3/8 m + 87/64 v^2,   v = Var(p)/p^2 = a/(2 - a),   m = 2 a^2/(3 - 3 a + a^2) its third moment,
    /// a = 1 - exp(-1/c);   to second order in v
    /// ```
    pub fn error_vector_power(&self) -> Option<f64> {
        match *self {
            Self::Running { attack_samples, decay_samples } if attack_samples == decay_samples => {
                let rate = -(-1.0 / attack_samples).exp_m1();
                let v = rate / (2.0 - rate);
                // E(p^(-1/2) - 1)^2 with the third and fourth central moments of the weighted sum of exponentials.
                let third = 2.0 * rate * rate / (3.0 - 3.0 * rate + rate * rate);
                Some(0.25 * v - 0.375 * third + 87.0 / 64.0 * v * v)
            }
            Self::Running { .. } => None,
            Self::Nominal | Self::Frozen { .. } => Some(0.0),
        }
    }
}

/// A gain control at work.
#[derive(Clone, Copy, Debug)]
pub(super) enum GainState {
    Frozen { length: u64, heard: u64, mean_power: f64, energy: f64, gain: f32 },
    Running { attack: f64, decay: f64, mean_power: f64, power: f64 },
}

impl GainState {
    /// Makes the state; `None` where the gain stays nominal.
    pub(super) fn new(control: GainControl, mean_power: f64) -> Result<Option<Self>, ChannelError> {
        match control {
            GainControl::Nominal => Ok(None),
            GainControl::Frozen { length_samples: 0 } => Err(ChannelError::OutOfRange {
                name: "length_samples",
                value: 0.0,
                expected: "at least 1 sample",
            }),
            GainControl::Frozen { length_samples: length } => {
                Ok(Some(Self::Frozen { length, heard: 0, mean_power, energy: 0.0, gain: 1.0 }))
            }
            GainControl::Running { attack_samples, decay_samples } => {
                for (name, value) in [("attack_samples", attack_samples), ("decay_samples", decay_samples)] {
                    let valid = value >= LEAST_TIME_CONSTANT_SAMPLES && value.is_finite();
                    if !valid {
                        return Err(ChannelError::OutOfRange { name, value, expected: "finite, at least 4" });
                    }
                }
                let rate = |samples: f64| -(-1.0 / samples).exp_m1();
                let (attack, decay) = (rate(attack_samples), rate(decay_samples));
                Ok(Some(Self::Running { attack, decay, mean_power, power: mean_power }))
            }
        }
    }

    /// Sets the gain of the next samples, converts them, and undoes what is to be undone; returns what `convert` counts.
    pub(super) fn apply(
        &mut self,
        samples: &mut [Complex32],
        convert: impl Fn(&mut [Complex32]) -> usize,
    ) -> usize {
        match self {
            Self::Frozen { length, heard, mean_power, energy, gain } => {
                let held = ((*length - *heard) as usize).min(samples.len());
                for x in &samples[..held] {
                    *energy += f64::from(x.norm_sqr());
                }
                *heard += held as u64;
                if held > 0 && heard == length {
                    let measured =
                        (*energy / *length as f64 / *mean_power).clamp(1.0 / MOST_POWER, MOST_POWER);
                    *gain = (1.0 / measured.sqrt()) as f32;
                }
                let (before, after) = samples.split_at_mut(held);
                let (up, down) = (*gain, 1.0 / *gain);
                after.iter_mut().for_each(|x| *x *= up);
                let clipped = convert(before) + convert(after);
                after.iter_mut().for_each(|x| *x *= down);
                clipped
            }
            Self::Running { attack, decay, mean_power, power } => {
                let (least, most) = (*mean_power / MOST_POWER, *mean_power * MOST_POWER);
                for x in samples.iter_mut() {
                    let heard = f64::from(x.norm_sqr());
                    *x *= (*mean_power / *power).sqrt() as f32;
                    let rate = if heard > *power { *attack } else { *decay };
                    *power = (*power + rate * (heard - *power)).clamp(least, most);
                }
                convert(samples)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::{Purpose, Seeds};

    fn noise(count: usize, power: f32) -> Vec<Complex32> {
        let mut samples = vec![Complex32::default(); count];
        Seeds::new(5).stream(Purpose::Noise, 0, 0).fill_complex_gaussian(0, power, &mut samples);
        samples
    }

    /// Passes samples in pieces and returns them with the gains that a converter sees.
    fn run(control: GainControl, samples: &[Complex32], piece: usize) -> (Vec<Complex32>, f64) {
        let mut state = GainState::new(control, 1.0).unwrap().unwrap();
        let mut samples = samples.to_vec();
        let seen = std::cell::Cell::new(0.0);
        for part in samples.chunks_mut(piece) {
            let last = |part: &mut [Complex32]| {
                seen.set(part.last().map_or(seen.get(), |x| f64::from(x.norm_sqr())));
                0
            };
            state.apply(part, last);
        }
        (samples, seen.get())
    }

    #[test]
    fn gains_do_not_depend_on_windows() {
        let controls = [
            GainControl::Frozen { length_samples: 1000 },
            GainControl::Running { attack_samples: 20.0, decay_samples: 500.0 },
        ];
        for control in controls {
            let whole = run(control, &noise(5000, 3.0), 5000);
            for piece in [1, 997, 1000] {
                assert!(run(control, &noise(5000, 3.0), piece) == whole, "{control:?} {piece}");
            }
        }
    }

    #[test]
    fn a_frozen_gain_is_measured_held_and_undone() {
        let samples = noise(5000, 3.0);
        let (out, seen) = run(GainControl::Frozen { length_samples: 1000 }, &samples, 5000);
        assert!(out.iter().zip(&samples).all(|(a, b)| (a - b).norm() < 1e-6 * (1.0 + b.norm())));
        let measured: f64 = samples[..1000].iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>() / 1000.0;
        let expected = f64::from(samples[4999].norm_sqr()) / measured;
        assert!((seen / expected - 1.0).abs() < 1e-5 && (measured - 3.0).abs() < 0.5, "{seen} {expected}");
    }

    #[test]
    fn a_running_gain_leaves_its_floor() {
        for time_constant in [30.0, 200.0] {
            let control =
                GainControl::Running { attack_samples: time_constant, decay_samples: time_constant };
            let samples = noise(1_000_000, 1.0);
            let (out, _) = run(control, &samples, 1_000_000);
            let error: f64 =
                out.iter().zip(&samples).skip(2000).map(|(a, b)| f64::from((a - b).norm_sqr())).sum();
            let floor = control.error_vector_power().unwrap();
            let db = 10.0 * (error / 998_000.0 / floor).log10();
            assert!(db.abs() < 0.2, "{time_constant}: {db} dB");
            let other = GainControl::Running {
                attack_samples: 1.2 * time_constant,
                decay_samples: 1.2 * time_constant,
            };
            assert!(
                (10.0 * (floor / other.error_vector_power().unwrap()).log10()).abs() > 0.5,
                "a control passes"
            );
        }
        assert!(
            GainState::new(GainControl::Running { attack_samples: 1.0, decay_samples: 9.0 }, 1.0).is_err()
        );
    }
}

//! Sums of PAM points decided to the nearest: what the slicer leaves, and what rounding leaves.
//!
//! ```text
//! r = S + tau n,  n normal:  tau^2 = (s2/rho) (q^2 - 1)/12,   P(decided > j) = Q((j + 1/2 - r)/tau),  0 <= j < K_a (q - 1)
//! error rate of the sum of K uniform digits   (2 - 2 q^-K) Q(1/(2 tau))
//! error = E[(step sum_d q^d (decided_d - K_a (q - 1)/2) - sum_k u_k)^2]
//! ```
//!
//! `rho` is the power at which a point arrives. Two digits on one element have half of its power each, and half of its noise.

mod conditional;
mod ensemble;
mod rounding;

pub use conditional::{AircompSlot, DigitalAircompConditional};
pub use ensemble::ensemble;

use super::Setting;
use airloop_baseband::special::q_function;

/// The scheme, as its formulas need it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DigitalAircompFormula {
    /// Points a quadrature, q.
    pub base: u32,
    /// Digits of a number, D.
    pub digits: u32,
    /// Values are clipped to plus or minus this.
    pub range: f64,
    /// Whether values are rounded at random.
    pub stochastic: bool,
    /// Threshold on the gain, and whether power is averaged over fading; `None`: all arrive as the weakest can.
    pub threshold: Option<(f64, bool)>,
}

impl DigitalAircompFormula {
    /// Returns the number of levels of a value.
    fn levels(&self) -> u64 {
        u64::from(self.base).pow(self.digits)
    }

    /// Returns the distance of levels.
    fn step(&self) -> f64 {
        2.0 * self.range / (self.levels() - 1) as f64
    }

    /// Returns the deviation of the noise in units of a digit, where points arrive with so much power.
    fn deviation(&self, setting: &Setting<'_>, arrived: f64) -> f64 {
        (setting.noise_power / arrived * (f64::from(self.base).powi(2) - 1.0) / 12.0).sqrt()
    }

    /// Returns the power at which points arrive above the threshold; `None` where that is the weakest device's affair.
    fn aligned_power(&self, setting: &Setting<'_>) -> Option<f64> {
        let (threshold, average) = self.threshold?;
        let weakest = weakest(setting);
        Some(match (average, setting.known.is_constant()) {
            (true, _) => weakest / setting.known.truncated_inverse(threshold),
            (false, true) => weakest,
            (false, false) => weakest * threshold,
        })
    }
}

/// Returns a device's budget for points of unit power.
fn point_power(setting: &Setting<'_>, device: usize) -> f64 {
    setting.power[device] * setting.payload.budget_power(device)
}

fn weakest(setting: &Setting<'_>) -> f64 {
    (0..setting.power.len()).map(|k| point_power(setting, k)).fold(f64::INFINITY, f64::min)
}

/// Beyond so many deviations nothing is decided otherwise.
const FAR: f64 = 9.0;

/// Returns mean and variance of what a slicer of the whole numbers 0 to `most` decides about `received` in noise of a deviation.
///
/// ```text
/// c the number FAR deviations below:  E = c + sum_{i >= 0} Q_i,   E (decided - c)^2 = sum (2 i + 1) Q_i,   Q_i = P(decided > c + i)
/// ```
pub fn slicer_moments(received: f64, most: u32, deviation: f64) -> (f64, f64) {
    let most = f64::from(most);
    let base = (received - FAR * deviation - 0.5).floor().clamp(0.0, most);
    let end = (received + FAR * deviation + 0.5).ceil().clamp(base, most);
    let (mut first, mut second) = (0.0, 0.0);
    for i in 0..(end - base) as u64 {
        let above = q_function((base + i as f64 + 0.5 - received) / deviation);
        first += above;
        second += (2.0 * i as f64 + 1.0) * above;
    }
    (base + first, (second - first * first).max(0.0))
}

/// Returns the probability that the sum of `devices` uniform digits to a base is decided wrongly.
///
/// ```text
/// P_e = (2 - 2 q^-K) Q(sqrt(3 SNR/(q^2 - 1)))
/// ```
///
/// `snr` is the power of one device's points over that of the noise, on one quadrature or over the element alike. An inner sum
/// errs to both sides, the two outer ones, of probability `q^-K` each, to one. Derived in the style of PAM's own error rate.
pub fn sum_error_rate(devices: u32, base: u32, snr: f64) -> f64 {
    let q = f64::from(base);
    (2.0 - 2.0 * q.powi(-(devices as i32))) * q_function((3.0 * snr / (q * q - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums over all decisions with their probabilities.
    fn by_decisions(received: f64, most: u32, deviation: f64) -> (f64, f64) {
        let above = |j: i64| match j {
            j if j < 0 => 1.0,
            j if j >= i64::from(most) => 0.0,
            j => q_function((j as f64 + 0.5 - received) / deviation),
        };
        let chance = |j: i64| above(j - 1) - above(j);
        let mean: f64 = (0..=i64::from(most)).map(|j| chance(j) * j as f64).sum();
        let variance = (0..=i64::from(most)).map(|j| chance(j) * (j as f64 - mean).powi(2)).sum();
        (mean, variance)
    }

    #[test]
    fn moments_are_those_of_the_decisions() {
        for most in [0, 1, 7, 40] {
            for received in [-3.0, 0.0, 0.3, 5.0, 6.5, 39.8, 55.0] {
                for deviation in [0.02, 0.3, 1.7, 30.0] {
                    let (found, right) =
                        (slicer_moments(received, most, deviation), by_decisions(received, most, deviation));
                    assert!((found.0 - right.0).abs() < 1e-9 * (1.0 + right.0), "{found:?} {right:?}");
                    assert!((found.1 - right.1).abs() < 1e-9 * (1.0 + right.1), "{found:?} {right:?}");
                }
            }
        }
    }
}

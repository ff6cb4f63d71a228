//! Functions beyond sum and mean: what Gaussian error of the sum makes of the value that is mapped back.
//!
//! Given channels and payload, a coherent scheme's estimate of the sum of mapped values is Gaussian, of mean `m` and variance
//! `v` in the map's own units. With the true value `f` of the function:
//!
//! ```text
//! geometric mean   E(psi - f)^2 = e^(2 m/K + 2 v/K^2) - 2 f e^(m/K + v/(2 K^2)) + f^2
//!                  aligned, m = K ln f:  E psi/f - 1 = e^(v/(2 K^2)) - 1,  NMSE = e^(2 v/K^2) - 2 e^(v/(2 K^2)) + 1
//! p-norm, maximum  E(psi - f)^2 = Q((m - s_low)/sqrt v) (psi(s_low) - f)^2 + integral from s_low of (psi(s) - f)^2 n(s; m, v) ds
//! ```
//!
//! Clamped sums lie in the first part. The integral is taken over the value `t = psi(s)` where clamping has a part in it,
//! since roots and logarithms are steep there.

use super::ensemble::{Ensemble, aligned, truncated};
use super::{Formula, Setting};
use crate::payload::{Mapping, Nomographic};
use crate::report::{Errors, Metrics};
use airloop_baseband::Complex64;
use airloop_baseband::special::q_function;

/// Deviations beyond which a Gaussian error is left out.
const REACH: f64 = 8.5;

/// Points of the trapezoidal sum over a Gaussian error that is not clamped: exact to rounding for smooth functions.
const POINTS: usize = 69;

/// Panels of eight points over a clamped error.
const PANELS: usize = 16;

/// Nodes and weights of Gauss and Legendre's rule of eight points on plus and minus 1: Abramowitz & Stegun 25.4.30.
const LEGENDRE: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];

/// An estimate of a sum of unit-power values: Gaussian, given channels and payload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistic {
    /// Its mean.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// Returns the ensemble values: those of a geometric mean of perfectly aligned values, whose error has one distribution at
/// every value.
pub fn ensemble(setting: &Setting<'_>) -> Option<Ensemble> {
    let mapping = setting.payload.mapping()?;
    if mapping.function() != Nomographic::GeometricMean
        || !setting.known.is_exact()
        || setting.sent_share < 1.0
    {
        return None;
    }
    let (errors, mut prediction) = match setting.formula {
        Formula::TruncatedInversion { threshold, average_power, scale } if setting.known.is_constant() => {
            truncated(setting, threshold, average_power, scale)
        }
        Formula::FullInversion if setting.known.is_constant() => {
            aligned(setting, 0.0, setting.weakest(), 1.0)
        }
        _ => return None,
    };
    if errors.quadratic.abs() > 1e-12 * setting.payload.gram().trace() {
        return None;
    }
    let variance = setting.payload.unit().powi(2) * errors.noise / mapping.devices().powi(2);
    prediction.errors = Errors {
        nmse: Some((2.0 * variance).exp() - 2.0 * (variance / 2.0).exp() + 1.0),
        mse_per_device: Some(errors.mse_per_device(setting.payload.gram())),
        ..Errors::default()
    };
    Some(Ensemble { metrics: Metrics::exact(&prediction.errors), prediction })
}

/// Adds the statistics of a range of values (one or two) of an element to `out`.
///
/// ```text
/// mean of the real part = sum_k Re(w_k (u1_k + j u2_k)), of the imaginary part likewise
/// ```
pub(super) fn weigh(
    (weights, variance): (&[Complex64], f64),
    (values, stride): (&[f32], usize),
    (first, end): (usize, usize),
    out: &mut Vec<Statistic>,
) {
    let mut mean = Complex64::default();
    for (k, e) in weights.iter().enumerate() {
        let value = |i: usize| if i < end { f64::from(values[k * stride + i]) } else { 0.0 };
        mean += (e + 1.0) * Complex64::new(value(first), value(first + 1));
    }
    out.extend([mean.re, mean.im][..end - first].iter().map(|mean| Statistic { mean: *mean, variance }));
}

/// Returns the expected squared error of all values over the energy of the target; `passes` of the same statistics are
/// averaged.
pub fn nmse(setting: &Setting<'_>, statistics: &[Statistic], targets: &[f64]) -> Option<f64> {
    let mapping = setting.payload.mapping()?;
    let (unit, offset) = (setting.payload.unit(), setting.payload.offset());
    let passes = setting.repetitions as f64;
    let (mut error, mut energy) = (0.0, 0.0);
    for (statistic, target) in statistics.iter().zip(targets) {
        let deviation = unit * (statistic.variance / passes).sqrt();
        error += mean_square_error(mapping, (unit * statistic.mean + offset, deviation), *target);
        energy += target * target;
    }
    (energy > 0.0).then(|| error / energy)
}

/// Returns `E(psi(s) - target)^2` for a sum `s` of that mean and deviation.
pub fn mean_square_error(mapping: &Mapping, (mean, deviation): (f64, f64), target: f64) -> f64 {
    if mapping.function() == Nomographic::GeometricMean {
        let (m, v) = (mean / mapping.devices(), (deviation / mapping.devices()).powi(2));
        return (2.0 * (m + v)).exp() - 2.0 * target * (m + v / 2.0).exp() + target * target;
    }
    let error = |value: f64| (value - target).powi(2);
    if deviation == 0.0 {
        return error(mapping.backward(mean));
    }
    let floor = mapping.floor();
    let lowest = (floor - mean) / deviation;
    if lowest < -REACH {
        let step = 2.0 * REACH / (POINTS - 1) as f64;
        let at = |i: usize| {
            let z = step * i as f64 - REACH;
            (-z * z / 2.0).exp() * error(mapping.backward(mean + deviation * z))
        };
        return step / std::f64::consts::TAU.sqrt() * (0..POINTS).map(at).sum::<f64>();
    }
    let clamped = q_function(-lowest) * error(mapping.backward(floor));
    if lowest > REACH {
        return clamped;
    }
    let density = |value: f64| {
        let (sum, slope) = mapping.sum_of(value);
        let z = (sum - mean) / deviation;
        (-z * z / 2.0).exp() * slope / (deviation * std::f64::consts::TAU.sqrt())
    };
    let (from, to) = (mapping.backward(floor), mapping.backward(mean + REACH * deviation));
    clamped + panels(|value| density(value) * error(value), (from, to))
}

/// Integrates over [`PANELS`] even parts.
fn panels(of: impl Fn(f64) -> f64, (from, to): (f64, f64)) -> f64 {
    let half = (to - from) / (2 * PANELS) as f64;
    let panel = |i: usize| {
        let middle = from + half * (2 * i + 1) as f64;
        let pair =
            |(node, weight): &(f64, f64)| weight * (of(middle - half * node) + of(middle + half * node));
        LEGENDRE.iter().map(pair).sum::<f64>()
    };
    half * (0..PANELS).map(panel).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::special::integrate;

    /// The definition, by adaptive quadrature over the error on both sides of the floor.
    fn slow(mapping: &Mapping, (mean, deviation): (f64, f64), target: f64) -> f64 {
        let of = |z: f64| {
            (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt()
                * (mapping.backward(mean + deviation * z) - target).powi(2)
        };
        let kink = ((mapping.floor() - mean) / deviation).clamp(-30.0, 30.0);
        integrate(of, -30.0, kink, 1e-11) + integrate(of, kink, 30.0, 1e-11)
    }

    #[test]
    fn expected_errors_are_the_integrals_of_their_definition() {
        let exponentials = Nomographic::LargestByExponentials { sharpness: 3.0 };
        for function in [
            Nomographic::GeometricMean,
            Nomographic::Norm { order: 1.0 },
            Nomographic::Norm { order: 2.0 },
            Nomographic::LargestByNorm { order: 20.0 },
            exponentials,
        ] {
            let mapping = Mapping::of_range(function, 4, (0.25, 2.0));
            for (mean, deviation) in [(1.5, 0.01), (1.5, 0.15), (1.0, 0.5), (0.2, 3.0), (-2.0, 1.0)] {
                let target = mapping.backward(mean) + 0.1;
                let (fast, slow) = (
                    mean_square_error(&mapping, (mean, deviation), target),
                    slow(&mapping, (mean, deviation), target),
                );
                assert!(
                    (fast / slow - 1.0).abs() < 1e-5,
                    "{function:?}, {mean} +- {deviation}: {fast} {slow}"
                );
            }
        }
    }

    #[test]
    fn sums_far_below_the_floor_and_without_noise_are_sure() {
        let mapping = Mapping::of_range(Nomographic::Norm { order: 2.0 }, 4, (-1.0, 1.0));
        assert!((mean_square_error(&mapping, (-9.0, 1.0), 2.0) - 4.0).abs() < 1e-9);
        assert!((mean_square_error(&mapping, (9.0, 0.0), 2.0) - 1.0).abs() < 1e-12);
    }
}

//! Moments of mapped draws: what brings them to unit power.

use super::gram::Gram;
use super::nomographic::{Mapping, Nomographic, refuse_rare_power};
use super::source::{Distribution, SourceError, Synthetic};
use super::survey::Survey;
use airloop_baseband::special::{ln_gamma, normal_quantile};

/// Fewest values of which one is the largest of a round.
const FEWEST: f64 = 1e4;

/// Mean and mean square of mapped values.
type Moments = (f64, f64);

/// Returns the interval that one in `count` values of a distribution leaves.
fn extent(distribution: Distribution, count: f64) -> (f64, f64) {
    let normal = |share: f64| normal_quantile(1.0 - 0.5 / (count * share));
    let largest = match distribution {
        Distribution::Sign(_) => 1.0,
        Distribution::Uniform => 3f64.sqrt(),
        Distribution::Gaussian => normal(1.0),
        Distribution::SparseGaussian { density } => normal(density) / density.sqrt(),
        Distribution::Lognormal => return ((-normal(1.0)).exp(), normal(1.0).exp()),
    };
    (-largest, largest)
}

/// Returns the mean of `|x|^q`; infinite where there is none.
///
/// ```text
/// Gaussian 2^(q/2) Gamma((q + 1)/2)/sqrt(pi);   uniform 3^(q/2)/(q + 1);   lognormal e^(q^2/2);   density d: d^(1 - q/2) Gaussian
/// ```
fn mean_power(distribution: Distribution, q: f64) -> f64 {
    let gaussian =
        || (q / 2.0 * 2f64.ln() + ln_gamma(f64::midpoint(q, 1.0))).exp() / std::f64::consts::PI.sqrt();
    match distribution {
        Distribution::Sign(_) => 1.0,
        Distribution::Gaussian => gaussian(),
        Distribution::Uniform => 3f64.powf(q / 2.0) / (q + 1.0),
        Distribution::SparseGaussian { density } => density.powf(1.0 - q / 2.0) * gaussian(),
        Distribution::Lognormal => (q * q / 2.0).exp(),
    }
}

/// Returns the mean of `e^(b x)`; infinite where there is none.
///
/// ```text
/// Gaussian e^(b^2/2);   uniform sinh(b sqrt 3)/(b sqrt 3);   density d: 1 - d + d e^(b^2/(2 d))
/// ```
fn mean_exponential(distribution: Distribution, b: f64) -> f64 {
    match distribution {
        Distribution::Sign(_) => b.cosh(),
        Distribution::Gaussian => (b * b / 2.0).exp(),
        Distribution::Uniform => (b * 3f64.sqrt()).sinh() / (b * 3f64.sqrt()),
        Distribution::SparseGaussian { density } => 1.0 - density + density * (b * b / (2.0 * density)).exp(),
        Distribution::Lognormal => f64::INFINITY,
    }
}

fn moments(function: Nomographic, distribution: Distribution) -> Moments {
    match function {
        Nomographic::GeometricMean => match distribution {
            Distribution::Lognormal => (0.0, 1.0),
            // Values that are not positive have no logarithm.
            _ => (f64::NAN, f64::NAN),
        },
        Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => {
            (mean_power(distribution, order), mean_power(distribution, 2.0 * order))
        }
        Nomographic::LargestByExponentials { sharpness } => {
            (mean_exponential(distribution, sharpness), mean_exponential(distribution, 2.0 * sharpness))
        }
    }
}

/// Surveys mapped draws: independent between devices, of a common mean.
///
/// # Errors
/// When the mean square does not exist, or comes from values that hardly any round draws.
pub(super) fn survey(
    synthetic: &Synthetic,
    function: Nomographic,
    center: bool,
) -> Result<(Survey, Mapping), SourceError> {
    let count = (synthetic.devices as f64 * synthetic.length as f64).max(FEWEST);
    let (lowest, highest) = extent(synthetic.distribution, count);
    // The moments are those of maps without a scale.
    let scale = match function {
        Nomographic::LargestByExponentials { .. } => (lowest, 0.0),
        _ => (-1.0, 1.0),
    };
    let mapping = Mapping::of_range(function, synthetic.devices, scale);
    let (mean, square) = moments(function, synthetic.distribution);
    let low = match function {
        Nomographic::GeometricMean | Nomographic::LargestByExponentials { .. } => mapping.forward(lowest),
        _ => mapping.forward(lowest.max(0.0)),
    };
    let high = mapping.forward(highest);
    refuse_rare_power(function, high, square)?;
    let (taken, power) = if center { (mean, square - mean * mean) } else { (0.0, square) };
    let product = if center { 0.0 } else { mean * mean };
    let k = synthetic.devices as f64;
    let gram = Gram::new(vec![power; synthetic.devices], k * power + k * (k - 1.0) * product, None);
    let devices = synthetic.devices;
    Ok((Survey { means: vec![taken; devices], range: vec![(low, high); devices], gram }, mapping))
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::special::integrate;

    /// Mean over a distribution by quadrature of its density.
    fn mean(distribution: Distribution, of: impl Fn(f64) -> f64) -> f64 {
        let normal = |of: &dyn Fn(f64) -> f64| {
            let density = |n: f64| (-n * n / 2.0).exp() / std::f64::consts::TAU.sqrt();
            let half = |sign: f64| integrate(|n| of(sign * n) * density(n), 0.0, 25.0, 1e-12);
            half(1.0) + half(-1.0)
        };
        match distribution {
            Distribution::Gaussian => normal(&of),
            Distribution::Lognormal => normal(&|n| of(n.exp())),
            Distribution::SparseGaussian { density } => {
                (1.0 - density) * of(0.0) + density * normal(&|n| of(n / density.sqrt()))
            }
            _ => integrate(|x| of(x) + of(-x), 0.0, 3f64.sqrt(), 1e-12) / 12f64.sqrt(),
        }
    }

    #[test]
    fn moments_are_those_of_the_densities() {
        let sparse = Distribution::SparseGaussian { density: 0.3 };
        let (norm, exponentials) =
            (Nomographic::Norm { order: 2.5 }, Nomographic::LargestByExponentials { sharpness: 0.8 });
        for (function, distribution) in [
            (Nomographic::GeometricMean, Distribution::Lognormal),
            (norm, Distribution::Lognormal),
            (norm, Distribution::Gaussian),
            (norm, Distribution::Uniform),
            (norm, sparse),
            (exponentials, Distribution::Gaussian),
            (exponentials, Distribution::Uniform),
            (exponentials, sparse),
        ] {
            let (first, second) = moments(function, distribution);
            let phi = |x: f64| match function {
                Nomographic::GeometricMean => x.ln(),
                Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => x.abs().powf(order),
                Nomographic::LargestByExponentials { sharpness } => (sharpness * x).exp(),
            };
            let expected = (mean(distribution, phi), mean(distribution, |x| phi(x).powi(2)));
            assert!(
                (first - expected.0).abs() < 1e-9 * expected.1.sqrt(),
                "{function:?} {distribution:?}: {first}"
            );
            assert!((second / expected.1 - 1.0).abs() < 1e-9, "{function:?} {distribution:?}: {second}");
        }
    }

    #[test]
    fn power_from_values_that_nobody_draws_is_refused() {
        let synthetic = |distribution| Synthetic {
            distribution,
            devices: 10,
            length: 1000,
            correlation: 0.0,
            decay: 1.0,
            rounds: 1,
        };
        for (distribution, order, right) in [
            (Distribution::Lognormal, 3.0, true),
            (Distribution::Lognormal, 5.0, false),
            (Distribution::Lognormal, 100.0, false),
            (Distribution::Gaussian, 10.0, true),
            (Distribution::Uniform, 200.0, true),
        ] {
            let found = survey(&synthetic(distribution), Nomographic::Norm { order }, false);
            assert_eq!(found.is_ok(), right, "{distribution:?}, {order}");
        }
        let endless = survey(
            &synthetic(Distribution::Lognormal),
            Nomographic::LargestByExponentials { sharpness: 0.1 },
            false,
        );
        assert!(matches!(endless, Err(SourceError::RarePower { key: "payload.sharpness", .. })));
    }
}

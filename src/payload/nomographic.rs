//! Functions beyond sum and mean: each device maps its values before a sum, and the server maps the sum back.
//!
//! ```text
//! f(x_1, ..., x_K) = psi(sum_k phi(x_k))
//! ```
//!
//! The form is that of nomographic functions: Goldenbaum, Boche, Stanczak, "Nomographic functions: efficient computation in
//! clustered Gaussian sensor networks", 2015. Any scheme that adds values can carry them.

use super::source::SourceError;

/// What is computed of the devices' values `x_k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nomographic {
    /// `(prod_k x_k)^(1/K)` of positive values: `phi = ln x`, `psi = exp(s/K)`.
    GeometricMean,
    /// `(sum_k |x_k|^p)^(1/p)`: `phi = |x|^p`, `psi = s^(1/p)`.
    Norm {
        /// The order `p`, at least 1.
        order: f64,
    },
    /// `max_k x_k` of values that are not negative, approached from above by the p-norm, at most `K^(1/p)` times too large.
    LargestByNorm {
        /// The order `p`, at least 1.
        order: f64,
    },
    /// `max_k x_k`, approached from above by `ln(sum_k e^(beta x_k))/beta`, at most `ln(K)/beta` too large.
    LargestByExponentials {
        /// The sharpness `beta`, one over the unit of the values.
        sharpness: f64,
    },
}

impl Nomographic {
    /// Returns whether the server wants the largest value itself, which the map back only approaches.
    pub fn is_largest(self) -> bool {
        matches!(self, Self::LargestByNorm { .. } | Self::LargestByExponentials { .. })
    }

    /// Returns what is wrong with a value, if the function does not take it.
    pub fn objection(self, value: f32) -> Option<&'static str> {
        match self {
            Self::GeometricMean if value <= 0.0 => Some("a geometric mean takes values above 0 only"),
            Self::LargestByNorm { .. } if value < 0.0 => Some(
                "the maximum by a p-norm takes no negative values; payload.approximation = \"log-sum-exp\" takes all",
            ),
            _ => None,
        }
    }
}

/// Sums of logarithms beyond this, per device, are cut: twice their exponential is still a number.
const LARGEST_LOGARITHM: f64 = 300.0;

/// Least exponent of a floor: its exponential is still a number.
const LEAST_EXPONENT: f64 = -600.0;

/// A function with the scales that keep its maps within numbers.
///
/// ```text
/// geometric mean   phi = ln x,                psi = exp(s/K),              |s/K| cut to 300
/// powers           phi = (|x|/c)^p,           psi = c max(s, 0)^(1/p)
/// exponentials     phi = exp(beta (x - c)),   psi = c + ln(max(s, s_low))/beta,   s_low = K phi(lowest value)
/// ```
///
/// `c` and the lowest value are common knowledge of all devices and the server, as the scale of the payload is. No sum of
/// true values lies below `s_low` (of drawn values: hardly any), so that noise alone brings sums there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    function: Nomographic,
    reference: f64,
    floor: f64,
    devices: f64,
}

impl Mapping {
    /// Makes the maps of a function for values in a range, the largest of which is mapped to 1 by powers and exponentials.
    pub fn of_range(function: Nomographic, devices: usize, (lowest, highest): (f64, f64)) -> Self {
        let reference = match function {
            Nomographic::GeometricMean => 1.0,
            Nomographic::Norm { .. } | Nomographic::LargestByNorm { .. } => {
                let largest = highest.abs().max(lowest.abs());
                if largest > 0.0 { largest } else { 1.0 }
            }
            Nomographic::LargestByExponentials { .. } => highest,
        };
        let devices = devices as f64;
        let floor = match function {
            Nomographic::GeometricMean => f64::NEG_INFINITY,
            Nomographic::Norm { .. } | Nomographic::LargestByNorm { .. } => 0.0,
            Nomographic::LargestByExponentials { sharpness } => {
                devices * (sharpness * (lowest - reference)).max(LEAST_EXPONENT).exp()
            }
        };
        Self { function, reference, floor, devices }
    }

    /// Returns the function.
    pub fn function(&self) -> Nomographic {
        self.function
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> f64 {
        self.devices
    }

    /// Returns the least sum that is mapped back as it is.
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// Maps a device's value: `phi(x)`.
    pub fn forward(&self, value: f64) -> f64 {
        match self.function {
            Nomographic::GeometricMean => value.ln(),
            Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => {
                (value.abs() / self.reference).powf(order)
            }
            Nomographic::LargestByExponentials { sharpness } => (sharpness * (value - self.reference)).exp(),
        }
    }

    /// Maps a sum back: `psi(s)`.
    pub fn backward(&self, sum: f64) -> f64 {
        match self.function {
            Nomographic::GeometricMean => {
                (sum / self.devices).clamp(-LARGEST_LOGARITHM, LARGEST_LOGARITHM).exp()
            }
            Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => {
                self.reference * sum.max(self.floor).powf(1.0 / order)
            }
            Nomographic::LargestByExponentials { sharpness } => {
                self.reference + sum.max(self.floor).ln() / sharpness
            }
        }
    }

    /// Returns the sum that is mapped back to a value, and its derivative by the value, where the map back is a root or a
    /// logarithm.
    pub fn sum_of(&self, value: f64) -> (f64, f64) {
        match self.function {
            Nomographic::GeometricMean => (self.devices * value.ln(), self.devices / value),
            Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => {
                let ratio = value / self.reference;
                let power = ratio.powf(order - 1.0);
                (power * ratio, order * power / self.reference)
            }
            Nomographic::LargestByExponentials { sharpness } => {
                let sum = (sharpness * (value - self.reference)).exp();
                (sum, sharpness * sum)
            }
        }
    }

    /// Returns whether a received sum is beyond what is mapped back as it is.
    pub fn clamps(&self, sum: f64) -> bool {
        match self.function {
            Nomographic::GeometricMean => (sum / self.devices).abs() > LARGEST_LOGARITHM,
            _ => sum < self.floor,
        }
    }

    /// Maps values in place.
    pub(super) fn map(&self, values: &mut [f32]) {
        values.iter_mut().for_each(|v| *v = self.forward(f64::from(*v)) as f32);
    }
}

/// Refuses a drawn function whose mean square comes from values that hardly any round draws.
///
/// # Errors
/// When the largest value of a round is usually below the root mean square.
pub(super) fn refuse_rare_power(
    function: Nomographic,
    peak: f64,
    mean_square: f64,
) -> Result<(), SourceError> {
    if peak.is_finite() && mean_square.is_finite() && peak * peak >= mean_square {
        return Ok(());
    }
    let (map, key) = match function {
        Nomographic::GeometricMean => ("ln x".to_string(), "payload.function"),
        Nomographic::Norm { order } | Nomographic::LargestByNorm { order } => {
            (format!("|x|^{order}"), "payload.norm_order")
        }
        Nomographic::LargestByExponentials { sharpness } => {
            (format!("e^({sharpness} x)"), "payload.sharpness")
        }
    };
    Err(SourceError::RarePower { map, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Nomographic; 4] = [
        Nomographic::GeometricMean,
        Nomographic::Norm { order: 3.0 },
        Nomographic::LargestByNorm { order: 40.0 },
        Nomographic::LargestByExponentials { sharpness: 20.0 },
    ];

    #[test]
    fn one_value_alone_comes_back() {
        for function in ALL {
            let mapping = Mapping::of_range(function, 1, (0.1, 7.0));
            for value in [0.1, 0.25, 1.0, 3.5, 7.0] {
                let back = mapping.backward(mapping.forward(value));
                assert!((back / value - 1.0).abs() < 1e-12, "{function:?}: {value} {back}");
                assert!(!mapping.clamps(mapping.forward(value)), "{function:?}");
            }
        }
    }

    #[test]
    fn functions_have_their_definitions_values() {
        let of = |function, values: &[f64]| {
            let mapping = Mapping::of_range(function, values.len(), (values[0], values[values.len() - 1]));
            mapping.backward(values.iter().map(|x| mapping.forward(*x)).sum())
        };
        assert!((of(Nomographic::GeometricMean, &[1.0, 2.0, 4.0]) - 2.0).abs() < 1e-14);
        assert!((of(Nomographic::Norm { order: 2.0 }, &[-3.0, 4.0]) - 5.0).abs() < 1e-14);
        assert!((of(Nomographic::Norm { order: 1.0 }, &[-3.0, -1.0, 4.0]) - 8.0).abs() < 1e-14);
        // ln(e + e^2)/1
        let expected = (1f64.exp() + 2f64.exp()).ln();
        let function = Nomographic::LargestByExponentials { sharpness: 1.0 };
        assert!((of(function, &[1.0, 2.0]) - expected).abs() < 1e-14);
    }

    #[test]
    fn sums_beyond_the_domain_are_clamped() {
        let powers = Mapping::of_range(Nomographic::Norm { order: 2.0 }, 3, (-1.0, 4.0));
        assert!(powers.clamps(-1e-9) && powers.backward(-2.0) == 0.0);
        let exponentials =
            Mapping::of_range(Nomographic::LargestByExponentials { sharpness: 2.0 }, 3, (-1.0, 4.0));
        // No sum is below that of three devices of the lowest value: ln(3)/2 above it.
        assert!(exponentials.clamps(0.0));
        assert!((exponentials.backward(-5.0) - (3f64.ln() / 2.0 - 1.0)).abs() < 1e-12);
        let logarithms = Mapping::of_range(Nomographic::GeometricMean, 3, (1.0, 4.0));
        assert!(logarithms.clamps(1e6) && logarithms.backward(1e6).powi(2).is_finite());
    }

    #[test]
    fn derivatives_are_those_of_the_sums() {
        for function in ALL {
            let mapping = Mapping::of_range(function, 4, (0.5, 2.0));
            let (value, step) = (1.9, 1e-6);
            let (sum, slope) = mapping.sum_of(value);
            let difference = (mapping.sum_of(value + step).0 - mapping.sum_of(value - step).0) / (2.0 * step);
            assert!((mapping.backward(sum) - value).abs() < 1e-12, "{function:?}");
            assert!((difference / slope - 1.0).abs() < 1e-6, "{function:?}: {difference} {slope}");
        }
    }
}

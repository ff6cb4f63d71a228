//! Constellations designed for a function: sums that stand for different values of the function lie apart.
//!
//! ```text
//! maximise  d = min |s(t) - s(t')| over input tuples t, t' with f(t) != f(t'),   s(t) = sum_k x[t_k],   mean |x|^2 = 1
//! ```
//!
//! All devices send from one constellation, since the functions do not depend on the order of the devices. S. Razavikia, J. Barros
//! da Silva Jr., C. Fischione, "Computing functions over-the-air using digital modulations" (arXiv 2303.00577) relax the problem to a
//! semidefinite programme; here it is solved by local search from several constellations, so that the distance is a good one and not
//! proven to be the best. What is proven, tuple by tuple, is the distance itself ([`ChannelComp::distance`]).

use super::design;
use airloop_baseband::Complex64;

/// Most multisets of inputs: each is a point of the sum, and all pairs of them are compared.
pub const MAX_MULTISETS: usize = 220;

/// A function of the devices' numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computed {
    /// `sum_k t_k`, numbers 0 to q - 1.
    Sum,
    /// `prod_k (t_k + 1)`: numbers 1 to q.
    Product,
    /// `max_k t_k`, numbers 0 to q - 1.
    Maximum,
}

impl Computed {
    /// Returns the function's value for as many devices at each number as `counts` says.
    pub fn value(self, counts: &[u32]) -> u64 {
        let numbers = (0u64..).zip(counts);
        match self {
            Self::Sum => numbers.map(|(number, count)| number * u64::from(*count)).sum(),
            Self::Product => numbers.fold(1, |product: u64, (number, count)| {
                product.saturating_mul((number + 1).saturating_pow(*count))
            }),
            Self::Maximum => {
                numbers.filter(|(_, count)| **count > 0).map(|(number, _)| number).max().unwrap_or(0)
            }
        }
    }

    /// Returns the name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Product => "product",
            Self::Maximum => "max",
        }
    }
}

/// Why there is no constellation.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChannelCompError {
    /// Too few points to send.
    #[error("{levels} levels are out of range: a constellation needs at least 2")]
    Levels {
        /// Levels asked for.
        levels: u32,
    },
    /// Nobody sends.
    #[error("no devices: at least 1 is expected")]
    NoDevices,
    /// Too many sums to tell apart.
    #[error(
        "{devices} devices of {levels} levels have {multisets} different sums, and a designed constellation is \
         possible up to {MAX_MULTISETS}: fewer devices or levels are expected"
    )]
    TooMany {
        /// Devices.
        devices: usize,
        /// Levels a device.
        levels: u32,
        /// Multisets of inputs.
        multisets: u128,
    },
}

/// A designed constellation and what its sums stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelComp {
    function: Computed,
    devices: usize,
    points: Vec<Complex64>,
    sums: Vec<(Complex64, u64)>,
    distance: f64,
}

impl ChannelComp {
    /// Designs a constellation of `levels` points for `devices` devices.
    ///
    /// # Errors
    /// When there are fewer than two levels, no devices, or too many sums.
    pub fn design(function: Computed, devices: usize, levels: u32) -> Result<Self, ChannelCompError> {
        if levels < 2 {
            return Err(ChannelCompError::Levels { levels });
        }
        if devices == 0 {
            return Err(ChannelCompError::NoDevices);
        }
        let multisets = multisets(devices, levels);
        if multisets > MAX_MULTISETS as u128 {
            return Err(ChannelCompError::TooMany { devices, levels, multisets });
        }
        let inputs = inputs(devices as u32, levels as usize);
        let values: Vec<u64> = inputs.iter().map(|counts| function.value(counts)).collect();
        let points = design::points(&inputs, &values, function);
        Ok(Self::with_points(function, devices, points))
    }

    /// Takes a constellation as it is, with what its sums stand for and the distance that they keep.
    pub fn with_points(function: Computed, devices: usize, points: Vec<Complex64>) -> Self {
        let inputs = inputs(devices as u32, points.len());
        let sum = |counts: &[u32]| -> Complex64 {
            counts.iter().zip(&points).map(|(count, point)| point * f64::from(*count)).sum()
        };
        let sums: Vec<(Complex64, u64)> =
            inputs.iter().map(|counts| (sum(counts), function.value(counts))).collect();
        let mut distance = f64::INFINITY;
        for (i, (s, value)) in sums.iter().enumerate() {
            for (other, other_value) in &sums[..i] {
                if value != other_value {
                    distance = distance.min((s - other).norm());
                }
            }
        }
        Self { function, devices, points, sums, distance }
    }

    /// Returns the function.
    pub fn function(&self) -> Computed {
        self.function
    }

    /// Returns the number of devices.
    pub fn devices(&self) -> usize {
        self.devices
    }

    /// Returns the points, of mean power 1, by number.
    pub fn points(&self) -> &[Complex64] {
        &self.points
    }

    /// Returns all sums, one for each multiset of inputs, with the values of the function.
    pub fn sums(&self) -> &[(Complex64, u64)] {
        &self.sums
    }

    /// Returns the smallest distance of two sums for which the function differs, found by comparing all.
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// Returns the value that the sum nearest to what was received stands for.
    pub fn decide(&self, received: Complex64) -> u64 {
        let nearest = |best: (f64, u64), (sum, value): &(Complex64, u64)| {
            let distance = (received - sum).norm_sqr();
            if distance < best.0 { (distance, *value) } else { best }
        };
        self.sums.iter().fold((f64::INFINITY, 0), nearest).1
    }
}

/// Returns the number of multisets, `C(devices + levels - 1, devices)`, at most 2^64.
fn multisets(devices: usize, levels: u32) -> u128 {
    let mut product = 1u128;
    for i in 1..u128::from(levels) {
        product = product * (devices as u128 + i) / i;
        if product > 1 << 64 {
            return 1 << 64;
        }
    }
    product
}

/// Returns how many devices have each number, for all multisets.
fn inputs(devices: u32, levels: usize) -> Vec<Vec<u32>> {
    if levels == 1 {
        return vec![vec![devices]];
    }
    let with = |first: u32| {
        inputs(devices - first, levels - 1).into_iter().map(move |mut rest| {
            rest.insert(0, first);
            rest
        })
    };
    (0..=devices).flat_map(with).collect()
}

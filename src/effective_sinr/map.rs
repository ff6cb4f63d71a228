//! The maps from many SINRs to one.

use super::exponential_mean::exponential_mean;
use airloop_baseband::units::db_from_power;
use airloop_coding::Modulation;
use airloop_coding::rates::{InformationTable, Metric};

/// A map from the SINRs of the elements of a code block to one SINR, with its parameter.
///
/// ```text
/// exponential         sinr = -beta ln(mean exp(-sinr_i / beta))
/// mutual information  sinr = beta I^-1(mean I(sinr_i / beta)),   I the information of a point's bits at an SINR
/// ```
///
/// Both give the SINR of a constant channel back, lie between the least and the largest SINR and grow with each of them; the first
/// lies below the mean, goes to the mean for a large `beta` and to the least SINR for a small one. `beta` is linear, as SINRs are; the
/// second is right by itself (`beta` = 1) for ideal long codes. All SINRs are linear, at least 0 and no NaN. Sources: Brueninghaus et
/// al., "Link performance models for system level simulations of broadband radio access systems", IEEE PIMRC 2005; information of
/// bits: Caire, Taricco & Biglieri, IEEE Trans. Inf. Theory 44 (1998).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EffectiveSinr {
    /// The exponential map (EESM).
    Exponential {
        /// Scale of SINRs, above 0.
        beta: f64,
    },
    /// The map by the information of single bits (MIESM).
    MutualInformation {
        /// Whose information counts.
        modulation: Modulation,
        /// Scale of SINRs, above 0.
        beta: f64,
    },
}

impl EffectiveSinr {
    /// Returns the effective SINR of elements, linear; not a number for none.
    pub fn sinr(&self, sinrs: &[f32]) -> f64 {
        self.of(sinrs, None)
    }

    /// Returns the effective SINR of elements, in decibels.
    pub fn sinr_db(&self, sinrs: &[f32]) -> f64 {
        db_from_power(self.sinr(sinrs))
    }

    /// Returns the effective SINR, linear, of elements that count by weights, such as how many elements share an SINR.
    ///
    /// Weights are at least 0, one for each SINR (a longer slice is cut to the other's length); weight 0 leaves an element out. Not a
    /// number if all are 0.
    pub fn weighted_sinr(&self, sinrs: &[f32], weights: &[f32]) -> f64 {
        let count = sinrs.len().min(weights.len());
        self.of(&sinrs[..count], Some(&weights[..count]))
    }

    fn of(&self, sinrs: &[f32], weights: Option<&[f32]>) -> f64 {
        let (least, most) = match weights {
            None => bounds(sinrs),
            Some(weights) => bounds_of_positive(sinrs, weights),
        };
        if least > most {
            return f64::NAN;
        }
        // Equal ones and one alone need no map.
        if least == most || least.is_infinite() {
            return least;
        }
        let sinr = match *self {
            Self::Exponential { beta } => least - beta * exponential_mean(sinrs, weights, least, beta).ln(),
            Self::MutualInformation { modulation, beta } => {
                let table = InformationTable::of(modulation, Metric::Bitwise);
                beta * table.snr(mean_bits(table, sinrs, weights, 1.0 / beta))
            }
        };
        // Where every element carries all its bits to rounding, the least one decides.
        let sinr = if sinr.is_infinite() { least } else { sinr };
        if sinr.is_nan() { sinr } else { sinr.clamp(least, most) }
    }
}

/// Returns the mean information of elements at scaled SINRs.
fn mean_bits(table: &InformationTable, sinrs: &[f32], weights: Option<&[f32]>, scale: f64) -> f64 {
    let bits = |sinr: &f32| table.bits(f64::from(*sinr) * scale);
    let Some(weights) = weights else {
        return sinrs.iter().map(bits).sum::<f64>() / sinrs.len() as f64;
    };
    let sums = sinrs.iter().zip(weights).fold((0.0, 0.0), |(sum, total), (sinr, weight)| {
        let weight = f64::from(*weight);
        (sum + weight * bits(sinr), total + weight)
    });
    sums.0 / sums.1
}

/// Returns the least and the largest SINR of elements that count; the least is above the largest for none.
fn bounds_of_positive(sinrs: &[f32], weights: &[f32]) -> (f64, f64) {
    let counting = sinrs.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
    let (least, most) = counting.fold((f32::INFINITY, f32::NEG_INFINITY), |(least, most), (sinr, _)| {
        (least.min(*sinr), most.max(*sinr))
    });
    (f64::from(least), f64::from(most))
}

/// Returns the least and the largest SINR; the least is above the largest for none.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn bounds(sinrs: &[f32]) -> (f64, f64) {
    const LANES: usize = 16;
    let (mut least, mut most) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    let (chunks, rest) = sinrs.as_chunks::<LANES>();
    for chunk in chunks {
        for l in 0..LANES {
            least[l] = if chunk[l] < least[l] { chunk[l] } else { least[l] };
            most[l] = if chunk[l] > most[l] { chunk[l] } else { most[l] };
        }
    }
    let least = least.iter().chain(rest).fold(f32::INFINITY, |a, b| a.min(*b));
    let most = most.iter().chain(rest).fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    (f64::from(least), f64::from(most))
}

//! How well maps predict fresh channels.

use super::map::EffectiveSinr;
use super::measurement::MeasuredRealisation;
use super::threshold::Threshold;
use serde::{Deserialize, Serialize};

/// Errors of a map over realisations, in decibels: effective SINR at the target rate, less the SNR of a constant channel there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictionErrors {
    /// Median of the magnitude.
    pub median_db: f64,
    /// 95 % quantile of the magnitude.
    pub q95_db: f64,
    /// Mean, with its sign: positive where the map promises too much.
    pub mean_db: f64,
    /// Root mean square.
    pub rms_db: f64,
}

impl PredictionErrors {
    /// Gathers errors; quantile `q` of n is the `ceil(q n)`-th smallest. Not a number for none.
    pub fn of(errors_db: &[f64]) -> Self {
        let count = errors_db.len() as f64;
        let mut magnitudes: Vec<f64> = errors_db.iter().map(|error| error.abs()).collect();
        magnitudes.sort_by(f64::total_cmp);
        let quantile = |q: f64| {
            let place = ((q * count).ceil() as usize).saturating_sub(1);
            magnitudes.get(place).copied().unwrap_or(f64::NAN)
        };
        Self {
            median_db: quantile(0.5),
            q95_db: quantile(0.95),
            mean_db: errors_db.iter().sum::<f64>() / count,
            rms_db: (errors_db.iter().map(|error| error * error).sum::<f64>() / count).sqrt(),
        }
    }
}

/// Both maps against realisations that took no part in their fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Realisations.
    pub realisations: usize,
    /// Of the exponential map.
    pub exponential: PredictionErrors,
    /// Of the map by mutual information.
    pub mutual_information: PredictionErrors,
}

impl Verification {
    /// Holds the exponential map and that by mutual information against measured realisations.
    pub fn of(maps: [EffectiveSinr; 2], fresh: &[MeasuredRealisation], constant: &Threshold) -> Self {
        let [exponential, mutual_information] = maps.map(|map| {
            let errors: Vec<f64> = fresh.iter().map(|one| one.error_db(&map, constant)).collect();
            PredictionErrors::of(&errors)
        });
        Self { realisations: fresh.len(), exponential, mutual_information }
    }
}

//! The SNRs at which static channels lose blocks.

use super::block_link::{BlockDraw, BlockLink};
use super::error::EffectiveSinrError;
use super::map::EffectiveSinr;
use super::realisation::Realisation;
use super::threshold::{Threshold, ThresholdSearch};
use super::transmission::Transmission;
use crate::run::RunOptions;
use airloop_baseband::Seeds;
use airloop_baseband::units::power_from_db;
use airloop_coding::CodingError;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps of the search for the SNR that a map predicts: 80 dB halved to below a thousandth.
const HALVINGS: usize = 17;

/// A realisation and where it loses the target share of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredRealisation {
    /// The channel.
    pub realisation: Realisation,
    /// The mean SNR of the target rate.
    pub threshold: Threshold,
    /// SINRs of a block's points at that SNR.
    pub sinrs: Vec<f32>,
}

impl MeasuredRealisation {
    /// Returns by how much a map's effective SINR at the target rate is above that of a constant channel, in decibels.
    pub fn error_db(&self, map: &EffectiveSinr, constant: &Threshold) -> f64 {
        map.sinr_db(&self.sinrs) - constant.snr_db
    }
}

/// Finds where realisations lose the target share of blocks; `constant` is where a constant channel does.
///
/// Bits and noise are drawn from `seeds` by the realisation's number, so that figures are the same for any number of threads.
///
/// # Errors
/// When a block cannot be sent, a realisation has no such SNR, or the user interrupts.
pub fn measure(
    realisations: Vec<Realisation>,
    transmission: &Transmission,
    (search, constant): (&ThresholdSearch, &Threshold),
    seeds: Seeds,
    options: &RunOptions<'_>,
) -> Result<Vec<MeasuredRealisation>, EffectiveSinrError> {
    let (done, all) = (AtomicU64::new(0), realisations.len() as u64);
    let guess = EffectiveSinr::MutualInformation { modulation: transmission.modulation, beta: 1.0 };
    let (_, slope) = transmission.guess(search.target_bler);
    let points = transmission.points();
    let one = |link: &mut Result<BlockLink<'_>, CodingError>, realisation: Realisation| {
        let link = link.as_mut().map_err(|error| error.clone())?;
        let start_db = predicted_db(&realisation, &guess, constant.snr_db, points);
        let threshold = search.run((start_db, slope), |snr, block| {
            check(options)?;
            let draw = BlockDraw { seeds, realisation: realisation.index, block };
            Ok::<_, EffectiveSinrError>(link.is_lost(&realisation.gains, snr, draw)?)
        })?;
        (options.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, all);
        let sinrs = realisation.sinrs(power_from_db(threshold.snr_db), points);
        Ok(MeasuredRealisation { realisation, threshold, sinrs })
    };
    realisations.into_par_iter().map_init(|| BlockLink::new(transmission), one).collect()
}

/// Ends what the user interrupts.
pub(super) fn check(options: &RunOptions<'_>) -> Result<(), EffectiveSinrError> {
    match options.interrupted.load(Ordering::Relaxed) {
        true => Err(EffectiveSinrError::Interrupted),
        false => Ok(()),
    }
}

/// Returns the mean SNR in decibels at which a map gives an effective SINR.
fn predicted_db(realisation: &Realisation, map: &EffectiveSinr, sinr_db: f64, points: usize) -> f64 {
    let gains = realisation.sinrs(1.0, points);
    let mut sinrs = gains.clone();
    let (mut low, mut high) = (sinr_db - 20.0, sinr_db + 60.0);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        let snr = power_from_db(middle) as f32;
        sinrs.iter_mut().zip(&gains).for_each(|(sinr, gain)| *sinr = gain * snr);
        if map.sinr_db(&sinrs) < sinr_db { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

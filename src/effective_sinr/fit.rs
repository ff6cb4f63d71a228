//! The parameter with which a map predicts best.

use super::block_link::{BlockDraw, BlockLink};
use super::error::EffectiveSinrError;
use super::map::EffectiveSinr;
use super::measurement::{MeasuredRealisation, check, measure};
use super::realisation::Ensemble;
use super::threshold::{Threshold, ThresholdSearch};
use super::verification::Verification;
use super::{EffectiveSinrConfig, Transmission};
use crate::run::RunOptions;
use airloop_baseband::Seeds;
use airloop_baseband::special::minimise;
use serde::{Deserialize, Serialize};

/// Labels of the roots from which the three kinds of channels are drawn.
const CONSTANT: u64 = 0x00C0_0001;
const TRAINING: u64 = 0x00C0_0002;
const FRESH: u64 = 0x00C0_0003;

/// The standard error of a constant channel's threshold is this share of a realisation's: it is common to all of them.
const CONSTANT_SHARE: f64 = 0.2;

/// Between which values parameters are looked for, and at how many they are tried before the best is refined.
const RANGE: (f64, f64) = (0.02, 2000.0);
const TRIED: usize = 60;

/// A map's parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The scale of SINRs, linear.
    pub beta: f64,
    /// Root mean square of the error over the realisations of the fit, in decibels.
    pub rms_db: f64,
}

/// The maps of one transmission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectiveSinrFit {
    /// Table and index of the scheme, if there is one.
    pub mcs: Option<(u8, u8)>,
    /// Name of the modulation.
    pub modulation: String,
    /// Information bits of the block.
    pub information_bits: usize,
    /// Its coded bits.
    pub coded_bits: usize,
    /// The block error rate at which SINRs are compared.
    pub target_bler: f64,
    /// Where a constant channel has it.
    pub constant: Threshold,
    /// Realisations of the fit.
    pub realisations: usize,
    /// The exponential map.
    pub exponential: Fitted,
    /// The map by mutual information.
    pub mutual_information: Fitted,
    /// How well both predict fresh realisations, if that was asked for.
    pub fresh: Option<Verification>,
}

impl EffectiveSinrFit {
    /// Returns the exponential map.
    pub fn exponential_map(&self) -> EffectiveSinr {
        EffectiveSinr::Exponential { beta: self.exponential.beta }
    }

    /// Returns the map by mutual information.
    ///
    /// # Errors
    /// When the modulation has no such name, in a fit that was read from a file.
    pub fn mutual_information_map(&self) -> Result<EffectiveSinr, EffectiveSinrError> {
        let modulation = self.modulation.parse()?;
        Ok(EffectiveSinr::MutualInformation { modulation, beta: self.mutual_information.beta })
    }
}

/// Fits both maps of a transmission to realisations of the configured channels, and holds them against fresh ones.
///
/// ```text
/// beta = arg min of the mean over realisations of (map_dB(SINRs of the block at the SNR of the target rate) - constant_dB)^2
/// ```
///
/// # Errors
/// When a number is out of range, a profile or block does not exist, or the user interrupts.
pub fn fit(
    config: &EffectiveSinrConfig,
    transmission: &Transmission,
    seeds: Seeds,
    options: &RunOptions<'_>,
) -> Result<EffectiveSinrFit, EffectiveSinrError> {
    let ensemble = Ensemble::new(config)?;
    let constant = constant_channel(config, transmission, seeds, options)?;
    let (training, fresh) = (config.realisations as u64, config.fresh_realisations as u64);
    let part = |from: u64| move |done: u64, _: u64| (options.progress)(from + done, training + fresh);
    let measured_from = |label: u64, from: u64, count: u64| {
        let options = RunOptions { progress: &part(from), interrupted: options.interrupted };
        let seeds = seeds.branch(label);
        let realisations = (0..count).map(|index| ensemble.draw(&seeds, index)).collect();
        measure(realisations, transmission, (&config.search, &constant), seeds, &options)
    };
    let measured = measured_from(TRAINING, 0, training)?;
    let exponential = fit_map(|beta| EffectiveSinr::Exponential { beta }, &measured, &constant);
    let modulation = transmission.modulation;
    let by_information = |beta| EffectiveSinr::MutualInformation { modulation, beta };
    let mutual_information = fit_map(by_information, &measured, &constant);
    let fresh = match fresh {
        0 => None,
        count => {
            let fresh = measured_from(FRESH, training, count)?;
            let maps = [
                EffectiveSinr::Exponential { beta: exponential.beta },
                by_information(mutual_information.beta),
            ];
            Some(Verification::of(maps, &fresh, &constant))
        }
    };
    Ok(EffectiveSinrFit {
        mcs: transmission.mcs.map(|mcs| (mcs.table, mcs.index)),
        modulation: transmission.modulation.name().into(),
        information_bits: transmission.code.information_bits(),
        coded_bits: transmission.code.coded_bits(),
        target_bler: config.search.target_bler,
        constant,
        realisations: measured.len(),
        exponential,
        mutual_information,
        fresh,
    })
}

/// Finds where a constant channel loses the target share of blocks, five times as exactly as a realisation's SNR is found.
///
/// # Errors
/// When a block cannot be sent, there is no such SNR, or the user interrupts.
pub fn constant_channel(
    config: &EffectiveSinrConfig,
    transmission: &Transmission,
    seeds: Seeds,
    options: &RunOptions<'_>,
) -> Result<Threshold, EffectiveSinrError> {
    let search = ThresholdSearch {
        accuracy_db: CONSTANT_SHARE * config.search.accuracy_db,
        most_blocks: (config.search.most_blocks as f64 / (CONSTANT_SHARE * CONSTANT_SHARE)) as u64,
        ..config.search
    };
    let seeds = seeds.branch(CONSTANT);
    let mut link = BlockLink::new(transmission)?;
    search.run(transmission.guess(config.search.target_bler), |snr, block| {
        check(options)?;
        Ok::<_, EffectiveSinrError>(link.is_lost(&[1.0], snr, BlockDraw { seeds, realisation: 0, block })?)
    })
}

/// Finds the parameter of a map with the least mean square error over realisations.
///
/// It lies between 0.02 and 2000. Channels that are not selective say nothing of it: then it is any of these.
pub fn fit_map(
    map: impl Fn(f64) -> EffectiveSinr,
    measured: &[MeasuredRealisation],
    constant: &Threshold,
) -> Fitted {
    let mean_square = |ln_beta: f64| {
        let map = map(ln_beta.exp());
        measured.iter().map(|one| one.error_db(&map, constant).powi(2)).sum::<f64>() / measured.len() as f64
    };
    let (low, high) = (RANGE.0.ln(), RANGE.1.ln());
    let step = (high - low) / (TRIED - 1) as f64;
    let tried = (0..TRIED).map(|i| low + i as f64 * step);
    let best = tried.min_by(|a, b| mean_square(*a).total_cmp(&mean_square(*b))).unwrap_or(0.0);
    let ln_beta = minimise(mean_square, best - step, best + step, 1e-4);
    Fitted { beta: ln_beta.exp(), rms_db: mean_square(ln_beta).sqrt() }
}

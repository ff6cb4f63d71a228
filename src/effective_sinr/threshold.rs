//! The SNR of a block error rate, by sending blocks near it.

use super::error::EffectiveSinrError;
use super::probit::{Count, Crossing, crossing};
use serde::{Deserialize, Serialize};

/// Blocks at each SNR of the first walk.
const FIRST_BLOCKS: u64 = 32;

/// Blocks at each SNR after it.
const BLOCKS: u64 = 48;

/// How far beside the target blocks are sent, in standard deviations of noise: near enough to be of use, far enough to see the slope.
const BESIDE: f64 = 0.5;

/// How far the walk goes, in decibels.
const FARTHEST_DB: f64 = 60.0;

/// The SNR at which a block error rate is reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The SNR, in decibels.
    pub snr_db: f64,
    /// Its standard error, in decibels.
    pub standard_error_db: f64,
    /// Blocks that were sent.
    pub blocks: u64,
}

/// How a threshold is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdSearch {
    /// The block error rate looked for.
    pub target_bler: f64,
    /// The standard error to end at, in decibels.
    pub accuracy_db: f64,
    /// Blocks to end at, whatever the standard error is.
    pub most_blocks: u64,
}

impl ThresholdSearch {
    /// Looks for the threshold from `start_db` on, where the rate changes by about `slope` standard deviations of noise a decibel.
    ///
    /// ```text
    /// bler(s) = Phi(a - b (s - s0)),   a and b by the largest likelihood of all blocks sent
    /// ```
    ///
    /// A walk finds SNRs on both sides of the target; then blocks are sent a little beside the target of the curve fitted so far, in
    /// turns on both sides. `lost` sends block number so-and-so at a linear SNR; numbers are never used twice.
    ///
    /// # Errors
    /// When a block cannot be sent, or there is no threshold within 60 dB.
    pub fn run<E>(
        &self,
        (start_db, slope): (f64, f64),
        mut lost: impl FnMut(f64, u64) -> Result<bool, E>,
    ) -> Result<Threshold, EffectiveSinrError>
    where
        EffectiveSinrError: From<E>,
    {
        let (mut sent, mut counts) = (0, Vec::new());
        let mut send = |snr_db: f64, blocks: u64, counts: &mut Vec<Count>| -> Result<Count, E> {
            let snr = airloop_baseband::units::power_from_db(snr_db);
            let mut count = Count { snr_db, blocks, lost: 0 };
            for block in sent..sent + blocks {
                count.lost += u64::from(lost(snr, block)?);
            }
            sent += blocks;
            counts.push(count);
            Ok(count)
        };
        let often = |count: &Count| count.lost as f64 > self.target_bler * count.blocks as f64;
        let first = often(&send(start_db, FIRST_BLOCKS, &mut counts)?);
        let (mut snr_db, mut step_db) = (start_db, 1.0 / slope);
        loop {
            snr_db += if first { step_db } else { -step_db };
            if (snr_db - start_db).abs() > FARTHEST_DB {
                return Err(EffectiveSinrError::NoThreshold { target_bler: self.target_bler, start_db });
            }
            if often(&send(snr_db, FIRST_BLOCKS, &mut counts)?) != first {
                break;
            }
            step_db *= 1.3;
        }
        loop {
            let found = crossing(&counts, self.target_bler, slope);
            let blocks: u64 = counts.iter().map(|count| count.blocks).sum();
            if found.standard_error_db <= self.accuracy_db || blocks >= self.most_blocks {
                let Crossing { snr_db, standard_error_db, .. } = found;
                return Ok(Threshold { snr_db, standard_error_db, blocks });
            }
            // Nothing beyond where blocks were sent is trusted by more than a standard deviation.
            let least = counts.iter().map(|count| count.snr_db).fold(f64::INFINITY, f64::min);
            let most = counts.iter().map(|count| count.snr_db).fold(f64::NEG_INFINITY, f64::max);
            for side in [-BESIDE, BESIDE] {
                let snr_db =
                    (found.snr_db + side / found.slope).clamp(least - 1.0 / slope, most + 1.0 / slope);
                send(snr_db, BLOCKS, &mut counts)?;
            }
        }
    }
}

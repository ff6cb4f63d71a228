//! A curve of block error rates over the SINR, between and beyond its points.

use airloop_baseband::special::{normal_quantile, q_function};

/// Block error rates at ascending SINRs, and what lies between.
///
/// ```text
/// u = normal quantile of the BLER, straight lines in dB between points;   BLER = Q(-u)
/// a point without errors, or with nothing else, counts half a block:   1/(2 n) or 1 - 1/(2 n) of n blocks
/// below the first point:  u goes on along the line from there to the last point with a BLER of 0.5 or more
/// above the last point:   u stays as it is there: nothing below what was measured is claimed
/// ```
///
/// Where that line does not fall, the BLER below the first point is 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRateCurve {
    sinr_db: Vec<f64>,
    quantiles: Vec<f64>,
    slope_below: f64,
}

impl ErrorRateCurve {
    /// Makes a curve of points `(SINR in dB, BLER, blocks)`, SINRs ascending; there must be one.
    pub fn new(points: &[(f64, f64, u64)]) -> Self {
        let quantile = |&(_, bler, blocks): &(f64, f64, u64)| {
            let half = 0.5 / blocks.max(1) as f64;
            normal_quantile(bler.clamp(half.min(0.5), 1.0 - half.min(0.5)))
        };
        let sinr_db: Vec<f64> = points.iter().map(|point| point.0).collect();
        let quantiles: Vec<f64> = points.iter().map(quantile).collect();
        let middle = quantiles.iter().rposition(|u| *u >= 0.0).unwrap_or(0);
        let slope = (quantiles[middle] - quantiles[0]) / (sinr_db[middle] - sinr_db[0]);
        let slope_below = if slope < 0.0 { slope } else { f64::NEG_INFINITY };
        Self { sinr_db, quantiles, slope_below }
    }

    /// Returns the normal quantile of the BLER at a SINR that is a number.
    #[inline]
    pub fn quantile(&self, sinr_db: f64) -> f64 {
        let above = self.sinr_db.partition_point(|x| *x <= sinr_db);
        if above == self.sinr_db.len() {
            return self.quantiles[above - 1];
        }
        if above == 0 {
            return self.quantiles[0] + self.slope_below * (sinr_db - self.sinr_db[0]);
        }
        let (x, u) = (&self.sinr_db[above - 1..=above], &self.quantiles[above - 1..=above]);
        u[0] + (u[1] - u[0]) * ((sinr_db - x[0]) / (x[1] - x[0]))
    }

    /// Returns the BLER at a SINR.
    pub fn block_error_rate(&self, sinr_db: f64) -> f64 {
        q_function(-self.quantile(sinr_db))
    }

    /// Returns the SINRs of the points, ascending.
    pub fn sinr_db(&self) -> &[f64] {
        &self.sinr_db
    }

    /// Returns the highest SINR within the points at which the BLER is as given; `None` where no points lie on both sides.
    pub fn sinr_of(&self, bler: f64) -> Option<f64> {
        let target = normal_quantile(bler);
        let pair = |low: usize| (&self.sinr_db[low..low + 2], &self.quantiles[low..low + 2]);
        let crossing = |low: &usize| {
            let (_, u) = pair(*low);
            u[0] >= target && target >= u[1]
        };
        let low = (0..self.sinr_db.len() - 1).rev().find(crossing)?;
        let (x, u) = pair(low);
        let share = if u[0] > u[1] { (target - u[0]) / (u[1] - u[0]) } else { 1.0 };
        Some(x[0] + (x[1] - x[0]) * share)
    }
}

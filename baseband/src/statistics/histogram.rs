//! A histogram fine enough to read quantiles from, whose memory does not grow with the count.

use std::collections::BTreeMap;

/// The relative width of a bin.
const BIN_WIDTH: f64 = 5e-4;

/// Counts of finite values in bins of equal logarithmic width, negatives mirrored, zeros apart.
///
/// ```text
/// bin k holds (1 + 0.0005)^k <= |x| < (1 + 0.0005)^(k+1)
/// ```
///
/// Memory is one entry an occupied bin: 4,600 a decade of range at most, whatever the count.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Histogram {
    negative: BTreeMap<i32, u64>,
    zeros: u64,
    positive: BTreeMap<i32, u64>,
    count: u64,
    /// The least and the greatest value, kept exactly.
    range: Option<(f64, f64)>,
}

impl Histogram {
    /// Counts a finite value.
    pub(super) fn push(&mut self, value: f64) {
        self.count += 1;
        self.range = Some(self.range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
        if value == 0.0 {
            self.zeros += 1;
        } else {
            let side = if value > 0.0 { &mut self.positive } else { &mut self.negative };
            *side.entry((value.abs().ln() / BIN_WIDTH.ln_1p()).floor() as i32).or_default() += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.zeros += other.zeros;
        if let Some((low, high)) = other.range {
            self.range = Some(self.range.map_or((low, high), |(a, b)| (a.min(low), b.max(high))));
        }
        for (here, there) in [(&mut self.negative, &other.negative), (&mut self.positive, &other.positive)] {
            for (&bin, &count) in there {
                *here.entry(bin).or_default() += count;
            }
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the value of rank `rank` from 0 in ascending order, within 0.05 % of it; `None` past the last.
    pub(super) fn order_statistic(&self, rank: u64) -> Option<f64> {
        let (low, high) = self.range?;
        let mut before = 0;
        let negative = self.negative.iter().rev().map(|(&bin, &count)| (-1.0, bin, count));
        let zeros = std::iter::once((0.0, 0, self.zeros));
        let positive = self.positive.iter().map(|(&bin, &count)| (1.0, bin, count));
        for (sign, bin, count) in negative.chain(zeros).chain(positive) {
            if rank < before + count {
                // The bin's values are taken as evenly spread over its logarithm, in ascending order of |x| * sign.
                let share = ((rank - before) as f64 + 0.5) / count as f64;
                let offset = if sign < 0.0 { 1.0 - share } else { share };
                let magnitude = ((f64::from(bin) + offset) * BIN_WIDTH.ln_1p()).exp();
                return Some((sign * magnitude).clamp(low, high));
            }
            before += count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics_are_within_a_bin() {
        let mut values: Vec<f64> =
            (1..4000).map(|k| (f64::from(k) * 1.7).sin() * 10f64.powi(k % 13 - 6)).collect();
        values.extend([0.0, -0.0, 0.0, f64::MIN_POSITIVE * 1e-10, -f64::MAX, f64::MAX]);
        let mut histogram = Histogram::default();
        values.iter().for_each(|&value| histogram.push(value));
        values.sort_by(f64::total_cmp);
        for (rank, &exact) in values.iter().enumerate() {
            let value = histogram.order_statistic(rank as u64).unwrap();
            assert!(
                (value - exact).abs() <= BIN_WIDTH * exact.abs(),
                "rank {rank}: {value:e}, exact {exact:e}"
            );
        }
        assert_eq!(histogram.order_statistic(values.len() as u64), None);
    }

    #[test]
    fn memory_does_not_grow_with_the_count() {
        let mut histogram = Histogram::default();
        (0..200_000).for_each(|k| histogram.push(1.0 + f64::from(k) * 0.005));
        assert!(histogram.positive.len() < 3 * 4700, "{} bins over three decades", histogram.positive.len());
    }
}

//! Draws in groups: memory stays flat however many there are.

use std::ops::Range;

/// Most groups of a measurement.
pub(super) const MOST_GROUPS: u64 = 1024;

/// Sums over a group of draws.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// How many draws.
    pub draws: u64,
    /// Their sums, added in order.
    pub sums: Vec<f64>,
}

impl Group {
    /// Returns a group of one draw.
    pub(super) fn of(sums: Vec<f64>) -> Self {
        Self { draws: 1, sums }
    }

    /// Adds a draw.
    pub(super) fn add(&mut self, sums: &[f64]) {
        self.draws += 1;
        self.sums.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
    }
}

/// Returns the draws of every group: as many in each but perhaps the last, one where there are no more draws than groups.
pub(super) fn groups(draws: u64, most: u64) -> Vec<Range<u64>> {
    let size = draws.div_ceil(most).max(1);
    (0..draws.div_ceil(size)).map(|group| group * size..((group + 1) * size).min(draws)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_few_and_hold_every_draw_once() {
        for (draws, count, last) in
            [(1, 1, 1), (1024, 1024, 1), (1025, 513, 1), (3000, 1000, 3), (1_000_000, 1024, 529)]
        {
            let groups = groups(draws, MOST_GROUPS);
            assert_eq!((groups.len(), groups[groups.len() - 1].clone().count()), (count, last), "{draws}");
            assert_eq!(groups.into_iter().flatten().sum::<u64>(), draws * (draws - 1) / 2);
        }
    }
}

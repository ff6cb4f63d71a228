//! A random walk by absolute index: bridges between known ends, halved until they are short.

use airloop_baseband::Stream;

/// Samples of the shortest bridge, whose steps are drawn one by one.
const BLOCK: usize = 64;

/// Halvings from the longest bridge, 2^40 blocks, to the shortest.
const LEVELS: u32 = 40;

/// A Gaussian random walk that is 0 at index 0, in both directions; beyond the longest bridge, 2^46 samples, it stays at its end.
///
/// ```text
/// W(middle) = (W(a) + W(b))/2 + deviation sqrt(b - a)/2 z
/// within a block of B steps:   W(a + i) = W(a) + S_i + i/B (W(a + B) - W(a) - S_B),   S_i a walk of its own
/// ```
///
/// Both lines are exact for a Brownian motion given its ends, so that the walk has independent steps throughout.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    deviation: f64,
    /// Of the sides after and before the origin: halvings, and steps.
    sides: [[Stream; 2]; 2],
}

impl Walk {
    /// Makes the walk whose steps have a standard deviation.
    pub(super) fn new(deviation: f64, stream: Stream) -> Self {
        let side = |index: u64| [stream.substream(2 * index), stream.substream(2 * index + 1)];
        Self { deviation, sides: [side(0), side(1)] }
    }

    /// Adds the walk from index `first` on.
    pub(super) fn add(&self, first: i64, out: &mut [f64]) {
        let end = first + out.len() as i64;
        let before = (-first).clamp(0, out.len() as i64) as usize;
        let (early, late) = out.split_at_mut(before);
        if !late.is_empty() {
            self.side(0, first.max(0) as u64, late.iter_mut());
        }
        if !early.is_empty() {
            self.side(1, (1 - end.min(0)) as u64, early.iter_mut().rev());
        }
    }

    /// Adds one side's walk at the distances `first`, `first + 1`, ... from the origin.
    fn side<'a>(&self, side: usize, first: u64, mut out: impl ExactSizeIterator<Item = &'a mut f64>) {
        let size = BLOCK as u64;
        let last = 1 << LEVELS;
        let blocks = (first / size).min(last)..(first + out.len() as u64).div_ceil(size).min(last);
        let mut ends = Vec::with_capacity((blocks.end - blocks.start) as usize + 1);
        let [halvings, steps] = self.sides[side];
        let root = self.deviation * ((size << LEVELS) as f64).sqrt() * halvings.gaussian(0);
        let bridge = Bridge { deviation: self.deviation, halvings, blocks: blocks.start..blocks.end + 1 };
        bridge.halve((1, LEVELS), 0, (0.0, root), &mut ends);
        if blocks.end == last {
            ends.push(root);
        }
        let mut drawn = vec![0.0f32; BLOCK * (ends.len() - 1)];
        steps.fill_gaussian(blocks.start * size, &mut drawn);
        let mut skipped = (first % size) as usize;
        for (ends, drawn) in ends.windows(2).zip(drawn.chunks_exact(BLOCK)) {
            let total: f64 = drawn.iter().map(|z| f64::from(*z)).sum();
            let slope = (ends[1] - ends[0] - self.deviation * total) / BLOCK as f64;
            let mut walked = 0.0;
            for (i, z) in drawn.iter().enumerate() {
                if i >= skipped {
                    let Some(out) = out.next() else { return };
                    *out += ends[0] + self.deviation * walked + slope * i as f64;
                }
                walked += f64::from(*z);
            }
            skipped = 0;
        }
        out.for_each(|out| *out += root);
    }
}

/// The ends of blocks that are asked for.
struct Bridge {
    deviation: f64,
    halvings: Stream,
    blocks: std::ops::Range<u64>,
}

impl Bridge {
    /// Collects the walk at the beginnings of the wanted blocks within a bridge, which is a node of the tree of halvings and
    /// `1 << level` blocks long.
    fn halve(&self, (node, level): (u64, u32), first: u64, (begin, end): (f64, f64), out: &mut Vec<f64>) {
        if first >= self.blocks.end || first + (1 << level) <= self.blocks.start {
            return;
        }
        if level == 0 {
            out.push(begin);
            return;
        }
        let spread = 0.5 * self.deviation * (((BLOCK as u64) << level) as f64).sqrt();
        let middle = 0.5 * (begin + end) + spread * self.halvings.gaussian(node);
        self.halve((2 * node, level - 1), first, (begin, middle), out);
        self.halve((2 * node + 1, level - 1), first + (1 << (level - 1)), (middle, end), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckSpec, check_mean};
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Purpose, Seeds};

    fn walk(trial: u64) -> Walk {
        Walk::new(0.5, Seeds::new(9).stream(Purpose::Impairment, trial, 0))
    }

    fn at(walk: &Walk, first: i64, count: usize) -> Vec<f64> {
        let mut out = vec![0.0; count];
        walk.add(first, &mut out);
        out
    }

    #[test]
    fn values_do_not_depend_on_the_stretch_they_were_asked_in() {
        let walk = walk(0);
        let whole = at(&walk, -1000, 5000);
        assert_eq!(whole[1000], 0.0);
        for (first, count) in [(-1000, 1), (-65, 130), (-64, 64), (-1, 3), (0, 1), (63, 2), (777, 1000)] {
            let part = at(&walk, first, count);
            let begin = (first + 1000) as usize;
            assert!(part == whole[begin..begin + count], "{first} {count}");
        }
        assert!(at(&walk, 1 << 40, 3) != at(&walk, 1 << 41, 3));
    }

    #[test]
    fn a_walk_stays_where_its_longest_bridge_ends() {
        let (walk, end) = (walk(0), 1i64 << 46);
        for (side, first) in [(1, end - 100), (-1, -end - 100)] {
            let mut values = at(&walk, first, 201);
            if side < 0 {
                values.reverse();
            }
            assert!(values[100..].iter().all(|value| *value == values[100]));
            assert_eq!(at(&walk, side * (end + (1 << 50)), 3), [values[100]; 3]);
            // Up to there it goes on, and it does not jump.
            let steps: Vec<f64> = values.windows(2).map(|w| (w[1] - w[0]) / 0.5).collect();
            assert!(steps[..100].iter().all(|step| *step != 0.0 && step.abs() < 6.0));
        }
    }

    #[test]
    fn steps_are_independent_and_alike_everywhere() {
        let spec = CheckSpec { alpha: 1e-6, detects: 0.05 };
        // Lags within a block, across blocks, and across the origin.
        for (first, lag) in [(-700i64, 1), (-100, 300), (0, 64), (1 << 30, 7), (63, 2), (4000, 1000)] {
            let (mut squares, mut products) = (Vec::new(), Vec::new());
            for trial in 0..4000 {
                let values = at(&walk(1 + trial), first, 16 * lag as usize + 1);
                let steps: Vec<f64> = values
                    .windows(lag as usize + 1)
                    .step_by(lag as usize)
                    .map(|w| (w[lag as usize] - w[0]) / (0.5 * (lag as f64).sqrt()))
                    .collect();
                squares.push(steps.iter().map(|s| s * s).sum::<f64>() / steps.len() as f64);
                products.push(1.0 + steps.windows(2).map(|s| s[0] * s[1]).sum::<f64>() / 15.0);
            }
            check_mean(&Moments::of(squares.iter().copied()), 1.0, spec).unwrap();
            check_mean(&Moments::of(products), 1.0, spec).unwrap();
            assert!(check_mean(&Moments::of(squares), 1.06, spec).is_err(), "a control passes");
        }
    }
}

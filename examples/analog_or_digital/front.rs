//! What is best at each cost, and where one side overtakes the other.

use crate::Point;

/// Costs at which two fronts are compared, in equal ratios.
const STEPS: usize = 4000;

/// What a point costs.
pub type Cost = fn(&Point) -> f64;

/// The least error that can be had for a cost: costs rise, errors fall.
#[derive(Clone, Debug)]
pub struct Front<'a> {
    cost: Cost,
    /// The points of the front, by rising cost.
    pub points: Vec<&'a Point>,
}

/// Where the second front falls below the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crossing {
    /// At this cost, with this error.
    At {
        /// The cost.
        cost: f64,
        /// The error that both have there.
        nmse: f64,
    },
    /// The second is better wherever it exists.
    Always,
    /// It is nowhere better, up to the largest cost that both have.
    Never,
}

impl<'a> Front<'a> {
    /// Returns the front of some points; an error of 1 is had for nothing, by an estimate of zero.
    pub fn new(points: impl Iterator<Item = &'a Point>, cost: Cost) -> Self {
        let mut all: Vec<&Point> = points.filter(|p| p.nmse < 1.0).collect();
        all.sort_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.nmse.total_cmp(&b.nmse)));
        let mut least = f64::INFINITY;
        all.retain(|p| {
            p.nmse < least && {
                least = p.nmse;
                true
            }
        });
        Self { cost, points: all }
    }

    /// Returns the error at a cost: that of the front's lines on logarithmic scales, infinite before the first point, the last
    /// point's beyond it.
    pub fn nmse(&self, cost: f64) -> f64 {
        let after = self.points.partition_point(|p| (self.cost)(p) <= cost);
        let Some(before) = after.checked_sub(1).map(|i| self.points[i]) else { return f64::INFINITY };
        let Some(next) = self.points.get(after) else { return before.nmse };
        let (a, b) = ((self.cost)(before), (self.cost)(next));
        let share = (cost / a).ln() / (b / a).ln();
        before.nmse * (next.nmse / before.nmse).powf(share)
    }

    /// Returns where another front falls below this one for good, up to this one's last point: beyond it nothing was tried, while the
    /// other's last error can be had at any higher cost.
    pub fn crossing(&self, other: &Front<'_>) -> Crossing {
        let (Some(first), Some(last)) = (other.points.first(), self.points.last()) else {
            return Crossing::Never;
        };
        let (first, last) = ((self.cost)(first), (self.cost)(last));
        if first > last {
            return Crossing::Never;
        }
        let cost = |i: usize| first * (last / first).powf(i as f64 / STEPS as f64);
        match (0..=STEPS).rev().find(|i| other.nmse(cost(*i)) > self.nmse(cost(*i))) {
            None => Crossing::Always,
            Some(STEPS) => Crossing::Never,
            Some(i) => Crossing::At { cost: cost(i + 1), nmse: self.nmse(cost(i + 1)) },
        }
    }
}

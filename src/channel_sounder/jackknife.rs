//! How sure figures are that are no means: leave a group of draws out at a time.

use super::groups::Group;
use airloop_baseband::special::student_t_quantile;
use airloop_baseband::statistics::Moments;

/// Level of intervals.
const LEVEL: f64 = 0.95;

/// What draws say of one figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// From all draws.
    pub value: f64,
    /// Of the pseudo-values of the groups; `None` where leaving a group out leaves nothing.
    pub moments: Option<Moments>,
}

impl Measured {
    /// Returns half the width of the interval.
    pub(super) fn doubt(&self) -> Option<f64> {
        let quantile = |count: u64| student_t_quantile(0.5 + 0.5 * LEVEL, (count - 1) as f64);
        self.moments.map(|moments| quantile(moments.count) * moments.standard_error())
    }

    /// Returns the figure with its bias to first order taken off, and the ends of its interval.
    pub(super) fn interval(&self) -> (f64, Option<(f64, f64)>) {
        let value = self.moments.map_or(self.value, |moments| moments.mean);
        (value, self.doubt().map(|doubt| (value - doubt, value + doubt)))
    }
}

/// Returns what draws say of figures that are functions of the mean of their sums, leaving out a group of them at a time.
///
/// ```text
/// h = D / draws of the group
/// pseudo-value of a group = h f(mean of all) - (h - 1) f(mean of all but the group);   Miller, Biometrika 61 (1974) 1-15
/// ```
///
/// Pseudo-values weigh as their draws. With one draw a group this is the plain jackknife; of a mean, the squared standard error
/// is without bias whatever the groups' sizes (Busing, Meijer & van der Leeden, Statistics and Computing 9 (1999) 3-8).
pub(super) fn jackknife(groups: &[Group], of: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Measured> {
    let draws = groups.iter().map(|group| group.draws).sum::<u64>() as f64;
    let mut total = vec![0.0; groups[0].sums.len()];
    for group in groups {
        total.iter_mut().zip(&group.sums).for_each(|(total, sum)| *total += sum);
    }
    let mean: Vec<f64> = total.iter().map(|sum| sum / draws).collect();
    let all = of(&mean);
    let (mut running, mut seen): (Vec<(f64, f64)>, f64) = (vec![(0.0, 0.0); all.len()], 0.0);
    for group in groups.iter().filter(|_| groups.len() > 1) {
        let own = group.draws as f64;
        let ratio = draws / own;
        let rest: Vec<f64> =
            total.iter().zip(&group.sums).map(|(total, sum)| (total - sum) / (draws - own)).collect();
        seen += own;
        for (((mean, squares), all), rest) in running.iter_mut().zip(&all).zip(of(&rest)) {
            let pseudo = ratio * all - (ratio - 1.0) * rest;
            let off = pseudo - *mean;
            *mean += off * own / seen;
            *squares += own / draws * off * (pseudo - *mean);
        }
    }
    let count = groups.len() as f64;
    let measured = |(value, (mean, squares)): (f64, (f64, f64))| {
        let variance = squares * count / (count - 1.0);
        let moments = Moments { count: groups.len() as u64, mean, variance };
        let is_known = groups.len() > 1 && mean.is_finite() && variance.is_finite();
        Measured { value, moments: is_known.then_some(moments) }
    };
    all.into_iter().zip(running).map(measured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckSpec, check_mean};
    use airloop_baseband::{Purpose, Seeds};

    #[test]
    fn a_mean_is_its_own_jackknife_and_a_square_loses_its_bias() {
        let draws: Vec<Group> = [1.0, 2.0, 4.0, 8.0, 3.0].iter().map(|x| Group::of(vec![*x])).collect();
        let plain = Moments::of(draws.iter().map(|d| d.sums[0]));
        let both = jackknife(&draws, |sums| vec![sums[0], sums[0] * sums[0]]);
        let mean = both[0].moments.unwrap();
        assert!(
            (mean.mean - plain.mean).abs() < 1e-12 && (mean.variance / plain.variance - 1.0).abs() < 1e-12
        );
        // E[mean^2] = mu^2 + variance / n: the jackknife takes the sample's own variance / n off.
        let square = both[1].moments.unwrap().mean;
        assert!((square - (plain.mean.powi(2) - plain.variance / 5.0)).abs() < 1e-12);
        let (low, high) = both[0].interval().1.unwrap();
        assert!(low < plain.mean && high > plain.mean);
    }

    #[test]
    fn one_draw_has_no_interval() {
        let one = jackknife(&[Group::of(vec![2.0])], |sums| sums.to_vec());
        assert_eq!(one[0].interval(), (2.0, None));
    }

    #[test]
    fn groups_of_unlike_sizes_give_the_error_of_a_mean_without_bias() {
        // Squared standard errors of means of 7 draws in groups of 3, 3 and 1, over many repetitions: 1/7 each.
        let stream = Seeds::new(5).stream(Purpose::Noise, 0, 0);
        let squares = |weigh: bool, repetition: u64| {
            let draw = |at: u64| 3f64.sqrt() * (2.0 * stream.uniform(7 * repetition + at) - 1.0);
            let group = |range: std::ops::Range<u64>| {
                let mut group = Group::of(vec![draw(range.start)]);
                range.skip(1).for_each(|at| group.add(&[draw(at)]));
                if weigh { group } else { Group::of(vec![group.sums[0] / group.draws as f64]) }
            };
            let groups = [group(0..3), group(3..6), group(6..7)];
            jackknife(&groups, |sums| sums.to_vec())[0].moments.unwrap().standard_error().powi(2)
        };
        let spec = CheckSpec { alpha: 1e-6, detects: 0.02 };
        let of = |weigh: bool| Moments::of((0..20_000).map(|repetition| squares(weigh, repetition)));
        check_mean(&of(true), 1.0 / 7.0, spec).unwrap();
        assert!(check_mean(&of(false), 1.0 / 7.0, spec).is_err(), "groups that all weigh the same pass");
    }
}

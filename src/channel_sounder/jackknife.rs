//! How sure figures are that are no means: leave one draw out at a time.

use airloop_baseband::special::student_t_quantile;
use airloop_baseband::statistics::Moments;

/// Level of intervals.
const LEVEL: f64 = 0.95;

/// What draws say of one figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// From all draws.
    pub value: f64,
    /// Of the pseudo-values of the draws; `None` where leaving a draw out leaves nothing.
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

/// Returns what draws say of figures that are functions of the mean of their sums.
///
/// ```text
/// pseudo-value of draw d = D f(mean of all) - (D - 1) f(mean of all but d);   Miller, Biometrika 61 (1974) 1-15
/// ```
pub(super) fn jackknife(draws: &[Vec<f64>], of: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Measured> {
    let count = draws.len() as f64;
    let mut total = vec![0.0; draws[0].len()];
    for draw in draws {
        total.iter_mut().zip(draw).for_each(|(total, sum)| *total += sum);
    }
    let mean: Vec<f64> = total.iter().map(|sum| sum / count).collect();
    let all = of(&mean);
    let mut running: Vec<(f64, f64)> = vec![(0.0, 0.0); all.len()];
    for (seen, draw) in draws.iter().enumerate().filter(|_| draws.len() > 1) {
        let rest: Vec<f64> =
            total.iter().zip(draw).map(|(total, sum)| (total - sum) / (count - 1.0)).collect();
        for (((mean, squares), all), rest) in running.iter_mut().zip(&all).zip(of(&rest)) {
            let pseudo = count * all - (count - 1.0) * rest;
            let off = pseudo - *mean;
            *mean += off / (seen + 1) as f64;
            *squares += off * (pseudo - *mean);
        }
    }
    let measured = |(value, (mean, squares)): (f64, (f64, f64))| {
        let moments = Moments { count: draws.len() as u64, mean, variance: squares / (count - 1.0) };
        let is_known = draws.len() > 1 && mean.is_finite() && moments.variance.is_finite();
        Measured { value, moments: is_known.then_some(moments) }
    };
    all.into_iter().zip(running).map(measured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_its_own_jackknife_and_a_square_loses_its_bias() {
        let draws: Vec<Vec<f64>> = [1.0, 2.0, 4.0, 8.0, 3.0].iter().map(|x| vec![*x]).collect();
        let plain = Moments::of(draws.iter().map(|d| d[0]));
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
        let one = jackknife(&[vec![2.0]], |sums| sums.to_vec());
        assert_eq!(one[0].interval(), (2.0, None));
    }
}

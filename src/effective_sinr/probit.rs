//! A curve of block error rates through counts.

use airloop_baseband::special::{normal_quantile, q_function};

/// Lost blocks at one SNR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    pub snr_db: f64,
    pub blocks: u64,
    pub lost: u64,
}

/// Where a fitted curve has a block error rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    pub snr_db: f64,
    pub standard_error_db: f64,
    /// Standard deviations of noise a decibel.
    pub slope: f64,
}

/// Steps of the fit at most.
const STEPS: usize = 50;

/// Curves flatter than this share of the expected slope are none of codes.
const LEAST_SHARE: f64 = 0.05;

/// Fits `bler(s) = Phi(a - b (s - s0))` by the largest likelihood, and returns where it has the rate `target`.
///
/// `slope` is what `b` is expected to be; it is taken for a Gaussian observation of `b` with half of itself as its deviation, so that
/// there is a fit for few counts too. Fisher scoring; the standard error is that of the linearised crossing.
pub fn crossing(counts: &[Count], target: f64, slope: f64) -> Crossing {
    let blocks: u64 = counts.iter().map(|count| count.blocks).sum();
    let centre = counts.iter().map(|c| c.snr_db * c.blocks as f64).sum::<f64>() / blocks as f64;
    let prior = (2.0 / slope).powi(2);
    let least = LEAST_SHARE * slope;
    let (mut a, mut b) = (normal_quantile(target), slope);
    let likelihood = |a: f64, b: f64| {
        let of = |c: &Count| {
            let eta = limited(a - b * (c.snr_db - centre));
            c.lost as f64 * q_function(-eta).ln() + (c.blocks - c.lost) as f64 * q_function(eta).ln()
        };
        counts.iter().map(of).sum::<f64>() - 0.5 * prior * (b - slope).powi(2)
    };
    let mut best = likelihood(a, b);
    let mut information = [0.0; 3];
    for _ in 0..STEPS {
        let mut score = [0.0, -prior * (b - slope)];
        information = [0.0, 0.0, prior];
        for count in counts {
            let x = count.snr_db - centre;
            let eta = limited(a - b * x);
            let density = (-0.5 * eta * eta).exp() / std::f64::consts::TAU.sqrt();
            let (lost, kept) = (q_function(-eta), q_function(eta));
            let share = density / (lost * kept);
            let residual = share * (count.lost as f64 - count.blocks as f64 * lost);
            let weight = share * density * count.blocks as f64;
            score = [score[0] + residual, score[1] - residual * x];
            information =
                [information[0] + weight, information[1] - weight * x, information[2] + weight * x * x];
        }
        let determinant = information[0] * information[2] - information[1] * information[1];
        let step = [
            (information[2] * score[0] - information[1] * score[1]) / determinant,
            (information[0] * score[1] - information[1] * score[0]) / determinant,
        ];
        // Shortened until the likelihood does not fall.
        let shares = std::iter::successors(Some(1.0), |share| Some(0.5 * share)).take(20);
        let tried = shares.map(|share| (a + share * step[0], (b + share * step[1]).max(least)));
        let Some((next, value)) =
            tried.map(|(a, b)| ((a, b), likelihood(a, b))).find(|(_, value)| *value >= best)
        else {
            break;
        };
        let moved = (next.0 - a).abs() + (next.1 - b).abs() / slope;
        ((a, b), best) = (next, value);
        if moved < 1e-9 {
            break;
        }
    }
    let x = (a - normal_quantile(target)) / b;
    let determinant = information[0] * information[2] - information[1] * information[1];
    let (by_a, by_b) = (1.0 / b, -x / b);
    let variance = (by_a * by_a * information[2] - 2.0 * by_a * by_b * information[1]
        + by_b * by_b * information[0])
        / determinant;
    Crossing { snr_db: centre + x, standard_error_db: variance.sqrt(), slope: b }
}

/// Keeps probabilities away from 0 and 1.
fn limited(eta: f64) -> f64 {
    eta.clamp(-6.0, 6.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_counts_give_the_curve_back() {
        // Counts that are their own expectations on bler(s) = Phi(-3 (s - 2)), so that the prior of the slope is right too.
        let counts: Vec<Count> = [1.7, 1.9, 2.1, 2.3, 2.6]
            .map(|snr_db| {
                let blocks = 1_000_000_000;
                let lost = (q_function(3.0 * (snr_db - 2.0)) * blocks as f64).round() as u64;
                Count { snr_db, blocks, lost }
            })
            .to_vec();
        let found = crossing(&counts, 0.1, 3.0);
        let expected = 2.0 - normal_quantile(0.1) / 3.0;
        assert!((found.snr_db - expected).abs() < 1e-6, "{found:?}, expected {expected}");
        assert!((found.slope - 3.0).abs() < 1e-5);
        // A wrong expectation of the slope is outweighed by many counts.
        let found = crossing(&counts, 0.1, 1.5);
        assert!((found.snr_db - expected).abs() < 1e-6 && (found.slope - 3.0).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn counts_at_one_rate_leave_the_expected_slope() {
        let counts = [Count { snr_db: 5.0, blocks: 100, lost: 50 }];
        let found = crossing(&counts, 0.1, 2.0);
        assert!((found.slope - 2.0).abs() < 1e-9, "{found:?}");
        assert!((found.snr_db - (5.0 - normal_quantile(0.1) / 2.0)).abs() < 1e-9, "{found:?}");
        // Counts without a loss, or of nothing else, still end.
        for lost in [0, 100] {
            assert!(crossing(&[Count { lost, ..counts[0] }], 0.1, 2.0).snr_db.is_finite());
        }
    }
}

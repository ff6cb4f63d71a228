//! Votes: values of +1, -1 and 0 (no vote), drawn or taken from the signs of real values.

use super::gram::Gram;
use super::source::{Distribution, SourceError, Synthetic};
use super::sparse_gaussian;
use super::stored::Stored;
use super::survey::{Products, Survey, Surveyor, powers};
use airloop_baseband::Stream;
use airloop_baseband::special::{integrate, ln_gamma, q_function};

/// How synthetic votes arise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Votes {
    /// Each vote equals the drawn truth, +1 or -1 with even chances, with this probability.
    Agreement(f64),
    /// Exactly this many votes are +1 at every value; the devices that cast them move on by one with each value.
    Positive(usize),
}

/// How many devices vote for and against the truth at a value (against the sign of their sum, where nothing is drawn:
/// for +1 and for -1), and how often that is so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ballot {
    /// Votes for the truth.
    pub right: usize,
    /// Votes against it.
    pub wrong: usize,
    /// Share of the values.
    pub share: f64,
}

/// Shares below this are left out of a distribution of ballots.
const NEGLIGIBLE: f64 = 1e-17;

impl Votes {
    /// Returns the correlation of two devices' votes.
    ///
    /// ```text
    /// agreement q: (2q - 1)^2;   K+ of K positive: ((2 K+ - K)^2 - K) / (K (K - 1))
    /// ```
    pub fn correlation(self, devices: usize) -> f64 {
        let k = devices as f64;
        match self {
            Self::Agreement(q) => (2.0 * q - 1.0).powi(2),
            Self::Positive(positive) if devices > 1 => {
                ((2.0 * positive as f64 - k).powi(2) - k) / (k * (k - 1.0))
            }
            Self::Positive(_) => 0.0,
        }
    }

    /// Draws a device's votes from index `start`.
    pub(super) fn draw(
        self,
        (own, common): (&Stream, &Stream),
        (device, devices): (usize, usize),
        start: usize,
        out: &mut [f32],
    ) {
        match self {
            Self::Agreement(q) => {
                own.fill_uniform(start as u64, out);
                agree(common, start as u64, q as f32, out);
            }
            Self::Positive(positive) => {
                let first = (device + start % devices) % devices;
                let mut filled = out.len().min(devices);
                for (n, vote) in out[..filled].iter_mut().enumerate() {
                    *vote = if (first + n) % devices < positive { 1.0 } else { -1.0 };
                }
                // Votes recur after as many values as there are devices: copies of whole periods double what there is.
                while filled > 0 && filled < out.len() {
                    let whole = filled.min(out.len() - filled);
                    out.copy_within(..whole, filled);
                    filled += whole;
                }
            }
        }
    }

    /// Writes the truth from index `start`: 0 where as many votes are positive as negative by construction.
    pub(super) fn truth(self, common: &Stream, devices: usize, start: usize, out: &mut [f32]) {
        match self {
            Self::Agreement(_) => {
                out.fill(0.0);
                agree(common, start as u64, 1.0, out);
            }
            Self::Positive(positive) => {
                out.fill((2.0 * positive as f32 - devices as f32).clamp(-1.0, 1.0));
            }
        }
    }

    /// Returns the distribution of ballots.
    pub(super) fn ballots(self, devices: usize) -> Vec<Ballot> {
        match self {
            Self::Agreement(q) => multinomial(devices, q, 1.0 - q),
            Self::Positive(positive) => {
                let (right, wrong) = (positive.max(devices - positive), positive.min(devices - positive));
                vec![Ballot { right, wrong, share: 1.0 }]
            }
        }
    }
}

/// Turns uniforms into votes: the truth's sign where they are below `q`, else the other. Bit `n` of the common words says
/// whether truth `n` is +1.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn agree(common: &Stream, start: u64, q: f32, out: &mut [f32]) {
    let (mut index, mut rest) = (start, out);
    while !rest.is_empty() {
        let inside = (index % 64) as usize;
        let (part, after) = rest.split_at_mut(rest.len().min(64 - inside));
        let word = common.word(index / 64) >> inside;
        index += part.len() as u64;
        let (halves, tail) = part.as_chunks_mut::<32>();
        let whole = 32 * halves.len();
        for (half, votes) in halves.iter_mut().enumerate() {
            let bits = (word >> (32 * half)) as u32;
            for (l, v) in votes.iter_mut().enumerate() {
                *v = vote(bits >> l & 1 == 1, *v < q);
            }
        }
        for (l, v) in tail.iter_mut().enumerate() {
            *v = vote(word >> (whole + l) & 1 == 1, *v < q);
        }
        rest = after;
    }
}

#[inline(always)]
fn vote(truth: bool, agrees: bool) -> f32 {
    if truth == agrees { 1.0 } else { -1.0 }
}

/// Turns values into votes: their signs, and 0 where they are 0 or below `limit` in magnitude.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
pub(super) fn cast(limit: f32, values: &mut [f32]) {
    for v in values {
        let sign = if *v > 0.0 { 1.0 } else { -1.0 };
        *v = if v.abs() >= limit && *v != 0.0 { sign } else { 0.0 };
    }
}

/// Surveys the votes that stored values cast where they are at least `limit` times their device's rms; returns the limits of the
/// devices too.
///
/// # Errors
/// When a value is not finite.
pub(super) fn survey_stored(
    stored: &dyn Stored,
    limit: f64,
    products: Products,
) -> Result<(Survey, Vec<f32>), SourceError> {
    let limits: Vec<f32> = powers(stored)?.iter().map(|p| (limit * p.sqrt()) as f32).collect();
    let weights = vec![1.0; stored.devices()];
    let surveyor = Surveyor { stored, weights: &weights, center: false, products };
    let survey = surveyor.survey(|k, row| cast(limits[k], row))?;
    Ok((survey, limits))
}

/// Surveys drawn votes, as [`survey_stored`] does stored ones; there are no limits where the values are votes.
///
/// # Errors
/// When values of this distribution cast no votes.
pub(super) fn survey_drawn(s: &Synthetic, limit: f64) -> Result<(Survey, Option<Vec<f32>>), SourceError> {
    let devices = s.devices;
    let gram = match s.distribution {
        Distribution::Sign(_) => Gram::uniform(devices, s.correlation),
        Distribution::Gaussian => gram_of_gaussian(devices, s.correlation, limit),
        Distribution::Uniform => gram_of_mixed(devices, s.correlation, voting_uniform(limit)),
        Distribution::Lognormal => return Err(SourceError::OnlyMapped),
        Distribution::SparseGaussian { density } => {
            gram_of_mixed(devices, s.correlation, sparse_gaussian::share_beyond(density, limit))
        }
    };
    let survey = Survey { means: vec![0.0; devices], range: vec![(-1.0, 1.0); devices], gram };
    let drawn = matches!(s.distribution, Distribution::Sign(_));
    Ok((survey, (!drawn).then(|| vec![limit as f32; devices])))
}

/// Returns the inner products of votes that are signs of standard normal values of pairwise correlation `r`, where
/// `|value| >= limit`.
///
/// ```text
/// E v^2 = 2 Q(t),   E v_i v_j = E_c[(Q((t - a c)/b) - Q((t + a c)/b))^2],   a = sqrt(r), b = sqrt(1 - r)
/// ```
pub(super) fn gram_of_gaussian(devices: usize, correlation: f64, limit: f64) -> Gram {
    let power = 2.0 * q_function(limit);
    let (a, b) = (correlation.sqrt(), (1.0 - correlation).sqrt());
    let product = if correlation == 0.0 {
        0.0
    } else if b == 0.0 {
        power
    } else {
        let density = |c: f64| (-c * c / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let mean = |c: f64| q_function((limit - a * c) / b) - q_function((limit + a * c) / b);
        2.0 * integrate(|c| mean(c).powi(2) * density(c), 0.0, 12.0, 1e-10)
    };
    of_products(devices, power, product)
}

/// Returns the same of values that are common to two devices with probability `r`, else independent, and cast a vote with
/// the probability `power`.
pub(super) fn gram_of_mixed(devices: usize, correlation: f64, power: f64) -> Gram {
    of_products(devices, power, correlation * power)
}

/// Returns the probability that a uniform value of unit power is at least `limit` in magnitude.
pub(super) fn voting_uniform(limit: f64) -> f64 {
    (1.0 - limit / 3f64.sqrt()).max(0.0)
}

fn of_products(devices: usize, power: f64, product: f64) -> Gram {
    let k = devices as f64;
    Gram::new(vec![power; devices], k * power + k * (k - 1.0) * product, None)
}

/// Returns the ballots of votes that are there, device after device.
pub(super) fn counted(votes: &[f32], length: usize) -> Vec<Ballot> {
    let mut counts = std::collections::BTreeMap::<(usize, usize), usize>::new();
    for n in 0..length {
        let (mut right, mut wrong) = (0, 0);
        for vote in votes[n..].iter().step_by(length) {
            right += usize::from(*vote > 0.0);
            wrong += usize::from(*vote < 0.0);
        }
        *counts.entry((right, wrong)).or_default() += 1;
    }
    let ballot = |(&(right, wrong), &n): (&(usize, usize), &usize)| Ballot {
        right,
        wrong,
        share: n as f64 / length as f64,
    };
    counts.iter().map(ballot).collect()
}

/// Returns the ballots of independent votes, for the truth with probability `right` and against it with `wrong`.
pub(super) fn multinomial(devices: usize, right: f64, wrong: f64) -> Vec<Ballot> {
    let mut ballots = Vec::new();
    let voting = (right + wrong).min(1.0);
    for (voters, chance) in binomial(devices, voting) {
        for (right, share) in binomial(voters, if voting > 0.0 { right / voting } else { 0.0 }) {
            ballots.push(Ballot { right, wrong: voters - right, share: chance * share });
        }
    }
    ballots.retain(|b| b.share > NEGLIGIBLE);
    ballots
}

/// Returns the counts of a binomial distribution that are not negligible, with their probabilities.
pub(crate) fn binomial(n: usize, p: f64) -> Vec<(usize, f64)> {
    if p <= 0.0 || p >= 1.0 {
        return vec![(if p <= 0.0 { 0 } else { n }, 1.0)];
    }
    let (mean, spread) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
    let low = (mean - 12.0 * spread - 12.0).max(0.0) as usize;
    let high = ((mean + 12.0 * spread + 12.0) as usize).min(n);
    let ln = |x: usize| ln_gamma(x as f64 + 1.0);
    let chance =
        |m: usize| (ln(n) - ln(m) - ln(n - m) + m as f64 * p.ln() + (n - m) as f64 * (-p).ln_1p()).exp();
    (low..=high).map(|m| (m, chance(m))).filter(|(_, chance)| *chance > NEGLIGIBLE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::Purpose;
    use airloop_baseband::Seeds;

    #[test]
    fn votes_agree_with_the_truth_bit_by_bit_however_they_are_cut() {
        let seeds = Seeds::new(7);
        let (own, common) =
            (seeds.stream(Purpose::Payload, 0, 3), seeds.stream(Purpose::Payload, 0, u64::MAX));
        let draw = |votes: Votes, start: usize, count: usize| {
            let mut out = vec![0.0; count];
            votes.draw((&own, &common), (3, 5), start, &mut out);
            out
        };
        let mut truth = vec![0.0; 500];
        Votes::Agreement(0.7).truth(&common, 5, 0, &mut truth);
        assert!((0..500).all(|n| truth[n] == if common.word(n as u64 / 64) >> (n % 64) & 1 == 1 { 1.0 } else { -1.0 }));
        assert_eq!(draw(Votes::Agreement(1.0), 0, 500), truth);
        let against: Vec<f32> = truth.iter().map(|t| -t).collect();
        assert_eq!(draw(Votes::Agreement(0.0), 0, 500), against);
        let some = draw(Votes::Agreement(0.7), 0, 500);
        assert_eq!([draw(Votes::Agreement(0.7), 0, 77), draw(Votes::Agreement(0.7), 77, 423)].concat(), some);
        let uniforms: Vec<f32> = {
            let mut out = vec![0.0; 500];
            own.fill_uniform(0, &mut out);
            out
        };
        assert!((0..500).all(|n| (some[n] == truth[n]) == (uniforms[n] < 0.7)));
    }

    #[test]
    fn positive_votes_are_as_many_at_every_value_and_no_device_is_special() {
        let stream = Seeds::new(1).stream(Purpose::Payload, 0, 0);
        let rows: Vec<Vec<f32>> = (0..5)
            .map(|device| {
                let mut out = vec![0.0; 35];
                Votes::Positive(3).draw((&stream, &stream), (device, 5), 2, &mut out);
                out
            })
            .collect();
        assert!((0..35).all(|n| rows.iter().map(|r| r[n]).sum::<f32>() == 1.0));
        assert!(rows.iter().all(|row| row.iter().sum::<f32>() == 7.0));
    }

    #[test]
    fn ballots_sum_to_one_and_have_the_right_means() {
        for (devices, right, wrong) in [(11, 0.7, 0.3), (40, 0.4, 0.35), (3, 1.0, 0.0), (4, 0.0, 0.0)] {
            let ballots = multinomial(devices, right, wrong);
            let mean = |of: &dyn Fn(&Ballot) -> f64| ballots.iter().map(|b| b.share * of(b)).sum::<f64>();
            assert!((mean(&|_| 1.0) - 1.0).abs() < 1e-12);
            assert!((mean(&|b| b.right as f64) - right * devices as f64).abs() < 1e-10);
            assert!((mean(&|b| b.wrong as f64) - wrong * devices as f64).abs() < 1e-10);
        }
    }

    #[test]
    fn signs_of_correlated_normals_follow_the_arcsine_law() {
        let gram = gram_of_gaussian(3, 0.3, 0.0);
        let product = (gram.total() - gram.trace()) / 6.0;
        assert!((product - 2.0 / std::f64::consts::PI * 0.3f64.asin()).abs() < 1e-9, "{product}");
        assert!((gram.power(0) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn zeros_and_small_values_cast_no_vote() {
        let mut values = [0.0, -0.0, 0.1, -0.1, 0.3, -0.4];
        cast(0.0, &mut values);
        assert_eq!(values, [0.0, 0.0, 1.0, -1.0, 1.0, -1.0]);
        let mut values = [0.0, -0.0, 0.1, -0.1, 0.3, -0.4];
        cast(0.3, &mut values);
        assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 1.0, -1.0]);
    }
}

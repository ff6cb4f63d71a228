//! Majority votes: how often the decision is wrong, over aligned channels and by energies.
//!
//! With `k+` votes for the truth and `k-` against it at a value, and R passes:
//!
//! ```text
//! aligned:  P(wrong | k+, k-) = E Q(m sqrt(rho / (s2 R))),  m = a+ - a-,  a+- binomial(R k+-, zeta) over independent fades
//!           static channels: a+- binomial(k+-, zeta), Q(m sqrt(R rho / s2));  rho = 2 rho0 of one-bit-majority
//! energies: P(wrong | k+, k-) = E I_x(L, L),  x = (a- + 1/SNR)/(a+ + a- + 2/SNR),  L = R times the antennas,
//!           a+- binomial(k+-, p) of participation p
//! ```
//!
//! `rho` is the aligned power of an element, `zeta` the share of active devices. Energies: given the votes, `y+` and `y-`
//! are sums over different devices, and over Rayleigh fading with random phases independent Gaussians of powers
//! `P a+ + s2` and `P a- + s2`; of L independent pairs the ratio of energies is beta distributed. Copies over one and the
//! same fade share its gains, and then no closed form holds.

use super::ensemble::{Ensemble, inversion_constants, mean_power};
use super::{Formula, Memory, Prediction, ReceiveScale, Setting, digital};
use crate::payload::Ballot;
use crate::payload::votes::binomial;
use crate::report::Errors;
use airloop_baseband::Complex64;
use airloop_baseband::special::{q_function, regularised_beta};
use airloop_channels::Marginal;
use std::collections::BTreeMap;

/// Most votes at a value, all passes together, for which sums over all outcomes are taken.
const MAX_VOTES: usize = 2000;

/// Most devices for which sums over absentees are taken.
const MAX_ABSENTEES: usize = 300;

/// Returns the ensemble values of a majority, if there is a formula.
pub fn ensemble(setting: &Setting<'_>) -> Option<Ensemble> {
    match setting.formula {
        Formula::DigitalBits(bits) => return digital::ensemble_bits(setting, bits),
        Formula::DigitalSymbols(symbols) => return digital::ensemble_symbols(setting, symbols),
        _ => {}
    }
    let passes = setting.repetitions;
    if setting.power.len() * passes > MAX_VOTES || (passes > 1 && setting.memory == Memory::Moving) {
        return None;
    }
    let (wrong, mut prediction): Rule = match setting.formula {
        Formula::TruncatedInversion { threshold, average_power, .. } => {
            aligned(setting, (threshold, average_power), 1.0)?
        }
        Formula::OneBitMajority { threshold, average_power } => {
            aligned(setting, (threshold, average_power), 0.5)?
        }
        // The weakest device's power over a constant channel.
        Formula::FullInversion if setting.known.is_constant() => aligned(setting, (0.0, false), 1.0)?,
        Formula::FskMajority { antennas, participation } => energies(setting, antennas, participation)?,
        _ => return None,
    };
    let ballots = setting.payload.ballots()?;
    prediction.sent_share = setting.sent_share;
    prediction.errors = errors(setting, &ballots, wrong);
    Some(Ensemble::of(prediction))
}

/// Averages over ballots; values that are not sent are decided by a statistic of 0, which counts 1/2.
fn errors(setting: &Setting<'_>, ballots: &[Ballot], wrong: impl Fn(&Ballot) -> f64) -> Errors {
    let (mut rate, mut rate_truth) = (0.0, 0.0);
    for ballot in ballots {
        let below = wrong(ballot);
        rate_truth += ballot.share * below;
        rate += ballot.share
            * match ballot.right.cmp(&ballot.wrong) {
                std::cmp::Ordering::Greater => below,
                std::cmp::Ordering::Less => 1.0 - below,
                std::cmp::Ordering::Equal => 0.5,
            };
    }
    let sent = setting.sent_share;
    let with_unsent = |rate: f64| sent * rate + (1.0 - sent) / 2.0;
    let drawn = setting.payload.drawn_truth(0, 0, &mut [0.0]);
    Errors {
        vote_error_rate: Some(with_unsent(rate)),
        vote_error_rate_truth: drawn.then(|| with_unsent(rate_truth)),
        ..Errors::default()
    }
}

/// Returns the error rates of votes that arrive as they are, each with the probability that all its device's votes have;
/// nothing where these differ, or where devices abstain.
pub(super) fn delivered(setting: &Setting<'_>, shares: impl IntoIterator<Item = f64>) -> Errors {
    let mut shares = shares.into_iter();
    let gram = setting.payload.gram();
    let all_vote = gram.trace() == gram.devices() as f64;
    let (Some(share), Some(ballots)) = (shares.next(), setting.payload.ballots()) else {
        return Errors::default();
    };
    if !all_vote || shares.any(|other| other != share) || setting.power.len() > MAX_VOTES {
        return Errors::default();
    }
    let wrong = |ballot: &Ballot| {
        let (right, against) = (binomial(ballot.right, share), binomial(ballot.wrong, share));
        let below = |(m, p): &(i64, f64)| match m.cmp(&0) {
            std::cmp::Ordering::Less => *p,
            std::cmp::Ordering::Equal => p / 2.0,
            std::cmp::Ordering::Greater => 0.0,
        };
        margins(&right, &against).iter().map(below).sum()
    };
    errors(&Setting { sent_share: 1.0, ..setting.clone() }, &ballots, wrong)
}

/// The probability of a wrong decision for a ballot, and what goes with it.
type Rule = (Box<dyn Fn(&Ballot) -> f64>, Prediction);

/// Inversion of known channels above a threshold; `share` is the part of the aligned power that the receive SNR speaks of.
fn aligned(setting: &Setting<'_>, (threshold, average_power): (f64, bool), share: f64) -> Option<Rule> {
    if !setting.known.is_exact() {
        return None;
    }
    let (rho, _) = inversion_constants(setting, threshold, average_power, ReceiveScale::Plain);
    let (snr, passes) = (rho / setting.noise_power, setting.repetitions);
    let zeta = setting.known.active_share(threshold);
    let fades = if setting.memory == Memory::Independent { passes } else { 1 };
    let root = (snr * passes as f64).sqrt() / fades as f64;
    let prediction = Prediction {
        active_fraction: zeta,
        power_used_mean: mean_power(setting, rho),
        receive_snr: Some(share * snr),
        ..Prediction::default()
    };
    let wrong = move |ballot: &Ballot| {
        let (right, against) = (binomial(ballot.right * fades, zeta), binomial(ballot.wrong * fades, zeta));
        margins(&right, &against).iter().map(|(m, p)| p * q_function(*m as f64 * root)).sum()
    };
    Some((Box::new(wrong), prediction))
}

/// Returns the distribution of the difference of two counts.
fn margins(a: &[(usize, f64)], b: &[(usize, f64)]) -> Vec<(i64, f64)> {
    let (Some(first_a), Some(last_b)) = (a.first(), b.last()) else { return Vec::new() };
    let lowest = first_a.0 as i64 - last_b.0 as i64;
    let mut sums = vec![0.0; a.len() + b.len() - 1];
    for (i, (_, p)) in a.iter().enumerate() {
        for (j, (_, q)) in b.iter().rev().enumerate() {
            sums[i + j] += p * q;
        }
    }
    (lowest..).zip(sums).collect()
}

/// Energies over Rayleigh fading, all devices of one power.
fn energies(setting: &Setting<'_>, antennas: usize, participation: f64) -> Option<Rule> {
    let power = setting.power[0];
    let alike = setting.power.iter().all(|p| *p == power);
    let apart = setting.repetitions == 1 || setting.memory == Memory::Independent;
    let each = antennas == 1 || setting.independent_antennas;
    if !alike || !apart || !each || setting.marginal != Marginal::rician(0.0) {
        return None;
    }
    let copies = (setting.repetitions * antennas) as f64;
    let noise = setting.noise_power / power;
    let gram = setting.payload.gram();
    let voting = participation * gram.trace() / gram.devices() as f64;
    let prediction =
        Prediction { active_fraction: voting, power_used_mean: voting / 2.0, ..Prediction::default() };
    let decided_wrong = move |right: usize, wrong: usize| {
        let x = (wrong as f64 + noise) / ((right + wrong) as f64 + 2.0 * noise);
        regularised_beta(copies, copies, x)
    };
    if participation == 1.0 {
        return Some((Box::new(move |ballot| decided_wrong(ballot.right, ballot.wrong)), prediction));
    }
    let devices = setting.power.len();
    if devices > MAX_ABSENTEES {
        return None;
    }
    let counts = (0..=devices).flat_map(|right| (0..=devices - right).map(move |wrong| (right, wrong)));
    let table: BTreeMap<_, _> =
        counts.map(|(right, wrong)| ((right, wrong), decided_wrong(right, wrong))).collect();
    let wrong = move |ballot: &Ballot| {
        let cast = |votes: usize| binomial(votes, participation);
        let against = cast(ballot.wrong);
        let given = |(a, p): &(usize, f64)| -> f64 {
            against.iter().map(|(b, q)| p * q * table.get(&(*a, *b)).unwrap_or(&f64::NAN)).sum()
        };
        cast(ballot.right).iter().map(given).sum()
    };
    Some((Box::new(wrong), prediction))
}

/// Values of one element on their way into a formula for known votes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    /// Weights of the devices, less 1.
    pub weights: &'a [Complex64],
    /// Variance of a value's estimate.
    pub noise: f64,
    /// Votes, device after device, in rows of `stride`.
    pub votes: &'a [f32],
    /// Length of a row.
    pub stride: usize,
}

impl Element<'_> {
    /// Adds the probabilities that the statistics of a range of values (one or two) are negative.
    ///
    /// ```text
    /// statistic of the real part = sum_k Re(w_k (v1_k + j v2_k)) + noise, of the imaginary part likewise;   Q(mean / deviation)
    /// ```
    pub fn decide(&self, (first, end): (usize, usize), out: &mut Vec<f64>) {
        let mut mean = Complex64::default();
        for (k, e) in self.weights.iter().enumerate() {
            let vote =
                |value: usize| if value < end { f64::from(self.votes[k * self.stride + value]) } else { 0.0 };
            mean += (e + 1.0) * Complex64::new(vote(first), vote(first + 1));
        }
        let deviation = self.noise.sqrt();
        let means = [mean.re, mean.im];
        // Nobody sends and nothing is heard: a statistic of 0 counts 1/2.
        let below = |mean: &f64| if *mean == 0.0 { 0.5 } else { q_function(mean / deviation) };
        out.extend(means[..end - first].iter().map(below));
    }
}

/// Returns the error rates of statistics that are negative with the given probabilities.
pub(super) fn rates(below: &[f64], reference: &[f32], truth: Option<&[f32]>) -> Errors {
    let rate = |signs: &[f32]| {
        let of = |(p, sign): (&f64, &f32)| match *sign {
            0.0 => 0.5,
            sign if sign > 0.0 => *p,
            _ => 1.0 - p,
        };
        below.iter().zip(signs).map(of).sum::<f64>() / below.len() as f64
    };
    Errors {
        vote_error_rate: Some(rate(reference)),
        vote_error_rate_truth: truth.map(rate),
        ..Errors::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_differences_of_counts() {
        let (a, b) = (binomial(3, 0.5), binomial(2, 0.25));
        let margins = margins(&a, &b);
        assert_eq!((margins[0].0, margins[margins.len() - 1].0), (-2, 3));
        // Both ways to a margin of 3: three for, none against.
        assert!((margins[5].1 - 0.125 * 0.5625).abs() < 1e-15);
        assert!((margins.iter().map(|m| m.1).sum::<f64>() - 1.0).abs() < 1e-14);
    }
}

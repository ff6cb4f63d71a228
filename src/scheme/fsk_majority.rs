//! Majority votes by frequency-shift keying: non-coherent, without any channel knowledge.
//!
//! ```text
//! vote +1: sqrt(P) exp(j phi) on the first of two elements, vote -1: on the second, no vote: on neither
//! decision: sign of sum over copies and antennas of |y+|^2 - |y-|^2
//! ```
//!
//! A device casts each vote with the probability `participation`, and the same votes in every copy; the reference counts
//! all votes. The phase `phi` is uniform and independent for every device and element, so that neither phases nor channels need be
//! known. Source: Sahin, "Distributed Learning over a Wireless Network with Non-coherent Majority Vote Computation",
//! IEEE TWC, 2023.

use super::adding::add;
use super::alignment::Spent;
use super::expenses::Expenses;
use super::{LinkBudget, Outcome, Received, Round};
use crate::medium::{Knowledge, LinkState};
use crate::ofdm::{Segment, Segments, SlotShape};
use crate::payload::{Payload, SourceError};
use airloop_baseband::{Complex32, Purpose, Seeds};
use std::f32::consts::FRAC_PI_2;
use std::sync::Arc;

/// Elements of a vote.
pub const ELEMENTS: usize = 2;

/// What a round of keyed votes is made of.
#[derive(Clone)]
pub struct FskPlan {
    /// The votes.
    pub payload: Arc<Payload>,
    /// The power budget.
    pub budget: LinkBudget,
    /// Where votes lie: [`ELEMENTS`] each.
    pub segments: Segments,
    /// Source of phases, absentees, and of the random subset under a short budget.
    pub seeds: Seeds,
    /// Probability that a device casts a vote.
    pub participation: f64,
}

/// One round of keyed votes.
pub struct FskRound {
    plan: FskPlan,
    index: u64,
    symbol: usize,
    segment: Option<Segment>,
    /// Passes over the payload that are complete.
    pass: usize,
    statistic: Vec<f32>,
    truth: Vec<f32>,
    votes: Vec<f32>,
    /// Votes of a device from one sent position to a later one, when not all are sent.
    stretch: Vec<f32>,
    /// Phases in turns.
    turns: Vec<f32>,
    subset: Option<Vec<u32>>,
    expenses: Expenses,
    /// Antennas whose energies were added.
    ports: usize,
}

impl FskRound {
    /// Begins a round, whose payload and phases are those of `index`.
    pub fn new(plan: FskPlan, index: u64) -> Self {
        let length = plan.payload.length();
        let subset = (plan.segments.sent() < length).then(|| {
            let mut order = plan.seeds.stream(Purpose::Subset, index, 0).permutation(length);
            order.truncate(plan.segments.sent());
            order.sort_unstable();
            order
        });
        Self {
            index,
            symbol: 0,
            segment: None,
            pass: 0,
            statistic: vec![0.0; length],
            truth: vec![0.0; length],
            votes: Vec::new(),
            stretch: Vec::new(),
            turns: Vec::new(),
            subset,
            expenses: Expenses::default(),
            ports: 1,
            plan,
        }
    }

    /// Reads the votes of the segment, and adds those that begin in it to the truth during the first pass.
    fn load(&mut self, device: usize, segment: Segment) -> Result<(), SourceError> {
        let (first, count) = (segment.first_value, segment.values);
        let begun = segment.first_element % ELEMENTS;
        self.votes.resize(count, 0.0);
        if let Some(subset) = &self.subset {
            let begin = if first + begun == 0 { 0 } else { subset[first] as usize };
            let end = subset.get(first + count).map_or(self.plan.payload.length(), |i| *i as usize);
            self.stretch.resize(end - begin, 0.0);
            self.plan.payload.read(self.index, device, begin, &mut self.stretch)?;
            let sent = &subset[first..first + count];
            self.votes.iter_mut().zip(sent).for_each(|(v, i)| *v = self.stretch[*i as usize - begin]);
            // A vote that a slot cuts in two is in both stretches.
            let counted = begun * subset.get(first + 1).map_or(end - begin, |i| *i as usize - begin);
            add(&self.stretch[counted..], &mut self.truth[begin + counted..end]);
            return Ok(());
        }
        match self.plan.payload.ready(device, first, count) {
            Some(ready) => self.votes.copy_from_slice(ready),
            None => self.plan.payload.read(self.index, device, first, &mut self.votes)?,
        }
        if self.pass == 0 {
            add(&self.votes[begun..], &mut self.truth[first + begun..first + count]);
        }
        Ok(())
    }
}

impl Round for FskRound {
    fn next_slot(&mut self) -> Option<SlotShape> {
        self.segment = self.plan.segments.at(self.symbol);
        let shape = self.segment?.shape;
        let symbols_a_pass = self.plan.segments.symbols() / self.plan.segments.repetitions();
        self.pass = self.symbol / symbols_a_pass;
        self.symbol += shape.symbols;
        Some(shape)
    }

    fn agree(&mut self, _: &Knowledge<'_>) {}

    fn fill(&mut self, device: usize, _: LinkState<'_>, grid: &mut [Complex32]) -> Result<(), SourceError> {
        let Some(segment) = self.segment else { return Ok(()) };
        self.load(device, segment)?;
        self.turns.resize(segment.values, 0.0);
        if self.plan.participation < 1.0 {
            let absent = self.plan.seeds.stream(Purpose::Absence, self.index, device as u64);
            absent.fill_uniform(segment.first_value as u64, &mut self.turns);
            abstain(self.plan.participation as f32, &self.turns, &mut self.votes);
        }
        let place = self.pass * self.plan.segments.sent() + segment.first_value;
        let phases = self.plan.seeds.stream(Purpose::Phase, self.index, device as u64);
        phases.fill_uniform(place as u64, &mut self.turns);
        let power = self.plan.budget.power[device];
        let amplitude = power.sqrt() as f32;
        let grid = &mut grid[..segment.elements()];
        let begun = segment.first_element % ELEMENTS;
        if begun == 1 {
            grid[0] = keyed(amplitude, self.votes[0], self.turns[0])[1];
        }
        let (votes, turns) = (&self.votes[begun..], &self.turns[begun..]);
        let (pairs, cut) = grid[begun..].as_chunks_mut::<ELEMENTS>();
        key(amplitude, votes, turns, pairs);
        if let [first] = cut {
            *first = keyed(amplitude, votes[votes.len() - 1], turns[turns.len() - 1])[0];
        }
        // Both elements of a vote are taken up by it, one of them with energy.
        let cast = count(votes);
        let peak = if cast > 0 { power as f32 } else { 0.0 };
        let spent = Spent { active: 2 * cast, energy: power * cast as f64, peak };
        self.expenses.add(spent, (power * self.plan.payload.budget_power(device), power));
        Ok(())
    }

    fn take(&mut self, received: Received<'_>) {
        let Some(segment) = self.segment else { return };
        self.ports = received.ports;
        for port in 0..received.ports {
            let grid = &received.port(port)[..segment.elements()];
            let begun = segment.first_element % ELEMENTS;
            let first = segment.first_value;
            let place = |value: usize| self.subset.as_ref().map_or(value, |subset| subset[value] as usize);
            let (pairs, cut) = grid[begun..].as_chunks::<ELEMENTS>();
            if begun == 1 {
                self.statistic[place(first)] -= grid[0].norm_sqr();
            }
            if let [last] = cut {
                self.statistic[place(first + segment.values - 1)] += last.norm_sqr();
            }
            if self.subset.is_some() {
                for (i, [plus, minus]) in pairs.iter().enumerate() {
                    self.statistic[place(first + begun + i)] += plus.norm_sqr() - minus.norm_sqr();
                }
            } else {
                detect(pairs, &mut self.statistic[first + begun..][..pairs.len()]);
            }
        }
    }

    fn restart(&mut self, index: u64) {
        *self = Self::new(self.plan.clone(), index);
    }

    fn finish(&mut self) -> Result<Outcome, SourceError> {
        let devices = self.plan.budget.devices();
        let power = self.plan.budget.power.iter().sum::<f64>() / devices as f64;
        let sums = (self.plan.segments.repetitions() * self.ports) as f64;
        // E[|y+|^2 - |y-|^2] = P (votes for - votes against).
        let scale = (1.0 / (power * sums)) as f32;
        self.statistic.iter_mut().for_each(|s| *s *= scale);
        Ok(Outcome {
            estimate: std::mem::take(&mut self.statistic),
            truth: std::mem::take(&mut self.truth),
            account: self.expenses.account(&self.plan.segments, devices, None),
        })
    }
}

/// Votes keyed at once.
const LANES: usize = 16;

/// Strikes the votes of those who do not take part.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn abstain(participation: f32, uniforms: &[f32], votes: &mut [f32]) {
    for (vote, uniform) in votes.iter_mut().zip(uniforms) {
        *vote = if *uniform < participation { *vote } else { 0.0 };
    }
}

/// Returns the number of votes that are cast.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn count(votes: &[f32]) -> u64 {
    votes.chunks(4096).map(|part| u64::from(part.iter().map(|v| u32::from(*v != 0.0)).sum::<u32>())).sum()
}

/// Adds `|y+|^2 - |y-|^2` to the statistic of each vote.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn detect(pairs: &[[Complex32; ELEMENTS]], statistic: &mut [f32]) {
    for (s, [plus, minus]) in statistic.iter_mut().zip(pairs) {
        *s += plus.re * plus.re + plus.im * plus.im - minus.re * minus.re - minus.im * minus.im;
    }
}

/// Keys votes: amplitude times phase on the element that the vote names, 0 on the other.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn key(amplitude: f32, votes: &[f32], turns: &[f32], pairs: &mut [[Complex32; ELEMENTS]]) {
    let ((v, v_rest), (t, t_rest)) = (votes.as_chunks::<LANES>(), turns.as_chunks::<LANES>());
    let (out, out_rest) = pairs.as_chunks_mut::<LANES>();
    for ((v, t), out) in v.iter().zip(t).zip(out) {
        // Arrays of parts become whole vectors; interleaving them last takes a few shuffles.
        let (mut sine, mut cosine, mut plus, mut minus) =
            ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for l in 0..LANES {
            (sine[l], cosine[l]) = sine_and_cosine(t[l]);
            plus[l] = if v[l] > 0.0 { amplitude } else { 0.0 };
            minus[l] = if v[l] < 0.0 { amplitude } else { 0.0 };
        }
        for l in 0..LANES {
            let first = Complex32::new(plus[l] * cosine[l], plus[l] * sine[l]);
            out[l] = [first, Complex32::new(minus[l] * cosine[l], minus[l] * sine[l])];
        }
    }
    for ((v, t), out) in v_rest.iter().zip(t_rest).zip(out_rest) {
        *out = keyed(amplitude, *v, *t);
    }
}

#[inline(always)]
fn keyed(amplitude: f32, vote: f32, turn: f32) -> [Complex32; ELEMENTS] {
    let (sine, cosine) = sine_and_cosine(turn);
    let plus = if vote > 0.0 { amplitude } else { 0.0 };
    let minus = if vote < 0.0 { amplitude } else { 0.0 };
    [Complex32::new(plus * cosine, plus * sine), Complex32::new(minus * cosine, minus * sine)]
}

/// Added to a number of quarter turns, this leaves the nearest whole number in the lowest bits.
const WHOLE: f32 = 12_582_912.0;

/// Returns sine and cosine of a number of turns from 0 to 1, exact to 4e-7: Taylor series about the nearest quarter turn.
#[inline(always)]
fn sine_and_cosine(turn: f32) -> (f32, f32) {
    let shifted = 4.0 * turn + WHOLE;
    let quarters = shifted.to_bits();
    let x = FRAC_PI_2 * (4.0 * turn - (shifted - WHOLE));
    let square = x * x;
    let sine = x + x * square * (-1.0 / 6.0 + square * (1.0 / 120.0 - square * (1.0 / 5040.0)));
    let cosine =
        1.0 + square * (-0.5 + square * (1.0 / 24.0 + square * (-1.0 / 720.0 + square * (1.0 / 40320.0))));
    let (a, b) = if quarters & 1 == 0 { (sine, cosine) } else { (cosine, sine) };
    // Bit 1 of the quarter is the sign of the sine; the cosine is a quarter ahead.
    let negated = |x: f32, quarters: u32| f32::from_bits(x.to_bits() ^ (quarters & 2) << 30);
    (negated(a, quarters), negated(b, quarters.wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_sines_and_cosines_all_round() {
        for i in 0..=4096 {
            let turn = i as f32 / 4096.0;
            let (sine, cosine) = sine_and_cosine(turn);
            let angle = std::f64::consts::TAU * f64::from(turn);
            assert!((f64::from(sine) - angle.sin()).abs() < 4e-7, "{turn}: {sine}");
            assert!((f64::from(cosine) - angle.cos()).abs() < 4e-7, "{turn}: {cosine}");
        }
    }

    #[test]
    fn a_vote_has_its_energy_on_its_own_element() {
        let votes: Vec<f32> = (0..37).map(|i| [1.0, -1.0, 0.0][i % 3]).collect();
        let turns: Vec<f32> = (0..37).map(|i| (i as f32 * 0.618) % 1.0).collect();
        let mut pairs = vec![[Complex32::default(); 2]; 37];
        key(0.5, &votes, &turns, &mut pairs);
        for ((vote, turn), pair) in votes.iter().zip(&turns).zip(&pairs) {
            let phase = Complex32::from_polar(0.5, std::f32::consts::TAU * turn);
            let expected = match *vote {
                1.0 => [phase, Complex32::default()],
                -1.0 => [Complex32::default(), phase],
                _ => [Complex32::default(); 2],
            };
            assert!((0..2).all(|i| (pair[i] - expected[i]).norm() < 1e-6), "{vote} {turn}: {pair:?}");
        }
        let mut statistic = vec![0.0; 37];
        detect(&pairs, &mut statistic);
        assert!(votes.iter().zip(&statistic).all(|(v, s)| (v * 0.25 - s).abs() < 1e-6));
        assert_eq!(count(&votes), 25);
    }
}

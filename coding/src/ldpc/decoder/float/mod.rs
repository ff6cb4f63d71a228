//! Message passing in single precision, by any rule and schedule: the reference.

mod check;
mod rules;

use super::config::{CheckRule, Schedule};
use super::rows::Rows;
use crate::ldpc::{Circulant, Code};
use check::{Scratch, answer};

/// Magnitudes from which a bit is certain: fillers count as this.
const CERTAIN: f32 = 1e4;

/// Posteriors and messages of a block.
///
/// A check takes from its bits the posteriors less its own last answers, and answers each by the rule over the others.
/// Layered, posteriors take up an answer at once; flooding, they are the channel's LLRs plus all answers of an iteration.
#[derive(Clone, Debug)]
pub(super) struct Float {
    rule: CheckRule,
    schedule: Schedule,
    z: usize,
    channel: Vec<f32>,
    posteriors: Vec<f32>,
    /// Posteriors that a flooding iteration gathers.
    next: Vec<f32>,
    /// The last answers: `[circulant, Z]`.
    answers: Vec<f32>,
    /// The first circulant of each row.
    firsts: Vec<usize>,
    scratch: Scratch,
}

impl Float {
    pub(super) fn new(code: &Code, rule: CheckRule, schedule: Schedule) -> Self {
        let z = code.z();
        let rows = code.graph().rows();
        let firsts = (0..rows).map(|row| code.circulants().partition_point(|c| c.row < row)).collect();
        let degree = (0..rows).map(|row| code.row(row).len()).max().unwrap_or(0);
        let word = vec![0.0; code.codeword_bits()];
        let answers = vec![0.0; code.circulants().len() * z];
        let (channel, posteriors, next) = (word.clone(), word.clone(), word);
        let scratch = Scratch::new(degree, z);
        Self { rule, schedule, z, channel, posteriors, next, answers, firsts, scratch }
    }

    pub(super) fn load(&mut self, llrs: &[f32]) {
        for (channel, llr) in self.channel.iter_mut().zip(llrs) {
            *channel = if llr.is_nan() { 0.0 } else { llr.clamp(-CERTAIN, CERTAIN) };
        }
        self.posteriors.copy_from_slice(&self.channel);
        self.answers.fill(0.0);
    }

    pub(super) fn iterate(&mut self, rows: &Rows) {
        let flooding = self.schedule == Schedule::Flooding;
        if flooding {
            self.next.copy_from_slice(&self.channel);
        }
        for &row in rows.used() {
            self.row(rows.code().row(row), self.firsts[row], flooding);
        }
        if flooding {
            std::mem::swap(&mut self.posteriors, &mut self.next);
        }
    }

    /// Passes messages over the circulants of a row, the `first` of the code and those after it.
    fn row(&mut self, circulants: &[Circulant], first: usize, flooding: bool) {
        let z = self.z;
        let answers = &mut self.answers[first * z..][..circulants.len() * z];
        let asked = &mut self.scratch.asked[..circulants.len() * z];
        for ((circulant, asked), answers) in
            circulants.iter().zip(asked.chunks_exact_mut(z)).zip(answers.chunks_exact(z))
        {
            let posteriors = &self.posteriors[circulant.column * z..][..z];
            let (wrapped, begin) = posteriors.split_at(circulant.shift);
            let (head, tail) = asked.split_at_mut(begin.len());
            head.copy_from_slice(begin);
            tail.copy_from_slice(wrapped);
            asked.iter_mut().zip(answers).for_each(|(asked, answer)| *asked -= answer);
        }
        answer(self.rule, z, &mut self.scratch, answers);
        let asked = &self.scratch.asked;
        for ((circulant, asked), answers) in
            circulants.iter().zip(asked.chunks_exact(z)).zip(answers.chunks_exact(z))
        {
            let column = circulant.column * z..circulant.column * z + z;
            for (i, (asked, answer)) in asked.iter().zip(answers).enumerate() {
                let bit = column.start
                    + if i + circulant.shift < z { i + circulant.shift } else { i + circulant.shift - z };
                if flooding {
                    self.next[bit] += answer;
                } else {
                    self.posteriors[bit] = asked + answer;
                }
            }
        }
    }

    /// Returns whether the hard decisions fulfil all rows in use.
    pub(super) fn holds(&self, rows: &Rows) -> bool {
        let z = self.z;
        let negative = |circulant: &Circulant, i: usize| {
            self.posteriors[circulant.column * z + (i + circulant.shift) % z] < 0.0
        };
        rows.used().iter().all(|&row| {
            let circulants = rows.code().row(row);
            (0..z)
                .all(|i| !circulants.iter().fold(false, |parity, circulant| parity ^ negative(circulant, i)))
        })
    }

    pub(super) fn decide(&self, bits: &mut [u8]) {
        for (bit, posterior) in bits.iter_mut().zip(&self.posteriors) {
            *bit = u8::from(*posterior < 0.0);
        }
    }
}

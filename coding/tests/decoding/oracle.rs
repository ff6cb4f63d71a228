//! The fixed-point rule, bit by bit in whole numbers without bounds, against the shipped decoder.

use crate::full;
use crate::link::{Link, Sent};
use airloop_coding::ldpc::{BaseGraph, Code, Decoder, DecoderConfig, EarlyStop, LiftingSize};

/// The layered decoder with one loop for each sentence of its definition.
pub struct Oracle {
    code: Code,
    rows: Vec<usize>,
    /// The largest answer to a column that rows share; the shipped decoder has 40.
    pub largest: i32,
    /// Whether it keeps answers that posteriors could not take up, as the shipped decoder does not.
    pub forgets: bool,
    channel: Vec<i32>,
    posteriors: Vec<i32>,
    answers: Vec<Vec<i32>>,
}

/// A magnitude less the correction for bits near it.
fn corrected(magnitude: i32, near: i32) -> i32 {
    let correction = ((near + 2) / 4).min(2 + near / 8);
    let small = (magnitude + 2 - correction).max(0) / 2;
    magnitude.min((magnitude - correction).max(small))
}

impl Oracle {
    pub fn new(link: &Link) -> Self {
        let code = link.code.clone();
        let never_sent = |row: usize| code.row(row).iter().filter(|c| c.column < 2).count();
        let mut rows: Vec<usize> = (0..link.rows).collect();
        rows.sort_by_key(|row| (never_sent(*row), code.row(*row).len(), *row));
        let answers = vec![vec![0; code.z()]; code.circulants().len()];
        let (channel, posteriors) = (vec![0; code.codeword_bits()], vec![0; code.codeword_bits()]);
        Self { channel, posteriors, code, rows, largest: 40, forgets: false, answers }
    }

    pub fn load(&mut self, llrs: &[f32]) {
        for (channel, llr) in self.channel.iter_mut().zip(llrs) {
            *channel = (llr * 4.0).clamp(-127.0, 127.0).round_ties_even() as i32;
        }
        self.posteriors.copy_from_slice(&self.channel);
        self.answers.iter_mut().for_each(|answers| answers.fill(0));
    }

    pub fn iterate(&mut self) {
        let z = self.code.z();
        for &row in &self.rows {
            let first = self.code.circulants().iter().position(|c| c.row == row).unwrap();
            let circulants = self.code.row(row);
            for i in 0..z {
                let bits: Vec<usize> = circulants.iter().map(|c| c.column * z + (i + c.shift) % z).collect();
                // A column that no other row holds says what the channel said.
                let shared = |e: usize| circulants[e].column < self.code.graph().information_columns() + 4;
                let asked: Vec<i32> = (0..bits.len())
                    .map(|e| match shared(e) {
                        true => (self.posteriors[bits[e]] - self.answers[first + e][i]).clamp(-127, 127),
                        false => self.channel[bits[e]],
                    })
                    .collect();
                let mut sorted: Vec<i32> = asked.iter().map(|message| message.abs()).collect();
                sorted.sort_unstable();
                let (least, second) = (sorted[0], sorted[1]);
                let near = sorted[2..].iter().map(|magnitude| (8 - (magnitude - second)).max(0)).sum();
                let to_least = corrected(second, near);
                let near = (8 - (to_least - least).abs()).max(0);
                let to_rest = corrected(to_least.min(least), near);
                let negative = asked.iter().filter(|message| **message < 0).count() % 2 == 1;
                for (e, message) in asked.iter().enumerate() {
                    let magnitude = if message.abs() == least { to_least } else { to_rest };
                    let sign = if negative ^ (*message < 0) { -1 } else { 1 };
                    let answer = sign * if shared(e) { magnitude.min(self.largest) } else { magnitude };
                    self.posteriors[bits[e]] = (message + answer).clamp(-127, 127);
                    self.answers[first + e][i] = match self.forgets {
                        true => answer,
                        false => self.posteriors[bits[e]] - message,
                    };
                }
            }
        }
    }

    pub fn bits(&self) -> Vec<u8> {
        let information = self.code.information_bits();
        self.posteriors[..information].iter().map(|posterior| u8::from(*posterior < 0)).collect()
    }

    /// Returns whether all rows in use hold.
    pub fn holds(&self) -> bool {
        let z = self.code.z();
        self.rows.iter().all(|row| {
            (0..z).all(|i| {
                let bits = self.code.row(*row).iter().map(|c| c.column * z + (i + c.shift) % z);
                bits.filter(|bit| self.posteriors[*bit] < 0).count() % 2 == 0
            })
        })
    }
}

/// Compares decisions after each of some iterations on blocks that are half decoded by then.
fn compare(link: &mut Link, eb_n0_db: f64, iterations: usize) {
    let mut block = Sent::default();
    link.send(1, eb_n0_db, &mut block);
    let mut oracle = Oracle::new(link);
    oracle.load(&block.llrs);
    let mut bits = vec![2; link.code.information_bits()];
    let mut wrong = 0;
    for iterations in 1..=iterations {
        let config = DecoderConfig { iterations, stop: EarlyStop::Never, ..DecoderConfig::default() };
        let mut shipped = Decoder::new(&link.code, config).unwrap();
        let decoded = shipped.decode(&block.llrs, None, &mut bits).unwrap();
        oracle.iterate();
        let case = (link.code.graph(), link.code.z(), link.rows, iterations);
        assert!(bits == oracle.bits(), "{case:?}");
        assert_eq!((decoded.parity_holds, decoded.iterations), (oracle.holds(), iterations), "{case:?}");
        wrong += bits.iter().zip(&block.word).filter(|(bit, sent)| bit != sent).count();
    }
    assert!(wrong > 0 || link.code.z() < 8 || eb_n0_db > 5.0, "nothing to decode at Z = {}", link.code.z());
}

#[test]
fn every_lifting_size_is_that_of_the_oracle() {
    for graph in [BaseGraph::One, BaseGraph::Two] {
        for lifting in LiftingSize::all() {
            let (z, k) = (lifting.size(), graph.information_columns() * lifting.size());
            compare(&mut Link::new(graph, z, k, 2 * k), 0.5, if full() { 12 } else { 3 });
        }
    }
}

#[test]
fn every_number_of_rows_is_that_of_the_oracle() {
    for (graph, z) in [(BaseGraph::One, 11), (BaseGraph::Two, 72)] {
        let k = graph.information_columns() * z;
        for rows in (4..=graph.rows()).step_by(if full() { 1 } else { 3 }) {
            compare(&mut Link::new(graph, z, k - z / 2, k + (rows - 2) * z - z / 2), 1.0, 6);
        }
    }
}

#[test]
fn strong_values_are_those_of_the_oracle() {
    for (z, eb_n0_db) in [(7, 6.0), (30, 9.0), (88, 12.0)] {
        let link = |n: usize| Link::new(BaseGraph::One, z, 22 * z - 3, n);
        compare(&mut link(44 * z), eb_n0_db, 4);
        compare(&mut link(25 * z), eb_n0_db, 4);
    }
}

/// A control: an oracle of other answers is told apart.
#[test]
fn an_oracle_of_other_answers_differs() {
    let mut link = Link::new(BaseGraph::One, 24, 528, 1056);
    let mut block = Sent::default();
    link.send(1, 0.5, &mut block);
    let mut oracle = Oracle::new(&link);
    oracle.largest = 12;
    oracle.load(&block.llrs);
    let config = DecoderConfig { iterations: 8, stop: EarlyStop::Never, ..DecoderConfig::default() };
    let mut shipped = Decoder::new(&link.code, config).unwrap();
    let mut bits = vec![0; link.code.information_bits()];
    shipped.decode(&block.llrs, None, &mut bits).unwrap();
    (0..8).for_each(|_| oracle.iterate());
    assert!(bits != oracle.bits());
}

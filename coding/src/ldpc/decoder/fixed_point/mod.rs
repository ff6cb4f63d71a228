//! Layered decoding in 8 bits, 64 copies of a check at a time.
//!
//! Messages and posteriors are whole quarters of an LLR, from -127 to 127. Answers end at 40: smaller ones cannot free a
//! few wrong bits that confirm one another, larger ones fill posteriors up, and either shows as a floor (of 1e-3 at 24
//! and, with posteriors that forget what did not fit, at 56). A row keeps as its answer what the posterior took up.
//!
//! # Memory
//! A column of `Z` posteriors stands rotated as the last row that touched it read it, so that a row writes whole aligned
//! blocks. The next row reads at the difference of both shifts, in one piece, since a column repeats past its end:
//!
//! ```text
//! place[i] = posterior[(i + shift of the last row) mod Z],   0 <= i < Z + 64
//! ```
//!
//! Copies past the end of a column, where 64 does not divide `Z`, are computed like all others and so stay equal to those
//! at its begin. A row writes to a second place, since it reads later blocks after writing earlier ones; the two places of
//! a column take turns.

mod kernel;
mod plan;
mod row;

use super::rows::Rows;
use crate::ldpc::Code;
use kernel::{bits_of, convert, iterate, parities_hold};
use plan::Plan;

/// Copies of a check that are worked on together.
const LANES: usize = 64;

/// Values of that many copies.
type Block = [i8; LANES];

/// Posteriors and answers of a block.
#[derive(Clone, Debug)]
struct Memory {
    /// Both places of each column that rows share.
    posteriors: Vec<i8>,
    /// The last answers: `[row in use, block, circulant]`.
    answers: Vec<Block>,
    /// LLRs of the parity columns that belong to one row: `[row in use, block]`.
    own_llrs: Vec<Block>,
    /// Posteriors of the same.
    own_posteriors: Vec<Block>,
}

/// A decoder's plan and memory.
#[derive(Clone, Debug)]
pub(super) struct FixedPoint {
    plan: Plan,
    memory: Memory,
    /// A column of LLRs in quarters, repeated.
    column: Vec<i8>,
    /// The turn that the next iteration has.
    turn: usize,
}

impl FixedPoint {
    pub(super) fn new(code: &Code) -> Self {
        let posteriors = vec![0i8; Plan::posteriors(code) + LANES];
        let begin = posteriors.as_ptr().align_offset(LANES).min(LANES);
        let plan = Plan::new(code, begin);
        let own = vec![[0; LANES]; code.graph().rows() * plan.blocks];
        let answers = vec![[0; LANES]; code.circulants().len() * plan.blocks];
        let memory = Memory { posteriors, answers, own_llrs: own.clone(), own_posteriors: own };
        let column = vec![0; plan.z + (plan.blocks + 1) * LANES];
        Self { plan, memory, column, turn: 0 }
    }

    /// Takes up the LLRs of a block; `changed` where the rows in use are others than before.
    pub(super) fn load(&mut self, llrs: &[f32], rows: &Rows, changed: bool) {
        if changed {
            self.plan.set(rows);
        }
        self.turn = 0;
        let Self { plan: Plan { z, blocks, columns, rows, edges, .. }, memory, column, .. } = self;
        let (z, length) = (*z, (*blocks + 1) * LANES);
        for (place, llrs) in columns.iter().zip(llrs.chunks_exact(z)) {
            convert(llrs, column);
            memory.posteriors[place.places[0]..][..length].copy_from_slice(&column[place.shift..][..length]);
        }
        for (row, blocks) in rows.iter().zip(memory.own_llrs.chunks_exact_mut(*blocks)) {
            if let Some(own) = row.own {
                convert(&llrs[own * z..][..z], column);
                let blocks = blocks.as_flattened_mut();
                blocks.copy_from_slice(&column[..blocks.len()]);
            }
        }
        memory.answers[..edges[0].len() * *blocks].fill([0; LANES]);
    }

    pub(super) fn iterate(&mut self) {
        iterate(&self.plan, &self.plan.edges[self.turn], &mut self.memory);
        self.turn = 1 - self.turn;
    }

    /// Returns whether the hard decisions fulfil all rows in use.
    pub(super) fn holds(&self) -> bool {
        parities_hold(&self.plan, &self.plan.checks[self.turn], &self.memory)
    }

    pub(super) fn decide(&self, bits: &mut [u8]) {
        let z = self.plan.z;
        for (column, bits) in self.plan.columns.iter().zip(bits.chunks_exact_mut(z)) {
            let place = column.places[if self.turn == 0 { 0 } else { column.odd }];
            let posteriors = &self.memory.posteriors[place..][..z];
            let (begin, end) = posteriors.split_at(z - column.shift);
            let (wrapped, head) = bits.split_at_mut(column.shift);
            bits_of(begin, head);
            bits_of(end, wrapped);
        }
    }
}

//! Which rows a block uses, and in which order.

use crate::ldpc::{Circulant, Code};

/// Rows of the base graphs whose parity columns form the core; those columns are always in use.
const CORE: usize = 4;

/// Columns that are never sent.
const NEVER_SENT: usize = 2;

/// The rows of a code: those in use for the present block, and all.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    code: Code,
    /// All rows in the order of processing.
    order: Vec<usize>,
    /// Those in use.
    used: Vec<usize>,
}

impl Rows {
    pub(super) fn new(code: &Code) -> Self {
        let mut order: Vec<usize> = (0..code.graph().rows()).collect();
        order.sort_by_key(|&row| {
            let circulants = code.row(row);
            let never_sent = circulants.iter().filter(|circulant| circulant.column < NEVER_SENT).count();
            (never_sent, circulants.len(), row)
        });
        Self { code: code.clone(), used: Vec::with_capacity(order.len()), order }
    }

    /// Chooses the rows for a block; returns whether they are others than before.
    pub(super) fn select(&mut self, llrs: &[f32]) -> bool {
        let Self { code, order, used } = self;
        let z = code.z();
        let informed = |row: usize| {
            let own = code.graph().information_columns() + row;
            // Without an early exit, so that it takes many at once; the shift drops the sign of zero.
            let any = |any, llr: &f32| any | llr.to_bits() << 1;
            row < CORE || llrs[own * z..][..z].iter().fold(0, any) != 0
        };
        let mut same = 0;
        let mut changed = false;
        for &row in order.iter().filter(|row| informed(**row)) {
            changed |= used.get(same) != Some(&row);
            if changed {
                used.truncate(same);
                used.push(row);
            }
            same += 1;
        }
        changed |= used.len() > same;
        used.truncate(same);
        changed
    }

    pub(super) fn code(&self) -> &Code {
        &self.code
    }

    /// Returns the rows in use, in the order of processing.
    pub(super) fn used(&self) -> &[usize] {
        &self.used
    }
}

/// Splits a row into the circulants that other rows share and the parity column of its own, if it has one.
pub(super) fn shared(code: &Code, row: usize) -> (&[Circulant], Option<usize>) {
    let circulants = code.row(row);
    if row < CORE {
        return (circulants, None);
    }
    let (own, shared) = circulants.split_last().expect("every row has circulants");
    (shared, Some(own.column))
}

/// Returns how many columns rows share: information and core parity.
pub(super) fn shared_columns(code: &Code) -> usize {
    code.graph().information_columns() + CORE
}

//! Where rows read and write.

use super::LANES;
use crate::ldpc::Code;
use crate::ldpc::decoder::rows::{Rows, shared, shared_columns};

/// Where a row finds a column and where it puts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// The place that is read.
    pub(super) read: usize,
    /// How far the row's first copy is from its begin, below `Z`.
    pub(super) start: usize,
    /// The place that is written.
    pub(super) write: usize,
}

/// Where the parity of a row finds a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check {
    /// The place that is read.
    pub(super) read: usize,
    /// How far the row's first copy is from its begin, below `Z`.
    pub(super) start: usize,
}

/// A row in use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Its first edge.
    pub(super) first: usize,
    /// How many columns it shares with others.
    pub(super) degree: usize,
    /// The parity column that belongs to it alone.
    pub(super) own: Option<usize>,
}

/// A column that rows share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Both places.
    pub(super) places: [usize; 2],
    /// How it is rotated between iterations.
    pub(super) shift: usize,
    /// The place it is in after an odd number of iterations; after an even number it is in the first.
    pub(super) odd: usize,
    /// The place it is in so far, while it is planned.
    place: usize,
}

/// The plan for the rows in use.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) z: usize,
    /// Blocks of a column.
    pub(super) blocks: usize,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    /// Edges of all rows in iterations of the even and the odd turn.
    pub(super) edges: [Vec<Edge>; 2],
    /// Where the parity of rows is read when that turn begins.
    pub(super) checks: [Vec<Check>; 2],
}

impl Plan {
    /// Returns how many posteriors all places hold.
    pub(super) fn posteriors(code: &Code) -> usize {
        2 * shared_columns(code) * Self::stride(code.z())
    }

    fn stride(z: usize) -> usize {
        z.next_multiple_of(LANES) + LANES
    }

    /// Makes a plan without rows; the first place is at `begin`.
    pub(super) fn new(code: &Code, begin: usize) -> Self {
        let (z, stride) = (code.z(), Self::stride(code.z()));
        let place = |index: usize| begin + index * stride;
        let columns = (0..shared_columns(code))
            .map(|column| Column {
                places: [place(2 * column), place(2 * column + 1)],
                shift: 0,
                odd: 0,
                place: 0,
            })
            .collect();
        let edges = || Vec::with_capacity(code.circulants().len());
        let checks = || Vec::with_capacity(code.circulants().len());
        Self {
            z,
            blocks: z.div_ceil(LANES),
            columns,
            rows: Vec::with_capacity(code.graph().rows()),
            edges: [edges(), edges()],
            checks: [checks(), checks()],
        }
    }

    /// Plans for the rows in use; allocates nothing.
    pub(super) fn set(&mut self, rows: &Rows) {
        let Self { z, columns, rows: planned, edges, checks, .. } = self;
        let (z, code) = (*z, rows.code());
        for circulant in rows.used().iter().flat_map(|row| shared(code, *row).0) {
            columns[circulant.column].shift = circulant.shift;
        }
        // Two iterations, so that each column is back in its first place.
        planned.clear();
        columns.iter_mut().for_each(|column| column.place = 0);
        for turn in 0..2 {
            edges[turn].clear();
            checks[turn].clear();
            columns.iter_mut().filter(|_| turn == 1).for_each(|column| column.odd = column.place);
            for circulant in rows.used().iter().flat_map(|row| shared(code, *row).0) {
                let Column { places, shift, place, .. } = columns[circulant.column];
                checks[turn].push(Check { read: places[place], start: (circulant.shift + z - shift) % z });
            }
            for &row in rows.used() {
                let (circulants, own) = shared(code, row);
                if turn == 0 {
                    planned.push(Row { first: edges[turn].len(), degree: circulants.len(), own });
                }
                for circulant in circulants {
                    let Column { places, shift, place, .. } = &mut columns[circulant.column];
                    let start = (circulant.shift + z - *shift) % z;
                    edges[turn].push(Edge { read: places[*place], start, write: places[1 - *place] });
                    *place = 1 - *place;
                    *shift = circulant.shift;
                }
            }
        }
    }
}

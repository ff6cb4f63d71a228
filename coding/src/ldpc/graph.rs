//! Base graphs and lifting sizes (3GPP TS 38.212 tables 5.3.2-1 to 5.3.2-3).

use crate::error::CodingError;
use std::sync::OnceLock;

/// Tables 5.3.2-2 and 5.3.2-3: row, column and the shifts of the eight sets of each entry.
const TABLES: [&str; 2] =
    [include_str!("../data/ts38212_ldpc_bg1.csv"), include_str!("../data/ts38212_ldpc_bg2.csv")];

/// The odd factors of the eight sets of lifting sizes (table 5.3.2-1); the first set is the powers of two.
const FACTORS: [usize; 8] = [2, 3, 5, 7, 9, 11, 13, 15];

/// The largest lifting size.
const LARGEST: usize = 384;

/// One of the two base graphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BaseGraph {
    /// Base graph 1: 46 rows, 68 columns, 22 of them information; rates 1/3 to 8/9, up to 8448 bits.
    One,
    /// Base graph 2: 42 rows, 52 columns, 10 of them information; rates 1/5 to 2/3, up to 3840 bits.
    Two,
}

impl BaseGraph {
    /// Returns the number of rows: checks of `Z` equations each.
    pub fn rows(self) -> usize {
        self.columns() - self.information_columns()
    }

    /// Returns the number of columns: groups of `Z` bits.
    pub fn columns(self) -> usize {
        match self {
            Self::One => 68,
            Self::Two => 52,
        }
    }

    /// Returns the number of information columns, the two that are never sent among them.
    pub fn information_columns(self) -> usize {
        match self {
            Self::One => 22,
            Self::Two => 10,
        }
    }

    /// Returns the entries of the graph, row by row: row, column and the shift `V` of each set.
    fn entries(self) -> &'static [Entry] {
        static GRAPHS: [OnceLock<Vec<Entry>>; 2] = [OnceLock::new(), OnceLock::new()];
        let index = self as usize;
        GRAPHS[index].get_or_init(|| entries(TABLES[index]))
    }
}

/// An entry of a table.
struct Entry {
    row: usize,
    column: usize,
    shifts: [usize; 8],
}

/// Reads a shipped table.
fn entries(table: &str) -> Vec<Entry> {
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| {
            let mut numbers =
                line.split(',').map(|field| field.parse().expect("shipped tables hold whole numbers"));
            let mut next = || numbers.next().expect("rows of shipped tables are complete");
            Entry { row: next(), column: next(), shifts: std::array::from_fn(|_| next()) }
        })
        .collect()
}

/// A lifting size `Z` of table 5.3.2-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LiftingSize {
    size: usize,
    set: usize,
}

impl LiftingSize {
    /// Returns the lifting size `size`.
    ///
    /// # Errors
    /// When the table does not have it.
    pub fn new(size: usize) -> Result<Self, CodingError> {
        let found = Self::all().find(|lifting| lifting.size == size);
        found.ok_or(CodingError::LiftingSize { size })
    }

    /// Returns all 51 lifting sizes, smallest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (2..=LARGEST).filter_map(Self::of)
    }

    /// Returns the lifting size `size`, if the table has it.
    fn of(size: usize) -> Option<Self> {
        let fits = |factor: &usize| size.is_multiple_of(*factor) && (size / factor).is_power_of_two();
        FACTORS.iter().position(fits).map(|set| Self { size, set })
    }

    /// Returns the smallest lifting size of at least `size`, if there is one.
    pub fn at_least(size: usize) -> Option<Self> {
        (size.max(2)..=LARGEST).find_map(Self::of)
    }

    /// Returns `Z`.
    pub fn size(self) -> usize {
        self.size
    }

    /// Returns the index of its set, 0 to 7.
    pub fn set(self) -> usize {
        self.set
    }
}

/// A block of the parity-check matrix: the identity of size `Z`, shifted.
///
/// ```text
/// check (row Z + i) holds bit (column Z + (i + shift) mod Z),   i = 0 .. Z-1
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circulant {
    /// Row of the base graph.
    pub row: usize,
    /// Column of the base graph.
    pub column: usize,
    /// Shift, below `Z`.
    pub shift: usize,
}

/// A lifted code: a base graph and its circulants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    graph: BaseGraph,
    lifting: LiftingSize,
    circulants: Vec<Circulant>,
    /// Where the circulants of each row begin, and the end.
    rows: Vec<usize>,
}

impl Code {
    /// Lifts a base graph.
    pub fn new(graph: BaseGraph, lifting: LiftingSize) -> Self {
        let circulants: Vec<Circulant> = graph
            .entries()
            .iter()
            .map(|entry| Circulant {
                row: entry.row,
                column: entry.column,
                shift: entry.shifts[lifting.set] % lifting.size,
            })
            .collect();
        let rows = (0..=graph.rows()).map(|row| circulants.partition_point(|c| c.row < row)).collect();
        Self { graph, lifting, circulants, rows }
    }

    /// Returns the base graph.
    pub fn graph(&self) -> BaseGraph {
        self.graph
    }

    /// Returns the lifting size.
    pub fn lifting(&self) -> LiftingSize {
        self.lifting
    }

    /// Returns `Z`.
    pub fn z(&self) -> usize {
        self.lifting.size
    }

    /// Returns all circulants, row by row, columns ascending.
    pub fn circulants(&self) -> &[Circulant] {
        &self.circulants
    }

    /// Returns the circulants of a row, columns ascending.
    pub fn row(&self, row: usize) -> &[Circulant] {
        &self.circulants[self.rows[row]..self.rows[row + 1]]
    }

    /// Returns the information bits of a code block, fillers included: information columns times `Z`.
    pub fn information_bits(&self) -> usize {
        self.graph.information_columns() * self.z()
    }

    /// Returns the bits of a code word with the two first columns, which are never sent: columns times `Z`.
    pub fn codeword_bits(&self) -> usize {
        self.graph.columns() * self.z()
    }

    /// Returns whether a word of [`Self::codeword_bits`] bits fulfils every check: `H c = 0`.
    pub fn holds(&self, word: &[u8]) -> bool {
        let z = self.z();
        word.len() == self.codeword_bits()
            && (0..self.graph.rows()).all(|row| {
                (0..z).all(|i| {
                    let parity = self.row(row).iter().fold(0, |parity, circulant| {
                        parity ^ word[circulant.column * z + (i + circulant.shift) % z]
                    });
                    parity == 0
                })
            })
    }
}

//! Encoding by the structure of the parity-check matrix: no inverse, a number of steps that grows with the edges.

use super::graph::{Circulant, Code};
use crate::error::CodingError;

/// Rows of the base graph whose four parity columns depend on one another.
const CORE: usize = 4;

/// Bytes of a run that are summed in registers.
const RUN: usize = 64;

/// Encodes code blocks of one code.
///
/// The sum of the four core rows leaves one shifted parity column; each other column of the core follows from a row
/// in which it is the only unknown; every further row has one parity column of its own. Which ones these are is read
/// off the matrix.
#[derive(Clone, Debug)]
pub struct Encoder {
    z: usize,
    information: usize,
    /// Bytes between columns in `columns`.
    stride: usize,
    /// Each information and core column twice in a row, so that a shifted column is one contiguous run.
    columns: Vec<u8>,
    /// Sums of the information columns over the core rows, `CORE` runs.
    sums: Vec<u8>,
    /// Begins of the shifted columns of each row in `columns`.
    rows: Vec<Vec<usize>>,
    /// The first column of the core to be solved, from the sum of all sums.
    first: Circulant,
    /// The others, in the order in which they can be solved.
    steps: Vec<Step>,
    /// The parity of each row after the core.
    parities: Vec<Circulant>,
}

/// A parity column of the core that follows from the information and from columns solved before.
#[derive(Clone, Debug)]
struct Step {
    unknown: Circulant,
    /// Begins of the shifted columns that are already known.
    known: Vec<usize>,
}

impl Encoder {
    /// Reads the structure off the code's matrix.
    pub fn new(code: &Code) -> Self {
        let (z, information) = (code.z(), code.graph().information_columns());
        let stride = 2 * z + RUN;
        let begin = |circulant: &Circulant| circulant.column * stride + circulant.shift;
        let is_core = |circulant: &&Circulant| (information..information + CORE).contains(&circulant.column);
        let rows = (0..code.graph().rows()).map(|row| {
            let inputs = if row < CORE { information } else { information + CORE };
            code.row(row).iter().filter(|circulant| circulant.column < inputs).map(begin).collect()
        });
        let core: Vec<Vec<Circulant>> =
            (0..CORE).map(|row| code.row(row).iter().filter(is_core).copied().collect()).collect();
        let first = remainder(&core);
        let mut solved = vec![first.column];
        let mut steps = Vec::new();
        while let Some((unknown, row)) = core.iter().find_map(|row| {
            let mut unknown = row.iter().filter(|circulant| !solved.contains(&circulant.column));
            Some((*unknown.next()?, row)).filter(|_| unknown.next().is_none())
        }) {
            let known = row.iter().filter(|circulant| **circulant != unknown).map(begin).collect();
            steps.push(Step { unknown, known });
            solved.push(unknown.column);
        }
        let parities = (CORE..code.graph().rows()).flat_map(|row| code.row(row).last().copied()).collect();
        Self {
            z,
            information,
            stride,
            columns: vec![0; (information + CORE) * stride],
            sums: vec![0; CORE * z],
            rows: rows.collect(),
            first,
            steps,
            parities,
        }
    }

    /// Encodes a block of [`Code::information_bits`] bits, fillers as zeros, up to and with the first `rows` rows of parity.
    ///
    /// The word has [`Code::codeword_bits`] bits; parity of further rows is left as it is. The four first rows are
    /// always encoded.
    ///
    /// # Errors
    /// When a buffer has the wrong length or the graph has fewer rows.
    pub fn encode(&mut self, information: &[u8], rows: usize, word: &mut [u8]) -> Result<(), CodingError> {
        let columns = self.information + self.rows.len();
        CodingError::check_length(
            "information of a code block",
            information.len(),
            self.information * self.z,
        )?;
        CodingError::check_length("a code word", word.len(), columns * self.z)?;
        if rows > self.rows.len() {
            let (what, most) = ("rows of parity", self.rows.len());
            return Err(CodingError::Range { what, given: rows, least: 0, most });
        }
        word[..information.len()].copy_from_slice(information);
        for (column, bits) in information.chunks_exact(self.z).enumerate() {
            self.put(column, bits);
        }
        self.encode_core(word);
        for row in CORE..rows {
            let parity = self.parities[row - CORE];
            let place = parity.column * self.z..(parity.column + 1) * self.z;
            sum(&self.columns, &self.rows[row], &mut word[place.clone()]);
            word[place].rotate_right(parity.shift);
        }
        Ok(())
    }

    /// Solves the four columns of the core.
    fn encode_core(&mut self, word: &mut [u8]) {
        let z = self.z;
        for (row, sums) in self.sums.chunks_exact_mut(z).enumerate() {
            sum(&self.columns, &self.rows[row], sums);
        }
        let place = |column: usize| column * z..(column + 1) * z;
        let bits = &mut word[place(self.first.column)];
        bits.fill(0);
        for sums in self.sums.chunks_exact(z) {
            add(bits, sums);
        }
        bits.rotate_right(self.first.shift);
        self.put(self.first.column, &word[place(self.first.column)]);
        for i in 0..self.steps.len() {
            let Step { unknown, known } = &self.steps[i];
            let (column, shift) = (unknown.column, unknown.shift);
            let bits = &mut word[place(column)];
            sum(&self.columns, known, bits);
            add(bits, &self.sums[place(unknown.row)]);
            bits.rotate_right(shift);
            self.put(column, &word[place(column)]);
        }
    }

    /// Keeps a column twice in a row.
    fn put(&mut self, column: usize, bits: &[u8]) {
        let twice = &mut self.columns[column * self.stride..][..2 * self.z];
        twice[..self.z].copy_from_slice(bits);
        twice[self.z..].copy_from_slice(bits);
    }
}

/// Returns the one circulant that the sum of the core rows leaves over the core columns: equal shifts of a column cancel.
fn remainder(core: &[Vec<Circulant>]) -> Circulant {
    let all = || core.iter().flatten();
    let odd = |one: &&Circulant| {
        all().filter(|other| (other.column, other.shift) == (one.column, one.shift)).count() % 2 == 1
    };
    *all().find(odd).expect("the core of a shipped graph leaves one shifted column")
}

#[inline(always)]
fn add(sum: &mut [u8], terms: &[u8]) {
    for (sum, term) in sum.iter_mut().zip(terms) {
        *sum ^= term;
    }
}

/// Sums runs of bits that begin at `begins`.
#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2",
    "aarch64+neon"
))]
fn sum(columns: &[u8], begins: &[usize], out: &mut [u8]) {
    // A run may read beyond its column (the stride leaves room); what it reads there is not written.
    for (chunk, out) in out.chunks_mut(RUN).enumerate() {
        let mut total = [0; RUN];
        for &begin in begins {
            add(&mut total, &columns[begin + chunk * RUN..][..RUN]);
        }
        out.copy_from_slice(&total[..out.len()]);
    }
}

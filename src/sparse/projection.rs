//! The random projection that devices and server share without storing it.

use super::SparseVector;
use super::signs::{self, LANES, Signs};
use airloop_baseband::Stream;

/// A random matrix of signs, `[rows, columns]`, regenerated on every pass.
///
/// ```text
/// A[r, c] = +-1/sqrt(rows),  either sign with probability 1/2, independently
/// ```
///
/// Columns have the norm 1. The entries are a pure function of the stream and of `(r, c)`: whoever holds the seed holds the
/// matrix, and one of more rows or columns begins with the same signs. Sub-Gaussian independent entries obey the state
/// evolution of Gaussian ones: M. Bayati, M. Lelarge, A. Montanari, "Universality in polytope phase transitions and message
/// passing algorithms", Ann. Appl. Probab. 2015.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    rows: usize,
    columns: usize,
    signs: Signs,
    scale: f32,
}

impl Projection {
    /// Creates the projection of a stream, which is of [`Purpose::Projection`](airloop_baseband::Purpose::Projection) and one
    /// for each round.
    ///
    /// # Panics
    ///
    /// Panics if there is no row, or if rows or columns are above 2^32.
    pub fn new(rows: usize, columns: usize, stream: Stream) -> Self {
        assert!(rows > 0, "a projection needs a row");
        assert!(rows.max(columns) as u64 <= 1 << 32, "a projection of {rows} by {columns} is too large");
        let word = stream.word(0);
        let signs = Signs { key: [word as u32, (word >> 32) as u32] };
        Self { rows, columns, signs, scale: (1.0 / (rows as f64).sqrt()) as f32 }
    }

    /// Returns the number of rows: measurements.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the number of columns: unknowns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Sets `y` to the image of a sparse vector; the cost is that of the nonzero entries.
    ///
    /// ```text
    /// y = A x
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the length of `x` is not `columns` or that of `y` not `rows`.
    pub fn forward_sparse(&self, x: &SparseVector, y: &mut [f32]) {
        assert_eq!((x.length(), y.len()), (self.columns, self.rows), "lengths must fit the projection");
        let mut groups = vec![[0.0; LANES]; self.rows.div_ceil(LANES)];
        signs::forward(self.signs, x.indices(), x.values(), &mut groups);
        for (y, sum) in y.iter_mut().zip(groups.as_flattened()) {
            *y = self.scale * sum;
        }
    }

    /// Sets `y` to the image of a vector; zeros cost nothing.
    ///
    /// ```text
    /// y = A x
    /// ```
    ///
    /// # Panics
    ///
    /// As [`forward_sparse`](Self::forward_sparse).
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        self.forward_sparse(&SparseVector::nonzeros_of(x), y);
    }

    /// Sets `x` to the adjoint of `y`.
    ///
    /// ```text
    /// x = A^T y
    /// ```
    ///
    /// # Panics
    ///
    /// As [`forward_sparse`](Self::forward_sparse).
    pub fn adjoint(&self, y: &[f32], x: &mut [f32]) {
        assert_eq!((x.len(), y.len()), (self.columns, self.rows), "lengths must fit the projection");
        let mut groups = vec![[0.0; LANES]; self.rows.div_ceil(LANES)];
        for (group, y) in groups.as_flattened_mut().iter_mut().zip(y) {
            *group = self.scale * y;
        }
        signs::adjoint(self.signs, &groups, x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::checks::{CheckFailure, CheckSpec, check_mean, detects_share};
    use airloop_baseband::philox::philox4x32_10;
    use airloop_baseband::statistics::Moments;
    use airloop_baseband::{Purpose, Seeds};

    fn projection(rows: usize, columns: usize, round: u64) -> Projection {
        Projection::new(rows, columns, Seeds::new(3).stream(Purpose::Projection, round, 0))
    }

    fn gaussian(length: usize, link: u64) -> Vec<f32> {
        let mut values = vec![0.0; length];
        Seeds::new(3).stream(Purpose::Payload, 0, link).fill_gaussian(0, &mut values);
        values
    }

    /// Returns an entry, from the words that the layout names.
    fn entry(projection: &Projection, row: usize, column: usize) -> f64 {
        let (tile, word, lane) = (row / 64, row % 64 / 16, row % 16);
        let words =
            philox4x32_10(projection.signs.key, [(16 * tile + lane) as u32, column as u32 / 32, 0, 0]);
        let sign = if words[word] >> (31 - column % 32) & 1 == 1 { -1.0 } else { 1.0 };
        sign / (projection.rows as f64).sqrt()
    }

    /// The image and the adjoint equal the sums over a matrix written out; the shapes leave words, groups and stripes
    /// of rows half full.
    #[test]
    fn passes_equal_the_dense_matrix() {
        for (rows, columns) in [(1, 1), (16, 32), (37, 45), (64, 31), (513, 100), (1_100, 7)] {
            let projection = projection(rows, columns, 1);
            let (mut x, y) = (gaussian(columns, 0), gaussian(rows, 1));
            x.iter_mut().step_by(3).for_each(|x| *x = 0.0);
            let (mut image, mut adjoint) = (vec![0.0; rows], vec![0.0; columns]);
            projection.forward(&x, &mut image);
            projection.adjoint(&y, &mut adjoint);
            let product =
                |row: usize, column: usize, value: f32| entry(&projection, row, column) * f64::from(value);
            for (row, image) in image.iter().enumerate() {
                let expected: f64 = (0..columns).map(|column| product(row, column, x[column])).sum();
                assert!((f64::from(*image) - expected).abs() < 1e-6, "{rows} by {columns}: row {row}");
            }
            for (column, adjoint) in adjoint.iter().enumerate() {
                let expected: f64 = (0..rows).map(|row| product(row, column, y[row])).sum();
                assert!((f64::from(*adjoint) - expected).abs() < 1e-6, "{rows} by {columns}: {column}");
            }
            let inner =
                |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum() };
            let (left, right) = (inner(&image, &y), inner(&x, &adjoint));
            assert!((left - right).abs() < 1e-5, "{rows} by {columns}: {left} {right}");
        }
    }

    #[test]
    fn signs_are_of_the_seed_the_round_and_the_place_alone() {
        let column = |projection: &Projection, index: usize| {
            let mut x = vec![0.0; projection.columns()];
            x[index] = 1.0;
            let mut y = vec![0.0; projection.rows()];
            projection.forward(&x, &mut y);
            y.into_iter().map(|y| y > 0.0).collect::<Vec<bool>>()
        };
        let base = column(&projection(600, 70, 1), 66);
        assert_eq!(column(&projection(600, 70, 1), 66), base);
        assert_eq!(column(&projection(900, 3_000, 1), 66)[..600], base);
        assert_ne!(column(&projection(600, 70, 2), 66), base);
        assert_ne!(column(&projection(600, 70, 1), 65), base);
    }

    /// Inner products of different columns, in which words, blocks and lanes meet, have the mean square `1/rows`.
    #[test]
    fn columns_are_uncorrelated() {
        const ROWS: usize = 96;
        const COLUMNS: usize = 80;
        let projection = projection(ROWS, COLUMNS, 1);
        let columns: Vec<Vec<f64>> = (0..COLUMNS)
            .map(|column| (0..ROWS).map(|row| entry(&projection, row, column)).collect())
            .collect();
        let squares = |shift: usize| {
            Moments::of((0..COLUMNS).flat_map(|a| (a + 1..COLUMNS).map(move |b| (a, b))).map(|(a, b)| {
                (0..ROWS).map(|row| columns[a][row] * columns[b - shift.min(b - a)][row]).sum::<f64>().powi(2)
            }))
        };
        let expected = 1.0 / ROWS as f64;
        let spec = CheckSpec { alpha: 1e-6, detects: detects_share(expected, 0.25) };
        let passed = check_mean(&squares(0), expected, spec).expect("columns are uncorrelated");
        println!("{passed}");
        // A column in place of its neighbour makes one pair in forty equal.
        assert!(matches!(check_mean(&squares(1), expected, spec), Err(CheckFailure::Disagrees(_))));
    }
}

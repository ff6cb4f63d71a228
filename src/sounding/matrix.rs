//! Small complex matrices: product and inverse, row by row.

use airloop_baseband::Complex64;

/// A square complex matrix, `[row, column]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    size: usize,
    entries: Vec<Complex64>,
}

impl Matrix {
    /// Makes a matrix from its entries.
    pub fn from_fn(size: usize, mut entry: impl FnMut(usize, usize) -> Complex64) -> Self {
        let entries = (0..size * size).map(|i| entry(i / size, i % size)).collect();
        Self { size, entries }
    }

    /// Returns an entry.
    pub fn at(&self, row: usize, column: usize) -> Complex64 {
        self.entries[row * self.size + column]
    }

    /// Returns the product with another matrix of the same size.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let n = self.size;
        let mut out = Self { size: n, entries: vec![Complex64::default(); n * n] };
        for (row, out) in out.entries.chunks_exact_mut(n).enumerate() {
            for k in 0..n {
                let factor = self.at(row, k);
                for (out, b) in out.iter_mut().zip(&other.entries[k * n..(k + 1) * n]) {
                    *out += factor * b;
                }
            }
        }
        out
    }

    /// Writes the product with a vector.
    pub fn apply(&self, x: &[Complex64], out: &mut [Complex64]) {
        for (row, out) in self.entries.chunks_exact(self.size).zip(out) {
            *out = row.iter().zip(x).map(|(a, x)| a * x).sum();
        }
    }

    /// Returns the inverse, by Gauss-Jordan elimination with row pivots; `None` for a singular matrix.
    pub fn inverse(mut self) -> Option<Self> {
        let n = self.size;
        let mut inverse = Self::from_fn(n, |i, j| Complex64::from(f64::from(i == j)));
        for column in 0..n {
            let largest = |row: &usize| self.at(*row, column).norm_sqr();
            let pivot = (column..n).max_by(|a, b| largest(a).total_cmp(&largest(b)))?;
            if self.at(pivot, column).norm_sqr() == 0.0 {
                return None;
            }
            for m in [&mut self, &mut inverse] {
                for j in 0..n {
                    m.entries.swap(column * n + j, pivot * n + j);
                }
            }
            let scale = self.at(column, column).inv();
            for m in [&mut self, &mut inverse] {
                m.entries[column * n..(column + 1) * n].iter_mut().for_each(|x| *x *= scale);
            }
            for row in (0..n).filter(|row| *row != column) {
                let factor = self.at(row, column);
                for m in [&mut self, &mut inverse] {
                    for j in 0..n {
                        let part = factor * m.entries[column * n + j];
                        m.entries[row * n + j] -= part;
                    }
                }
            }
        }
        Some(inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_gives_the_identity() {
        let m = Matrix::from_fn(7, |i, j| {
            Complex64::from_polar(1.0 / (1.0 + (i as f64 - j as f64).abs()), (3 * i + 5 * j) as f64)
        });
        let product = m.times(&m.clone().inverse().expect("the matrix has full rank"));
        for i in 0..7 {
            for j in 0..7 {
                let expected = f64::from(i == j);
                assert!((product.at(i, j) - expected).norm() < 1e-12, "{i} {j}");
            }
        }
        assert!(Matrix::from_fn(2, |_, _| Complex64::from(1.0)).inverse().is_none());
    }
}

//! The system in slow, obvious code: pulses as overlaps of time spans, receivers as dense matrices.

use super::Setting;
use airloop_baseband::Complex64;

/// A dense complex matrix, row by row.
#[derive(Clone, Debug)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    entries: Vec<Complex64>,
}

impl Matrix {
    fn new(rows: usize, columns: usize, entry: impl Fn(usize, usize) -> Complex64) -> Self {
        let entries = (0..rows * columns).map(|at| entry(at / columns, at % columns)).collect();
        Self { rows, columns, entries }
    }

    pub fn at(&self, i: usize, j: usize) -> Complex64 {
        self.entries[i * self.columns + j]
    }

    fn times(&self, other: &Self) -> Self {
        let sum = |i, j| (0..self.columns).map(|k| self.at(i, k) * other.at(k, j)).sum();
        Self::new(self.rows, other.columns, sum)
    }

    fn plus(&self, other: &Self) -> Self {
        Self::new(self.rows, self.columns, |i, j| self.at(i, j) + other.at(i, j))
    }

    fn adjoint(&self) -> Self {
        Self::new(self.columns, self.rows, |i, j| self.at(j, i).conj())
    }

    /// Returns `self^-1 b` by elimination with row exchanges.
    fn solve(&self, b: &Self) -> Self {
        let (mut a, mut b) = (self.clone(), b.clone());
        for column in 0..a.rows {
            let below = column..a.rows;
            let pivot =
                below.max_by(|i, j| a.at(*i, column).norm().total_cmp(&a.at(*j, column).norm())).unwrap();
            for matrix in [&mut a, &mut b] {
                for j in 0..matrix.columns {
                    matrix.entries.swap(column * matrix.columns + j, pivot * matrix.columns + j);
                }
            }
            for i in (0..a.rows).filter(|i| *i != column) {
                let factor = a.at(i, column) / a.at(column, column);
                for matrix in [&mut a, &mut b] {
                    for j in 0..matrix.columns {
                        let change = factor * matrix.at(column, j);
                        matrix.entries[i * matrix.columns + j] -= change;
                    }
                }
            }
        }
        Self::new(b.rows, b.columns, |i, j| b.at(i, j) / a.at(i, i))
    }
}

/// The model `y = D s + z` of one frame and what is wanted of it; unknown `l K + k` is device k's symbol l.
pub struct Dense {
    /// `D`.
    system: Matrix,
    /// Covariance of `z`.
    noise: Matrix,
    /// `V`: sums over devices.
    sum: Matrix,
    /// Prior covariance of `s`.
    prior: Matrix,
}

impl Dense {
    /// Cuts the time of a frame, with `times` symbol times, at every integer and every boundary.
    pub fn new(setting: &Setting, times: usize) -> Self {
        let (k, n) = (setting.delays_symbols.len(), setting.symbols);
        let mut cuts: Vec<f64> = (0..=times).map(|l| l as f64).collect();
        for t in &setting.delays_symbols {
            cuts.extend((0..times).map(|l| l as f64 + t));
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        let pieces: Vec<(f64, f64)> = cuts.windows(2).map(|w| (w[0], w[1])).collect();
        let overlap = |i: usize, j: usize| {
            let start = (j / k) as f64 + setting.delays_symbols[j % k];
            let (from, to) = pieces[i];
            let common = (to.min(start + 1.0) - from.max(start)).max(0.0);
            setting.gains[j % k] * (common / (to - from)).round()
        };
        let noise = |i: usize, j: usize| {
            let length = pieces[i].1 - pieces[i].0;
            Complex64::from(if i == j { setting.noise_power / length } else { 0.0 })
        };
        let prior = |i: usize, j: usize| {
            let same = i / k == j / k;
            Complex64::from(if same { setting.covariance.entry(i % k, j % k) } else { 0.0 })
        };
        Self {
            system: Matrix::new(pieces.len(), n * k, overlap),
            noise: Matrix::new(pieces.len(), pieces.len(), noise),
            sum: Matrix::new(n, n * k, |l, j| Complex64::from(f64::from(u8::from(j / k == l)))),
            prior: Matrix::new(n * k, n * k, prior),
        }
    }

    /// Returns the weights of block maximum likelihood, and its error symbol by symbol.
    pub fn maximum_likelihood(&self) -> (Matrix, Vec<f64>) {
        let whitened = self.noise.solve(&self.system).adjoint();
        let information = whitened.times(&self.system);
        let weights = self.sum.times(&information.solve(&whitened));
        let covariance = self.sum.times(&information.solve(&self.sum.adjoint()));
        (weights, self.diagonal(&covariance))
    }

    /// Returns the weights of LMMSE in covariance form, and its error symbol by symbol.
    pub fn lmmse(&self) -> (Matrix, Vec<f64>) {
        let cross = self.sum.times(&self.prior).times(&self.system.adjoint());
        let received = self.system.times(&self.prior).times(&self.system.adjoint()).plus(&self.noise);
        let weights = received.adjoint().solve(&cross.adjoint()).adjoint();
        let own = self.sum.times(&self.prior).times(&self.sum.adjoint());
        let known = weights.times(&cross.adjoint());
        let errors = (0..self.sum.rows).map(|l| (own.at(l, l) - known.at(l, l)).re).collect();
        (weights, errors)
    }

    fn diagonal(&self, matrix: &Matrix) -> Vec<f64> {
        (0..self.sum.rows).map(|l| matrix.at(l, l).re).collect()
    }

    /// Returns the number of samples.
    pub fn samples(&self) -> usize {
        self.system.rows
    }
}

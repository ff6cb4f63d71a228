//! Cholesky factors of banded Hermitian matrices: solutions, and the inverse within the band.

use super::MisalignedError;
use airloop_baseband::Complex64;

/// Right-hand sides solved at once.
pub(super) const LANES: usize = 8;

/// One unknown of eight systems that share their matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lanes {
    pub re: [f64; LANES],
    pub im: [f64; LANES],
}

impl Lanes {
    /// Adds a complex factor times other lanes.
    #[inline(always)]
    pub fn add_product(&mut self, factor: Complex64, x: &Self) {
        for l in 0..LANES {
            self.re[l] += factor.re * x.re[l] - factor.im * x.im[l];
            self.im[l] += factor.re * x.im[l] + factor.im * x.re[l];
        }
    }

    /// Multiplies by a real factor.
    #[inline(always)]
    fn scale(&mut self, factor: f64) {
        for l in 0..LANES {
            self.re[l] *= factor;
            self.im[l] *= factor;
        }
    }
}

/// The factor `L` of a positive definite banded matrix, `A = L L^H`.
///
/// Row `i` holds columns `i - width` to `i`, of which those below 0 are zero. Its cost is linear in the number of rows.
#[derive(Clone, Debug)]
pub(super) struct BandedCholesky {
    width: usize,
    factor: Vec<Complex64>,
    /// `1 / L_ii`.
    inverse: Vec<f64>,
}

/// Share of a diagonal entry below which its pivot is rounding only.
const SINGULAR: f64 = 1e-14;

impl BandedCholesky {
    /// Factors a matrix of `rows` rows and half bandwidth `width`, whose lower band `entry` tells.
    pub fn new(
        rows: usize,
        width: usize,
        entry: impl Fn(usize, usize) -> Complex64,
    ) -> Result<Self, MisalignedError> {
        let stride = width + 1;
        let mut factor = vec![Complex64::default(); rows * stride];
        let mut inverse = vec![0.0; rows];
        for i in 0..rows {
            let (done, rest) = factor.split_at_mut(i * stride);
            let row = &mut rest[..stride];
            for j in i.saturating_sub(width)..i {
                let at = j + width - i;
                // Columns that both rows hold: in row i from its begin, in row j the same number before its diagonal.
                let product = dot(&row[..at], &done[j * stride..][width - at..width]);
                row[at] = (entry(i, j) - product) * inverse[j];
            }
            let diagonal = entry(i, i).re;
            let pivot = diagonal - row[..width].iter().map(Complex64::norm_sqr).sum::<f64>();
            if pivot.is_nan() || pivot <= SINGULAR * diagonal {
                return Err(MisalignedError::IllConditioned);
            }
            row[width] = pivot.sqrt().into();
            inverse[i] = 1.0 / pivot.sqrt();
        }
        Ok(Self { width, factor, inverse })
    }

    /// Solves `A x = b` for eight right-hand sides, in place.
    pub fn solve(&self, b: &mut [Lanes]) {
        substitute(self.width, &self.factor, &self.inverse, b);
    }

    /// Returns the lower band of the inverse, laid out as the factor.
    ///
    /// ```text
    /// Z L = L^-H:   Z_ij = (delta_ij / L_jj - sum_{k > j} Z_ik L_kj) / L_jj   for i >= j, from the last column on
    /// ```
    ///
    /// Source: Takahashi, Fagan, Chin, 8th PICA Conference, 1973.
    pub fn inverse_band(&self) -> Vec<Complex64> {
        let (rows, width, stride) = (self.inverse.len(), self.width, self.width + 1);
        let mut z = vec![Complex64::default(); self.factor.len()];
        let place = |i: usize, j: usize| i * stride + j + width - i;
        for j in (0..rows).rev() {
            let last = (j + width).min(rows - 1);
            for i in (j..=last).rev() {
                let mut sum = Complex64::default();
                for k in j + 1..=last {
                    let entry = if i >= k { z[place(i, k)] } else { z[place(k, i)].conj() };
                    sum += entry * self.factor[place(k, j)];
                }
                let unit = if i == j { self.inverse[j] } else { 0.0 };
                z[place(i, j)] = (Complex64::from(unit) - sum) * self.inverse[j];
            }
        }
        z
    }
}

/// Returns `sum_k a_k b_k*`.
fn dot(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(a, b)| a * b.conj()).sum()
}

#[multiversion::multiversion(targets(
    "x86_64+avx512f+avx512vl+avx512dq+avx512bw",
    "x86_64+avx2+fma",
    "aarch64+neon"
))]
fn substitute(width: usize, factor: &[Complex64], inverse: &[f64], b: &mut [Lanes]) {
    let rows = factor.chunks_exact(width + 1).zip(inverse).enumerate();
    for (i, (row, inverse)) in rows.clone() {
        let first = i.saturating_sub(width);
        let (known, rest) = b.split_at_mut(i);
        let mut sum = rest[0];
        for (l, x) in row[first + width - i..width].iter().zip(&known[first..]) {
            sum.add_product(-l, x);
        }
        sum.scale(*inverse);
        rest[0] = sum;
    }
    for (i, (row, inverse)) in rows.rev() {
        let first = i.saturating_sub(width);
        let (open, rest) = b.split_at_mut(i);
        rest[0].scale(*inverse);
        for (l, x) in row[first + width - i..width].iter().zip(&mut open[first..]) {
            x.add_product(-l.conj(), &rest[0]);
        }
    }
}

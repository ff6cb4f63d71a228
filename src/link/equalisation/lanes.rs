//! Small linear systems on sixteen subcarriers at once.

use crate::link::channel_estimation::planes::LANES;

/// One real number a subcarrier.
pub type Lane = [f32; LANES];

/// One complex number a subcarrier, real and imaginary parts apart.
#[derive(Clone, Copy)]
pub struct ComplexLane {
    pub re: Lane,
    pub im: Lane,
}

/// Zeros.
pub const ZERO: ComplexLane = ComplexLane { re: [0.0; LANES], im: [0.0; LANES] };

/// Share of its diagonal entry below which a pivot counts as rounding.
const SMALLEST_PIVOT: f32 = 1e-6;

/// Smallest pivot at all, which keeps channels of zero from dividing by it.
const TINY: f32 = 1e-20;

impl ComplexLane {
    /// Adds `a^* b`.
    #[inline(always)]
    pub fn add_conjugate_product(&mut self, a: &Self, b: &Self) {
        for l in 0..LANES {
            self.re[l] += a.re[l] * b.re[l] + a.im[l] * b.im[l];
            self.im[l] += a.re[l] * b.im[l] - a.im[l] * b.re[l];
        }
    }

    /// Subtracts `a b`.
    #[inline(always)]
    fn subtract_product(&mut self, a: &Self, b: &Self) {
        for l in 0..LANES {
            self.re[l] -= a.re[l] * b.re[l] - a.im[l] * b.im[l];
            self.im[l] -= a.re[l] * b.im[l] + a.im[l] * b.re[l];
        }
    }

    /// Subtracts `a^* b`.
    #[inline(always)]
    fn subtract_conjugate_product(&mut self, a: &Self, b: &Self) {
        for l in 0..LANES {
            self.re[l] -= a.re[l] * b.re[l] + a.im[l] * b.im[l];
            self.im[l] -= a.re[l] * b.im[l] - a.im[l] * b.re[l];
        }
    }

    /// Subtracts `a b^* scale`.
    #[inline(always)]
    fn subtract_scaled(&mut self, a: &Self, b: &Self, scale: &Lane) {
        for (l, scale) in scale.iter().enumerate() {
            self.re[l] -= (a.re[l] * b.re[l] + a.im[l] * b.im[l]) * scale;
            self.im[l] -= (a.im[l] * b.re[l] - a.re[l] * b.im[l]) * scale;
        }
    }

    /// Multiplies by a real number.
    #[inline(always)]
    pub fn scale(&mut self, scale: &Lane) {
        for (l, scale) in scale.iter().enumerate() {
            self.re[l] *= scale;
            self.im[l] *= scale;
        }
    }
}

/// A Hermitian matrix: the diagonal, and the entries `[row][column]` below it.
pub struct Hermitian<const L: usize> {
    pub diagonal: [Lane; L],
    pub below: [[ComplexLane; L]; L],
}

/// Replaces `right` by `A^-1 right` and returns the diagonal of `A^-1`, for a positive definite `A`.
///
/// ```text
/// A = M D M^H, M lower triangular with ones on the diagonal
/// ```
///
/// A pivot that rounding leaves no digits of (below 1e-6 of its diagonal entry, or 1e-20) is raised to that, so that singular
/// matrices give large finite entries.
#[inline(always)]
pub fn solve<const L: usize>(mut a: Hermitian<L>, right: &mut [ComplexLane; L]) -> [Lane; L] {
    let given = a.diagonal;
    let mut inverse_pivot = [[0.0f32; LANES]; L];
    for j in 0..L {
        for k in 0..j {
            let m = a.below[j][k];
            for l in 0..LANES {
                a.diagonal[j][l] -= (m.re[l] * m.re[l] + m.im[l] * m.im[l]) * a.diagonal[k][l];
            }
        }
        for l in 0..LANES {
            let least = SMALLEST_PIVOT * given[j][l] + TINY;
            let pivot = if a.diagonal[j][l] > least { a.diagonal[j][l] } else { least };
            a.diagonal[j][l] = pivot;
            inverse_pivot[j][l] = 1.0 / pivot;
        }
        for i in j + 1..L {
            let mut entry = a.below[i][j];
            for k in 0..j {
                entry.subtract_scaled(&a.below[i][k], &a.below[j][k], &a.diagonal[k]);
            }
            entry.scale(&inverse_pivot[j]);
            a.below[i][j] = entry;
        }
    }
    for i in 1..L {
        for k in 0..i {
            let known = right[k];
            right[i].subtract_product(&a.below[i][k], &known);
        }
    }
    for i in 0..L {
        right[i].scale(&inverse_pivot[i]);
    }
    for i in (0..L).rev() {
        for k in i + 1..L {
            let known = right[k];
            right[i].subtract_conjugate_product(&a.below[k][i], &known);
        }
    }
    inverse_diagonal(&a.below, &inverse_pivot)
}

/// Returns the diagonal of `(M D M^H)^-1`: `sum_i |(M^-1)_ij|^2 / D_i`.
#[inline(always)]
fn inverse_diagonal<const L: usize>(below: &[[ComplexLane; L]; L], inverse_pivot: &[Lane; L]) -> [Lane; L] {
    let mut diagonal = *inverse_pivot;
    for j in 0..L {
        // Column j of the inverse of M, from row j + 1 down.
        let mut column = [ZERO; L];
        for i in j + 1..L {
            let mut entry = ZERO;
            for l in 0..LANES {
                entry.re[l] = -below[i][j].re[l];
                entry.im[l] = -below[i][j].im[l];
            }
            for k in j + 1..i {
                entry.subtract_product(&below[i][k], &column[k]);
            }
            for l in 0..LANES {
                let power = entry.re[l] * entry.re[l] + entry.im[l] * entry.im[l];
                diagonal[j][l] += power * inverse_pivot[i][l];
            }
            column[i] = entry;
        }
    }
    diagonal
}

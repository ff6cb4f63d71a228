//! Eigenvectors of Hermitian matrices, by Jacobi's rotations.

use num_complex::Complex64;

/// Eigenvalues and eigenvectors of a Hermitian matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, the largest first.
    pub values: Vec<f64>,
    /// Orthonormal eigenvectors, one after another in the order of their values.
    pub vectors: Vec<Complex64>,
}

/// Most sweeps over all pairs; a handful suffices for matrices of any conditioning.
const SWEEPS: usize = 60;

/// Returns the eigenvalues and eigenvectors of a Hermitian matrix of size `n`.
///
/// Each rotation makes one pair of off-diagonal entries zero; sweeps over all pairs converge quadratically. Right also for
/// rank-one matrices and for eigenvalues that coincide.
///
/// Source: Golub, Van Loan, *Matrix Computations*, 4th edition, section 8.5.
///
/// # Panics
/// When the slice does not hold `n * n` entries.
pub fn eigen(n: usize, matrix: &[Complex64]) -> Eigen {
    assert_eq!(matrix.len(), n * n, "a matrix of size n has n * n entries");
    let mut a = matrix.to_vec();
    // Row i of `vectors` becomes eigenvector i.
    let mut vectors: Vec<Complex64> =
        (0..n * n).map(|i| Complex64::from(f64::from(i / n == i % n))).collect();
    let scale: f64 = a.iter().map(Complex64::norm_sqr).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n * n).filter(|i| i / n != i % n).map(|i| a[i].norm_sqr()).sum();
        if off <= 1e-30 * scale {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(n, (p, q), &mut a, &mut vectors);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[j * n + j].re.total_cmp(&a[i * n + i].re));
    Eigen {
        values: order.iter().map(|i| a[i * n + i].re).collect(),
        vectors: order.iter().flat_map(|i| vectors[i * n..(i + 1) * n].iter().copied()).collect(),
    }
}

/// Turns rows and columns `p` and `q` so that their common entry vanishes.
///
/// ```text
/// a_pq = r e^(j phi),  t = tan of the angle with t^2 + 2 theta t - 1 = 0,  theta = (a_qq - a_pp) / (2 r)
/// ```
fn rotate(n: usize, (p, q): (usize, usize), a: &mut [Complex64], vectors: &mut [Complex64]) {
    let apq = a[p * n + q];
    let r = apq.norm();
    if r == 0.0 {
        return;
    }
    let theta = (a[q * n + q].re - a[p * n + p].re) / (2.0 * r);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / t.hypot(1.0);
    // New p = c p - s q, new q = conj(s) p + c q, as columns.
    let s = apq.conj() / r * (t * c);
    for k in 0..n {
        let (x, y) = (a[k * n + p], a[k * n + q]);
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s.conj() * x + c * y;
    }
    for k in 0..n {
        let (x, y) = (a[p * n + k], a[q * n + k]);
        a[p * n + k] = c * x - s.conj() * y;
        a[q * n + k] = s * x + c * y;
        let (x, y) = (vectors[p * n + k], vectors[q * n + k]);
        vectors[p * n + k] = c * x - s * y;
        vectors[q * n + k] = s.conj() * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks `A v = lambda v`, orthonormality and order.
    fn check(n: usize, a: &[Complex64]) -> Eigen {
        let of = eigen(n, a);
        let size = a.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt().max(1e-300);
        for (i, v) in of.vectors.chunks_exact(n).enumerate() {
            for (row, v_i) in a.chunks_exact(n).zip(v) {
                let product: Complex64 = row.iter().zip(v).map(|(a, x)| a * x).sum();
                assert!((product - of.values[i] * v_i).norm() < 1e-12 * size, "{n} {i}");
            }
            for (j, w) in of.vectors.chunks_exact(n).enumerate() {
                let inner: Complex64 = v.iter().zip(w).map(|(v, w)| v.conj() * w).sum();
                assert!((inner - f64::from(i == j)).norm() < 1e-12, "{n} {i} {j}");
            }
        }
        assert!(of.values.windows(2).all(|w| w[0] >= w[1]));
        of
    }

    fn wave(i: usize) -> Complex64 {
        Complex64::from_polar(1.0 + (0.7 * i as f64).sin(), (i * i) as f64)
    }

    #[test]
    fn dense_rank_one_and_clustered_matrices() {
        for n in [1, 2, 3, 8, 16] {
            let dense: Vec<Complex64> = (0..n * n)
                .map(|e| (e / n, e % n))
                .map(|(i, j)| (0..n).map(|k| wave(i * n + k) * wave(j * n + k).conj()).sum())
                .collect();
            check(n, &dense);
            let one: Vec<Complex64> = (0..n * n).map(|e| wave(e / n) * wave(e % n).conj()).collect();
            let of = check(n, &one);
            let power: f64 = (0..n).map(|i| wave(i).norm_sqr()).sum();
            assert!(
                (of.values[0] - power).abs() < 1e-12 * power
                    && of.values[1..].iter().all(|v| v.abs() < 1e-12 * power)
            );
            let clustered: Vec<Complex64> =
                one.iter().enumerate().map(|(e, x)| x * 1e-9 + f64::from(e / n == e % n)).collect();
            check(n, &clustered);
        }
    }
}

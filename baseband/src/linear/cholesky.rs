//! Cholesky factors of positive definite matrices.

use num_complex::Complex64;

/// Replaces the lower triangle of a Hermitian matrix of size `n` by its Cholesky factor; false, with the matrix spoiled, where it
/// is not positive definite.
///
/// ```text
/// A = L L^H,   L lower triangular with a positive real diagonal
/// ```
///
/// The upper triangle is neither read nor written. A pivot below 1e-14 of its diagonal entry counts as none.
///
/// # Panics
/// When the slice does not hold `n * n` entries.
pub fn factor(n: usize, a: &mut [Complex64]) -> bool {
    assert_eq!(a.len(), n * n, "a matrix of size n has n * n entries");
    for j in 0..n {
        let (above, below) = a.split_at_mut((j + 1) * n);
        let row = &mut above[j * n..];
        let given = row[j].re;
        let left = given - row[..j].iter().map(Complex64::norm_sqr).sum::<f64>();
        if !(left > 1e-14 * given && left.is_finite()) {
            return false;
        }
        let pivot = left.sqrt();
        row[j] = pivot.into();
        for other in below.chunks_exact_mut(n) {
            let dot: Complex64 = other[..j].iter().zip(&row[..j]).map(|(x, y)| x * y.conj()).sum();
            other[j] = (other[j] - dot) / pivot;
        }
    }
    true
}

/// Solves `A x = b` in place, given the factor that [`factor`] left of `A`.
pub fn solve_factored(n: usize, factor: &[Complex64], x: &mut [Complex64]) {
    for i in 0..n {
        let row = &factor[i * n..i * n + i];
        let dot: Complex64 = row.iter().zip(&x[..i]).map(|(l, x)| l * x).sum();
        x[i] = (x[i] - dot) / factor[i * n + i].re;
    }
    for i in (0..n).rev() {
        let dot: Complex64 = (i + 1..n).map(|k| factor[k * n + i].conj() * x[k]).sum();
        x[i] = (x[i] - dot) / factor[i * n + i].re;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(i: usize, j: usize) -> Complex64 {
        Complex64::from_polar(1.0 / (1.0 + i as f64 + 2.0 * j as f64), (3 * i + 7 * j) as f64)
    }

    #[test]
    fn solves_what_it_factored() {
        for n in [1, 2, 5, 16] {
            // B B^H + 0.01 I is positive definite.
            let mut a = vec![Complex64::default(); n * n];
            for i in 0..n {
                for j in 0..n {
                    a[i * n + j] = (0..n).map(|k| entry(i, k) * entry(j, k).conj()).sum();
                }
                a[i * n + i] += 0.01;
            }
            let x: Vec<Complex64> = (0..n).map(|i| entry(i, 1)).collect();
            let mut b: Vec<Complex64> =
                a.chunks_exact(n).map(|row| row.iter().zip(&x).map(|(a, x)| a * x).sum()).collect();
            assert!(factor(n, &mut a), "{n}");
            solve_factored(n, &a, &mut b);
            let error: f64 = b.iter().zip(&x).map(|(b, x)| (b - x).norm_sqr()).sum();
            assert!(error.sqrt() < 1e-10, "{n}: {error:e}");
        }
    }

    #[test]
    fn tells_matrices_that_are_not_positive_definite() {
        let of = |x: f64| [1.0, x, x, 1.0].map(Complex64::from);
        assert!(factor(2, &mut of(0.999)));
        assert!(!factor(2, &mut of(1.0)));
        assert!(!factor(2, &mut of(1.5)));
    }
}

//! The sequences have the properties that they are made for.

use airloop_baseband::Complex64;
use airloop_baseband::synchronisation::{SynchronisationError, golay_pair, zadoff_chu, zadoff_chu_extended};
use std::f64::consts::TAU;

fn periodic_autocorrelation(x: &[Complex64], lag: usize) -> Complex64 {
    (0..x.len()).map(|n| x[n].conj() * x[(n + lag) % x.len()]).sum()
}

fn aperiodic_autocorrelation(x: &[f64], lag: usize) -> f64 {
    x.iter().zip(&x[lag..]).map(|(a, b)| a * b).sum()
}

#[test]
fn zadoff_chu_is_flat_and_ideal() {
    for (root, length) in [(1, 2), (1, 3), (25, 63), (7, 64), (129, 139), (838, 839)] {
        let x = zadoff_chu(root, length, 0).unwrap();
        assert!(x.iter().all(|chip| (chip.norm() - 1.0).abs() < 1e-14));
        for lag in 1..length {
            let side = periodic_autocorrelation(&x, lag).norm();
            assert!(side < 1e-10 * length as f64, "root {root}, length {length}, lag {lag}: {side:e}");
        }
    }
    // Control: with a factor in common, 3 in 63, the autocorrelation has other peaks.
    let broken: Vec<Complex64> =
        (0..63u32).map(|n| Complex64::cis(-TAU / 126.0 * f64::from(21 * n * (n + 1)))).collect();
    assert!(periodic_autocorrelation(&broken, 3).norm() > 60.0);
}

#[test]
fn zadoff_chu_by_hand() {
    let third = Complex64::cis(-TAU / 3.0);
    let expected = [Complex64::ONE, third, Complex64::ONE];
    for (chip, expected) in zadoff_chu(1, 3, 0).unwrap().iter().zip(expected) {
        assert!((chip - expected).norm() < 1e-14);
    }
    let shifted = zadoff_chu(1, 3, 1).unwrap();
    assert!((shifted[0] - third).norm() < 1e-14 && (shifted[1] - Complex64::ONE).norm() < 1e-14);
}

#[test]
fn roots_correlate_by_the_root_of_the_length() {
    let (a, b) = (zadoff_chu(5, 139, 0).unwrap(), zadoff_chu(12, 139, 0).unwrap());
    for lag in 0..139 {
        let cross: Complex64 = (0..139).map(|n| a[n].conj() * b[(n + lag) % 139]).sum();
        assert!((cross.norm_sqr() - 139.0).abs() < 1e-9);
    }
}

#[test]
fn the_extended_sequence_is_cyclic_with_the_largest_prime() {
    let x = zadoff_chu_extended(7, 612).unwrap();
    let base = zadoff_chu(7, 607, 0).unwrap();
    assert_eq!((x.len(), &x[..607], &x[607..]), (612, &base[..], &base[..5]));
}

#[test]
fn golay_pairs_are_complementary() {
    for order in 0..=10 {
        let (a, mut b) = golay_pair(order).unwrap();
        assert!(a.len() == 1 << order && a.iter().chain(&b).all(|chip| chip.abs() == 1.0));
        let sum =
            |a: &[f64], b: &[f64], lag| aperiodic_autocorrelation(a, lag) + aperiodic_autocorrelation(b, lag);
        assert_eq!(sum(&a, &b, 0), 2.0 * a.len() as f64);
        assert!((1..a.len()).all(|lag| sum(&a, &b, lag) == 0.0), "order {order}");
        if order > 0 {
            b[0] = -b[0];
            assert!((1..a.len()).any(|lag| sum(&a, &b, lag) != 0.0), "control of order {order}");
        }
    }
    assert_eq!(golay_pair(2).unwrap(), (vec![1.0, 1.0, 1.0, -1.0], vec![1.0, 1.0, -1.0, 1.0]));
}

#[test]
fn what_cannot_be_made_says_so() {
    for (root, length) in [(0, 11), (11, 11), (6, 9), (1, 1), (1, 1 << 21)] {
        let error = zadoff_chu(root, length, 0).unwrap_err();
        assert!(matches!(error, SynchronisationError::OutOfRange { .. }), "{error}");
    }
    let error = zadoff_chu(6, 9, 0).unwrap_err();
    assert_eq!(error.to_string(), "root = 6 is out of range: no factor in common with the length, 9");
    assert!(golay_pair(21).is_err() && zadoff_chu_extended(1, 2).is_err());
}

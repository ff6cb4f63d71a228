//! Sequences with good autocorrelation.

use super::SynchronisationError;
use num_complex::Complex64;
use std::f64::consts::PI;

/// The longest sequence, in chips.
const LONGEST: usize = 1 << 20;

/// Returns a Zadoff-Chu sequence of `length` chips, begun `cyclic_shift` chips late.
///
/// ```text
/// x[n] = exp(-j pi root m (m + c) / length),   m = (n + cyclic_shift) mod length,   c = length mod 2
/// ```
///
/// Each chip has magnitude 1 and the periodic autocorrelation is `length` at lag 0 and zero elsewhere; so is the magnitude
/// of its transform constant. Two roots whose difference has no factor in common with an odd length correlate by
/// `sqrt(length)` at every lag. A carrier offset of `q` periods' inverse moves the peak by the solution `d` of
/// `root d = q` modulo `length`: large offsets are mistaken for delays. TS 38.211 clause 5.2.2.1 for odd lengths; Chu,
/// IEEE Trans. Inf. Theory 18 (1972) 531-532 for all.
///
/// # Errors
///
/// [`SynchronisationError::OutOfRange`] unless `length` is 2 to 2^20 and `root`, from 1 to `length - 1`, has no factor in
/// common with it.
pub fn zadoff_chu(
    root: usize,
    length: usize,
    cyclic_shift: usize,
) -> Result<Vec<Complex64>, SynchronisationError> {
    SynchronisationError::check("length", length, 2..=LONGEST)?;
    SynchronisationError::check("root", root, 1..=length - 1)?;
    if greatest_common_divisor(root, length) != 1 {
        let expected = format!("no factor in common with the length, {length}");
        return Err(SynchronisationError::OutOfRange { name: "root", value: root as f64, expected });
    }
    let (root, modulus, parity) = (root as u64, 2 * length as u64, (length % 2) as u64);
    let chip = |n: usize| {
        let m = ((n + cyclic_shift % length) % length) as u64;
        // Whole turns are taken off in integers, so that the phase keeps all its digits.
        let half_turns = (m * (m + parity)) % modulus * root % modulus;
        Complex64::cis(-PI * half_turns as f64 / length as f64)
    };
    Ok((0..length).map(chip).collect())
}

/// Returns a Zadoff-Chu sequence of the largest prime length within `length`, continued cyclically to `length` values.
///
/// ```text
/// r[n] = x[n mod prime],   x = zadoff_chu(root, prime, 0)
/// ```
///
/// Made for subcarriers, whose number is seldom prime. TS 38.211 clause 5.2.2.1.
///
/// # Errors
///
/// [`SynchronisationError::OutOfRange`] unless `length` is 3 to 2^20 and `root` is 1 to `prime - 1`.
pub fn zadoff_chu_extended(root: usize, length: usize) -> Result<Vec<Complex64>, SynchronisationError> {
    SynchronisationError::check("length", length, 3..=LONGEST)?;
    let is_prime = |n: &usize| (2..).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let prime = (2..=length).rev().find(is_prime).unwrap_or(2);
    let base = zadoff_chu(root, prime, 0)?;
    Ok((0..length).map(|n| base[n % prime]).collect())
}

/// Returns a complementary pair of Golay of `2^order` chips of +1 and -1 each.
///
/// ```text
/// (a, b)  ->  (a then b, a then -b),   order times from (1, 1)
/// sum over n of a[n] a[n + k] + b[n] b[n + k] = 2 * 2^order for k = 0, and 0 for every other k
/// ```
///
/// Golay, IRE Trans. Inf. Theory 7 (1961) 82-87.
///
/// # Errors
///
/// [`SynchronisationError::OutOfRange`] for an order above 20.
pub fn golay_pair(order: usize) -> Result<(Vec<f64>, Vec<f64>), SynchronisationError> {
    SynchronisationError::check("order", order, 0..=20)?;
    let (mut a, mut b) = (vec![1.0], vec![1.0]);
    for _ in 0..order {
        let second: Vec<f64> = a.iter().copied().chain(b.iter().map(|chip| -chip)).collect();
        a.append(&mut b);
        b = second;
    }
    Ok((a, b))
}

fn greatest_common_divisor(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

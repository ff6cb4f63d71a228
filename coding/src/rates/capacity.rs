//! Capacity of the complex Gaussian channel, and of flat Rayleigh fading.

use airloop_baseband::special::{exponential_integral_e1_scaled, regularised_gamma_p};
use std::f64::consts::{LN_2, LOG2_E};

/// Returns the capacity of the complex Gaussian channel in bits a symbol.
///
/// ```text
/// C = log2(1 + snr)
/// ```
///
/// Valid for `snr >= 0`. Shannon 1949.
pub fn gaussian_capacity(snr: f64) -> f64 {
    LOG2_E * snr.ln_1p()
}

/// Returns the SNR at which the capacity is `bits` a symbol, the inverse of [`gaussian_capacity`].
///
/// ```text
/// snr = 2^bits - 1
/// ```
pub fn gaussian_capacity_snr(bits: f64) -> f64 {
    (bits * LN_2).exp_m1()
}

/// Returns the mean capacity over flat Rayleigh fading that only the receiver knows, in bits a symbol.
///
/// ```text
/// E log2(1 + snr g) = log2(e) exp(1/snr) E1(1/snr),  g exponential of mean 1
/// ```
///
/// Valid for `snr >= 0`, the mean over fading. Alouini & Goldsmith, IEEE Trans. Veh. Technol. 48 (1999) 1165-1181.
pub fn ergodic_capacity_rayleigh(snr: f64) -> f64 {
    if snr == 0.0 { 0.0 } else { LOG2_E * exponential_integral_e1_scaled(snr.recip()) }
}

/// Returns the probability that a block of flat Rayleigh fading does not carry `bits` a symbol.
///
/// ```text
/// P(log2(1 + snr g) < bits) = P(branches, (2^bits - 1)/snr),  g the sum of `branches` exponentials of mean 1
/// ```
///
/// `P` is the regularised incomplete gamma function; `snr` is the mean of each of the `branches` antennas, whose signals
/// are combined by maximum ratio. Valid for `snr > 0`, `bits >= 0` and at least one branch, else not a number.
/// Ozarow, Shamai & Wyner, IEEE Trans. Veh. Technol. 43 (1994) 359-378.
pub fn outage_probability_rayleigh(bits: f64, snr: f64, branches: u32) -> f64 {
    regularised_gamma_p(f64::from(branches), gaussian_capacity_snr(bits) / snr)
}

/// Returns the bits a symbol that a block of flat Rayleigh fading carries but for a share `outage` of blocks; one antenna.
///
/// ```text
/// C = log2(1 - snr ln(1 - outage))
/// ```
///
/// Valid for `outage` in [0, 1]; the inverse of [`outage_probability_rayleigh`] with one branch.
pub fn outage_capacity_rayleigh(outage: f64, snr: f64) -> f64 {
    gaussian_capacity(-snr * (-outage).ln_1p())
}

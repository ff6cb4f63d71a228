//! The exact error of every receiver, by covariance: no sampling.

use super::receiver::joint;
use super::{MisalignedError, Receiver, Setting};
use airloop_baseband::Complex64;

/// Returns the mean square error of the sum over devices, symbol by symbol of a frame.
///
/// ```text
/// MSE[l] = E |s_hat[l] - sum_k s_k[l]|^2
/// aligned-sample:      e_k = h_k - 1;   e R e^H + N0 / d_I
/// full-symbol:         e_k = h_k (1 - t_k) - 1, f_k = h_k t_k;   e R e^H + f R f^H + N0, without f for l = 0
/// maximum-likelihood:  diagonal of V (D^H C^-1 D)^-1 V^H, plus e R e^H where devices of equal delay differ in gain
/// lmmse:               diagonal of V (D^H C^-1 D + R^-1)^-1 V^H
/// ```
///
/// Exact for symbols of covariance `R` (of the setting) that are independent from one symbol time to the next. The cost is
/// linear in the number of symbols.
///
/// # Errors
/// When the setting is wrong, or a joint receiver too large or too ill conditioned.
pub fn symbol_errors(setting: &Setting, receiver: Receiver) -> Result<Vec<f64>, MisalignedError> {
    let bank = setting.bank()?;
    let power_of = |gain: &dyn Fn(usize) -> Complex64| {
        let errors: Vec<Complex64> = (0..bank.devices()).map(gain).collect();
        setting.covariance.quadratic(&errors)
    };
    let (h, noise) = (&setting.gains, setting.noise_power);
    Ok(match receiver {
        Receiver::AlignedSample => {
            let last = bank.intervals()[bank.intervals().len() - 1].length_symbols;
            vec![power_of(&|k| h[k] - 1.0) + noise / last; setting.symbols]
        }
        Receiver::FullSymbol => {
            let t = |k: usize| bank.group_delays_symbols()[bank.group(k)];
            let own = power_of(&|k| h[k] * (1.0 - t(k)) - 1.0) + noise;
            let before = power_of(&|k| h[k] * t(k));
            let mut errors = vec![own + before; setting.symbols];
            errors[0] = own;
            errors
        }
        Receiver::MaximumLikelihood | Receiver::Lmmse => joint(setting, &bank, receiver)?.symbol_errors(),
    })
}

/// Returns the mean square error of the sum over devices, averaged over the symbols of a frame.
///
/// ```text
/// MSE = sum_l MSE[l] / L,   NMSE = MSE / tr R = MSE / K for devices of unit power
/// ```
///
/// # Errors
/// As [`symbol_errors`].
pub fn mean_square_error(setting: &Setting, receiver: Receiver) -> Result<f64, MisalignedError> {
    let errors = symbol_errors(setting, receiver)?;
    Ok(errors.iter().sum::<f64>() / errors.len() as f64)
}

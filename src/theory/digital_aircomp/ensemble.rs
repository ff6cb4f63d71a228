//! Expectations over noise, rounding and uniform payload, over constant channels.
//!
//! ```text
//! one digit     error = step^2 E[v(S) + b(S)^2] + 2 step K E[b(S) e_1] + K E e^2,   S the sum of K numbers
//! even numbers  error = sum_d (step q^d)^2 E[v + b^2] + K E e^2                   digits are independent, b is odd about the middle
//! ```
//!
//! `b` and `v` are mean and variance of what the slicer leaves of a sum, `e` what rounding leaves of a value.

use super::super::ensemble::Ensemble;
use super::super::error::Misalignment;
use super::super::{Prediction, Setting};
use super::rounding::{Rounding, convolve};
use super::{DigitalAircompFormula, point_power, slicer_moments, weakest};
use crate::payload::source::Distribution;
use crate::report::Errors;

/// Fewest values for which the NMSE is given: it takes the error as independent of the target's energy, to first order in 1/N.
const LONG: usize = 1000;

/// Most steps of the distribution of a sum.
const MOST_STEPS: f64 = 1e7;

/// Returns the ensemble values of independent uniform values over channels of constant gain, where numbers are one digit or all
/// equally likely.
pub fn ensemble(setting: &Setting<'_>, formula: DigitalAircompFormula) -> Option<Ensemble> {
    let synthetic = setting.payload.synthetic()?;
    let devices = setting.power.len();
    let plain = synthetic.distribution == Distribution::Uniform
        && synthetic.correlation == 0.0
        && synthetic.amplitude(1) == 1.0
        && setting.known.is_exact()
        && setting.marginal.is_constant()
        && (0..devices).all(|k| setting.payload.gram().power(k) == 1.0);
    let all_send = formula.threshold.is_none_or(|(threshold, _)| threshold <= 1.0);
    let steps = (devices * devices) as f64 * f64::from(formula.base).powi(2);
    if !plain || !all_send || steps > MOST_STEPS {
        return None;
    }
    let rounding = Rounding::of_uniform(&formula);
    if formula.digits > 1 && !rounding.is_even() {
        return None;
    }
    let arrived = formula.aligned_power(setting).unwrap_or_else(|| weakest(setting));
    let k = devices as f64;
    let sliced = sliced(&formula, &rounding, devices, formula.deviation(setting, arrived));
    let rounded = k * rounding.square;
    let errors = Misalignment { noise: sliced + rounded, ..Misalignment::default() }.errors(setting.payload);
    let nmse = errors.nmse.filter(|_| setting.payload.length() >= LONG);
    let power = (0..devices).map(|device| arrived / point_power(setting, device)).sum::<f64>() / k;
    let parts = setting.payload.length() as f64 * f64::from(formula.digits);
    let filled = parts / (2.0 * (parts / 2.0).ceil());
    Some(Ensemble::of(Prediction {
        errors: Errors { nmse, ..errors },
        symbols: None,
        active_fraction: 1.0,
        power_used_mean: filled * power * digit_power(&formula, &rounding),
        receive_snr: Some(arrived / setting.noise_power),
        sent_share: 1.0,
    }))
}

/// Returns the error of the sum of levels that the slicer makes, its products with what rounding leaves included.
fn sliced(formula: &DigitalAircompFormula, rounding: &Rounding, devices: usize, deviation: f64) -> f64 {
    let most = devices as u32 * (formula.base - 1);
    let step = formula.step();
    let left: Vec<(f64, f64)> = (0..=most)
        .map(|sum| {
            let (mean, variance) = slicer_moments(f64::from(sum), most, deviation);
            (mean - f64::from(sum), variance)
        })
        .collect();
    let uniform = vec![1.0 / f64::from(formula.base); formula.base as usize];
    let digit = if formula.digits == 1 { &rounding.chance } else { &uniform };
    let others = (1..devices).fold(vec![1.0], |sum, _| convolve(&sum, digit));
    let all = convolve(&others, digit);
    let square: f64 =
        all.iter().zip(&left).map(|(chance, (bias, variance))| chance * (variance + bias * bias)).sum();
    if formula.digits > 1 {
        let places: f64 =
            (0..formula.digits).map(|d| (step * f64::from(formula.base).powi(d as i32)).powi(2)).sum();
        return places * square;
    }
    let with_error: f64 =
        convolve(&others, &rounding.error).iter().zip(&left).map(|(e, (bias, _))| e * bias).sum();
    step * step * square + 2.0 * step * devices as f64 * with_error
}

/// Returns the mean power of a digit's point.
fn digit_power(formula: &DigitalAircompFormula, rounding: &Rounding) -> f64 {
    if formula.digits > 1 {
        return 1.0;
    }
    let (q, middle) = (f64::from(formula.base), f64::from(formula.base - 1));
    let point = |number: usize| (2.0 * number as f64 - middle).powi(2) * 3.0 / (q * q - 1.0);
    rounding.chance.iter().enumerate().map(|(number, chance)| chance * point(number)).sum()
}

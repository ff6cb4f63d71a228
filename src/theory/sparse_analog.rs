//! Sparsified analog aggregation over gains of 1: the error that state evolution gives for the very payload of a trial.
//!
//! ```text
//! S = sum_k sqrt(alpha_k),   x = (K/S) sum_k sqrt(alpha_k) s_k,   alpha_k = 2 elements P_k / (|s_k|^2 + 1)
//! X_i = soft(x_i + tau Z; alpha tau),   tau^2 by state evolution in noise of variance s2 (K/S)^2
//! MSE = sum_i m2 E[X_i^2] - 2 m1 E[X_i] T_i + T_i^2,   m_n = E[(1 + z sqrt(s2)/S)^-n; the pilot is heard],   T = sum_k u_k
//! ```
//!
//! `s_k` is what device k sends of its values and of what it kept back before; what is not sent counts as error through T.
//! The last factor is exact: message passing of scaled measurements gives a scaled estimate. The rest is exact as rows and
//! columns grow at a fixed ratio, where `|A s_k| = |s_k|`. Sources: [`StateEvolution`].

use super::{Prediction, Setting};
use crate::payload::SourceError;
use crate::report::Errors;
use crate::sparse::{AmpSettings, PILOT_HEARD, Prior, SparseVector, StateEvolution, take_largest};
use airloop_baseband::special::{integrate, q_function};
use std::f64::consts::TAU;

/// Standard deviations beyond which noise is not integrated.
const REACH: f64 = 12.0;

/// What the formula needs to know of the scheme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compression {
    /// Measurements.
    pub rows: usize,
    /// Entries that a device keeps of its vector.
    pub kept: usize,
    /// How the server recovers the sum.
    pub recovery: AmpSettings,
    /// Whether what is not kept is added to the next round's values.
    pub error_feedback: bool,
}

/// Returns what to expect of the rounds of one trial, whose payloads are those of `rounds`; `None` over fading.
///
/// # Errors
/// When the payload cannot be read.
pub fn predict(
    setting: &Setting<'_>,
    scheme: Compression,
    rounds: std::ops::Range<u64>,
) -> Result<Option<Prediction>, SourceError> {
    if !(setting.marginal.is_constant() && setting.known.is_exact()) || setting.payload.is_majority() {
        return Ok(None);
    }
    let payload = setting.payload;
    let (devices, length) = (payload.devices(), payload.length());
    let count = (rounds.end - rounds.start) as usize;
    let remembers = scheme.error_feedback && count > 1;
    let mut residuals = vec![vec![0.0f32; length]; if remembers { devices } else { 0 }];
    let mut errors = Vec::new();
    // Mean of estimate less truth summed over rounds, the truth summed, and the variance.
    let (mut bias, mut target, mut variance) = (vec![0.0f64; length], vec![0.0f64; length], 0.0);
    for index in rounds {
        let mut truth = vec![0.0f64; length];
        let mut sent = Vec::new();
        for device in 0..devices {
            let mut values = vec![0.0f32; length];
            payload.read(index, device, 0, &mut values)?;
            truth.iter_mut().zip(&values).for_each(|(truth, value)| *truth += f64::from(*value));
            let vector = match residuals.get_mut(device) {
                Some(residual) => {
                    residual.iter_mut().zip(&values).for_each(|(residual, value)| *residual += value);
                    residual
                }
                None => &mut values,
            };
            sent.push(take_largest(vector, scheme.kept));
        }
        let round = Recovery::of(setting, scheme, &sent);
        errors.push(round.errors(setting, index, &truth));
        for (i, truth) in truth.iter().enumerate() {
            let [first, second] = round.moments(i);
            bias[i] += first - truth;
            target[i] += truth;
            variance += second - first * first;
        }
    }
    let mean = |of: &dyn Fn(&Errors) -> Option<f64>| errors.iter().filter_map(of).sum::<f64>() / count as f64;
    let (unit, offset) = (payload.unit(), count as f64 * payload.offset());
    let accumulated = unit * unit * (bias.iter().map(|b| b * b).sum::<f64>() + variance);
    let squared: f64 = target.iter().map(|t| (unit * t + offset).powi(2)).sum();
    let nominal =
        (0..devices).map(|k| setting.power[k] * payload.budget_power(k)).sum::<f64>() / devices as f64;
    Ok(Some(Prediction {
        errors: Errors {
            nmse: Some(mean(&|e| e.nmse)),
            mse_per_device: Some(mean(&|e| e.mse_per_device)),
            nmse_accumulated: (count > 1).then(|| accumulated / squared),
            ..Errors::default()
        },
        symbols: None,
        active_fraction: 1.0,
        power_used_mean: 1.0,
        receive_snr: Some(nominal / setting.noise_power),
        sent_share: 1.0,
    }))
}

/// What state evolution says of one round.
struct Recovery {
    /// What message passing looks for.
    sum: Vec<f32>,
    /// Effective noise of the last iteration, and its threshold in units of it.
    tau: f64,
    alpha: f64,
    /// First two moments of what the noise of the pilot leaves of an estimate.
    pilot: [f64; 2],
}

impl Recovery {
    fn of(setting: &Setting<'_>, scheme: Compression, sent: &[SparseVector]) -> Self {
        let (payload, devices) = (setting.payload, sent.len() as f64);
        let elements = (scheme.rows + 1).div_ceil(2) as f64;
        let amplitude = |(k, vector): (usize, &SparseVector)| {
            let energy: f64 = vector.values().iter().map(|v| f64::from(*v).powi(2)).sum();
            (2.0 * elements * setting.power[k] * payload.budget_power(k) / (energy + 1.0)).sqrt()
        };
        let amplitudes: Vec<f64> = sent.iter().enumerate().map(amplitude).collect();
        let total: f64 = amplitudes.iter().sum();
        let mut sum = vec![0.0f32; payload.length()];
        for (vector, amplitude) in sent.iter().zip(&amplitudes) {
            vector.add_to((devices * amplitude / total) as f32, &mut sum);
        }
        let evolution = StateEvolution {
            prior: Prior::Values(&sum),
            delta: scheme.rows as f64 / payload.length() as f64,
            noise_variance: setting.noise_power * (devices / total).powi(2),
        };
        let alpha = scheme.recovery.alpha;
        let mut tau_squared = evolution.start();
        for _ in 1..scheme.recovery.iterations {
            tau_squared = evolution.next(tau_squared, alpha);
        }
        let pilot = pilot_moments(total / setting.noise_power.sqrt());
        Self { sum, tau: tau_squared.sqrt(), alpha, pilot }
    }

    /// Returns the mean and the mean square of an entry of the estimate.
    fn moments(&self, index: usize) -> [f64; 2] {
        let [first, second] = soft_moments(f64::from(self.sum[index]), self.tau, self.alpha);
        [self.pilot[0] * first, self.pilot[1] * second]
    }

    fn errors(&self, setting: &Setting<'_>, index: u64, truth: &[f64]) -> Errors {
        let payload = setting.payload;
        let (unit, offset) = (payload.unit(), payload.offset());
        let (mut error, mut target) = (0.0, 0.0);
        for (i, truth) in truth.iter().enumerate() {
            let [first, second] = self.moments(i);
            error += second - 2.0 * first * truth + truth * truth;
            target += (unit * truth + offset).powi(2);
        }
        let powers = payload.gram().trace() * payload.length() as f64 * payload.round_power(index);
        Errors {
            nmse: Some(unit * unit * error / target),
            mse_per_device: Some(error / powers),
            ..Errors::default()
        }
    }
}

/// Returns the first two moments of `soft(x + tau Z; alpha tau)`.
///
/// ```text
/// m = x/tau, a = alpha, p = Q(a - m), q = Q(a + m)
/// first/tau    = (m - a) p + phi(a - m) + (m + a) q - phi(a + m)
/// second/tau^2 = ((m - a)^2 + 1) p + (m - a) phi(a - m) + ((m + a)^2 + 1) q - (m + a) phi(a + m)
/// ```
fn soft_moments(x: f64, tau: f64, alpha: f64) -> [f64; 2] {
    if tau == 0.0 {
        return [x, x * x];
    }
    let (low, high) = (x / tau - alpha, x / tau + alpha);
    let (p, q) = (q_function(-low), q_function(high));
    let (f, g) = (density(low), density(high));
    let first = low * p + f + high * q - g;
    let second = (low * low + 1.0) * p + low * f + (high * high + 1.0) * q - high * g;
    [tau * first, tau * tau * second]
}

/// Returns the moments of one over the pilot that is heard, for a pilot of `strength` standard deviations of its noise.
fn pilot_moments(strength: f64) -> [f64; 2] {
    let least = (PILOT_HEARD - strength).max(-REACH);
    if least >= REACH {
        return [0.0; 2];
    }
    let moment = |n: i32| integrate(|z| density(z) * (1.0 + z / strength).powi(-n), least, REACH, 1e-10);
    [moment(1), moment(2)]
}

fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / TAU.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_equal_their_integrals_and_the_known_error() {
        for (x, tau, alpha) in [(0.0, 1.0, 1.2), (0.7, 0.3, 1.0), (-2.0, 0.5, 2.0), (9.0, 1.0, 0.5)] {
            let soft = |z: f64| {
                let v: f64 = x + tau * z;
                (v.abs() - alpha * tau).max(0.0).copysign(v)
            };
            let moments = soft_moments(x, tau, alpha);
            // Between the kinks of the threshold.
            let kinks = [-x / tau - alpha, -x / tau + alpha].map(|z: f64| z.clamp(-REACH, REACH));
            for (n, moment) in moments.iter().enumerate() {
                let f = |z: f64| density(z) * soft(z).powi(n as i32 + 1);
                let low = integrate(f, -REACH, kinks[0], 1e-12);
                let expected = low + integrate(f, kinks[1], REACH, 1e-12);
                assert!((moment - expected).abs() < 1e-9 * (1.0 + x * x), "{x} {tau}: {moment} {expected}");
            }
            let error = moments[1] - 2.0 * moments[0] * x + x * x;
            let known = Prior::Values(&[x as f32]).soft_threshold_mse(tau, alpha);
            assert!((error / known - 1.0).abs() < 1e-6, "{error} {known}");
        }
    }

    #[test]
    fn a_strong_pilot_leaves_the_estimate_as_it_is() {
        // To second order 1 + 1/strength^2 and 1 + 3/strength^2.
        let [first, second] = pilot_moments(100.0);
        assert!((first - 1.0001).abs() < 1e-6 && (second - 1.0003).abs() < 2e-6, "{first} {second}");
        assert_eq!(pilot_moments(-20.0), [0.0; 2]);
        // Half of the time a pilot at the limit is not heard.
        assert!(pilot_moments(PILOT_HEARD)[0] < 0.5);
    }
}

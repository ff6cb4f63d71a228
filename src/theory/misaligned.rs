//! Misaligned frames: errors from the delays, phases and channels of a round.
//!
//! ```text
//! estimate[l] - sum[l] = sum_k e_k u_k[l] + f_k u_k[l-1] + noise,   u complex: two values a symbol
//! aligned-sample: e = h - 1;   full-symbol: e = h (1 - t) - 1, f = h t;   ml: e = T_g h - 1, noise by covariance
//! ```
//!
//! LMMSE errors reach over the whole frame: they have a covariance, but no such weights.

use super::Prediction;
use super::error::{Misalignment, row_sums};
use crate::misaligned::{AlignedLink, MisalignedError, MisalignedPlan, Receiver, symbol_errors};
use crate::report::Errors;
use airloop_baseband::Complex64;

/// Values of a device that are looked at once.
const BLOCK: usize = 4096;

/// What a receiver leaves of the devices' symbols, the same for all symbols of a frame.
struct Weights {
    /// `e_k`.
    own: Vec<Complex64>,
    /// `f_k`; 0 for the first symbol of a frame, before which nothing is sent.
    before: Vec<Complex64>,
    /// Noise power in the estimate of the sum, per value.
    noise: f64,
}

impl Weights {
    /// Works out the weights; `None` for LMMSE, which has none.
    fn of(plan: &MisalignedPlan, link: &AlignedLink) -> Result<Option<Self>, MisalignedError> {
        let setting = plan.setting(link, plan.symbols_per_frame);
        let bank = setting.bank()?;
        let (h, noise) = (&setting.gains, setting.noise_power);
        let each = |of: &dyn Fn(usize) -> Complex64| (0..h.len()).map(of).collect::<Vec<Complex64>>();
        let delay = |k: usize| bank.group_delays_symbols()[bank.group(k)];
        let none = each(&|_| Complex64::default());
        Ok(Some(match plan.receiver {
            Receiver::AlignedSample => {
                let last = bank.intervals().last().map_or(1.0, |i| i.length_symbols);
                Self { own: each(&|k| h[k] - 1.0), before: none, noise: noise / last }
            }
            Receiver::FullSymbol => Self {
                own: each(&|k| h[k] * (1.0 - delay(k)) - 1.0),
                before: each(&|k| h[k] * delay(k)),
                noise,
            },
            Receiver::MaximumLikelihood => {
                // The group's share of least energy: sum of conj h over sum of |h|^2.
                let share = |k: usize| {
                    let members = (0..h.len()).filter(|m| bank.group(*m) == bank.group(k));
                    let (sum, energy) = members.fold((Complex64::default(), 0.0), |(sum, energy), m| {
                        (sum + h[m].conj(), energy + h[m].norm_sqr())
                    });
                    sum / energy
                };
                let own = each(&|k| share(k) * h[k] - 1.0);
                let noise = plan.mean_square_error(link)? - plan.covariance.quadratic(&own);
                Self { own, before: none, noise }
            }
            Receiver::Lmmse => return Ok(None),
        }))
    }

    /// Returns the errors of a round's very payload, over noise alone.
    fn errors_of_payload(&self, plan: &MisalignedPlan, round: u64) -> Result<Errors, MisalignedError> {
        let payload = &plan.payload;
        let length = payload.length();
        let (unit, offset) = (payload.unit(), payload.offset());
        let (mut error, mut target) = (self.noise * length as f64, 0.0);
        let mut last = vec![Complex64::default(); self.own.len()];
        let (mut values, mut sums) = (vec![0.0f32; BLOCK], Vec::new());
        for start in (0..length).step_by(BLOCK) {
            let count = BLOCK.min(length - start);
            sums.clear();
            sums.resize(count.div_ceil(2), (Complex64::default(), Complex64::default()));
            for (device, last) in last.iter_mut().enumerate() {
                values.fill(0.0);
                payload.read(round, device, start, &mut values[..count])?;
                let pairs = sums.iter_mut().zip(values.chunks_exact(2)).enumerate();
                for (l, ((error, sum), pair)) in pairs {
                    if (start / 2 + l).is_multiple_of(plan.symbols_per_frame) {
                        *last = Complex64::default();
                    }
                    let u = Complex64::new(pair[0].into(), pair[1].into());
                    *error += self.own[device] * u + self.before[device] * *last;
                    *sum += u;
                    *last = u;
                }
            }
            let parts = sums.iter().flat_map(|(e, s)| [(e.re, s.re), (e.im, s.im)]).take(count);
            for (e, s) in parts {
                error += e * e;
                target += (unit * s + offset) * (unit * s + offset);
            }
        }
        Ok(Errors {
            nmse: Some(unit * unit * error / target),
            mse_per_device: Some(error / (payload.gram().trace() * length as f64)),
            ..Errors::default()
        })
    }
}

/// Returns the errors expected of a drawn payload, over noise and payload.
///
/// The part of the error that is proportional to the target: with weights `|e c|^2` and, one symbol on, `|f c|^2`; for
/// LMMSE, whose error is orthogonal to the estimate, `C_ll^2` with its covariance `C` over the frame (its other entries are
/// left out: they count twice their sum over the number of values).
fn errors_of_drawn(
    plan: &MisalignedPlan,
    link: &AlignedLink,
    weights: Option<&Weights>,
) -> Result<Errors, MisalignedError> {
    let (frames, rest) = plan.frames()?;
    let symbols = plan.symbols() as f64;
    let (mut quadratic, mut square) = (0.0, 0.0);
    for (length, count) in [(plan.symbols_per_frame, frames), (rest, usize::from(rest > 0))] {
        if count > 0 {
            let errors = symbol_errors(&plan.setting(link, length), plan.receiver)?;
            quadratic += count as f64 * errors.iter().sum::<f64>() / symbols;
            square += count as f64 * errors.iter().map(|e| e * e).sum::<f64>() / symbols;
        }
    }
    let gram = plan.payload.gram();
    let projected = weights.map_or(square, |weights| {
        let c = row_sums(gram);
        let along = |e: &[Complex64]| e.iter().zip(&c).map(|(e, c)| e * c).sum::<Complex64>().norm_sqr();
        let first = (frames + usize::from(rest > 0)) as f64 / symbols;
        along(&weights.own) + (1.0 - first) * along(&weights.before)
    });
    let errors = Misalignment { quadratic, projected, cross: 0.0, noise: 0.0 };
    Ok(errors.errors(&plan.payload))
}

/// Returns the prediction for a round: over noise and a drawn payload, or over noise alone for stored values.
///
/// `None` for LMMSE over stored values, whose neighbouring symbols are not independent as the formula takes them, and for
/// majority votes.
///
/// # Errors
/// When the plan is wrong, or a joint receiver too large or too ill conditioned.
pub fn predict(
    plan: &MisalignedPlan,
    link: &AlignedLink,
    round: u64,
) -> Result<Option<Prediction>, MisalignedError> {
    if plan.payload.is_majority() {
        return Ok(None);
    }
    let weights = Weights::of(plan, link)?;
    let errors = match &weights {
        _ if plan.payload.is_synthetic() => errors_of_drawn(plan, link, weights.as_ref())?,
        Some(weights) => weights.errors_of_payload(plan, round)?,
        None => return Ok(None),
    };
    let (payload, aligned) = (&plan.payload, link.amplitude * link.amplitude);
    let (symbols, times) = (plan.symbols(), plan.symbol_times()?);
    let active_fraction = symbols as f64 / times as f64;
    let load = |(k, h): (usize, &airloop_baseband::Complex32)| {
        let gain = f64::from(h.re).powi(2) + f64::from(h.im).powi(2);
        aligned * payload.gram().power(k) / (plan.budget.power[k] * gain * payload.budget_power(k))
    };
    // The last symbol of an odd length carries one value, and counts as a whole symbol.
    let filled = payload.length() as f64 / (2 * symbols) as f64;
    let load = link.gains.iter().enumerate().map(load).sum::<f64>() / link.gains.len() as f64;
    Ok(Some(Prediction {
        errors,
        symbols: Some(times as usize),
        active_fraction,
        power_used_mean: load * filled * active_fraction,
        receive_snr: Some(aligned / plan.budget.noise_power),
        sent_share: 1.0,
    }))
}

/// Returns the expected NMSE of a round's very payload over noise alone; for LMMSE, over a drawn payload too.
///
/// # Errors
/// As [`predict`].
pub fn nmse_of_payload(
    plan: &MisalignedPlan,
    link: &AlignedLink,
    round: u64,
) -> Result<Option<f64>, MisalignedError> {
    match Weights::of(plan, link)? {
        Some(weights) if !plan.payload.is_majority() => Ok(weights.errors_of_payload(plan, round)?.nmse),
        _ => Ok(predict(plan, link, round)?.and_then(|p| p.errors.nmse)),
    }
}

//! The floors of theory, inverted: the largest imperfection that keeps to a part of the error.

use crate::theory::floors::{Spread, knowledge, misalignment};
use std::f64::consts::{PI, TAU};

/// First zero of J0: older knowledge says nothing.
const FIRST_ZERO: f64 = 2.404_825_557_695_773;

/// Returns the largest `x` from `low` to `high` up to which a rising `f` stays at `level`, `None` if that is all of them.
///
/// Floors are nearly powers of their widths, so that a straight line through two logarithms hits soon; halving the bracket in
/// turn makes sure. To 1e-12 of the level.
pub fn largest(f: impl Fn(f64) -> f64, level: f64, low: f64, high: f64) -> Option<f64> {
    let (mut below, mut above) = ((0.0, 0.0), (low, f(low)));
    while above.1 <= level {
        if above.0 >= high {
            return None;
        }
        let next = (4.0 * above.0).min(high);
        (below, above) = (above, (next, f(next)));
    }
    for step in 0..200 {
        let straight = (level / below.1).ln() * (above.0 / below.0).ln() / (above.1 / below.1).ln();
        let middle = 0.5 * (below.0 + above.0);
        let x = if step % 2 == 0 && straight.is_finite() { below.0 * straight.exp() } else { middle };
        if x <= below.0 || x >= above.0 {
            continue;
        }
        let at = f(x);
        if (at / level - 1.0).abs() <= 1e-12 {
            return Some(x);
        }
        if at <= level {
            below = (x, at);
        } else {
            above = (x, at);
        }
    }
    Some(below.0)
}

/// Inverts a floor that depends on a scale-free width: from nothing to so wide that all is lost.
fn width(floor: impl Fn(f64) -> f64, share: f64) -> f64 {
    largest(floor, share, 1e-9, 1e3).unwrap_or(f64::INFINITY)
}

fn normal(sd: f64) -> Spread {
    Spread::Normal { sd }
}

/// Returns the largest standard deviation of a normal residual phase, in radians: `2 (1 - exp(-sd^2/2)) = share`.
pub fn phase_sd_rad(share: f64) -> f64 {
    width(|sd| misalignment::phase(normal(sd)).independent(), share)
}

/// Returns the largest rms of a normal time offset over the band, in seconds: about `(pi B rms)^2 / 3 = share`.
pub fn timing_rms_s(share: f64, bandwidth_hz: f64) -> f64 {
    width(|x| misalignment::timing(normal(x), 1.0 / PI).independent(), share) / (PI * bandwidth_hz)
}

/// Returns the largest rms of a normal carrier offset over a frame, in hertz: about `(2 pi rms T)^2 / 3 = share`.
pub fn carrier_rms_hz(share: f64, frame_s: f64) -> f64 {
    turned(share) / (TAU * frame_s)
}

/// Returns the longest frame under a normal carrier offset, in seconds: the same formula, solved for `T`.
pub fn carrier_frame_s(share: f64, rms_hz: f64) -> f64 {
    turned(share) / (TAU * rms_hz)
}

/// The rms of the phase at the end of a frame.
fn turned(share: f64) -> f64 {
    width(|x| misalignment::carrier_offset(normal(x), 1.0 / TAU).independent(), share)
}

/// Returns the largest rms of a normal clock error over a frame, relative: about `(pi B rms T)^2 / 9 = share`.
pub fn clock_rms(share: f64, bandwidth_hz: f64, frame_s: f64) -> f64 {
    slipped(share) / (PI * bandwidth_hz * frame_s)
}

/// Returns the longest frame under a normal relative clock error, in seconds: the same formula, solved for `T`.
pub fn clock_frame_s(share: f64, bandwidth_hz: f64, rms: f64) -> f64 {
    slipped(share) / (PI * bandwidth_hz * rms)
}

/// `pi B` times the rms of the slip at the end of a frame.
fn slipped(share: f64) -> f64 {
    width(|x| misalignment::clock_offset(normal(x), 1.0 / PI, 1.0).independent(), share)
}

/// Returns the largest standard deviation of a normal power error, in decibels.
pub fn power_sd_db(share: f64) -> f64 {
    width(|sd| misalignment::power(normal(sd)).independent(), share)
}

/// Returns the largest step of power control, in decibels, its error uniform in plus or minus half a step.
pub fn power_step_db(share: f64) -> f64 {
    2.0 * width(|half_width| misalignment::power(Spread::Uniform { half_width }).independent(), share)
}

/// Returns the largest power of the channel's estimation error; `None` if knowing nothing of the scattering is good enough.
pub fn channel_error(share: f64, threshold: f64, k_factor: f64) -> Option<f64> {
    let scattered = 1.0 / (k_factor + 1.0);
    let floor = |q: f64| knowledge::inverted_estimate(q, threshold, k_factor).independent();
    largest(floor, share, 1e-9 * scattered, (1.0 - 1e-12) * scattered)
}

/// Returns the oldest age of channel knowledge whose error has the power `error`, in seconds; infinite for a channel at rest.
pub fn age_s(error: f64, max_doppler_hz: f64, k_factor: f64) -> f64 {
    let lost = |x: f64| knowledge::ageing_error(1.0, x / TAU, k_factor);
    largest(lost, error, 1e-6, FIRST_ZERO).map_or(f64::INFINITY, |x| x / (TAU * max_doppler_hz))
}

/// Returns the shortest beacon from which a carrier offset can be told to `rms_hz`, in seconds.
///
/// ```text
/// var(f) = 6 / ((2 pi)^2 SNR N (N^2 - 1) / B^2)  with  N = B T samples:   T = (6 / (SNR B (2 pi rms)^2))^(1/3)
/// ```
///
/// `snr` per sample, linear. The Cramer-Rao bound of a tone's frequency with unknown phase: Rife & Boorstyn, IEEE Trans. Inf.
/// Theory 20 (1974); valid for N much above 1.
pub fn beacon_s(rms_hz: f64, snr: f64, bandwidth_hz: f64) -> f64 {
    (6.0 / (snr * bandwidth_hz * (TAU * rms_hz).powi(2))).cbrt()
}

//! Floors of phase, time, frequency and power.

use super::{Floor, Spread};
use airloop_baseband::special::integrate;
use std::f64::consts::{LN_10, PI, TAU};

/// Returns the floor of a residual phase.
///
/// ```text
/// c = exp(j phi):   E|e|^2 = 2 (1 - E cos phi), for a normal phase 2 (1 - exp(-sd^2/2));   |E e|^2 = (1 - E cos phi)^2
/// ```
///
/// `phase_rad` in radians. Phase noise of Lorentzian linewidth `w` is a normal phase with `sd^2 = 2 pi w t` after a time `t`.
pub fn phase(phase_rad: Spread) -> Floor {
    let deficit = phase_rad.deficit(1.0);
    Floor { mean_square: 2.0 * deficit, squared_mean: deficit * deficit }
}

/// Returns the floor of a time offset inside the cyclic prefix, over a band that is filled evenly.
///
/// ```text
/// c(f) = exp(-j 2 pi f tau), f from -B/2 to B/2:   E|e|^2 = 2 (1 - E sinc(B tau)),  for small offsets (pi B tau_rms)^2 / 3
/// ```
///
/// `time_s` in seconds, the occupied band `B = bandwidth_hz` in hertz; `sinc(x) = sin(pi x)/(pi x)`.
pub fn timing(time_s: Spread, bandwidth_hz: f64) -> Floor {
    over_a_ramp(time_s, PI * bandwidth_hz)
}

/// Returns the floor of a time offset inside the cyclic prefix, over the subcarriers at `frequencies_hz`.
///
/// ```text
/// E|e|^2 = mean over f of 2 (1 - E cos(2 pi f tau))
/// ```
pub fn timing_on_grid(time_s: Spread, frequencies_hz: &[f64]) -> Floor {
    let (mut mean, mut square) = (0.0, 0.0);
    for f in frequencies_hz {
        let deficit = time_s.deficit(TAU * f);
        mean += deficit;
        square += deficit * deficit;
    }
    let count = frequencies_hz.len() as f64;
    Floor { mean_square: 2.0 * mean / count, squared_mean: square / count }
}

/// Returns the floor of a carrier frequency offset over a frame that begins in phase.
///
/// ```text
/// c(t) = exp(j 2 pi df t), t from 0 to T:   E|e|^2 = (2/T) integral of (1 - E cos(2 pi df t)) dt,  for small offsets (2 pi df_rms T)^2 / 3
/// ```
///
/// `offset_hz` in hertz, `T = frame_s` in seconds. The turning of the phase alone, without the leakage between subcarriers,
/// which is `(pi df / subcarrier spacing)^2 / 3` and less than it for frames of two symbols or more.
pub fn carrier_offset(offset_hz: Spread, frame_s: f64) -> Floor {
    over_a_ramp(offset_hz, TAU * frame_s)
}

/// Returns the floor of a sample-clock offset over a frame that begins in time.
///
/// ```text
/// c(f, t) = exp(-j 2 pi f d t), t from 0 to T, f from -B/2 to B/2:   for small offsets E|e|^2 = (pi B d_rms T)^2 / 9
/// ```
///
/// `offset` is the relative error `d` of the clock (1 ppm is 1e-6), `B = bandwidth_hz` in hertz, `T = frame_s` in seconds.
pub fn clock_offset(offset: Spread, bandwidth_hz: f64, frame_s: f64) -> Floor {
    let rate = PI * bandwidth_hz * frame_s;
    let mean = |f: &dyn Fn(f64) -> f64| integrate(f, 0.0, 1.0, 1e-12);
    Floor {
        mean_square: 2.0 * mean(&|t| offset.mean_deficit(rate * t)),
        squared_mean: mean(&|t| offset.mean_squared_deficit(rate * t)),
    }
}

/// Returns the floor of a power error in decibels.
///
/// ```text
/// c = 10^(x/20), b = ln(10)/20:   E|e|^2 = E exp(2 b x) - 2 E exp(b x) + 1,   E e = E exp(b x) - 1
/// normal, s = b sd: exp(2 s^2) - 2 exp(s^2/2) + 1;   a step D, x uniform in +-D/2: nearly (b D)^2 / 12
/// ```
pub fn power(error_db: Spread) -> Floor {
    let rate = LN_10 / 20.0;
    let mean = error_db.growth(rate);
    Floor { mean_square: error_db.growth(2.0 * rate) - 2.0 * mean, squared_mean: mean * mean }
}

/// Returns how long a frequency offset takes to turn the phase by `phase_rad`: `phase / (2 pi offset)`.
pub fn turning_time_s(offset_hz: f64, phase_rad: f64) -> f64 {
    phase_rad / (TAU * offset_hz.abs())
}

/// Averages a phase that grows evenly from 0 to `rate` times the spread.
fn over_a_ramp(spread: Spread, rate: f64) -> Floor {
    Floor { mean_square: 2.0 * spread.mean_deficit(rate), squared_mean: spread.mean_squared_deficit(rate) }
}

#[cfg(test)]
#[path = "misalignment_tests.rs"]
mod tests;

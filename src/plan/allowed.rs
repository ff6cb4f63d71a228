//! The floors of theory, inverted: the largest imperfection that keeps to a part of the error.

use super::Weights;
use super::noise::Inversion;
use crate::theory::floors::{Floor, Spread, knowledge, misalignment};
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

fn normal(sd: f64) -> Spread {
    Spread::Normal { sd }
}

/// When values are sent after the reference of phase and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Time from the reference to the first value.
    pub lead_s: f64,
    /// Time from the first value to the last.
    pub frame_s: f64,
}

/// Returns the floor of the frame `x` after a lead, from floors that are means from 0 on.
///
/// ```text
/// mean from l to l + x = ((l + x) F(l + x) - l F(l)) / x
/// ```
fn after(lead: f64, x: f64, from_zero: impl Fn(f64) -> Floor) -> Floor {
    let whole = from_zero(lead + x);
    if lead == 0.0 {
        return whole;
    }
    let before = from_zero(lead);
    let mean = |all: f64, part: f64| ((lead + x) * all - lead * part) / x;
    Floor {
        mean_square: mean(whole.mean_square, before.mean_square),
        squared_mean: mean(whole.squared_mean, before.squared_mean),
    }
}

/// The phase, in radians, of carriers of rms 1 rad a unit of time.
fn turning(sd: f64, x: f64) -> Floor {
    misalignment::carrier_offset(normal(sd), x / TAU)
}

/// The slip of clocks, in `1/(pi B)`, of rms 1 a unit of time.
fn slipping(sd: f64, x: f64) -> Floor {
    misalignment::clock_offset(normal(sd), 1.0 / PI, x)
}

/// The part of the NMSE that one cause may take, of a payload in which errors weigh what `weights` says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The NMSE.
    pub share: f64,
    /// What errors weigh.
    pub weights: Weights,
}

impl Part {
    /// Inverts a floor that depends on a scale-free width: from nothing to so wide that all is lost.
    fn width(&self, floor: impl Fn(f64) -> Floor) -> f64 {
        largest(|x| self.weights.nmse(floor(x)), self.share, 1e-9, 1e3).unwrap_or(f64::INFINITY)
    }

    /// Returns the longest frame after a lead, both scale-free; 0 if its first value is too late.
    fn frame(&self, lead: f64, from_zero: impl Fn(f64) -> Floor) -> f64 {
        let low = (1e-4 * lead).max(1e-9);
        let floor = |x: f64| self.weights.nmse(after(lead, x, &from_zero));
        if lead > 0.0 && floor(low) > self.share {
            return 0.0;
        }
        largest(floor, self.share, low, (1e3f64).max(low)).unwrap_or(f64::INFINITY)
    }

    /// Returns the largest standard deviation of a normal residual phase, in radians: `2 (1 - exp(-sd^2/2)) = share`.
    pub fn phase_sd_rad(&self) -> f64 {
        self.width(|sd| misalignment::phase(normal(sd)))
    }

    /// Returns the largest rms of a normal time offset over the band, in seconds: about `(pi B rms)^2 / 3 = share`.
    pub fn timing_rms_s(&self, bandwidth_hz: f64) -> f64 {
        self.width(|x| misalignment::timing(normal(x), 1.0 / PI)) / (PI * bandwidth_hz)
    }

    /// Returns the largest rms of a normal carrier offset, in hertz: about `(2 pi rms)^2 (L^2 + L T + T^2/3) = share`.
    pub fn carrier_rms_hz(&self, span: Span) -> f64 {
        let end_s = span.lead_s + span.frame_s;
        let lead = span.lead_s / end_s;
        self.width(|sd| after(lead, 1.0 - lead, |x| turning(sd, x))) / (TAU * end_s)
    }

    /// Returns the longest frame under a normal carrier offset, in seconds: the same formula, solved for `T`.
    pub fn carrier_frame_s(&self, rms_hz: f64, lead_s: f64) -> f64 {
        let rate = TAU * rms_hz;
        self.frame(rate * lead_s, |x| turning(1.0, x)) / rate
    }

    /// Returns the largest rms of a normal clock error, relative: about `(pi B rms)^2 (L^2 + L T + T^2/3) / 3 = share`.
    pub fn clock_rms(&self, bandwidth_hz: f64, span: Span) -> f64 {
        let end_s = span.lead_s + span.frame_s;
        let lead = span.lead_s / end_s;
        self.width(|sd| after(lead, 1.0 - lead, |x| slipping(sd, x))) / (PI * bandwidth_hz * end_s)
    }

    /// Returns the longest frame under a normal relative clock error, in seconds: the same formula, solved for `T`.
    pub fn clock_frame_s(&self, bandwidth_hz: f64, rms: f64, lead_s: f64) -> f64 {
        let rate = PI * bandwidth_hz * rms;
        self.frame(rate * lead_s, |x| slipping(1.0, x)) / rate
    }

    /// Returns the largest standard deviation of a normal power error, in decibels.
    pub fn power_sd_db(&self) -> f64 {
        self.width(|sd| misalignment::power(normal(sd)))
    }

    /// Returns the largest step of power control, in decibels, its error uniform in plus or minus half a step.
    pub fn power_step_db(&self) -> f64 {
        2.0 * self.width(|half_width| misalignment::power(Spread::Uniform { half_width }))
    }

    /// Returns the largest power of the channel's estimation error; `None` if knowing nothing of the scattering is good enough.
    pub fn channel_error(&self, inversion: &Inversion, k_factor: f64, devices_snr: f64) -> Option<f64> {
        let scattered = 1.0 / (k_factor + 1.0);
        let known = inversion.nmse(k_factor, devices_snr, &self.weights);
        let more = |q: f64| inversion.estimated_nmse(q, k_factor, devices_snr, &self.weights) - known;
        largest(more, self.share, 1e-9 * scattered, (1.0 - 1e-9) * scattered)
    }
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

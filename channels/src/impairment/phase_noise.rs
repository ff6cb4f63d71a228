//! Oscillators whose phase wanders: a random walk, a spectral mask, or both.

mod lines;
mod mask;
mod wiener;

pub use mask::{MaskPoint, PhaseMask};

use super::{OccupiedBand, SampleClock};
use crate::error::ChannelError;
use crate::rotor::unit_phasor;
use airloop_baseband::{Complex32, Stream};
use lines::Lines;
use multiversion::multiversion;
use std::f64::consts::{PI, TAU};
use wiener::Walk;

/// Largest linewidth, in shares of the sample rate.
pub const MAX_LINEWIDTH_SHARE: f64 = 0.01;

/// Samples that are turned at a time, at absolute multiples.
const BLOCK: usize = 1024;

/// The phase noise of an oscillator; the default is none.
///
/// ```text
/// y[n] = x[n] exp(j phi[n]),   phi[origin] = 0
/// E(phi[n] - phi[m])^2 = 2 pi linewidth_hz |n - m| / sample_rate_hz  +  structure function of the mask
/// ```
///
/// Phases count from the clock's origin: what an oscillator has done before is in the channel knowledge of a round. A
/// free-running oscillator's line is Lorentzian with the full width at half maximum `linewidth_hz`, at most
/// [`MAX_LINEWIDTH_SHARE`] of the sample rate; its phase wanders up to 2^46 samples from the origin either way (26 days at
/// 30 MHz), where it stays. An oscillator in a loop has a [`PhaseMask`].
/// Source: Demir, Mehrotra and Roychowdhury, "Phase noise in oscillators", IEEE Trans. Circuits Syst. I 47(5), 2000.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseNoiseConfig {
    /// Full width at half maximum of the line of a free-running oscillator, in hertz.
    pub linewidth_hz: f64,
    /// One-sided mask of an oscillator in a loop.
    pub mask: Option<PhaseMask>,
}

impl PhaseNoiseConfig {
    /// Returns whether there is none.
    pub fn is_none(&self) -> bool {
        self.linewidth_hz == 0.0 && self.mask.is_none()
    }

    /// Returns the variance `E(phi(t) - phi(0))^2` after a time, at a sample rate, in rad^2.
    pub fn variance(&self, time_s: f64, sample_rate_hz: f64) -> f64 {
        self.variances(sample_rate_hz)(time_s)
    }

    /// Returns the variance as a function of time, with the bands of the mask at hand.
    fn variances(&self, sample_rate_hz: f64) -> impl Fn(f64) -> f64 {
        let bands = self.mask.as_ref().map_or(Vec::new(), |mask| mask.bands(sample_rate_hz));
        let linewidth_hz = self.linewidth_hz;
        move |time_s| TAU * linewidth_hz * time_s.abs() + mask::variance(&bands, time_s)
    }

    /// Returns the error over the signal's power, as the mean over a stretch of time since the origin.
    ///
    /// ```text
    /// mean over t of E|exp(j phi(t)) - 1|^2 = mean over t of 2 (1 - exp(-variance(t)/2))
    /// ```
    pub fn error_vector_power(&self, (begin_s, end_s): (f64, f64), sample_rate_hz: f64) -> f64 {
        const POINTS: usize = 512;
        let variance = self.variances(sample_rate_hz);
        let at = |i: usize| {
            let time_s = begin_s + (end_s - begin_s) * (i as f64 + 0.5) / POINTS as f64;
            -2.0 * (-0.5 * variance(time_s)).exp_m1()
        };
        (0..POINTS).map(at).sum::<f64>() / POINTS as f64
    }

    /// Returns the error on the used subcarriers of a symbol whose window begins at a time since the origin: what of it turns all
    /// of them alike, and what carriers hear of each other.
    ///
    /// ```text
    /// U/N^2 sum over n and m of |rho[n - m]|^2 (exp(-v(n - m)/2) - exp(-v(t + n)/2) - exp(-v(t + m)/2) + 1),   v the variance
    /// ```
    pub fn in_band(&self, band: &OccupiedBand, begin_s: f64, sample_rate_hz: f64) -> f64 {
        // exp(-v/2) - 1, at lags and at times.
        let variance = self.variances(sample_rate_hz);
        let missing = |time_s: f64| (-0.5 * variance(time_s)).exp_m1();
        let at = |n: usize| n as f64 / sample_rate_hz;
        let lags: Vec<f64> = (0..band.size()).map(|n| missing(at(n))).collect();
        let times: Vec<f64> = (0..band.size()).map(|n| missing(begin_s + at(n))).collect();
        band.multiplied(|n, m| lags[n.abs_diff(m)] - times[n] - times[m])
    }
}

/// One oscillator's phase noise: a pure function of a stream and the absolute sample index.
#[derive(Clone, Debug)]
pub struct PhaseNoise {
    origin: i64,
    walk: Option<Walk>,
    lines: Option<Lines>,
}

impl PhaseNoise {
    /// Draws an oscillator's phase noise.
    ///
    /// # Errors
    /// [`ChannelError::OutOfRange`] for a linewidth that is negative or beyond its limit.
    pub fn new(config: &PhaseNoiseConfig, clock: SampleClock, stream: Stream) -> Result<Self, ChannelError> {
        let (value, most) = (config.linewidth_hz, MAX_LINEWIDTH_SHARE * clock.sample_rate_hz);
        if !(0.0..=most).contains(&value) {
            let name = "phase_noise_linewidth_hz";
            return Err(ChannelError::OutOfRange { name, value, expected: "0 to 1 % of the sample rate" });
        }
        let deviation = (TAU * value / clock.sample_rate_hz).sqrt();
        let walk = (value > 0.0).then(|| Walk::new(deviation, stream.substream(0)));
        let draw = |mask: &PhaseMask| Lines::draw(mask, clock.sample_rate_hz, stream.substream(1));
        let lines = config.mask.as_ref().map(draw);
        Ok(Self { origin: clock.origin as i64, walk, lines })
    }

    /// Returns whether samples leave as they came.
    pub fn is_identity(&self) -> bool {
        self.walk.is_none() && self.lines.is_none()
    }

    /// Writes the phases from the absolute index `first` on, in radians.
    pub fn phases(&self, first: i64, out: &mut [f64]) {
        out.fill(0.0);
        let first = first - self.origin;
        if let Some(walk) = &self.walk {
            walk.add(first, out);
        }
        if let Some(lines) = &self.lines {
            lines.add(first, out);
        }
    }

    /// Turns samples whose first has the absolute index `first`.
    pub fn apply(&self, first: i64, samples: &mut [Complex32]) {
        if self.is_identity() {
            return;
        }
        let mut phases = [0.0; BLOCK];
        let (mut n, mut rest) = (first, samples);
        while !rest.is_empty() {
            let room = BLOCK - n.rem_euclid(BLOCK as i64) as usize;
            let (block, next) = rest.split_at_mut(room.min(rest.len()));
            let phases = &mut phases[..block.len()];
            self.phases(n, phases);
            turn(phases, block);
            n += block.len() as i64;
            rest = next;
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq+avx512bw", "x86_64+avx2", "aarch64+neon"))]
fn turn(phases: &[f64], samples: &mut [Complex32]) {
    for (phase, x) in phases.iter().zip(samples) {
        let (cos, sin) = unit_phasor(phase * (0.5 / PI));
        let (cos, sin) = (cos as f32, sin as f32);
        *x = Complex32::new(x.re * cos - x.im * sin, x.re * sin + x.im * cos);
    }
}

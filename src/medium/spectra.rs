//! Summed spectra: a slot's samples by one inverse transform of what all devices' grids become over their channels, and the power
//! that this leaves out.

use super::symbol::superpose;
use airloop_baseband::Complex32;
use airloop_baseband::special::{bessel_j0, integrate};
use airloop_baseband::units::power_from_db;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Most that summed spectra may leave out of a device's signal, in decibels of its power, of each of the two parts.
pub const MOST_NEGLECTED_DB: f64 = -60.0;

/// How the samples of the waveform rung are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaveformPath {
    /// Each device's samples pass their own filter, whose taps move with every sample.
    PerSample,
    /// Each antenna's samples are one inverse transform of the sum of all devices' spectra times their channels' responses.
    SummedSpectra,
}

impl WaveformPath {
    /// Returns the word for it in files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::PerSample => "per-sample",
            Self::SummedSpectra => "summed-spectra",
        }
    }
}

/// Power that summed spectra leave out of a device's signal, relative to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neglected {
    /// By the channel's motion within a symbol: interference between subcarriers, and the motion between the middle of a symbol
    /// and that of its receive window.
    pub motion: f64,
    /// By neighbouring symbols in the receive window, and by what it misses of a symbol.
    pub outside_window: f64,
}

impl Neglected {
    /// Returns whether both parts are as small as they must be.
    pub fn is_allowed(self) -> bool {
        let most = power_from_db(MOST_NEGLECTED_DB);
        self.motion < most && self.outside_window < most
    }
}

/// Returns the power of interference between subcarriers over a channel that moves with the Jakes spectrum, relative to a signal
/// that fills the band.
///
/// ```text
/// H(t) = mean gain of the symbol + rest;   power of the mean: (1/T^2) int int J0(2 pi f_D (t - u)) dt du
/// ICI = 1 - int from -1 to 1 of (1 - |x|) J0(2 pi f_D T x) dx,   for small f_D T: (2 pi f_D T)^2 / 24
/// ```
///
/// `max_doppler_hz` is `f_D`, `useful_s` the useful symbol `T`; valid to `f_D T` of 100. A line of sight at `0.7 f_D` has
/// `1 - sinc^2(0.7 f_D T)`, which is less. Source: Russell and Stueber, "Interchannel interference analysis of OFDM in a mobile environment", VTC 1995.
pub fn inter_carrier_interference(max_doppler_hz: f64, useful_s: f64) -> f64 {
    let turn = TAU * max_doppler_hz * useful_s;
    if turn < SMALL {
        // Two terms of the series: what is left is beyond the digits that the difference below has.
        let square = turn * turn;
        return square / 24.0 * (1.0 - square / 40.0);
    }
    // One piece for each radian, so that no swing of the Bessel function is missed.
    let pieces = turn.ceil().min(MAX_PIECES);
    let piece = |i: usize| {
        let (begin, end) = (i as f64 / pieces, (i + 1) as f64 / pieces);
        integrate(|x| (1.0 - x) * bessel_j0(turn * x), begin, end, 1e-13)
    };
    1.0 - 2.0 * (0..pieces as usize).map(piece).sum::<f64>()
}

/// Most pieces of the integral.
const MAX_PIECES: f64 = 1000.0;

/// Below this phase the difference of the closed form loses digits to its series.
const SMALL: f64 = 1e-2;

/// Returns the mean squared change of a unit gain that moves with the Jakes spectrum, from an instant to one `lag_s` away.
///
/// ```text
/// E|h(t + lag) - h(t)|^2 = 2 (1 - J0(2 pi f_D lag))
/// ```
pub fn change(max_doppler_hz: f64, lag_s: f64) -> f64 {
    2.0 * (1.0 - bessel_j0(TAU * max_doppler_hz * lag_s))
}

/// Returns the most that motion can leave out over a channel of which nothing but the largest shift is known: that of a single path
/// with this shift.
///
/// ```text
/// 1 - sinc^2(f_D T) + 2 (1 - cos(2 pi f_D lag)),   f_D T below 1
/// ```
///
/// Of a recording the shift is that of a Jakes spectrum with its moments, larger than the root mean square by `sqrt(2)` at least:
/// there this is what a path of that shift leaves out, more than the recording does in the mean.
pub fn most_motion(max_doppler_hz: f64, useful_s: f64, lag_s: f64) -> f64 {
    let half = std::f64::consts::PI * (max_doppler_hz * useful_s).min(1.0);
    let kept = if half > 0.0 { half.sin() / half } else { 1.0 };
    1.0 - kept * kept + 2.0 * (1.0 - (TAU * max_doppler_hz * lag_s).cos())
}

/// Sums of the devices' spectra at every receive antenna over a slot.
#[derive(Clone, Debug, Default)]
pub(super) struct SpectrumSums {
    grids: Vec<Complex32>,
    count: usize,
}

impl SpectrumSums {
    /// Begins a slot of `count` elements an antenna.
    pub fn begin(&mut self, ports: usize, count: usize) {
        self.count = count;
        self.grids.clear();
        self.grids.resize(ports * count, Complex32::default());
    }

    /// Adds a row that a device sent, times the response, to an antenna's grid from an element on; returns the sum of `|h|^2`.
    pub fn add(
        &mut self,
        (port, element): (usize, usize),
        response: &[Complex32],
        sent: &[Complex32],
    ) -> f32 {
        let at = port * self.count + element;
        superpose(response, sent, &mut self.grids[at..at + response.len()])
    }

    /// Returns an antenna's grid.
    pub fn grid(&self, port: usize) -> &[Complex32] {
        &self.grids[port * self.count..(port + 1) * self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power series of J0 under the triangle: `int_(-1)^1 (1-|x|) x^(2k) dx = 2 / ((2k+1)(2k+2))`.
    fn series(turn: f64) -> f64 {
        let (mut term, mut sum) = (1.0, 0.0);
        for k in 1..40 {
            term *= -(turn * turn) / 4.0 / f64::from(k * k);
            sum -= term * 2.0 / f64::from((2 * k + 1) * (2 * k + 2));
        }
        sum
    }

    #[test]
    fn interference_is_that_of_the_power_series() {
        for turn in [1e-4, 9.99e-3, 1.001e-2, 0.1, 1.0, 3.0, 8.0] {
            let (found, expected) = (inter_carrier_interference(turn / TAU, 1.0), series(turn));
            assert!((found / expected - 1.0).abs() < 1e-6, "{turn}: {found} {expected}");
        }
        // A channel that moves through many turns within a symbol keeps nothing.
        let fast = inter_carrier_interference(100.0, 1.0);
        assert!((fast - (1.0 - 2.0 / (100.0 * TAU))).abs() < 1e-3, "{fast}");
        assert_eq!(inter_carrier_interference(0.0, 1.0), 0.0);
    }

    #[test]
    fn a_single_path_moves_twice_as_much_as_scattering() {
        let (jakes, tone) = (inter_carrier_interference(1e-3, 1.0), most_motion(1e-3, 1.0, 0.0));
        assert!((tone / jakes - 2.0).abs() < 1e-4, "{tone} {jakes}");
        assert!((most_motion(1e-3, 0.0, 1.0) / change(1e-3, 1.0) - 2.0).abs() < 1e-4);
        assert_eq!(most_motion(0.0, 1.0, 1.0), 0.0);
    }

    #[test]
    fn a_pedestrian_at_30_khz_is_allowed_and_a_car_is_not() {
        let neglected = |speed_m_s: f64| Neglected {
            motion: inter_carrier_interference(speed_m_s * 3.5e9 / 3e8, 1.0 / 30e3),
            outside_window: 0.0,
        };
        assert!(neglected(0.0).is_allowed() && neglected(0.8).is_allowed());
        assert!(!neglected(30.0).is_allowed());
        assert!(!Neglected { motion: 0.0, outside_window: 1e-5 }.is_allowed());
    }
}

//! What the configured profile should give: exactly, and through the same band and windows.

use super::SoundingPlan;
use super::statistics::{Layout, Meter, POWER, POWER_SQUARED};
use super::window;
use airloop_baseband::special::bessel_j0;
use airloop_baseband::{Complex32, Complex64};
use airloop_channels::fading::LINE_OF_SIGHT_DOPPLER_SHARE;
use airloop_channels::{Fading, PathKind, PathSpec};
use rustfft::FftPlanner;
use std::f64::consts::{SQRT_2, TAU};

/// Steps a period in which a correlation is searched, and periods that are searched.
const SEARCH: (f64, f64) = (256.0, 100.0);

/// The closed forms of a tapped-delay-line channel of independent paths: Rayleigh with the Jakes spectrum, and a line of sight.
/// Of clustered channels only delays and mean powers are known, as they were drawn; of recorded ones how fast they move.
///
/// ```text
/// frequency correlation  R(df) = sum_p P_p exp(-j 2 pi df tau_p)
/// time correlation       R(t)  = P_scattered J0(2 pi f_D t) + P_sight exp(j 2 pi 0.7 f_D t)
/// Doppler spectrum       S(f)  = P_scattered / (pi sqrt(f_D^2 - f^2)) and a line of P_sight at 0.7 f_D
/// ```
#[derive(Clone, Debug)]
pub struct Truth {
    paths: Vec<PathSpec>,
    max_doppler_hz: f64,
    sight: f64,
    known: Known,
}

/// What is known of a channel; what is not is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// All, by closed forms.
    ClosedForms,
    /// Powers and delays of independent paths.
    Paths,
    /// How fast it moves: the taps of a recording's grid depend on each other, so that their powers do not say how they add up.
    Motion,
}

impl Truth {
    /// Returns the truth of a fading model.
    pub fn of(fading: &Fading) -> Self {
        let paths = fading.profile().paths().to_vec();
        let sight = paths.iter().find(|path| path.kind == PathKind::LineOfSight);
        let sight = sight.map_or(0.0, |path| path.power);
        Self { sight, max_doppler_hz: fading.max_doppler_hz(), paths, known: Known::ClosedForms }
    }

    /// Returns what is known of channels without closed forms, of which paths had these mean powers.
    pub(super) fn drawn(paths: Vec<PathSpec>, max_doppler_hz: f64, known: Known) -> Self {
        Self { sight: f64::NAN, max_doppler_hz, paths, known }
    }

    /// Returns the mean power; not a number where powers of paths do not say how they add up.
    pub fn mean_power(&self) -> f64 {
        if self.known == Known::Motion { f64::NAN } else { self.paths.iter().map(|path| path.power).sum() }
    }

    /// Returns the paths; of a recording, the taps of its grid.
    pub fn paths(&self) -> &[PathSpec] {
        &self.paths
    }

    /// Returns the maximum Doppler shift in hertz.
    pub fn max_doppler_hz(&self) -> f64 {
        self.max_doppler_hz
    }

    /// Returns the Rician factor of the frequency response.
    pub fn k_factor(&self) -> f64 {
        let scattered = 1.0 - self.sight;
        if scattered < 1e-15 { f64::INFINITY } else { self.sight / scattered }
    }

    /// Returns the power-weighted mean of the delays, in seconds.
    pub fn mean_delay_s(&self) -> f64 {
        self.paths.iter().map(|path| path.power * path.delay_s).sum::<f64>() / self.mean_power()
    }

    /// Returns the power-weighted standard deviation of the delays, in seconds.
    pub fn rms_delay_spread_s(&self) -> f64 {
        let mean_s = self.mean_delay_s();
        let squares = self.paths.iter().map(|path| path.power * (path.delay_s - mean_s).powi(2));
        (squares.sum::<f64>() / self.mean_power()).sqrt()
    }

    /// Returns `E[H(f)^* H(f + spacing)]`.
    pub fn frequency_correlation(&self, spacing_hz: f64) -> Complex64 {
        let phasor = |turns: f64| Complex64::from_polar(1.0, -TAU * turns);
        self.paths.iter().map(|path| path.power * phasor(spacing_hz * path.delay_s)).sum()
    }

    /// Returns `E[H(t)^* H(t + lag)]`.
    pub fn time_correlation(&self, lag_s: f64) -> Complex64 {
        let turns = self.max_doppler_hz * lag_s;
        let scattered = (1.0 - self.sight) * bessel_j0(TAU * turns.abs());
        let sight = Complex64::from_polar(self.sight, TAU * LINE_OF_SIGHT_DOPPLER_SHARE * turns);
        sight + scattered
    }

    /// Returns the smallest spacing at which the magnitude of the frequency correlation falls to a level, in hertz; infinite if
    /// none.
    pub fn coherence_bandwidth_hz(&self, level: f64) -> f64 {
        let latest_s = self.paths.iter().map(|path| path.delay_s).fold(0.0, f64::max);
        let earliest_s = self.paths.iter().map(|path| path.delay_s).fold(latest_s, f64::min);
        let period_hz = 1.0 / (latest_s - earliest_s);
        let power = self.mean_power();
        if power.is_nan() {
            return f64::NAN;
        }
        first_at(|spacing_hz| self.frequency_correlation(spacing_hz).norm() / power, level, period_hz)
    }

    /// Returns the shortest lag at which the magnitude of the time correlation falls to a level, in seconds; infinite if none.
    pub fn coherence_time_s(&self, level: f64) -> f64 {
        if self.known != Known::ClosedForms {
            return f64::NAN;
        }
        first_at(|lag_s| self.time_correlation(lag_s).norm(), level, 1.0 / self.max_doppler_hz)
    }

    /// Returns the mean of the Doppler shifts, in hertz.
    pub fn mean_doppler_hz(&self) -> f64 {
        self.sight * LINE_OF_SIGHT_DOPPLER_SHARE * self.max_doppler_hz
    }

    /// Returns the standard deviation of the Doppler shifts, in hertz: `f_D / sqrt(2)` without a line of sight.
    pub fn rms_doppler_spread_hz(&self) -> f64 {
        let scattered = (1.0 - self.sight) * (self.max_doppler_hz / SQRT_2).powi(2);
        let sight = self.sight * (LINE_OF_SIGHT_DOPPLER_SHARE * self.max_doppler_hz).powi(2);
        let variance = scattered + sight - self.mean_doppler_hz().powi(2);
        if variance < 0.0 { 0.0 } else { variance.sqrt() }
    }

    /// Returns what the sums of endless draws without noise would be: the same truth through the plan's band and windows.
    pub(super) fn sums(&self, plan: &SoundingPlan) -> Vec<f64> {
        let layout = Layout::new(plan);
        let mut sums = vec![0.0; layout.length];
        sums[POWER] = 1.0;
        sums[POWER_SQUARED] = 2.0 - self.sight * self.sight;
        let spacing_hz = plan.numerology.subcarrier_spacing_hz();
        let (meter, mut shown) = (Meter::new(plan), sums.clone());
        for path in &self.paths {
            let response = |offset: &i32| {
                let turns = f64::from(*offset) * spacing_hz * path.delay_s;
                Complex32::new((TAU * turns).cos() as f32, -(TAU * turns).sin() as f32)
            };
            let row: Vec<Complex32> = plan.numerology.offsets().iter().map(response).collect();
            meter.measure_delays(&row, &mut shown);
            let profile = sums[layout.profile.clone()].iter_mut().zip(&shown[layout.profile.clone()]);
            profile.for_each(|(sum, shown)| *sum += path.power * shown);
        }
        write(&mut sums[layout.frequency.clone()], |lag| self.frequency_correlation(lag * spacing_hz));
        if let Some(doppler) = &plan.doppler {
            write(&mut sums[layout.time.clone()], |lag| self.time_correlation(lag / doppler.rate_hz));
            self.write_spectrum(plan, &mut sums[layout.doppler.clone()]);
        }
        sums
    }

    /// Writes the expectation of the windowed periodogram: the transform of the correlation times that of the window.
    fn write_spectrum(&self, plan: &SoundingPlan, out: &mut [f64]) {
        let Some(doppler) = &plan.doppler else { return };
        let size = doppler.transform;
        let window = window::autocorrelation(&doppler.weights);
        let mut buffer = vec![Complex64::default(); size];
        for (lag, share) in window.iter().enumerate() {
            let value =
                share / (window[0] * doppler.rate_hz) * self.time_correlation(lag as f64 / doppler.rate_hz);
            buffer[lag] = value;
            if lag > 0 {
                buffer[size - lag] = value.conj();
            }
        }
        FftPlanner::new().plan_fft_forward(size).process(&mut buffer);
        for (bin, out) in out.iter_mut().enumerate() {
            *out = buffer[(bin + size - doppler.reach) % size].re;
        }
    }
}

fn write(out: &mut [f64], of: impl Fn(f64) -> Complex64) {
    for (lag, out) in out.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let value = of(lag as f64);
        *out = [value.re, value.im];
    }
}

/// Returns where a function that begins at 1 first reaches a level below: searched in steps of a period, then halved.
fn first_at(of: impl Fn(f64) -> f64, level: f64, period: f64) -> f64 {
    if !period.is_finite() {
        return f64::INFINITY;
    }
    let (a_period, periods) = SEARCH;
    let place = |step: u64| step as f64 * period / a_period;
    let Some(step) = (1..(a_period * periods) as u64).find(|step| of(place(*step)) < level) else {
        return f64::INFINITY;
    };
    let (mut low, mut high) = (place(step - 1), place(step));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if of(middle) < level { high = middle } else { low = middle }
    }
    0.5 * (low + high)
}

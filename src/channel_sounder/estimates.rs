//! From sums to figures: the same functions for what was heard and for what the truth would give.

use super::coherence::{first_below, magnitudes};
use super::statistics::{Layout, NOISE, POWER, POWER_SQUARED};
use super::{SoundingPlan, quiet, window};
use std::ops::Range;

/// Numbers that are no curve, by their places among the estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Scalar {
    /// Mean power of the channel.
    MeanPower,
    /// Noise power per element, at unit power of the signal.
    NoisePower,
    /// Power-weighted mean of the delays.
    MeanDelay,
    /// Power-weighted variance of the delays.
    DelayVariance,
    /// Frequency spacing at which the correlation's magnitude falls to 0.9.
    CoherenceBandwidth90,
    /// The same to 0.5.
    CoherenceBandwidth50,
    /// Square of the share of power that does not fade.
    SteadyShareSquared,
    /// Squared mean power over the variance of the power: Nakagami's `m`, whose scatter over draws is nearly symmetric.
    Steadiness,
    /// Time at which the correlation's magnitude falls to 0.9.
    CoherenceTime90,
    /// The same to 0.5.
    CoherenceTime50,
    /// Power-weighted mean of the Doppler shifts.
    MeanDoppler,
    /// Power-weighted variance of the Doppler shifts.
    DopplerVariance,
    /// Where the Doppler spectrum ends.
    MaxDoppler,
}

/// Number of [`Scalar`]s.
const SCALARS: usize = 13;

/// Least power of scattering in a Doppler spectrum whose end is to be told, over all power.
const LEAST_SCATTERING: f64 = 1e-3;

/// Where estimates lie.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Power at every delay, noise taken off.
    pub profile: Range<usize>,
    /// Magnitude of the normalised correlation over frequency.
    pub frequency: Range<usize>,
    /// Real part of that over time.
    pub time: Range<usize>,
    /// Its magnitude.
    pub time_magnitude: Range<usize>,
    /// Power density at every Doppler shift, noise taken off.
    pub doppler: Range<usize>,
}

impl Places {
    pub(super) fn new(layout: &Layout) -> Self {
        let next = |from: usize, count: usize| from..from + count;
        let profile = next(SCALARS, layout.profile.len());
        let frequency = next(profile.end, layout.frequency.len() / 2);
        let time = next(frequency.end, layout.time.len() / 2);
        let time_magnitude = next(time.end, layout.time.len() / 2);
        let doppler = next(time_magnitude.end, layout.doppler.len());
        Self { profile, frequency, time, time_magnitude, doppler }
    }
}

/// Turns sums into estimates; what a window adds to a variance is worked out once.
pub(super) struct Estimator<'a> {
    plan: &'a SoundingPlan,
    pub(super) layout: Layout,
    pub(super) places: Places,
    delay_window: f64,
    doppler_window: f64,
    /// What noise of unit power adds at every delay and to a power density.
    noise_shown: (Vec<f64>, f64),
}

impl<'a> Estimator<'a> {
    pub(super) fn new(plan: &'a SoundingPlan) -> Self {
        let (layout, delays) = (Layout::new(plan), &plan.delays);
        let turn_s = delays.step_s * delays.transform as f64;
        let delay_window = window::variance(delays.span, delays.transform, delays.gate.0) * turn_s * turn_s;
        let doppler_window = plan.doppler.as_ref().map_or(0.0, |doppler| {
            window::variance(plan.soundings, doppler.transform, doppler.reach) * doppler.rate_hz.powi(2)
        });
        let shown = quiet::noise_shown(delays);
        let density = plan.doppler.as_ref().map_or(0.0, |doppler| 1.0 / doppler.rate_hz);
        let places = Places::new(&layout);
        Self { plan, layout, places, delay_window, doppler_window, noise_shown: (shown, density) }
    }

    /// Returns the estimates from mean sums; not a number where there is none.
    pub(super) fn of(&self, sums: &[f64]) -> Vec<f64> {
        let mut out = vec![f64::NAN; self.places.doppler.end];
        let noise = sums[NOISE];
        let power = sums[POWER] - noise;
        out[Scalar::MeanPower as usize] = power;
        out[Scalar::NoisePower as usize] = noise;
        // Greenstein, Michelson & Erceg, IEEE Communications Letters 3 (1999) 175-176, with the noise taken off:
        // Var|H|^2 = (1 + 2 K)/(1 + K)^2 of the squared mean power.
        let spread = sums[POWER_SQUARED] - sums[POWER].powi(2) - 2.0 * power * noise - noise * noise;
        out[Scalar::SteadyShareSquared as usize] = 1.0 - spread / (power * power);
        out[Scalar::Steadiness as usize] = power * power / spread;
        self.delays(sums, &mut out);
        if let Some(doppler) = &self.plan.doppler {
            let rate_hz = doppler.rate_hz;
            let magnitudes = self.correlate(sums, &self.layout.time, &mut out, (&self.places.time, true));
            out[self.places.time_magnitude.clone()].copy_from_slice(&magnitudes);
            out[Scalar::CoherenceTime90 as usize] = first_below(&magnitudes, 0.9) / rate_hz;
            out[Scalar::CoherenceTime50 as usize] = first_below(&magnitudes, 0.5) / rate_hz;
            self.shifts(sums, &mut out);
        }
        out
    }

    fn delays(&self, sums: &[f64], out: &mut [f64]) {
        let delays = &self.plan.delays;
        let shown = sums[self.layout.profile.clone()].iter().zip(&self.noise_shown.0);
        let profile: Vec<f64> = shown.map(|(power, noise)| power - sums[NOISE] * noise).collect();
        let (mean, variance) = moments(&profile, |bin| delays.delay_s(bin));
        out[Scalar::MeanDelay as usize] = mean;
        out[Scalar::DelayVariance as usize] = variance - self.delay_window;
        out[self.places.profile.clone()].copy_from_slice(&profile);
        let magnitudes = self.correlate(sums, &self.layout.frequency, out, (&self.places.frequency, false));
        let spacing_hz = self.plan.numerology.subcarrier_spacing_hz();
        out[Scalar::CoherenceBandwidth90 as usize] = first_below(&magnitudes, 0.9) * spacing_hz;
        out[Scalar::CoherenceBandwidth50 as usize] = first_below(&magnitudes, 0.5) * spacing_hz;
    }

    /// Writes a correlation relative to lag 0, its real part or its magnitude, and returns the magnitudes.
    fn correlate(
        &self,
        sums: &[f64],
        from: &Range<usize>,
        out: &mut [f64],
        (to, real): (&Range<usize>, bool),
    ) -> Vec<f64> {
        let pairs = sums[from.clone()].as_chunks::<2>().0;
        let power = pairs[0][0] - sums[NOISE];
        let magnitudes = magnitudes(sums[NOISE], &sums[from.clone()]);
        let shown = out[to.clone()].iter_mut().zip(pairs).zip(&magnitudes).enumerate();
        for (lag, ((out, pair), magnitude)) in shown {
            *out = if real && lag > 0 { pair[0] / power } else { *magnitude };
        }
        magnitudes
    }

    fn shifts(&self, sums: &[f64], out: &mut [f64]) {
        let Some(doppler) = &self.plan.doppler else { return };
        let floor = sums[NOISE] * self.noise_shown.1;
        let shown = &sums[self.layout.doppler.clone()];
        let density: Vec<f64> = shown.iter().map(|density| density - floor).collect();
        let (mean, variance) = moments(&density, |bin| doppler.shift_hz(bin));
        out[Scalar::MeanDoppler as usize] = mean;
        out[Scalar::DopplerVariance as usize] = variance - self.doppler_window;
        out[Scalar::MaxDoppler as usize] = end_of(&density, doppler.step_hz());
        out[self.places.doppler.clone()].copy_from_slice(&density);
    }
}

/// Returns mean and variance of places weighted by powers.
fn moments(powers: &[f64], place: impl Fn(usize) -> f64) -> (f64, f64) {
    let total: f64 = powers.iter().sum();
    let weighed = |f: &dyn Fn(f64) -> f64| {
        powers.iter().enumerate().map(|(bin, power)| power * f(place(bin))).sum::<f64>() / total
    };
    let mean = weighed(&|x| x);
    (mean, weighed(&|x| (x - mean).powi(2)))
}

/// Returns how far from 0 a spectrum of an odd number of bins reaches: the mean, over both sides, of the outermost place at which
/// it stands at half its upper quartile. Half of the bins lie beyond the shifts that a plan expects, so that the quartile is the
/// median of what scatters, whatever line stands out of it.
fn end_of(density: &[f64], step_hz: f64) -> f64 {
    let mut sorted = density.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (level, total) = (0.5 * sorted[3 * sorted.len() / 4], density.iter().sum::<f64>());
    if level.is_nan() || level * density.len() as f64 <= LEAST_SCATTERING * total {
        return f64::NAN;
    }
    let middle = (density.len() / 2) as f64;
    let outermost = |from: &mut dyn Iterator<Item = (f64, f64)>| {
        let mut beyond = (middle, 0.0);
        for (place, value) in from {
            if value >= level {
                let share = (value - level) / (value - beyond.1);
                return place + share * (beyond.0 - place).min(1.0);
            }
            beyond = (place, value);
        }
        f64::NAN
    };
    let places = || density.iter().enumerate().map(|(bin, value)| ((bin as f64 - middle).abs(), *value));
    0.5 * step_hz * (outermost(&mut places()) + outermost(&mut places().rev()))
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn ends_are_interpolated() {
        // Level 1 is half of the upper quartile 2; either side crosses it half-way from 2 to 0.
        let flat = [0.0, 0.0, 0.0, 2.0, 2.0, 9.0, 2.0, 2.0, 0.0, 0.0, 0.0];
        assert_eq!(end_of(&flat, 10.0), 25.0);
        let line = [0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!(end_of(&line, 10.0).is_nan());
    }
}

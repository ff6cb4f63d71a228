//! The sums of one draw: all that is measured is a function of their mean over draws.

use super::SoundingPlan;
use super::plan::{DelayPlan, DopplerPlan};
use airloop_baseband::{Complex32, Complex64};
use rustfft::{Fft, FftPlanner};
use std::ops::Range;
use std::sync::Arc;

/// Place of `E|Y|^2`, of `E|Y|^4` and of the noise power in the sums.
pub(super) const POWER: usize = 0;
pub(super) const POWER_SQUARED: usize = 1;
pub(super) const NOISE: usize = 2;

/// Where the sums of a draw lie.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Power at every delay, noise included; a lone path shows its power.
    pub profile: Range<usize>,
    /// `E[Y(f)^* Y(f + lag)]`, real and imaginary parts in turn.
    pub frequency: Range<usize>,
    /// `E[Y(t)^* Y(t + lag)]`, likewise.
    pub time: Range<usize>,
    /// Power density at every Doppler shift, noise included, per hertz.
    pub doppler: Range<usize>,
    pub length: usize,
}

impl Layout {
    pub(super) fn new(plan: &SoundingPlan) -> Self {
        let profile = 3..3 + plan.delays.bins();
        let frequency = profile.end..profile.end + 2 * plan.delays.lags;
        let (lags, bins) = plan.doppler.as_ref().map_or((0, 0), |d| (d.lags, d.bins()));
        let time = frequency.end..frequency.end + 2 * lags;
        let doppler = time.end..time.end + bins;
        let length = doppler.end;
        Self { profile, frequency, time, doppler, length }
    }
}

/// Makes the sums of draws; transforms are planned once.
pub(super) struct Meter<'a> {
    plan: &'a SoundingPlan,
    layout: Layout,
    over_delay: Arc<dyn Fft<f32>>,
    over_frequency: Arc<dyn Fft<f32>>,
    over_time: Option<Arc<dyn Fft<f32>>>,
    /// Pairs of used subcarriers that lie a lag apart.
    pairs: Vec<f64>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(plan: &'a SoundingPlan) -> Self {
        let mut planner = FftPlanner::new();
        let size = plan.delays.transform;
        Self {
            plan,
            layout: Layout::new(plan),
            over_delay: planner.plan_fft_inverse(size),
            over_frequency: planner.plan_fft_forward(plan.delays.lag_transform),
            over_time: plan.doppler.as_ref().map(|doppler| planner.plan_fft_forward(doppler.transform)),
            pairs: pairs(&plan.delays),
        }
    }

    /// Returns the sums of what one draw gave, `[sounding, used subcarrier]`.
    pub(super) fn measure(&self, rows: &[Complex32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.layout.length];
        for y in rows {
            let power = f64::from(y.norm_sqr());
            sums[POWER] += power;
            sums[POWER_SQUARED] += power * power;
        }
        sums[POWER] /= rows.len() as f64;
        sums[POWER_SQUARED] /= rows.len() as f64;
        self.measure_delays(rows, &mut sums);
        if let (Some(doppler), Some(transform)) = (&self.plan.doppler, &self.over_time) {
            self.measure_doppler((doppler, transform.as_ref()), rows, &mut sums);
        }
        sums
    }

    /// Writes noise, profile and correlation over frequency of what was heard.
    pub(super) fn measure_delays(&self, rows: &[Complex32], sums: &mut [f64]) {
        let delays = &self.plan.delays;
        let size = delays.transform;
        let (mut buffer, mut band) =
            (vec![Complex32::default(); size], vec![Complex32::default(); delays.lag_transform]);
        let (mut profile, mut spectrum) = (vec![0.0; size], vec![0.0; delays.lag_transform]);
        let rows = rows.chunks_exact(self.plan.numerology.used()).step_by(delays.every);
        let (count, mut noise) = (rows.len() as f64, 0.0);
        for row in rows {
            band.fill(Complex32::default());
            delays.positions.iter().zip(row).for_each(|(at, y)| band[*at] = *y);
            add_powers(self.over_frequency.as_ref(), &mut band, &mut spectrum);
            noise += delays.quiet.noise_power(row);
            buffer.fill(Complex32::default());
            delays.positions.iter().zip(row).for_each(|(at, y)| buffer[*at] = *y);
            if let Some(hole) = &delays.hole {
                hole.fill(&mut buffer);
            }
            buffer.iter_mut().zip(&delays.weights).for_each(|(y, w)| *y *= w);
            add_powers(self.over_delay.as_ref(), &mut buffer, &mut profile);
        }
        sums[NOISE] = noise / count;
        let sum: f64 = delays.weights.iter().map(|w| f64::from(*w)).sum();
        for (bin, out) in sums[self.layout.profile.clone()].iter_mut().enumerate() {
            *out = profile[(bin + size - delays.gate.0) % size] / (count * sum * sum);
        }
        let correlation = correlation(&spectrum, delays.lags);
        let out = sums[self.layout.frequency.clone()].as_chunks_mut::<2>().0.iter_mut();
        for ((out, r), pairs) in out.zip(&correlation).zip(&self.pairs) {
            *out = [r.re / (count * pairs), r.im / (count * pairs)];
        }
    }

    fn measure_doppler(
        &self,
        (doppler, transform): (&DopplerPlan, &dyn Fft<f32>),
        rows: &[Complex32],
        sums: &mut [f64],
    ) {
        let (used, size, soundings) = (self.plan.numerology.used(), doppler.transform, self.plan.soundings);
        let mut buffer = vec![Complex32::default(); size];
        let (mut density, mut spectrum) = (vec![0.0; size], vec![0.0; size]);
        for column in &doppler.columns {
            let heard = || rows[*column..].iter().step_by(used);
            buffer.fill(Complex32::default());
            buffer.iter_mut().zip(heard()).for_each(|(y, heard)| *y = *heard);
            add_powers(transform, &mut buffer, &mut spectrum);
            buffer.fill(Complex32::default());
            let weighed = buffer.iter_mut().zip(heard()).zip(&doppler.weights);
            weighed.for_each(|((y, heard), w)| *y = heard * w);
            add_powers(transform, &mut buffer, &mut density);
        }
        let count = doppler.columns.len() as f64;
        let squares: f64 = doppler.weights.iter().map(|w| f64::from(w * w)).sum();
        for (bin, out) in sums[self.layout.doppler.clone()].iter_mut().enumerate() {
            *out = density[(bin + size - doppler.reach) % size] / (count * squares * doppler.rate_hz);
        }
        let correlation = correlation(&spectrum, doppler.lags);
        let out = sums[self.layout.time.clone()].as_chunks_mut::<2>().0.iter_mut();
        for (lag, (out, r)) in out.zip(&correlation).enumerate() {
            let pairs = count * (soundings - lag) as f64;
            *out = [r.re / pairs, r.im / pairs];
        }
    }
}

/// Transforms a buffer in place and adds its powers.
fn add_powers(transform: &dyn Fft<f32>, buffer: &mut [Complex32], powers: &mut [f64]) {
    transform.process(buffer);
    powers.iter_mut().zip(buffer).for_each(|(power, y)| *power += f64::from(y.norm_sqr()));
}

/// Returns the sums of products a lag apart, from the powers of a transform that leaves as many zeros as it has values.
fn correlation(powers: &[f64], lags: usize) -> Vec<Complex64> {
    let mut buffer: Vec<Complex64> = powers.iter().map(|p| Complex64::new(*p, 0.0)).collect();
    FftPlanner::new().plan_fft_inverse(buffer.len()).process(&mut buffer);
    buffer.truncate(lags);
    buffer.iter_mut().for_each(|r| *r /= powers.len() as f64);
    buffer
}

/// Returns how many pairs of used subcarriers lie every lag apart.
pub(super) fn pairs(delays: &DelayPlan) -> Vec<f64> {
    let mut is_used = vec![false; delays.span];
    delays.positions.iter().for_each(|at| is_used[*at] = true);
    let count = |lag: usize| is_used.iter().zip(&is_used[lag..]).filter(|(a, b)| **a && **b).count();
    (0..delays.lags).map(|lag| count(lag) as f64).collect()
}

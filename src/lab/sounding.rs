//! Sounding: what one radio hears of another's known samples.

use airloop_baseband::synchronisation::{
    CarrierOffset, Preamble, PreambleDesign, PreambleEstimator, Sequence, SyncEstimate, SynchronisationError,
};
use airloop_baseband::units::db_from_power;
use airloop_baseband::{Complex32, Complex64};
use std::f64::consts::TAU;

/// Samples of the part that is searched for, and of each part that is measured.
const COARSE_SAMPLES: usize = 2048;
const FINE_CHIPS: usize = 509;

/// Shortest period of the part that is searched for, in samples.
const LEAST_PERIOD_SAMPLES: usize = 8;

/// From one measured part to the other, in samples: a carrier offset turns the phase by more, the longer it is.
const APART_SAMPLES: usize = 8192;

/// Silence at either end, in samples: what filters and clocks need.
const GUARD_SAMPLES: usize = 256;

/// Rate at which noise is taken for a sounding.
const FALSE_ALARM_RATE: f64 = 1e-9;

/// Known samples of unit mean power, in three parts.
///
/// ```text
/// guard | short periods (found, carrier offset) | long sequence | silence | long sequence | guard
/// ```
///
/// The short periods are found whatever the carrier offset up to half their rate; the long sequences give the arrival without their
/// ambiguity, and the turn of phase between them a carrier offset that is finer by the silence.
pub struct Sounding {
    coarse: PreambleEstimator,
    fine: PreambleEstimator,
    samples: Vec<Complex32>,
    /// Where the long sequences begin, counted from the short periods.
    fine_at: [usize; 2],
    fine_samples: usize,
    period_samples: usize,
    sample_rate_hz: f64,
}

/// What was heard of a sounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sounded {
    /// Where it begins, guard included, in samples from the first of the capture.
    pub start_samples: f64,
    /// Carrier offset of the sender against who hears, in hertz.
    pub cfo_hz: f64,
    /// Sample clock of the sender against that of who hears, in parts per million, from the time between both long sequences alone.
    pub sample_clock_ppm: f64,
    /// Complex amplitude at the first long sequence; 1 is unit mean power.
    pub amplitude: Complex64,
    /// SNR per sample, in decibels.
    pub snr_db: f64,
}

impl Sounding {
    /// Returns the largest carrier offset that soundings tell at a sample rate, both in hertz: half the rate of the shortest periods, less a
    /// sixth.
    pub fn told_hz(sample_rate_hz: f64) -> f64 {
        sample_rate_hz / (2.0 * LEAST_PERIOD_SAMPLES as f64) / 1.2
    }

    /// Designs a sounding for carrier offsets up to a bound.
    ///
    /// # Errors
    /// [`SynchronisationError::OutOfRange`] when the sample rate is too low for the offset.
    pub fn new(sample_rate_hz: f64, most_cfo_hz: f64) -> Result<Self, SynchronisationError> {
        let mut period = 128;
        while period > LEAST_PERIOD_SAMPLES && sample_rate_hz / (2.0 * period as f64) < 1.2 * most_cfo_hz {
            period /= 2;
        }
        let told_hz = Self::told_hz(sample_rate_hz);
        if most_cfo_hz > told_hz {
            let expected = format!("carrier offsets up to {told_hz} Hz at this sample rate");
            return Err(SynchronisationError::OutOfRange {
                name: "most_cfo_hz",
                value: most_cfo_hz,
                expected,
            });
        }
        let design = |chips, repetitions| PreambleDesign {
            sequence: Sequence::ZadoffChu { root: 1 },
            chips,
            oversampling: 2,
            repetitions,
            prefix_samples: 0,
        };
        let coarse = design(period / 2 - 1, COARSE_SAMPLES / (period - 2)).build()?;
        let fine = design(FINE_CHIPS, 1).build()?;
        let first = coarse.samples().len();
        let fine_at = [first, first + APART_SAMPLES];
        let mut samples = vec![Complex32::default(); 2 * GUARD_SAMPLES + fine_at[1] + fine.samples().len()];
        for (at, part) in [(0, &coarse), (fine_at[0], &fine), (fine_at[1], &fine)] {
            samples[GUARD_SAMPLES + at..][..part.samples().len()].copy_from_slice(part.samples());
        }
        let estimator = |part: &Preamble| {
            PreambleEstimator::new(part, sample_rate_hz, FALSE_ALARM_RATE, CarrierOffset::Unknown)
        };
        let (fine_samples, period_samples) = (fine.samples().len(), coarse.period_samples());
        Ok(Self {
            coarse: estimator(&coarse)?,
            fine: estimator(&fine)?,
            samples,
            fine_at,
            fine_samples,
            period_samples,
            sample_rate_hz,
        })
    }

    /// Returns the samples; those of each part have unit mean power.
    pub fn samples(&self) -> &[Complex32] {
        &self.samples
    }

    /// Returns the strongest sounding in a capture; `None` where none is told from noise.
    pub fn hear(&self, capture: &[Complex32]) -> Option<Sounded> {
        let found = self.coarse.estimate(capture)?;
        let [first, second] = self.fine_at.map(|at| self.part(capture, &found, at));
        let (first, second) = (first?, second?);
        let apart = second.start_samples - first.start_samples;
        let cfo_hz = self.cfo_hz(capture, first.start_samples - self.fine_at[0] as f64)?;
        let share = 0.5 * (first.statistic + second.statistic);
        Some(Sounded {
            start_samples: first.start_samples - (GUARD_SAMPLES + self.fine_at[0]) as f64,
            cfo_hz,
            sample_clock_ppm: 1e6 * (APART_SAMPLES as f64 / apart - 1.0),
            amplitude: first.amplitude,
            snr_db: db_from_power(share / (1.0 - share)),
        })
    }

    /// Returns the carrier offset of a sounding whose short periods begin somewhere: from the turn of phase over a period, over half
    /// of them, and from one long sequence to the other, each of which tells the whole turns of the next. Paths of a channel that
    /// stands still turn alike.
    fn cfo_hz(&self, capture: &[Complex32], start_samples: f64) -> Option<f64> {
        let coarse = start_samples.round().max(0.0) as usize;
        let fine = coarse + self.fine_at[0];
        let half = self.fine_at[0] / self.period_samples / 2 * self.period_samples;
        let mut cfo_hz = 0.0;
        for (start, lag, length) in [
            (coarse, self.period_samples, self.fine_at[0] - self.period_samples),
            (coarse, half, self.fine_at[0] - half),
            (fine, APART_SAMPLES, self.fine_samples),
        ] {
            let part = |start: usize| capture.get(start..start + length);
            let turns = turned_rad(part(start)?, part(start + lag)?) / TAU;
            let per_turn_hz = self.sample_rate_hz / lag as f64;
            let more = turns - cfo_hz / per_turn_hz;
            cfo_hz += (more - more.round()) * per_turn_hz;
        }
        Some(cfo_hz)
    }

    /// Returns where the first long sequence lies, counted from the first guard.
    pub fn first_long(&self) -> std::ops::Range<usize> {
        let start = GUARD_SAMPLES + self.fine_at[0];
        start..start + self.fine_samples
    }

    /// Measures one of the long sequences, near where the short periods say that it is.
    fn part(&self, capture: &[Complex32], found: &SyncEstimate, at: usize) -> Option<SyncEstimate> {
        let expected = found.start_samples + at as f64;
        let start = (expected - GUARD_SAMPLES as f64).max(0.0) as usize;
        let end = (expected.max(0.0) as usize + self.fine_samples + GUARD_SAMPLES).min(capture.len());
        let turn = |n: usize| TAU * found.cfo_hz * n as f64 / self.sample_rate_hz;
        let part = capture.get(start..end)?.iter().enumerate();
        let still: Vec<Complex32> = part
            .map(|(n, x)| {
                let x = Complex64::new(x.re.into(), x.im.into()) * Complex64::cis(-turn(n));
                Complex32::new(x.re as f32, x.im as f32)
            })
            .collect();
        let estimate = self.fine.estimate(&still)?;
        let back = TAU * found.cfo_hz * estimate.start_samples / self.sample_rate_hz;
        Some(SyncEstimate {
            start_samples: estimate.start_samples + start as f64,
            cfo_hz: estimate.cfo_hz + found.cfo_hz,
            amplitude: estimate.amplitude * Complex64::cis(back),
            statistic: estimate.statistic,
        })
    }
}

/// Returns the angle by which a signal turned from one hearing to another, in radians.
pub fn turned_rad(before: &[Complex32], after: &[Complex32]) -> f64 {
    product(before, after).arg()
}

/// Returns by what a signal was multiplied from one hearing to another, about 1, with `N` of noise in each:
///
/// ```text
/// a = sum y x* / (sum |x|^2 - N),   N = sum |y exp(-j arg(sum y x*)) - x|^2 / 2
/// ```
pub fn turned(before: &[Complex32], after: &[Complex32]) -> Complex64 {
    let product = product(before, after);
    let back = Complex64::cis(-product.arg());
    let power = |x: Complex64| x.norm_sqr();
    let all: f64 = before.iter().map(|x| power(wide(x))).sum();
    let apart: f64 = before.iter().zip(after).map(|(x, y)| power(wide(y) * back - wide(x))).sum();
    product / (all - 0.5 * apart).max(f64::MIN_POSITIVE)
}

fn product(before: &[Complex32], after: &[Complex32]) -> Complex64 {
    before.iter().zip(after).map(|(x, y)| wide(y) * wide(x).conj()).sum()
}

fn wide(x: &Complex32) -> Complex64 {
    Complex64::new(x.re.into(), x.im.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use airloop_baseband::{Purpose, Seeds};

    /// Noise in what is divided by would make the quotient smaller by the SNR: 10 % at 10 dB.
    #[test]
    fn noise_does_not_shrink_what_a_signal_was_multiplied_by() {
        let stream = Seeds::new(4).stream(Purpose::Noise, 0, 0);
        let count = 200_000;
        let draw = |part: u64, power: f32| -> Vec<Complex32> {
            let mut noise = vec![Complex32::default(); count];
            stream.substream(part).fill_complex_gaussian(0, power, &mut noise);
            noise
        };
        let (signal, first, second) = (draw(0, 1.0), draw(1, 0.1), draw(2, 0.1));
        let truth = Complex64::from_polar(0.98, 0.7);
        let narrow = Complex32::new(truth.re as f32, truth.im as f32);
        let before: Vec<Complex32> = signal.iter().zip(&first).map(|(s, n)| s + n).collect();
        let after: Vec<Complex32> = signal.iter().zip(&second).map(|(s, n)| s * narrow + n).collect();
        let found = turned(&before, &after);
        // Five standard deviations of the cross terms, sqrt(2 0.1 / count), and the second order of the change.
        assert!((found - truth).norm() < 5.0 * (0.2 / count as f64).sqrt() + 0.02f64.powi(2), "{found}");
        let plain = product(&before, &after) / before.iter().map(|x| f64::from(x.norm_sqr())).sum::<f64>();
        assert!(plain.norm() < 0.93 * truth.norm(), "the control: {plain}");
        assert!((turned_rad(&before, &after) - 0.7).abs() < 5.0 * (0.1 / count as f64).sqrt());
    }
}

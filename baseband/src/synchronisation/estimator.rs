//! From samples to the start, carrier offset and amplitude of a preamble.

use super::refinement::Refinement;
use super::{Combining, Preamble, PreambleSearch, SynchronisationError, repetition_cfo};
use num_complex::{Complex32, Complex64};
use std::f64::consts::TAU;

/// What is known of the carrier offset before the preamble is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CarrierOffset {
    /// It is zero, as between devices of a shared clock.
    Zero,
    /// Nothing beyond the range of [`PreambleEstimator::cfo_range_hz`].
    Unknown,
}

/// What a preamble told.
///
/// ```text
/// x[n] = amplitude s(n - start_samples) exp(j 2 pi cfo_hz (n - start_samples) / fs) + noise
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SyncEstimate {
    /// Where the preamble begins, prefix included, in samples from the first of the window.
    pub start_samples: f64,
    /// Carrier offset.
    pub cfo_hz: f64,
    /// Complex amplitude at the start, with `s` of unit mean power.
    pub amplitude: Complex64,
    /// Share `t` of the window's energy that the estimate explains, 0 to 1; `t/(1 - t)` estimates the SNR per sample.
    pub statistic: f64,
}

/// Finds a preamble and measures its delay and carrier offset by maximum likelihood.
///
/// ```text
/// search -> most energy nearby -> offset from the repetitions -> most energy nearby, offset removed -> climb the likelihood
/// ```
///
/// Over a flat channel in white noise delay and offset reach the bounds of
/// [`SynchronisationBounds`](super::SynchronisationBounds), the joint ones if the offset is unknown. Over a multipath
/// channel it measures the strongest path, pulled by paths within about `1/bandwidth` of it; the offset from the
/// repetitions alone, [`repetition_cfo`], is not disturbed by them. Delays between samples mean band-limited interpolation
/// of the samples, as ideal converters make. Tails beyond 32 samples from the preamble are not used; a preamble whose timing
/// rests on its ends, such as a single sweep over the whole band, was measured a few per cent above the bound.
pub struct PreambleEstimator {
    preamble: Preamble,
    search: PreambleSearch,
    nearby: PreambleSearch,
    refinement: Refinement,
    sample_rate_hz: f64,
    false_alarm_rate: f64,
    offset: CarrierOffset,
}

impl PreambleEstimator {
    /// Prepares an estimator that takes noise for a preamble in a share `false_alarm_rate` of windows.
    ///
    /// # Errors
    ///
    /// [`SynchronisationError::OutOfRange`] unless `sample_rate_hz` is positive and `false_alarm_rate` in (0, 1).
    pub fn new(
        preamble: &Preamble,
        sample_rate_hz: f64,
        false_alarm_rate: f64,
        offset: CarrierOffset,
    ) -> Result<Self, SynchronisationError> {
        let wrong = |name, value, expected: &str| {
            Err(SynchronisationError::OutOfRange { name, value, expected: expected.to_owned() })
        };
        if !(sample_rate_hz > 0.0 && sample_rate_hz.is_finite()) {
            return wrong("sample_rate_hz", sample_rate_hz, "positive and finite");
        }
        if !(false_alarm_rate > 0.0 && false_alarm_rate < 1.0) {
            return wrong("false_alarm_rate", false_alarm_rate, "above 0 and below 1");
        }
        let combining = match offset {
            CarrierOffset::Unknown if preamble.repetitions() > 1 => Combining::NonCoherent,
            _ => Combining::Coherent,
        };
        Ok(Self {
            preamble: preamble.clone(),
            search: PreambleSearch::new(preamble, combining),
            nearby: PreambleSearch::for_windows(preamble, Combining::Coherent, 3 * preamble.samples().len()),
            refinement: Refinement::new(preamble),
            sample_rate_hz,
            false_alarm_rate,
            offset,
        })
    }

    /// Returns the search, whose law tells thresholds and detection probabilities.
    pub fn search(&self) -> &PreambleSearch {
        &self.search
    }

    /// Returns the largest carrier offset that can be told, in either direction; 0 if it is known.
    ///
    /// ```text
    /// fs/(2 P) with two repetitions or more of P samples, about fs/(2 L) with one preamble of L
    /// ```
    pub fn cfo_range_hz(&self) -> f64 {
        let samples = match (self.offset, self.preamble.repetitions()) {
            (CarrierOffset::Zero, _) => return 0.0,
            (CarrierOffset::Unknown, 1) => self.preamble.samples().len(),
            (CarrierOffset::Unknown, _) => self.preamble.period_samples(),
        };
        0.5 * self.sample_rate_hz / samples as f64
    }

    /// Returns the strongest preamble in a window, `None` if nothing exceeds the threshold for that many lags.
    pub fn estimate(&self, samples: &[Complex32]) -> Option<SyncEstimate> {
        let peak = self.search.strongest(samples)?;
        let threshold = self.search.law().threshold(self.false_alarm_rate, self.search.lags(samples.len()));
        if f64::from(peak.statistic) <= threshold {
            return None;
        }
        let start = self.place(&self.search, samples, peak.start_samples, 0.0)?;
        if self.offset == CarrierOffset::Zero || self.preamble.repetitions() == 1 {
            return self.refine(samples, start, 0.0);
        }
        let cfo_hz = self.coarse_cfo_hz(samples, start)?;
        let start = self.place(&self.nearby, samples, start, cfo_hz)?;
        let cfo_hz = self.coarse_cfo_hz(samples, start)?;
        self.refine(samples, start, cfo_hz)
    }

    /// Returns the most likely delay and offset near a coarse estimate, without a threshold.
    ///
    /// The coarse start, prefix included, must be within about half a sample over the share of the band that the preamble
    /// fills, the offset within about half of `fs/L`. Samples outside the window count as zero; `None` for silence.
    pub fn refine(&self, samples: &[Complex32], start_samples: usize, cfo_hz: f64) -> Option<SyncEstimate> {
        let known = self.offset == CarrierOffset::Zero;
        let frequency = cfo_hz / self.sample_rate_hz;
        let fit = self.refinement.climb(samples, start_samples, frequency, known)?;
        Some(SyncEstimate {
            start_samples: start_samples as f64 + fit.delay_samples,
            cfo_hz: fit.frequency * self.sample_rate_hz,
            amplitude: fit.amplitude,
            statistic: fit.statistic,
        })
    }

    fn coarse_cfo_hz(&self, samples: &[Complex32], start: usize) -> Option<f64> {
        let body = samples.get(start + self.preamble.prefix_samples()..)?;
        repetition_cfo(body, self.preamble.period_samples(), self.preamble.repetitions(), self.sample_rate_hz)
    }

    /// Returns where a preamble explains most within its length of `start`, with an offset removed.
    ///
    /// It undoes the slips of the first search: onto windows that a preamble fills in part, and, once the offset is known,
    /// along the chirp of a Zadoff-Chu sequence.
    fn place(
        &self,
        search: &PreambleSearch,
        samples: &[Complex32],
        start: usize,
        cfo_hz: f64,
    ) -> Option<usize> {
        let length = self.preamble.samples().len();
        let first = start.saturating_sub(length);
        let last = (start + 2 * length).min(samples.len());
        let turn = Complex64::cis(-TAU * cfo_hz / self.sample_rate_hz);
        let mut rotor = Complex64::ONE;
        let derotate = |sample: &Complex32| {
            let now = Complex32::new(rotor.re as f32, rotor.im as f32);
            rotor *= turn;
            sample * now
        };
        let derotated: Vec<Complex32> = samples.get(first..last)?.iter().map(derotate).collect();
        Some(first + search.most_energetic(&derotated)?)
    }
}
